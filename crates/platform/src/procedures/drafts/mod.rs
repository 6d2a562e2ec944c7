//! Requests that are being filled in (*hồ sơ nháp*): for whom, the form, the check with consents and fee, and sending in.
//!
//! | request | what it does |
//! | --- | --- |
//! | `GET /procedures/drafts` | what of a draft this device keeps: shown while there is no network |
//! | `GET /procedures/drafts/worker.js` | keeps that page on the device |
//! | `POST /procedures/{code}` | opens a draft: `whom`, `child` |
//! | `GET /procedures/drafts/{id}` | the form, with what the state knows filled in |
//! | `POST /procedures/drafts/{id}` | saves what was typed, right or wrong; `go=check` goes on when all is right |
//! | `GET /procedures/drafts/{id}/check` | everything once more, the consents, the fee |
//! | `POST /procedures/drafts/{id}/check` | sends it in: `consent-…`, `fee`, `version` |
//! | `POST /procedures/drafts/{id}/removal` | throws it away |
//!
//! **Invariant:** whatever is typed is kept; nothing that is wrong is sent in.
//! **Invariant:** what was filled in under a description that is no longer in force is checked anew before it is sent in, and nothing of it is lost.
//! **Invariant:** a draft is sent in once.
//! **Invariant:** one that nobody saved for as long as the operator says is removed with what is attached; until then the citizen is told the day.

use axum::Router;
use axum::routing::{get, post};
use db::Conn;
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan as _};
use serde::Serialize;

use super::filling::Content;
use crate::app::App;
use crate::shell::clock::civil_date;
use crate::shell::ids::{PersonId, id};
use crate::shell::jobs::Runner;
use crate::shell::problem::Problem;
use crate::shell::session::Citizen;
use crate::shell::vault::Vault;

pub(super) mod http;
mod jobs;
mod kept;
mod sending;
mod store;

#[cfg(test)]
mod tests;

pub(super) use jobs::begin;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/procedures/drafts", get(kept::http::show))
        .route("/procedures/drafts/worker.js", get(kept::http::worker))
        .route("/procedures/drafts/{id}", get(http::show).post(http::save))
        .route(
            "/procedures/drafts/{id}/check",
            get(sending::http::check).post(sending::http::send),
        )
        .route("/procedures/drafts/{id}/removal", post(http::remove))
}

pub(super) fn learn(runner: &mut Runner) {
    runner.learn::<jobs::Abandoned>();
}

/// The last day of a draft that is not saved again.
fn kept_until(app: &App, saved_at: Timestamp) -> Date {
    civil_date(saved_at).saturating_add(app.config.procedures.drafts_kept_days.days())
}

id! {
    /// A draft.
    DraftId
}

const TABLE: &str = "procedure_draft";

/// A draft as it stands.
#[derive(Clone)]
pub(super) struct Draft {
    pub(super) person: PersonId,
    pub(super) id: DraftId,
    pub(super) code: String,
    /// The first day of the version under which it was last saved.
    pub(super) described_on: Date,
    pub(super) content: Content,
    pub(super) saved_at: Timestamp,
}

impl Draft {
    fn of(vault: &Vault, row: store::Row) -> Result<Self, Problem> {
        Ok(Self {
            content: vault.open_record(TABLE, "content", row.draft.bytes(), &row.content_sealed)?,
            person: row.person,
            id: row.draft,
            code: row.code,
            described_on: row.described_on.parse().map_err(Problem::internal)?,
            saved_at: row.saved_at,
        })
    }

    /// A draft of the asker's own.
    async fn load(app: &App, citizen: &Citizen, id: DraftId) -> Result<Self, Problem> {
        let person = citizen.person;
        let row = app.db.read(move |conn| store::find(conn, &person, &id)).await?;
        Self::of(&app.vault, row.ok_or_else(Problem::not_found)?)
    }

    fn sealed(&self, vault: &Vault) -> Result<store::Row, Problem> {
        Ok(store::Row {
            person: self.person,
            draft: self.id,
            code: self.code.clone(),
            described_on: self.described_on.to_string(),
            content_sealed: vault.seal_record(TABLE, "content", self.id.bytes(), &self.content)?,
            saved_at: self.saved_at,
        })
    }
}

/// A draft without its contents.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Outline {
    pub(super) id: DraftId,
    pub(super) code: String,
    pub(super) saved_at: Timestamp,
    /// It is removed after this day.
    pub(super) kept_until: Date,
}

/// The drafts of a person, the one saved last first.
pub(super) fn outlines(conn: &mut Conn<'_>, app: &App, person: &PersonId) -> Result<Vec<Outline>, db::Error> {
    let rows = store::list(conn, person)?;
    let outline = |row: store::Row| Outline {
        id: row.draft,
        code: row.code,
        saved_at: row.saved_at,
        kept_until: kept_until(app, row.saved_at),
    };
    Ok(rows.into_iter().map(outline).collect())
}
