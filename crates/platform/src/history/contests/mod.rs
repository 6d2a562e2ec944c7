//! Contested looks: the citizen says that a look was not right, an inspector answers within a time limit.
//!
//! **Invariant:** a look is contested once, by its holder alone, and answered once, by an inspector who did not make it.

use axum::Router;
use axum::routing::get;
use db::{Conn, Tx};
use jiff::Timestamp;
use serde::Serialize;

use super::LookId;
use crate::app::App;
use crate::shell::ids::{PersonId, id};
use crate::shell::problem::Problem;
use crate::shell::vault::Vault;

mod http;
mod rules;
mod store;

#[cfg(test)]
mod tests;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/account/history/{look}/contest", get(http::ask).post(http::file))
        .route("/officers/contests", get(http::list))
        .route("/officers/contests/{id}", get(http::show).post(http::answer))
}

id! {
    /// A contested look, as the inspector's dossier.
    ContestId
}

/// What became of a look that its holder contests.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Contested {
    pub(super) reason: String,
    pub(super) filed_at: Timestamp,
    pub(super) due_at: Timestamp,
    pub(super) law: String,
    pub(super) outcome: Option<String>,
    pub(super) answer: Option<String>,
    pub(super) answered_at: Option<Timestamp>,
}

impl Contested {
    fn open(vault: &Vault, row: store::Row) -> Result<Self, Problem> {
        let place = row.contest.bytes();
        let answer = row
            .answer_sealed
            .map(|sealed| vault.open_text("history_contest", "answer", place, &sealed))
            .transpose()?;
        Ok(Self {
            reason: vault.open_text("history_contest", "reason", place, &row.reason_sealed)?,
            filed_at: row.filed_at,
            due_at: row.due_at,
            law: row.law,
            outcome: row.outcome,
            answer,
            answered_at: row.answered_at,
        })
    }

    /// The last part of the sentence about it: `open`, or the outcome.
    pub(super) fn state(&self) -> &str {
        self.outcome.as_deref().unwrap_or("open")
    }
}

/// The contest of a look, where there is one.
pub(super) fn of_look(
    conn: &mut Conn<'_>,
    vault: &Vault,
    person: &PersonId,
    look: &LookId,
) -> Result<Option<Contested>, Problem> {
    store::of_look(conn, person, look)?
        .map(|row| Contested::open(vault, row))
        .transpose()
}

/// Forgets what was contested of looks that are gone.
pub(super) fn forget_before(tx: &mut Tx<'_>, before: Timestamp) -> Result<(), db::Error> {
    store::forget_before(tx, before)
}
