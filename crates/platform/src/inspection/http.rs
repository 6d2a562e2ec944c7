use ::http::StatusCode;
use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use civil::{CardQr, PersonalNumber};
use credentials::verify::{Outcome, Session, Verdict, addresses_in_text};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;

use super::rules::{self, SENTENCES};
use super::{Attribute, Inspector, Purpose, Purposes, papers};
use crate::app::App;
use crate::applications::evidence::Facts;
use crate::documents::{self, Showing, Value, Wanted, handovers};
use crate::history::{self, Look, Who};
use crate::registries::{self, LicenceClass, LicenceState, Subject};
use crate::shell::filters;
use crate::shell::ids::PersonId;
use crate::shell::input::Upload;
use crate::shell::offline::{self, Manifest};
use crate::shell::page::Page;
use crate::shell::problem::{Fault, Problem};
use crate::shell::qr::{self, Unread};
use crate::shell::texts::Lang;
use crate::{accounts, eid, issuance};

/// What the page needs without network.
const FILES: [&str; 24] = [
    "app.css",
    "icon.svg",
    "inspection.css",
    "device.js",
    "time.js",
    "inspection.js",
    "inspection/camera.js",
    "inspection/verdict.js",
    "inspection/kit.js",
    "qr/decode.js",
    "qr/find.js",
    "qr/galois.js",
    "qr/symbol.js",
    "verifier/bytes.js",
    "verifier/cbor.js",
    "verifier/certificate.js",
    "verifier/identity.js",
    "verifier/keys.js",
    "verifier/status.js",
    "verifier/trust.js",
    "verifier/verify.js",
    "offline.js",
    "inspection/online.js",
    "inspection/words.js",
];

/// The inspector's page.
#[derive(Template, Serialize)]
#[template(path = "inspection/pages/page.html")]
pub(super) struct Desk {
    /// What the asker may check people for, and sees of them; empty for who is no inspector.
    purposes: Vec<Sees>,
    #[serde(skip)]
    sentences: Vec<(&'static str, String)>,
}

#[derive(Serialize)]
struct Sees {
    purpose: Purpose,
    sees: String,
}

/// Shows the page.
pub(super) async fn page(Purposes(purposes): Purposes) -> Page<Desk> {
    let sees = |purpose: Purpose| Sees {
        purpose,
        sees: purpose.what(),
    };
    Page(Desk {
        purposes: purposes.into_iter().map(sees).collect(),
        sentences: SENTENCES
            .iter()
            .map(|(sentence, codes)| (*sentence, codes.join(" ")))
            .collect(),
    })
}

/// What an inspection found.
#[derive(Template, Serialize)]
#[template(path = "inspection/pages/finding.html")]
pub(super) struct Finding {
    outcome: Outcome,
    purpose: Purpose,
    at: Timestamp,
    reasons: Vec<Reason>,
    checked: Vec<credentials::verify::Check>,
    status: Option<credentials::verify::Knowledge>,
    /// Nobody, where the code is refused.
    holder: Option<Holder>,
}

#[derive(Serialize)]
struct Reason {
    code: String,
    #[serde(skip)]
    sentence: &'static str,
}

/// Of a holder, what the purpose may see.
#[derive(Serialize, Default)]
pub(super) struct Holder {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) portrait: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) number: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) full_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) date_of_birth: Option<Date>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) sex: Option<civil::Sex>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) nationality: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) address: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) licence: Option<Licence>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) papers: Vec<Showing>,
}

impl Holder {
    /// Somebody who has no card: a child, a ward.
    pub(super) fn named(subject: &Subject) -> Self {
        Self {
            number: Some(subject.number.as_str().to_owned()),
            full_name: Some(subject.full_name.clone()),
            date_of_birth: Some(subject.date_of_birth),
            ..Self::default()
        }
    }
}

/// The driving licence as its source says it now.
#[derive(Serialize)]
#[serde(tag = "known", rename_all = "kebab-case")]
pub(super) enum Licence {
    /// There is one.
    Found {
        number: String,
        classes: Vec<LicenceClass>,
        points: u8,
        state: LicenceState,
        as_of: Timestamp,
    },
    /// The source knows none.
    None,
    /// The source does not answer.
    Silent,
}

impl Finding {
    fn words(&self) -> (&'static str, &'static str) {
        rules::words(self.outcome)
    }

    fn word(&self) -> &'static str {
        match self.outcome {
            Outcome::Accept => "accept",
            Outcome::Caution => "caution",
            Outcome::Reject => "reject",
        }
    }
}

/// Judges a code and shows what the purpose may see.
pub(super) async fn inspect(
    State(app): State<App>,
    inspector: Inspector,
    mut upload: Upload,
) -> Result<Response, Problem> {
    let challenge = upload.field("challenge").as_bytes().to_vec();
    let code = code_of(&app, &mut upload).await?;
    must_be_a_code(&code)?;
    if let Some(id) = handovers::of_code(&app, &code) {
        return Ok(Page(papers::http::open(&app, &inspector, id).await?).into_response());
    }
    let purpose = inspector.purpose(upload.field("purpose"))?;

    let at = app.clock.now();
    let verifier = issuance::verifier(&app, &addresses_in_text(&code)).await?;
    let session = Session {
        challenge: (!challenge.is_empty()).then_some(challenge.as_slice()),
        ..Session::at(at)
    };
    let verdict = verifier.text(&code, &session);
    let holder = holder(&app, &verdict, purpose).await?;

    if let Some((person, _)) = &holder {
        let look = Look::now(&app, *person, &inspector.who(), purpose.of_history(), &purpose.what());
        app.db.write(move |tx| history::record(tx, &look)).await?;
    }

    Ok(Page(Finding {
        outcome: verdict.outcome,
        purpose,
        at,
        reasons: reasons(&verdict),
        checked: verdict.checked,
        status: verdict.status,
        holder: holder.map(|(_, holder)| holder),
    })
    .into_response())
}

/// The code that a form brings: on its `picture`, or as the text `code`.
pub(super) async fn code_of(app: &App, upload: &mut Upload) -> Result<String, Problem> {
    let Some(picture) = upload.file("picture") else {
        return Ok(upload.field("code").to_owned());
    };
    let read = app.workshop.run(move || qr::text_on(&picture)).await?;
    read.map_err(|unread| match unread {
        Unread::NoCode => Problem::new("inspection-no-code", StatusCode::UNPROCESSABLE_ENTITY),
        Unread::Picture(cause) => {
            Problem::new("inspection-not-a-picture", StatusCode::UNPROCESSABLE_ENTITY).caused_by(cause)
        }
    })
}

fn must_be_a_code(code: &str) -> Result<(), Problem> {
    if code.is_empty() {
        return Err(Problem::invalid(vec![Fault::new("code", "inspection-fault-empty")]));
    }
    // The code on the card is unsigned text: whoever can print can make one.
    if CardQr::parse(code).is_ok() {
        return Err(Problem::new("inspection-card-code", StatusCode::UNPROCESSABLE_ENTITY));
    }
    Ok(())
}

fn reasons(verdict: &Verdict) -> Vec<Reason> {
    let reason = |reason: &credentials::verify::Reason| Reason {
        code: reason.code.clone(),
        sentence: rules::sentence(&reason.code),
    };
    verdict.reasons.iter().map(reason).collect()
}

/// Who shows an identity QR that is accepted, to somebody who tells the police of a guest; the look is recorded.
pub(super) async fn guest(app: &App, code: &str, who: &Who) -> Result<Facts, Problem> {
    must_be_a_code(code)?;
    let verifier = issuance::verifier(app, &addresses_in_text(code)).await?;
    let verdict = verifier.text(code, &Session::at(app.clock.now()));
    let held = match verdict.outcome {
        Outcome::Accept => held(app, &verdict).await?,
        Outcome::Caution | Outcome::Reject => None,
    };
    let Some((person, eid)) = held else {
        let reason = verdict.reasons.first().map_or("", |reason| reason.code.as_str());
        let fault = Fault::new("code", rules::sentence(reason));
        return Err(Problem::invalid(vec![fault]));
    };
    let look = Look::now(
        app,
        person,
        who,
        history::Purpose::InspectionHotel,
        "number name birth sex nationality",
    );
    app.db.write(move |tx| history::record(tx, &look)).await?;
    Ok(eid.content.facts)
}

/// Whose identity QR it is, with the card.
async fn held(app: &App, verdict: &Verdict) -> Result<Option<(PersonId, eid::Eid)>, Problem> {
    let number = verdict.claims.get("number").and_then(serde_json::Value::as_str);
    let Some(number) = number.and_then(|number| PersonalNumber::parse(number).ok()) else {
        return Ok(None);
    };
    let vault = app.vault.clone();
    app.db
        .read(move |conn| {
            let Some(person) = accounts::person_of(conn, &vault, &number)? else {
                return Ok::<_, Problem>(None);
            };
            Ok(eid::find(conn, &vault, &person)?.map(|eid| (person, eid)))
        })
        .await
}

/// The holder of an identity QR that is not refused, as far as the purpose may see; of one that is locked only who it is.
async fn holder(app: &App, verdict: &Verdict, purpose: Purpose) -> Result<Option<(PersonId, Holder)>, Problem> {
    let Some((person, eid)) = held(app, verdict).await? else {
        return Ok(None);
    };
    let attributes = match verdict.outcome {
        Outcome::Accept => purpose.attributes(),
        _ => &[Attribute::Number, Attribute::Name],
    };
    let mut holder = shown(&eid, attributes);
    if attributes.contains(&Attribute::Licence) {
        holder.licence = Some(licence(app, &eid.content.facts.number).await);
    }
    let wanted: Vec<Wanted> = attributes
        .iter()
        .filter_map(|attribute| purpose.of_paper(attribute.paper()?))
        .collect();
    let subject = Subject {
        number: eid.content.facts.number.clone(),
        full_name: eid.content.facts.full_name.clone(),
        date_of_birth: eid.content.facts.date_of_birth,
    };
    holder.papers = documents::show(app, &subject, &wanted, "inspection").await;
    Ok(Some((person, holder)))
}

async fn licence(app: &App, number: &PersonalNumber) -> Licence {
    match registries::licence_or_copy(app, number, "inspection").await {
        Ok(Some(answer)) => Licence::Found {
            number: answer.record.number,
            classes: answer.record.classes,
            points: answer.record.points,
            state: answer.record.state,
            as_of: answer.as_of,
        },
        Ok(None) => Licence::None,
        Err(_silent) => Licence::Silent,
    }
}

pub(super) fn shown(eid: &eid::Eid, attributes: &[Attribute]) -> Holder {
    let facts = &eid.content.facts;
    let mut holder = Holder::default();
    for attribute in attributes {
        match attribute {
            Attribute::Portrait => {
                holder.portrait = Some(format!("data:image/jpeg;base64,{}", STANDARD.encode(&eid.portrait)));
            }
            Attribute::Number => holder.number = Some(facts.number.as_str().to_owned()),
            Attribute::Name => holder.full_name = Some(facts.full_name.clone()),
            Attribute::Birth => holder.date_of_birth = Some(facts.date_of_birth),
            Attribute::Sex => holder.sex = Some(facts.sex),
            Attribute::Nationality => holder.nationality = Some(facts.nationality.clone()),
            Attribute::Address => holder.address.clone_from(&facts.residence),
            Attribute::Licence | Attribute::Vehicle | Attribute::Insurance | Attribute::Allergies => {}
        }
    }
    holder
}

/// Keeps the page for when there is no network.
pub(super) async fn worker() -> Response {
    offline::worker("/inspection", &FILES)
}

/// Installs the page.
pub(super) async fn manifest(State(app): State<App>) -> Manifest {
    Manifest {
        name: app.texts.say(Lang::Vi, "inspection-app", &[]),
        short_name: app.texts.say(Lang::Vi, "inspection-app-short", &[]),
        start_url: "/inspection",
    }
}
