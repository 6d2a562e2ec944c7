//! The source databases that the platform reads: the national population database (*Cơ sở dữ liệu quốc gia về dân cư*),
//! the ID-card database (*Cơ sở dữ liệu căn cước*) and the driving-licence database (*Cơ sở dữ liệu giấy phép lái xe*).
//!
//! # The wire format, version 1
//!
//! HTTPS with mutual authentication: the server asks for a client certificate and answers nobody without one that its
//! authority issued (TLS 1.2 or 1.3). Questions are `POST` with a JSON body, so that no personal number is ever
//! part of an address.
//!
//! | request | question | answer |
//! | --- | --- | --- |
//! | `POST /population/v1/people/query` | [`wire::PersonQuery`] | [`wire::PersonAnswer`] |
//! | `POST /id-card/v1/cards/query` | [`wire::CardsQuery`] | [`wire::CardsAnswer`] |
//! | `POST /driving-licence/v1/licences/query` | [`wire::LicenceQuery`] | [`wire::LicenceAnswer`] |
//!
//! ```text
//! POST /population/v1/people/query
//! {"personal_number":"079193980889","purpose":"registration","request_id":"01J…"}
//!
//! 200 {"provenance":{"source":"population","record_id":"dc-…","as_of":"2026-11-22T02:00:00Z","request_id":"01J…"},
//!      "record":{"personal_number":"079193980889","full_name":"Nguyễn Thị Thơm",…}}
//!
//! POST /id-card/v1/cards/query
//! {"personal_number":"079193980889","purpose":"counter","request_id":"01J…","include_portrait":true}
//!
//! 200 {"provenance":{"source":"id-card",…},"cards":[{"card_id":"cc-…","kind":"cccd2021","state":"valid",…}],
//!      "portrait":{"media_type":"image/jpeg","base64":"…"}}
//! ```
//!
//! The other sources share one contract ([`contract`]), each at its own name: `residence`, `civil-status`, `vehicle`, `health-insurance`,
//! `former-licence`, `social-insurance`, `tax`, `passport`, `justice`, `health-record`.
//!
//! | request | does |
//! | --- | --- |
//! | `POST /{source}/v1/query` | the record of a person |
//! | `POST /{source}/v1/search` | the record that bears a printed number, with the person under whom it is kept |
//! | `POST /{source}/v1/changes` | the feed of changed records after a place; the three older sources have it as well |
//! | `POST /{source}/v1/corrections`, `/corrections/status` | takes a correction up; how it stands |
//! | `POST /{source}/v1/dossiers`, `/dossiers/status`, `/dossiers/withdrawal` | takes a dossier of a linked procedure up; how it stands; that it was taken back ([`bodies`]) |
//!
//! Every answer is signed (RFC 9421) by the key of its source, over question and answer: [`signers`].
//!
//! Refusals are [`wire::SourceProblem`]s: 404 `unknown-person`, 400 `bad-request`, 500 `source-error`, 503 `source-down`.
//! Questions change nothing: a client may ask again, with the same `request_id` or another.
//!
//! The biometric matcher beside them has a wire format of its own: [`matcher`].
//!
//! Whose a phone is, neither database says.
//!
//! # Faults
//!
//! [`Faults`] makes a source slow, down, erroneous or stale while it runs; [`Fates`] lets people die and cards be held or revoked.

pub mod bodies;
pub mod contract;
mod dwellings;
mod fates;
mod faults;
pub mod matcher;
mod papers;
mod pki;
mod records;
mod serve;
mod signed;
pub mod wire;

use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use civil::PersonalNumber;
use http::{HeaderValue, StatusCode, header};
use jiff::civil::Date;
use jiff::tz::{TimeZone, offset};
use jiff::{SignedDuration, Timestamp};
use serde::de::DeserializeOwned;

use crate::people::{Nation, Person};
use wire::{
    CardsAnswer, CardsQuery, LicenceAnswer, LicenceQuery, PersonAnswer, PersonQuery, Provenance, SourceProblem,
};

pub use fates::{Change, Fate, Fates};
pub use faults::{Fault, Faults, Source, Twist};
pub use pki::{Identity, Pki};
pub use serve::{ServeError, ServerTls, serve};
pub use signed::signers;

/// Where the sources read the time.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// Longest question.
const MAX_QUESTION: usize = 4096;

#[derive(Clone)]
struct Sources {
    nation: Nation,
    faults: Faults,
    clock: Clock,
    keys: signed::Keys,
}

/// All databases and the matcher; to be served with [`serve`].
pub fn router(nation: Nation, faults: Faults, clock: Clock) -> Router {
    let keys = signed::Keys::of(&nation);
    let sources = Sources {
        nation,
        faults,
        clock,
        keys,
    };
    Router::new()
        .route("/population/v1/people/query", post(query_people))
        .route("/id-card/v1/cards/query", post(query_cards))
        .route("/driving-licence/v1/licences/query", post(query_licence))
        .merge(contract::routes())
        .merge(bodies::routes())
        .layer(DefaultBodyLimit::max(MAX_QUESTION))
        .layer(from_fn_with_state(sources.clone(), signed::sign))
        .merge(matcher::routes())
        .with_state(sources)
}

async fn query_people(State(sources): State<Sources>, body: Bytes) -> Result<Json<PersonAnswer>, Refusal> {
    let query: PersonQuery = read(&body)?;
    check(&query.purpose, &query.request_id)?;

    let (person, asked) = sources
        .ask(Source::Population, &query.personal_number, query.request_id)
        .await?;

    let record = records::person(&sources.nation, &person, asked.day);
    Ok(Json(PersonAnswer {
        provenance: asked.provenance,
        record,
    }))
}

async fn query_cards(State(sources): State<Sources>, body: Bytes) -> Result<Json<CardsAnswer>, Refusal> {
    let query: CardsQuery = read(&body)?;
    check(&query.purpose, &query.request_id)?;

    let (person, asked) = sources
        .ask(Source::IdCard, &query.personal_number, query.request_id)
        .await?;

    let cards = records::cards(&person, asked.day);
    let portrait = if query.include_portrait {
        records::portrait(&person, asked.day)
    } else {
        None
    };
    Ok(Json(CardsAnswer {
        provenance: asked.provenance,
        cards,
        portrait,
    }))
}

async fn query_licence(State(sources): State<Sources>, body: Bytes) -> Result<Json<LicenceAnswer>, Refusal> {
    let query: LicenceQuery = read(&body)?;
    check(&query.purpose, &query.request_id)?;

    let (person, asked) = sources
        .ask(Source::DrivingLicence, &query.personal_number, query.request_id)
        .await?;

    let licence = records::licence(&sources.nation, &person, asked.fate, asked.day);
    Ok(Json(LicenceAnswer {
        provenance: asked.provenance,
        licence,
    }))
}

/// A question that will be answered.
struct Asked {
    provenance: Provenance,
    /// The day of `as_of` in Viet Nam.
    day: Date,
    /// What befell the person.
    fate: Fate,
}

impl Sources {
    /// Lets the faults of a source work.
    async fn suffer(&self, source: Source, request_id: &str) -> Result<Fault, Refusal> {
        let fault = self.faults.get(source);
        wait(Duration::from_millis(fault.slow_ms)).await;
        if fault.down {
            return Err(Refusal::Down(request_id.to_owned()));
        }
        if self.faults.strikes(fault) {
            return Err(Refusal::Error(request_id.to_owned()));
        }
        Ok(fault)
    }

    fn today(&self) -> Date {
        day_of((self.clock)())
    }

    /// Lets the faults of a source work, then finds the person.
    async fn ask(
        &self,
        source: Source,
        number: &PersonalNumber,
        request_id: String,
    ) -> Result<(Person, Asked), Refusal> {
        let fault = self.suffer(source, &request_id).await?;
        let known = self.nation.person_with(number).or_else(|| self.newborn(number));
        let Some(person) = known else {
            return Err(Refusal::UnknownPerson(request_id));
        };
        let fate = self.faults.fates().get(person.number.as_str());
        let person = self.faults.fates().befallen(person);
        let as_of = (self.clock)() - SignedDuration::from_hours(24 * i64::from(fault.stale_days));
        let day = day_of(as_of);
        let record_id = format!("{}-{:x}", source.name(), person.index);
        let provenance = Provenance {
            source: source.name().to_owned(),
            record_id,
            as_of,
            request_id,
        };
        Ok((person, Asked { provenance, day, fate }))
    }

    /// A child whose birth was registered since: it lives where its mother or father lives.
    fn newborn(&self, number: &PersonalNumber) -> Option<Person> {
        let child = self.faults.fates().child(number.as_str())?;
        let parent = self.nation.person(child.like)?;
        Some(Person {
            number: child.number,
            full_name: child.full_name,
            date_of_birth: child.born,
            sex: child.sex,
            birthplace: parent.permanent_residence.commune.full_name(),
            old_number: None,
            identifying_mark: String::new(),
            marital_status: None,
            relations: Vec::new(),
            phone: None,
            email: None,
            cards: Vec::new(),
            died_on: None,
            missing_since: None,
            emigrated_on: None,
            incapable: false,
            ..parent
        })
    }
}

fn day_of(at: Timestamp) -> Date {
    TimeZone::fixed(offset(7)).to_datetime(at).date()
}

#[expect(clippy::disallowed_methods, reason = "a slow source is what this fault plays")]
async fn wait(time: Duration) {
    if !time.is_zero() {
        tokio::time::sleep(time).await;
    }
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refusal> {
    serde_json::from_slice(body).map_err(|_personal| Refusal::BadRequest(None))
}

fn check(purpose: &str, request_id: &str) -> Result<(), Refusal> {
    let bounded = |text: &str| (1..=64).contains(&text.len());
    let slug = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if !bounded(request_id) || !request_id.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(Refusal::BadRequest(None));
    }
    if !bounded(purpose) || !purpose.bytes().all(slug) {
        return Err(Refusal::BadRequest(Some(request_id.to_owned())));
    }
    Ok(())
}

/// Why a question is not answered; with the `request_id`.
enum Refusal {
    BadRequest(Option<String>),
    UnknownPerson(String),
    Error(String),
    Down(String),
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let (kind, status, title, request_id) = match self {
            Self::BadRequest(id) => (
                "bad-request",
                StatusCode::BAD_REQUEST,
                "The question is not understood",
                id,
            ),
            Self::UnknownPerson(id) => (
                "unknown-person",
                StatusCode::NOT_FOUND,
                "Nobody has this number",
                Some(id),
            ),
            Self::Error(id) => (
                "source-error",
                StatusCode::INTERNAL_SERVER_ERROR,
                "The source failed",
                Some(id),
            ),
            Self::Down(id) => (
                "source-down",
                StatusCode::SERVICE_UNAVAILABLE,
                "The source is down",
                Some(id),
            ),
        };
        let (kind, title) = (format!("/problems/{kind}"), title.to_owned());
        let problem = SourceProblem {
            kind,
            status: status.as_u16(),
            title,
            request_id,
        };
        let mut response = (status, Json(problem)).into_response();
        response.headers_mut().insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        response
    }
}

#[cfg(test)]
mod tests;
