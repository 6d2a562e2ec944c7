//! Review of applications by officers in the role of reviewer.
//!
//! | request | what it does |
//! | --- | --- |
//! | `GET /officers/queue` | what waits, in the order of the legal limits; no personal data |
//! | `GET /officers/applications/{id}` | one application; its evidence for the reviewer who claimed it |
//! | `GET /officers/applications/{id}/evidence/{kind}` | a picture of it |
//! | `GET /officers/applications/{id}/card-portrait` | the portrait of the ID-card database |
//! | `POST /officers/applications/{id}/claim` | takes it up |
//! | `POST /officers/applications/{id}/release` | gives it back |
//! | `POST /officers/applications/{id}/decision` | approves, refuses, or asks for more |
//!
//! **Invariant:** only the reviewer who holds the claim sees personal data, and each look is in the person's history before it is answered.

use axum::Router;
use axum::routing::{get, post};
use db::Conn;
use jiff::Timestamp;
use serde::Serialize;

use crate::app::App;
use crate::officers::OfficerId;

mod decision;
mod http;
mod queue;
mod rules;
mod store;

#[cfg(test)]
mod tests;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/officers/queue", get(queue::http::queue))
        .route("/officers/applications/{id}", get(http::show))
        .route("/officers/applications/{id}/evidence/{kind}", get(http::evidence))
        .route("/officers/applications/{id}/card-portrait", get(http::card_portrait))
        .route("/officers/applications/{id}/claim", post(http::claim))
        .route("/officers/applications/{id}/release", post(http::release))
        .route("/officers/applications/{id}/decision", post(decision::http::decide))
}

/// How much work waits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Waiting {
    /// Applications that nobody has taken up.
    pub waiting: i64,
    /// Applications whose limit is past.
    pub late: i64,
    /// Applications that this officer has taken up.
    pub mine: i64,
}

/// How much work waits for a reviewer.
///
/// # Errors
/// Those of the database.
pub fn waiting(conn: &mut Conn<'_>, officer: &OfficerId, now: Timestamp) -> Result<Waiting, db::Error> {
    store::waiting(conn, officer, now)
}
