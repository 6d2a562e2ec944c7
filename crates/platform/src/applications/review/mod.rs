//! Review of applications by officers in the role of reviewer.
//!
//! | request | what it does |
//! | --- | --- |
//! | `GET /officers/queue` | what waits in the jurisdiction, in the order of the legal limits; no personal data; `?level=&state=&risk=&age=&unit=&late=` |
//! | `POST /officers/queue/next` | takes up the free one with the nearest limit |
//! | `POST /officers/queue/batch` | does one thing to several, where that is lawful |
//! | `GET /officers/late` | what is late, for a chief |
//! | `GET /officers/applications/{id}` | one application; its evidence for the reviewer who claimed it |
//! | `GET /officers/applications/{id}/evidence/{kind}` | a picture of it |
//! | `GET /officers/applications/{id}/card-portrait` | the portrait of the ID-card database |
//! | `POST /officers/applications/{id}/claim` | takes it up |
//! | `POST /officers/applications/{id}/release` | gives it back; a chief, what another holds |
//! | `POST /officers/applications/{id}/decision` | approves, refuses, asks for more, or proposes to approve against a failing check |
//! | `POST /officers/applications/{id}/confirmation` | a second officer confirms a proposal or sends it back |
//!
//! **Invariant:** only who holds the claim, or may confirm a proposal, sees personal data, and each look is in the person's history before it is answered.
//! **Invariant:** nothing that an officer typed into a decision is lost when it cannot be taken.
//! **Invariant:** an officer sees and works on the own jurisdiction alone.

use axum::Router;
use axum::routing::{get, post};
use db::Conn;
use jiff::Timestamp;
use serde::Serialize;

use crate::app::App;
use crate::officers::OfficerId;

mod batch;
mod decision;
mod dossier;
mod http;
mod kept;
mod late;
mod queue;
mod rules;
mod second;
pub(super) mod store;

#[cfg(test)]
mod tests;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/officers/queue", get(queue::http::queue))
        .route("/officers/queue/next", post(http::take_next))
        .route("/officers/queue/batch", post(batch::http::act))
        .route("/officers/late", get(late::http::late))
        .route("/officers/applications/{id}", get(http::show))
        .route("/officers/applications/{id}/evidence/{kind}", get(http::evidence))
        .route("/officers/applications/{id}/card-portrait", get(http::card_portrait))
        .route("/officers/applications/{id}/claim", post(http::claim))
        .route("/officers/applications/{id}/release", post(http::release))
        .route("/officers/applications/{id}/decision", post(decision::http::decide))
        .route("/officers/applications/{id}/confirmation", post(second::http::confirm))
}

/// How much work waits in an officer's jurisdiction; counted to a thousand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Waiting {
    /// Applications that nobody has taken up.
    pub waiting: i64,
    /// Applications whose limit is past.
    pub late: i64,
    /// Applications that this officer has taken up.
    pub mine: i64,
}

/// How much work waits for an officer.
///
/// # Errors
/// Those of the database.
pub fn waiting(conn: &mut Conn<'_>, (officer, unit): (&OfficerId, &str), now: Timestamp) -> Result<Waiting, db::Error> {
    store::waiting(conn, officer, &rules::Scope::of(unit, ""), now)
}
