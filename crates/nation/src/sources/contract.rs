//! The contract that the sources beside population, ID card and driving licence share, and the change feeds of all.

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::routing::post;
use axum::{Json, Router};
use civil::PersonalNumber;
use jiff::SignedDuration;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::fates::{Change, Correction};
use super::papers::{self, Asked as Drawn};
use super::wire::Provenance;
use super::{Asked, Refusal, Source, Sources, check, read, records};
use crate::people::Person;

/// How long a source takes to decide on a correction.
const DECIDES_AFTER: SignedDuration = SignedDuration::from_hours(24);
/// The purpose for which a person's consent is asked for: papers that are shown to others.
const NEEDS_CONSENT: &str = "handover";
/// How many fields one correction names.
const MOST_PROPOSED: usize = 20;
/// How many changes are told at once.
const MOST_CHANGES: usize = 200;

pub(super) fn routes() -> Router<Sources> {
    Router::new()
        .route("/{source}/v1/query", post(query))
        .route("/{source}/v1/search", post(search))
        .route("/{source}/v1/changes", post(changes))
        .route("/{source}/v1/corrections", post(correct))
        .route("/{source}/v1/corrections/status", post(correction))
}

/// A question about a person.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Query {
    /// Whom it is about.
    pub personal_number: PersonalNumber,
    /// Why it is asked: 1 to 64 of `a`–`z`, `0`–`9`, `-`.
    pub purpose: String,
    /// The asker's name for this request.
    pub request_id: String,
    /// What the person agreed to, where the purpose needs it: the asker's name for the consent.
    #[serde(default)]
    pub consent: Option<String>,
}

/// A question about a printed number.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Search {
    /// The number printed on the paper: plate, card number, licence number.
    pub number: String,
    /// As in [`Query`].
    pub purpose: String,
    /// As in [`Query`].
    pub request_id: String,
}

/// An answer to both.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Answer {
    /// Where it comes from.
    pub provenance: Provenance,
    /// Under whom the record is kept; nobody, when there is none.
    pub subject: Option<Subject>,
    /// The record, in the shape of its source; nothing, when there is none.
    pub record: Option<Value>,
}

/// Under whom a record is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    /// Their personal number; nothing, where the source knows only an older number.
    pub personal_number: Option<PersonalNumber>,
    /// Their name.
    pub full_name: String,
    /// Their date of birth.
    pub date_of_birth: Date,
}

/// A question about what changed.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChangesQuery {
    /// The last place that the asker knows; 0 at the beginning.
    pub after: u64,
    /// As in [`Query`].
    pub request_id: String,
}

/// What changed.
#[derive(Clone, Debug, Serialize)]
pub struct ChangesAnswer {
    /// The `request_id` of the question.
    pub request_id: String,
    /// The newest place of the feed; less than what was asked after, when the source began its feed anew.
    pub last: u64,
    /// In order, without gaps.
    pub changes: Vec<Change>,
}

/// A correction that is asked for.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CorrectionQuery {
    /// Whose record it is.
    pub personal_number: PersonalNumber,
    /// The printed number of the paper; may be empty.
    pub document: String,
    /// What is wrong in it, decided together.
    pub changes: Vec<Proposed>,
    /// As in [`Query`].
    pub request_id: String,
}

/// A field that is wrong.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Proposed {
    /// Which.
    pub field: String,
    /// What it should say.
    pub proposed: String,
}

/// A question about a correction.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StatusQuery {
    /// The source's number of the correction.
    pub correction: String,
    /// As in [`Query`].
    pub request_id: String,
}

/// How a correction stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CorrectionAnswer {
    /// The `request_id` of the question.
    pub request_id: String,
    /// The source's number of the correction.
    pub correction: String,
    /// `received`, `accepted` or `refused`.
    pub state: String,
    /// Why it is refused.
    pub reason: Option<String>,
}

pub(super) fn named(source: &str) -> Result<Source, Refusal> {
    let source = Source::named(source).filter(|source| *source != Source::Matcher);
    source.ok_or(Refusal::BadRequest(None))
}

async fn query(
    State(sources): State<Sources>,
    Path(source): Path<String>,
    body: Bytes,
) -> Result<Json<Answer>, Refusal> {
    let source = named(&source)?;
    let query: Query = read(&body)?;
    check(&query.purpose, &query.request_id)?;
    if query.purpose == NEEDS_CONSENT && query.consent.as_deref().unwrap_or_default().is_empty() {
        return Err(Refusal::BadRequest(Some(query.request_id)));
    }
    let (person, asked) = sources.ask(source, &query.personal_number, query.request_id).await?;

    let misfiled = asked.fate.misfiled == Some(source);
    let record = Some(())
        .filter(|()| !misfiled)
        .and_then(|()| sources.record(source, &person, &asked));
    let subject = record.is_some().then(|| subject_of(&person));
    Ok(Json(Answer {
        provenance: asked.provenance,
        subject,
        record,
    }))
}

async fn search(
    State(sources): State<Sources>,
    Path(source): Path<String>,
    body: Bytes,
) -> Result<Json<Answer>, Refusal> {
    let source = named(&source)?;
    let search: Search = read(&body)?;
    check(&search.purpose, &search.request_id)?;
    let found = papers::find(source, &search.number).and_then(|index| sources.nation.person(index));
    let Some(found) = found else {
        return Err(Refusal::UnknownPerson(search.request_id));
    };
    let (person, asked) = sources.ask(source, &found.number, search.request_id).await?;

    let record = sources.record(source, &person, &asked);
    let misfiled = asked.fate.misfiled == Some(source);
    let subject = record.is_some().then(|| {
        if misfiled {
            misspelt(&person)
        } else {
            subject_of(&person)
        }
    });
    Ok(Json(Answer {
        provenance: asked.provenance,
        subject,
        record,
    }))
}

fn subject_of(person: &Person) -> Subject {
    Subject {
        personal_number: Some(person.number.clone()),
        full_name: person.full_name.clone(),
        date_of_birth: person.date_of_birth,
    }
}

/// As a clerk once typed it: another middle name, day and month in the wrong order or a year off.
fn misspelt(person: &Person) -> Subject {
    let born = person.date_of_birth;
    let swapped = Date::new(born.year(), born.day(), born.month())
        .ok()
        .filter(|day| *day != born);
    let mut words: Vec<&str> = person.full_name.split(' ').collect();
    if let Some(last) = words.last_mut() {
        *last = if *last == "Lan" { "Loan" } else { "Lan" };
    }
    Subject {
        personal_number: None,
        full_name: words.join(" "),
        date_of_birth: swapped
            .or_else(|| Date::new(born.year() + 1, born.month(), born.day()).ok())
            .unwrap_or(born),
    }
}

async fn changes(
    State(sources): State<Sources>,
    Path(source): Path<String>,
    body: Bytes,
) -> Result<Json<ChangesAnswer>, Refusal> {
    let source = named(&source)?;
    let query: ChangesQuery = read(&body)?;
    check("feed", &query.request_id)?;
    sources.suffer(source, &query.request_id).await?;
    let (last, changes) = sources.faults.fates().changes(source, query.after, MOST_CHANGES);
    Ok(Json(ChangesAnswer {
        request_id: query.request_id,
        last,
        changes,
    }))
}

async fn correct(
    State(sources): State<Sources>,
    Path(source): Path<String>,
    body: Bytes,
) -> Result<Json<CorrectionAnswer>, Refusal> {
    let source = named(&source)?;
    let query: CorrectionQuery = read(&body)?;
    check("correction", &query.request_id)?;
    if !(1..=MOST_PROPOSED).contains(&query.changes.len()) {
        return Err(Refusal::BadRequest(Some(query.request_id)));
    }
    sources.suffer(source, &query.request_id).await?;
    let number = query.personal_number.as_str().to_owned();
    let fates = sources.faults.fates();
    let at = fates.correct(Correction {
        accepted: fates.get(&number).misfiled == Some(source),
        number,
        source,
        received: (sources.clock)(),
    });
    Ok(Json(CorrectionAnswer {
        request_id: query.request_id,
        correction: at.to_string(),
        state: "received".to_owned(),
        reason: None,
    }))
}

async fn correction(
    State(sources): State<Sources>,
    Path(source): Path<String>,
    body: Bytes,
) -> Result<Json<CorrectionAnswer>, Refusal> {
    let source = named(&source)?;
    let query: StatusQuery = read(&body)?;
    check("correction", &query.request_id)?;
    sources.suffer(source, &query.request_id).await?;
    let fates = sources.faults.fates();
    let known = query.correction.parse().ok().and_then(|at| fates.correction(at));
    let Some(known) = known.filter(|known| known.source == source) else {
        return Err(Refusal::UnknownPerson(query.request_id));
    };
    let decided = (sources.clock)() >= known.received + DECIDES_AFTER;
    if decided && known.accepted {
        fates.mend(&known.number, source);
    }
    let (state, reason) = match (decided, known.accepted) {
        (false, _) => ("received", None),
        (true, true) => ("accepted", None),
        (true, false) => ("refused", Some("Dữ liệu khớp với hồ sơ gốc".to_owned())),
    };
    Ok(Json(CorrectionAnswer {
        request_id: query.request_id,
        correction: query.correction,
        state: state.to_owned(),
        reason,
    }))
}

impl Sources {
    /// The record of a source in its own shape; the driving licence as its older wire has it.
    fn record(&self, source: Source, person: &Person, asked: &Asked) -> Option<Value> {
        if source == Source::DrivingLicence {
            let fate = super::Fate {
                misfiled: None,
                ..asked.fate
            };
            let licence = records::licence(&self.nation, person, fate, asked.day)?;
            return serde_json::to_value(licence).ok();
        }
        let child = self.faults.fates().child(person.number.as_str());
        if source == Source::HealthInsurance && child.is_some_and(|child| !child.insured) {
            return None;
        }
        let drawn = Drawn {
            children: self.faults.fates().children_of(person.number.as_str()),
            nation: &self.nation,
            absent: self
                .faults
                .fates()
                .dwelling(person.number.as_str())
                .absent_on(asked.day),
            person,
            fate: asked.fate,
            on: asked.day,
        };
        papers::record(source, &drawn)
    }
}
