//! One question to one source.

use std::time::Duration;

use ::http::StatusCode;
use axum::body::Bytes;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use civil::{PersonalNumber, Sex};
use crypto::message;
use http_body_util::{BodyExt as _, Limited};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::Why;
use super::contract::Cause;
use super::rules::{
    self, Answer, IdCard, Life, Member, Person, Portrait, Relative, Residence, Source, Subject, TemporaryResidence,
};
use crate::app::App;
use crate::shell::ids::id;
use crate::shell::pause::pause;

/// The largest answer that is read, in bytes.
const LARGEST_ANSWER: usize = 4 * 1024 * 1024;
/// The longest first pause before another try; it doubles for the next.
const PAUSE: Duration = Duration::from_millis(100);

id! {
    /// The name of one question, in our log and the source's.
    RequestId
}

/// A pause before another try: up to the limit of that try, differing so that clients do not come back all at once.
pub(super) async fn breathe(app: &App, attempt: u32) {
    let longest = PAUSE.saturating_mul(1 << attempt.saturating_sub(1).min(4));
    let [drawn] = app.chance.bytes();
    pause(longest / 2 + (longest / 2).mul_f64(f64::from(drawn) / 255.0)).await;
}

/// A question, as it travels.
pub(super) trait Question: Serialize {
    /// Where it is asked.
    const PATH: &'static str;
    /// Whom it is about.
    fn number(&self) -> &PersonalNumber;
    /// Its name.
    fn request(&self) -> &str;
    /// The name and the date of birth that the answer has to agree with, where it bears them.
    fn subject(&self) -> Option<&Subject> {
        None
    }
}

#[derive(Serialize)]
pub(super) struct PersonQuestion<'a> {
    personal_number: &'a PersonalNumber,
    #[serde(flatten)]
    cause: Cause,
    request_id: String,
}

impl<'a> PersonQuestion<'a> {
    pub(super) fn new(app: &App, number: &'a PersonalNumber, cause: impl Into<Cause>) -> Self {
        Self {
            personal_number: number,
            cause: cause.into(),
            request_id: RequestId::draw(&app.chance).to_string(),
        }
    }
}

impl Question for PersonQuestion<'_> {
    const PATH: &'static str = "/population/v1/people/query";

    fn number(&self) -> &PersonalNumber {
        self.personal_number
    }

    fn request(&self) -> &str {
        &self.request_id
    }
}

#[derive(Serialize)]
pub(super) struct CardsQuestion<'a> {
    #[serde(flatten)]
    person: PersonQuestion<'a>,
    include_portrait: bool,
}

impl<'a> CardsQuestion<'a> {
    pub(super) fn new(app: &App, number: &'a PersonalNumber, cause: impl Into<Cause>, include_portrait: bool) -> Self {
        Self {
            person: PersonQuestion::new(app, number, cause),
            include_portrait,
        }
    }
}

impl Question for CardsQuestion<'_> {
    const PATH: &'static str = "/id-card/v1/cards/query";

    fn number(&self) -> &PersonalNumber {
        self.person.personal_number
    }

    fn request(&self) -> &str {
        &self.person.request_id
    }
}

/// An answer, as it travels.
pub(super) trait Reply: DeserializeOwned {
    /// What it is to us.
    type Record;
    /// Where it comes from.
    fn provenance(&self) -> &Provenance;
    /// Whether it is about somebody.
    fn is_about(&self, number: &PersonalNumber) -> bool;
    /// Whether it knows them as we do.
    fn agrees(&self, _: &Subject) -> bool {
        true
    }
    /// What it is to us.
    fn record(self) -> Result<Self::Record, Why>;
}

#[derive(Deserialize)]
pub(super) struct Provenance {
    pub(super) source: Source,
    pub(super) record_id: String,
    pub(super) as_of: Timestamp,
    pub(super) request_id: String,
}

#[derive(Deserialize)]
pub(super) struct PersonAnswer {
    provenance: Provenance,
    record: PersonRecord,
}

#[derive(Deserialize)]
struct PersonRecord {
    personal_number: PersonalNumber,
    full_name: String,
    date_of_birth: Date,
    sex: Sex,
    birthplace: String,
    birth_registration_place: String,
    origin: String,
    ethnicity: String,
    religion: Option<String>,
    nationality: String,
    blood_group: Option<String>,
    old_number: Option<String>,
    relatives: Vec<Relative>,
    permanent_residence: Option<Residence>,
    temporary_residence: Option<TemporaryResidence>,
    current_residence: Option<Residence>,
    residence_file: Option<String>,
    marital_status: Option<String>,
    relation_to_head: Option<String>,
    household: Vec<Member>,
    life: LifeState,
    life_since: Option<Date>,
    emigrated_on: Option<Date>,
    incapable: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum LifeState {
    Alive,
    Dead,
    Missing,
}

impl Reply for PersonAnswer {
    type Record = Person;

    fn provenance(&self) -> &Provenance {
        &self.provenance
    }

    fn is_about(&self, number: &PersonalNumber) -> bool {
        self.record.personal_number == *number
    }

    fn record(self) -> Result<Person, Why> {
        let record = self.record;
        let (life, life_since) = match (record.life, record.emigrated_on) {
            (LifeState::Dead, _) => (Life::Dead, record.life_since),
            (LifeState::Missing, _) => (Life::Missing, record.life_since),
            (LifeState::Alive, Some(since)) => (Life::Emigrated, Some(since)),
            (LifeState::Alive, None) => (Life::Alive, None),
        };
        Ok(Person {
            number: record.personal_number,
            full_name: record.full_name,
            date_of_birth: record.date_of_birth,
            sex: record.sex,
            life,
            life_since,
            incapable: record.incapable,
            birthplace: record.birthplace,
            birth_registration_place: record.birth_registration_place,
            origin: record.origin,
            ethnicity: record.ethnicity,
            religion: record.religion,
            nationality: record.nationality,
            blood_group: record.blood_group,
            old_number: record.old_number,
            permanent_residence: record.permanent_residence,
            temporary_residence: record.temporary_residence,
            current_residence: record.current_residence,
            residence_file: record.residence_file,
            marital_status: record.marital_status,
            relation_to_head: record.relation_to_head,
            household: record.household,
            relatives: record.relatives,
        })
    }
}

#[derive(Deserialize)]
pub(super) struct CardsAnswer {
    provenance: Provenance,
    cards: Vec<IdCard>,
    portrait: Option<PortraitFile>,
}

#[derive(Deserialize)]
struct PortraitFile {
    media_type: String,
    base64: String,
}

impl Reply for CardsAnswer {
    type Record = (Vec<IdCard>, Option<Portrait>);

    fn provenance(&self) -> &Provenance {
        &self.provenance
    }

    /// Nine-digit cards do not bear the personal number: for them the name of the question must do.
    fn is_about(&self, number: &PersonalNumber) -> bool {
        self.cards
            .iter()
            .all(|card| card.layout == rules::Layout::Cmnd || card.number == number.as_str())
    }

    fn record(self) -> Result<Self::Record, Why> {
        let portrait = self.portrait.map(|file| match BASE64.decode(&file.base64) {
            Ok(bytes) => Ok(Portrait {
                media_type: file.media_type,
                bytes,
            }),
            Err(_) => Err(Why::Malformed("the portrait is not base64".to_owned())),
        });
        Ok((self.cards, portrait.transpose()?))
    }
}

/// A refusal (RFC 9457).
#[derive(Deserialize)]
struct Refusal {
    #[serde(rename = "type")]
    kind: String,
}

/// Asks once. `None`: the source does not know the number.
pub(super) async fn ask<A: Reply>(
    app: &App,
    source: Source,
    base: &str,
    question: &impl Question,
) -> Result<Option<Answer<A::Record>>, Why> {
    let body = serde_json::to_vec(question).map_err(|error| Why::Malformed(error.to_string()))?;
    let (status, body) = exchange(app, source, (base, path_of(question)), body).await?;

    match status {
        StatusCode::OK => accept::<A>(app, source, question, &body).map(Some),
        // An address without a source behind it answers 404, too: only the source itself can say that there is no such person.
        StatusCode::NOT_FOUND if says_unknown(&body) => Ok(None),
        status if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS => Err(Why::Failed(status)),
        status => Err(Why::Refused(status)),
    }
}

/// Sends a body and brings back the answer, once its signature was checked where the source is known to sign.
pub(super) async fn exchange(
    app: &App,
    source: Source,
    (base, path): (&str, &str),
    question: Vec<u8>,
) -> Result<(StatusCode, Bytes), Why> {
    let response = app.registries.transport.post(base, path, question.clone()).await?;
    let (head, body) = response.into_parts();
    let body = Limited::new(body, LARGEST_ANSWER).collect().await;
    let body = body.map_err(too_long)?.to_bytes();
    let Some(signer) = app.registries.signer(source) else {
        return Ok((head.status, body));
    };
    if head.status.is_server_error() {
        return Err(Why::Failed(head.status));
    }
    let header = |name: &str| {
        let value = head.headers.get(name).and_then(|value| value.to_str().ok());
        value.unwrap_or_default().to_owned()
    };
    let headers = message::Headers {
        content_digest: header("content-digest"),
        signature_input: header("signature-input"),
        signature: header("signature"),
    };
    let full = url::Url::parse(&format!("{base}{path}"));
    let exchange = message::Exchange {
        method: "POST",
        path: full.as_ref().map_or(path, url::Url::path),
        question: &question,
        status: head.status.as_u16(),
        answer: &body,
    };
    exchange
        .verify(signer, &headers, app.clock.now())
        .map_err(Why::Disbelieved)?;
    Ok((head.status, body))
}

fn too_long(error: Box<dyn std::error::Error + Send + Sync>) -> Why {
    if error.is::<http_body_util::LengthLimitError>() {
        Why::Malformed("it is too long".to_owned())
    } else {
        Why::Down(error)
    }
}

fn path_of<Q: Question>(_: &Q) -> &'static str {
    Q::PATH
}

fn says_unknown(body: &[u8]) -> bool {
    serde_json::from_slice::<Refusal>(body).is_ok_and(|refusal| refusal.kind == "/problems/unknown-person")
}

fn accept<A: Reply>(
    app: &App,
    source: Source,
    question: &impl Question,
    body: &[u8],
) -> Result<Answer<A::Record>, Why> {
    let answer: A = serde_json::from_slice(body).map_err(|error| Why::Malformed(shape(&error)))?;
    let Provenance {
        source: said,
        record_id,
        as_of,
        request_id,
    } = answer.provenance();
    let agrees = question.subject().is_none_or(|subject| answer.agrees(subject));
    if *said != source || request_id != question.request() || !answer.is_about(question.number()) || !agrees {
        return Err(Why::Other);
    }
    let (record_id, as_of) = (record_id.clone(), *as_of);
    Ok(Answer {
        record: answer.record()?,
        source,
        record_id,
        as_of,
        fresh: as_of >= app.clock.now() - rules::FRESH_FOR,
    })
}

/// What is wrong with the shape of an answer: a missing field by name, everything else by its place, since the words of the parser can hold data.
pub(super) fn shape(error: &serde_json::Error) -> String {
    let said = error.to_string();
    if said.starts_with("missing field") {
        said
    } else {
        format!("line {} column {}", error.line(), error.column())
    }
}
