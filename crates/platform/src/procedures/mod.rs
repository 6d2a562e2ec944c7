//! Administrative procedures (*thủ tục hành chính*): one way for all of them, from a new request to the result in the wallet.
//!
//! A procedure is a folder in [`catalogue`]: data that say what is asked, of whom, by whom it is decided, until when and for how much, and where
//! that is not enough a few rules in code. Everything else is here, once.
//!
//! | request | what it does |
//! | --- | --- |
//! | `GET /procedures` | all procedures; the visitor's drafts and dossiers |
//! | `GET`, `POST /procedures/{code}` | what it is; a new request |
//! | `/procedures/drafts/{id}…` | the form, the check, sending in: `drafts` |
//! | `/procedures/dossiers/{id}…` | receipt, status, steps, result: `dossiers` |
//! | `/procedures/confirmations…` | what somebody else is asked to confirm: `confirmations` |
//! | `…/files/{name}` | documents that are attached: `attachments` |
//! | – | linked procedures: parts at several bodies, watched: `linked` |
//! | – | what the police grant, told to the residence database: `recording` |
//! | `/officers/procedures…` | the desk of the unit that decides: `desk` |
//!
//! **Invariant:** nobody is asked what the state knows, and what is filled in says where it is from and from when.
//! **Invariant:** nothing is sent in that its description in force would refuse.
//! **Invariant:** an officer sees what was sent in only while holding the dossier, and each such look is in the applicant's history.

use axum::Router;
use axum::routing::get;

use crate::app::{App, Capability};
use crate::shell::jobs::Runner;
use crate::shell::texts;

mod attachments;
mod behind;
pub mod catalogue;
mod confirmations;
pub mod description;
mod desk;
pub mod dossiers;
mod drafts;
pub mod filling;
mod finding;
mod http;
pub mod known;
mod linked;
mod paying;
mod recording;
pub mod states;
mod telling;

#[cfg(test)]
mod tests;
#[cfg(test)]
pub(crate) use tests::reviewer;

pub use description::Catalogue;
pub(crate) use dossiers::{Held, counted, held};
pub(crate) use finding::{Titled, found};
pub(crate) use paying::Settled;

pub(crate) const CAPABILITY: Capability = Capability {
    texts: texts::source!(),
    routes,
    jobs: learn,
    only_in_sandbox: false,
};

fn routes() -> Router<App> {
    Router::new()
        .route("/procedures", get(http::list))
        .route("/procedures/{code}", get(http::show).post(drafts::http::open))
        .merge(drafts::routes())
        .merge(dossiers::routes())
        .merge(attachments::routes())
        .merge(confirmations::routes())
        .merge(desk::routes())
        .merge(behind::routes())
}

/// Orders the daily work, when the platform opens.
///
/// # Errors
/// Those of the database.
pub(crate) async fn begin(app: &App) -> Result<(), db::Error> {
    drafts::begin(app).await
}

fn learn(runner: &mut Runner) {
    linked::learn(runner);
    confirmations::learn(runner);
    drafts::learn(runner);
    recording::learn(runner);
}

/// The sentences of all procedures.
pub(crate) fn all_texts() -> impl Iterator<Item = texts::Source> {
    catalogue::ALL.iter().map(|entry| entry.texts)
}
