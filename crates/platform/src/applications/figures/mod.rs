//! How many decisions were in time: for the chief by commune, for everybody by province.
//!
//! | request | what it does |
//! | --- | --- |
//! | `GET /officers/figures` | decisions in time and late, for each unit of the jurisdiction; `?month=2026-11` |
//! | `GET /on-time` | the same for everybody, by province; small numbers are not told |
//!
//! A decision is counted in the unit of work that makes it, so nobody has to count millions.
//!
//! **Invariant:** no number of the public page is small enough to point at a person, nor can one be computed from the others.

use axum::Router;
use axum::routing::get;
use civil::calendar;
use db::Tx;
use jiff::Timestamp;

use super::Application;
use super::rules::State;
use crate::accounts::Level;
use crate::app::App;
use crate::officers;

mod http;
mod rules;
mod store;

#[cfg(test)]
mod tests;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/officers/figures", get(http::for_chief))
        .route("/on-time", get(http::public))
}

/// A decision to be counted.
#[derive(Clone)]
pub(super) struct Counted {
    unit: String,
    province: String,
    level: Level,
    month: String,
    in_time: bool,
}

impl Counted {
    /// That of an application, if it ends the legal limit.
    pub(super) fn of(application: &Application, to: State, now: Timestamp) -> Option<Self> {
        let deadline = application.deadline_at?;
        let unit = application.unit.clone().unwrap_or_default();
        matches!(to, State::Approved | State::Refused).then(|| Self {
            province: officers::province(&unit),
            unit,
            level: application.level,
            month: month(now),
            in_time: now <= deadline,
        })
    }
}

/// The month of an instant in Viet Nam: `2026-11`.
fn month(at: Timestamp) -> String {
    calendar::day_of(at).strftime("%Y-%m").to_string()
}

/// Counts a decision in the unit of work that makes it.
///
/// # Errors
/// Those of the database.
pub(super) fn count(tx: &mut Tx<'_>, counted: &Counted) -> Result<(), db::Error> {
    store::count(tx, counted)
}
