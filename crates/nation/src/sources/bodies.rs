//! The bodies behind the sources: they take dossiers of linked procedures up, decide them after a while, and keep what they decided.
//!
//! | request | does |
//! | --- | --- |
//! | `POST /{source}/v1/dossiers` | takes a dossier up; the same number twice is the same dossier |
//! | `POST /{source}/v1/dossiers/status` | how it stands, and its result |
//! | `POST /{source}/v1/dossiers/withdrawal` | the applicant took it back; one that is not known is answered alike |

use std::collections::BTreeMap;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::routing::post;
use axum::{Json, Router};
use civil::{PersonalNumber, Sex};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::contract::named;
use super::dwellings::Dwelling;
use super::fates::Child;
use super::{Fate, Refusal, Source, Sources, check, papers, read};

/// How long a body takes to decide.
const DECIDES_AFTER: SignedDuration = SignedDuration::from_mins(30);
/// How much longer where it has to verify what was said.
const VERIFIES_FOR: SignedDuration = SignedDuration::from_hours(48);

pub(super) fn routes() -> Router<Sources> {
    Router::new()
        .route("/{source}/v1/dossiers", post(take_up))
        .route("/{source}/v1/dossiers/status", post(status))
        .route("/{source}/v1/dossiers/withdrawal", post(withdraw))
}

/// A dossier that is handed over.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Handed {
    /// The asker's number of it.
    pub number: String,
    /// What is asked for: `birth-registration`, `birth-insurance`, `death-registration` …
    pub procedure: String,
    /// Who asks.
    pub personal_number: PersonalNumber,
    /// What was filled in.
    pub content: BTreeMap<String, String>,
    /// As in [`super::contract::Query`].
    pub request_id: String,
}

/// A question about a dossier.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DossierQuery {
    /// The body's number of it.
    pub dossier: String,
    /// As in [`super::contract::Query`].
    pub request_id: String,
}

/// That a dossier was taken back.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Withdrawal {
    /// The asker's number of it.
    pub number: String,
    /// As in [`super::contract::Query`].
    pub request_id: String,
}

/// How a dossier stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DossierAnswer {
    /// The `request_id` of the question.
    pub request_id: String,
    /// The body's number of it.
    pub dossier: String,
    /// `received`, `verifying`, `done`, `refused` or `withdrawn`.
    pub state: String,
    /// Why it is refused, or has to be verified.
    pub reason: Option<String>,
    /// What was decided.
    pub result: BTreeMap<String, String>,
}

/// A dossier as a body keeps it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Kept {
    pub(super) source: Source,
    pub(super) handed: Handed,
    pub(super) received: Timestamp,
    /// The result, or why it is refused.
    pub(super) decided: Option<Result<BTreeMap<String, String>, String>>,
    /// Its applicant took it back before it was decided.
    #[serde(default)]
    pub(super) withdrawn: bool,
}

impl Kept {
    /// Why it has to be verified: the relative who was asked does not confirm the death.
    fn doubt(&self) -> Option<&'static str> {
        let answer = self.handed.content.get("relative_answer").map(String::as_str);
        let disputed = self.handed.procedure == "death-registration" && answer == Some("relative-disputed");
        disputed.then_some("Người thân không xác nhận; cần xác minh việc chết")
    }

    /// What the police have decided is recorded at once; other bodies decide themselves.
    fn due(&self) -> Timestamp {
        if self.source == Source::Residence {
            return self.received;
        }
        let longer = self.doubt().map_or(SignedDuration::ZERO, |_| VERIFIES_FOR);
        self.received + DECIDES_AFTER + longer
    }
}

async fn take_up(
    State(sources): State<Sources>,
    Path(source): Path<String>,
    body: Bytes,
) -> Result<Json<DossierAnswer>, Refusal> {
    let source = named(&source)?;
    let handed: Handed = read(&body)?;
    check("dossier", &handed.request_id)?;
    sources.suffer(source, &handed.request_id).await?;
    let request_id = handed.request_id.clone();
    let at = sources.faults.fates().take_up(Kept {
        source,
        handed,
        received: (sources.clock)(),
        decided: None,
        withdrawn: false,
    });
    sources.standing(source, at, request_id)
}

async fn status(
    State(sources): State<Sources>,
    Path(source): Path<String>,
    body: Bytes,
) -> Result<Json<DossierAnswer>, Refusal> {
    let source = named(&source)?;
    let query: DossierQuery = read(&body)?;
    check("dossier", &query.request_id)?;
    sources.suffer(source, &query.request_id).await?;
    sources.standing(source, query.dossier.parse().unwrap_or(0), query.request_id)
}

async fn withdraw(
    State(sources): State<Sources>,
    Path(source): Path<String>,
    body: Bytes,
) -> Result<Json<DossierAnswer>, Refusal> {
    let source = named(&source)?;
    let told: Withdrawal = read(&body)?;
    check("dossier", &told.request_id)?;
    sources.suffer(source, &told.request_id).await?;
    let at = sources.faults.fates().take_back(source, &told.number);
    Ok(Json(DossierAnswer {
        request_id: told.request_id,
        dossier: at.to_string(),
        state: "withdrawn".to_owned(),
        reason: None,
        result: BTreeMap::new(),
    }))
}

impl Sources {
    /// How a dossier stands; what is due is decided now.
    fn standing(&self, source: Source, at: usize, request_id: String) -> Result<Json<DossierAnswer>, Refusal> {
        let fates = self.faults.fates();
        let Some(kept) = fates.kept(at).filter(|kept| kept.source == source) else {
            return Err(Refusal::UnknownPerson(request_id));
        };
        let is_time = (self.clock)() >= kept.due() && !kept.withdrawn;
        let doubt = kept.doubt();
        let decided = match kept.decided {
            None if is_time => Some(fates.decide(at, self.decide(&kept.handed, at))),
            decided => decided,
        };
        let (state, reason, result) = match decided {
            None if kept.withdrawn => ("withdrawn", None, BTreeMap::new()),
            None if doubt.is_some() => ("verifying", doubt.map(str::to_owned), BTreeMap::new()),
            None => ("received", None, BTreeMap::new()),
            Some(Ok(result)) => ("done", None, result),
            Some(Err(reason)) => ("refused", Some(reason), BTreeMap::new()),
        };
        Ok(Json(DossierAnswer {
            request_id,
            dossier: at.to_string(),
            state: state.to_owned(),
            reason,
            result,
        }))
    }

    fn decide(&self, handed: &Handed, at: usize) -> Result<BTreeMap<String, String>, String> {
        let said = |name: &str| handed.content.get(name).map_or("", String::as_str);
        let told = |pairs: &[(&str, String)]| {
            let pair = |(name, value): &(&str, String)| ((*name).to_owned(), value.clone());
            Ok(pairs.iter().map(pair).collect())
        };
        let year = self.today().year();
        match handed.procedure.as_str() {
            "birth-registration" => {
                let child = self.register(said)?;
                let number = child.number.as_str().to_owned();
                self.faults.fates().bear(child);
                told(&[("child_number", number), ("extract", format!("{at}/{year}"))])
            }
            "birth-insurance" => match self.faults.fates().insure(said("child_number")) {
                Some(card) => told(&[("card", card), ("valid_to", format!("{}-12-31", year + 6))]),
                None => Err("Chưa có đăng ký khai sinh của trẻ".to_owned()),
            },
            "death-registration" => {
                let number = said("deceased_number");
                let died_on: Date = said("died_on")
                    .parse()
                    .map_err(|_personal| "Ngày chết không rõ".to_owned())?;
                let known = PersonalNumber::parse(number).ok();
                if known.and_then(|number| self.nation.person_with(&number)).is_none() {
                    return Err("Không tìm thấy người này trong cơ sở dữ liệu hộ tịch".to_owned());
                }
                let fate = self.faults.fates().get(number);
                let died_on = Some(died_on);
                self.faults.fates().set(number, Fate { died_on, ..fate });
                told(&[("extract", format!("{at}/{year}"))])
            }
            "death-insurance" | "death-aid" | "death-aid-80" | "death-merit" => {
                told(&[("decision", format!("{at}/QĐ-{year}"))])
            }
            procedure => {
                let decided = Dwelling::decided(procedure, &handed.content);
                let decided = decided.ok_or_else(|| "Thủ tục này không thuộc thẩm quyền".to_owned())?;
                let others = said("members").split(',').filter(|number| !number.is_empty());
                for number in others.chain([said("number")]) {
                    self.faults.fates().dwell(number, decided.clone());
                }
                told(&[])
            }
        }
    }

    /// The child of a registration of birth (Luật Hộ tịch 60/2014/QH13, article 16).
    fn register<'a>(&self, said: impl Fn(&str) -> &'a str) -> Result<Child, String> {
        let parent = |name: &str| {
            let number = PersonalNumber::parse(said(name)).ok()?;
            self.nation.person_with(&number)
        };
        let (mother, father) = (parent("mother_number"), parent("father_number"));
        let first = mother.as_ref().or(father.as_ref());
        let first = first.ok_or_else(|| "Không tìm thấy cha hoặc mẹ".to_owned())?;
        let born: Date = said("child_birth")
            .parse()
            .map_err(|_personal| "Ngày sinh không rõ".to_owned())?;
        let sex = if said("child_sex") == "female" {
            Sex::Female
        } else {
            Sex::Male
        };
        let elder = self.faults.fates().children_of(first.number.as_str()).len() as u64;
        let number = papers::newborn(first, born, sex, elder + 1).ok_or_else(|| "Không cấp được số".to_owned())?;
        let parents = [&mother, &father];
        let parents = parents.into_iter().flatten();
        Ok(Child {
            number,
            full_name: said("child_name").to_owned(),
            born,
            sex,
            parents: parents.map(|parent| parent.number.as_str().to_owned()).collect(),
            like: first.index,
            insured: false,
        })
    }
}
