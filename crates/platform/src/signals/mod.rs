//! Tells relying parties at once what happened to the accounts of persons they know: OpenID Shared Signals 1.0, with CAEP and RISC events.
//!
//! A capability calls [`emit`] in the unit of work in which something happens. Each relying party that may know the person and has asked for
//! such events gets a signed token (RFC 8417), posted to it (RFC 8935) or fetched by it (RFC 8936), until it acknowledges.
//!
//! | request | what it does |
//! | --- | --- |
//! | `GET /.well-known/ssf-configuration` | the transmitter's metadata |
//! | `POST`, `GET`, `PATCH`, `PUT`, `DELETE /ssf/streams` | a relying party makes, reads, changes, replaces, deletes its stream |
//! | `GET`, `POST /ssf/status` | its stream is paused, disabled, or goes on |
//! | `POST /ssf/subjects/add`, `/ssf/subjects/remove` | it wants to hear of a person, or not any more |
//! | `POST /ssf/verification` | it wants to see that the stream works |
//! | `POST /ssf/streams/{id}/events` | it fetches tokens and acknowledges those it has |
//!
//! A relying party shows an access token of its own (RFC 6749 section 4.4) for the resource `…/ssf` (RFC 8707).
//!
//! **Invariant:** an event is kept for a receiver if and only if the unit of work in which it happened was committed.
//! **Invariant:** a receiver hears of nobody who has not agreed to be known to it, and knows them by the pairwise identifier alone.
//! **Invariant:** an event is given again until its receiver acknowledges it; acknowledged twice, or by another, nothing happens.

use axum::Router;
use axum::routing::{get, post};
use crypto::digest::sha256;
use db::{Conn, Tx};
use jiff::Timestamp;
use oidc::shared_signals::Endpoints;
use serde::{Deserialize, Serialize};

use crate::app::{App, Capability};
use crate::shell::ids::{PersonId, id};
use crate::shell::jobs::{self as outbox, Runner};
use crate::shell::texts;
use crate::sso;

mod http;
mod jobs;
mod store;
mod streams;

#[cfg(test)]
pub(crate) mod tests;

use store::Stream;

pub use oidc::shared_signals::Event;
pub use oidc::shared_signals::event::{Change, Credential};

pub(crate) const CAPABILITY: Capability = Capability {
    texts: texts::source!(),
    routes,
    jobs: learn,
    only_in_sandbox: false,
};

/// Where the endpoints are.
const ENDPOINTS: Endpoints = Endpoints {
    configuration: "/ssf/streams",
    status: "/ssf/status",
    add_subject: "/ssf/subjects/add",
    remove_subject: "/ssf/subjects/remove",
    verification: "/ssf/verification",
};
/// What access tokens must be for, after the issuer.
const RESOURCE: &str = "/ssf";

fn routes() -> Router<App> {
    let streams = get(streams::http::read)
        .post(streams::http::create)
        .patch(streams::http::update)
        .put(streams::http::replace)
        .delete(streams::http::delete);
    Router::new()
        .route(oidc::shared_signals::PATH, get(http::metadata))
        .route(ENDPOINTS.configuration, streams)
        .route("/ssf/streams/{id}/events", post(http::fetch))
        .route(ENDPOINTS.status, get(http::status).post(http::set_status))
        .route(ENDPOINTS.add_subject, post(http::add_subject))
        .route(ENDPOINTS.remove_subject, post(http::remove_subject))
        .route(ENDPOINTS.verification, post(http::verify))
}

fn learn(runner: &mut Runner) {
    runner.learn::<jobs::Push>();
}

id! {
    /// A stream.
    StreamId
}

id! {
    /// A token about one event, in one stream.
    Jti
}

/// What a token tells.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "told", rename_all = "kebab-case")]
enum Told {
    /// Something that happened to a person's account.
    Happened {
        /// What.
        #[serde(flatten)]
        event: Event,
    },
    /// The person took back what had been agreed to for a purpose.
    Withdrawn {
        /// Which; empty for a sign-in without one.
        purpose: String,
    },
    /// The stream works.
    Verification {
        /// What the receiver gave us to repeat.
        state: Option<String>,
    },
    /// The stream was paused, disabled, or goes on.
    Updated {
        /// What it is now.
        status: oidc::shared_signals::Status,
        /// Why.
        reason: Option<String>,
    },
}

/// Tells all who may know and want to, in the unit of work in which it happened.
///
/// # Errors
/// Those of the database.
pub fn emit(tx: &mut Tx<'_>, person: &PersonId, event: Event, now: Timestamp) -> Result<(), db::Error> {
    let who_may_know = sso::who_know(tx, person, now)?;
    for client_id in who_may_know {
        let Some(stream) = store::of_client(tx, &client_id)? else {
            continue;
        };
        let wanted = stream.is_on() && stream.requested.iter().any(|wanted| wanted == event.uri());
        if wanted {
            keep(tx, &stream, Some(person), &Told::Happened { event }, now)?;
        }
    }
    Ok(())
}

/// Tells a relying party that the person took back a consent, in the unit of work in which it was taken back.
///
/// # Errors
/// Those of the database.
pub fn consent_withdrawn(
    tx: &mut Tx<'_>,
    person: &PersonId,
    (client_id, purpose): (&str, &str),
    now: Timestamp,
) -> Result<(), db::Error> {
    let Some(stream) = store::of_client(tx, client_id)?.filter(Stream::hears_of_consents) else {
        return Ok(());
    };
    let told = Told::Withdrawn {
        purpose: purpose.to_owned(),
    };
    keep(tx, &stream, Some(person), &told, now)
}

/// Whether a relying party knows what it was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard {
    /// It has acknowledged it.
    Acknowledged,
    /// It has not, so far.
    Waiting,
    /// It has no stream for it.
    Deaf,
}

impl Heard {
    /// The last part of the sentence about it.
    pub fn word(self) -> &'static str {
        match self {
            Heard::Acknowledged => "acknowledged",
            Heard::Waiting => "waiting",
            Heard::Deaf => "deaf",
        }
    }
}

/// Whether a relying party knows of the consent that the person took back at an instant.
///
/// # Errors
/// Those of the database.
pub fn heard(conn: &mut Conn<'_>, person: &PersonId, client_id: &str, at: Timestamp) -> Result<Heard, db::Error> {
    let Some(stream) = store::of_client(conn, client_id)?.filter(Stream::hears_of_consents) else {
        return Ok(Heard::Deaf);
    };
    Ok(if store::waits(conn, &stream.id, person, at)? {
        Heard::Waiting
    } else {
        Heard::Acknowledged
    })
}

/// Keeps a token for a stream, and orders it to be posted where the receiver wants that.
fn keep(
    tx: &mut Tx<'_>,
    stream: &Stream,
    person: Option<&PersonId>,
    told: &Told,
    now: Timestamp,
) -> Result<(), db::Error> {
    let event = serde_json::to_string(told).unwrap_or_default();
    let jti = name(&stream.id, person, &event, now);
    store::insert(tx, &stream.id, &jti, (person, &event), now)?;
    if stream.pushes && stream.is_on() {
        outbox::enqueue_bare::<jobs::Push>(tx, (*jti.bytes()).into(), now)?;
    }
    Ok(())
}

/// The name of a token: the same for the same event in the same stream, so that it is kept once; nobody can guess it without the person's id.
fn name(stream: &StreamId, person: Option<&PersonId>, event: &str, now: Timestamp) -> Jti {
    let mut input = stream.bytes().to_vec();
    if let Some(person) = person {
        input.extend_from_slice(person.bytes());
    }
    input.extend_from_slice(&now.as_microsecond().to_be_bytes());
    input.extend_from_slice(event.as_bytes());
    let [half, _] = *sha256(&input).as_chunks::<16>().0 else {
        return [0; 16].into();
    };
    half.into()
}
