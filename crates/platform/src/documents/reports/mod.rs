//! Wrong data (*sai dữ liệu*): a citizen says which field of a paper is wrong; the dossier goes to the source, with a deadline, and its answer
//! comes back.
//!
//! | request | what it does |
//! | --- | --- |
//! | `GET /documents/reports` | the dossiers, where each stands and until when it has to be answered |
//! | `GET`, `POST /documents/{kind}/report` | says which field is wrong and what it should say |
//!
//! **Invariant:** a report is acknowledged once it is kept; it reaches the source as soon as that answers, and only once.
//! **Invariant:** what the source answered is told to the citizen, and a mended record is shown at once.

use axum::Router;
use axum::routing::get;
use db::Tx;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::rules::Kind;
use crate::app::App;
use crate::registries::Proposed;
use crate::shell::ids::{PersonId, id};
use crate::shell::jobs::{self as outbox, Order, Runner};
use crate::shell::problem::Problem;

mod http;
mod jobs;
mod rules;
mod store;

#[cfg(test)]
mod tests;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/documents/reports", get(http::list))
        .route("/documents/{kind}/report", get(http::ask).post(http::report))
}

pub(super) fn learn(runner: &mut Runner) {
    runner.learn::<jobs::SendReport>();
    runner.learn::<jobs::AskAnswer>();
}

id! {
    /// A report of wrong data.
    ReportId
}

/// What is wrong, as the citizen says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Content {
    /// The number printed on the paper; may be empty.
    pub(super) document: String,
    /// What is wrong in it, in one dossier: the source decides on all of it together.
    pub(super) changes: Vec<Proposed>,
    /// In the citizen's words; may be empty.
    pub(super) note: String,
}

/// A report, ready to be kept.
#[derive(Clone)]
pub(super) struct Report {
    person: PersonId,
    id: ReportId,
    kind: Kind,
    /// The names of the fields, separated by spaces.
    fields: String,
    content_sealed: Vec<u8>,
    at: Timestamp,
    due_at: Timestamp,
    order: Order,
}

impl Report {
    /// Prepares a report about fields of one paper.
    ///
    /// # Errors
    /// If it cannot be sealed, or the calendar does not know the year of the deadline.
    pub(super) fn draw(app: &App, person: PersonId, kind: Kind, content: &Content) -> Result<Self, Problem> {
        let fields: Vec<&str> = content.changes.iter().map(|change| change.field.as_str()).collect();
        let (id, at) = (ReportId::draw(&app.chance), app.clock.now());
        let due_at = app.calendar.add_working_days(at, app.config.registries.correction_days);
        Ok(Self {
            person,
            id,
            kind,
            fields: fields.join(" "),
            content_sealed: app
                .vault
                .seal_record("document_report", "content", id.bytes(), content)?,
            at,
            due_at: due_at.map_err(Problem::internal)?,
            order: Order::now(app, &jobs::SendReport { person, report: id }),
        })
    }
}

/// Keeps a report and orders that it is sent.
///
/// # Errors
/// Those of the database.
pub(super) fn keep(tx: &mut Tx<'_>, report: &Report) -> Result<(), db::Error> {
    store::insert(tx, report)?;
    outbox::enqueue(tx, &report.order)
}
