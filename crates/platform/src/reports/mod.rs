//! Reports of crimes (*tố giác tội phạm*), feedback and petitions (*phản ánh, kiến nghị*) on security and order: sent to the unit of the place, answered
//! there, talked about in both directions.
//!
//! | request | what it does |
//! | --- | --- |
//! | `GET /reports` | the ten newest of the own reports; `month`, `state`, `kind`, `q` choose |
//! | `GET /reports/new` | the form: `kind`, and `province` for the picker of communes |
//! | `POST /reports/new` | sends a report, with files |
//! | `GET /reports/sent/{link}` | one of the own: where it stands, its trace, the messages |
//! | `POST /reports/sent/{link}/messages` | writes to the unit: `text` |
//! | `GET`, `POST /reports/follow`, `POST /reports/follow/messages` | the same of an anonymous one by its `code`, without signing in |
//! | `GET /officers/reports` | for the unit: what it has received, what waits longest first; `state`, `kind`, `q` choose, `after` goes on |
//! | `GET /officers/reports/{id}`, `/attachments/{n}` | one of them, and its files |
//! | `POST /officers/reports/{id}/{act}` | `receive`, `check`, `ask`, `answer`, `refuse`, `forward` |
//!
//! An anonymous report (docs/decisions/0045-anonymous-reports.md) has a code that only its sender is shown, once. What the sender's account keeps of
//! any report is sealed for that account, without a time; a sender who does not want even that keeps the code alone, and then nothing leads back.
//!
//! **Invariant:** no row, page, file, history or log of the receiving unit leads from an anonymous report to its sender.
//! **Invariant:** an officer who sees a named report is in its sender's history; one who sees an anonymous report is in nobody's.
//! **Invariant:** an anonymous report never goes to the unit of its sender's home by itself, nor names an organisation.
//! **Invariant:** a form that is sent twice is one report.

use ::http::StatusCode;
use axum::Router;
use axum::routing::{get, post};
use db::{Conn, Tx};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::app::{App, Capability};
use crate::notices::{self, Note};
use crate::officers;
use crate::shell::ids::{PersonId, id};
use crate::shell::problem::Problem;
use crate::shell::texts;
use crate::shell::vault::{Unreadable, Vault};
use crate::statistics::{self, Measure, Spot};
use rules::{Content, Kind, Place, State, Word};

mod attachments;
mod desk;
mod follow;
mod form;
mod http;
mod rules;
mod sending;
mod store;

#[cfg(test)]
mod tests;

pub(crate) const CAPABILITY: Capability = Capability {
    texts: texts::source!(),
    routes,
    jobs: |_| {},
    only_in_sandbox: false,
};

fn routes() -> Router<App> {
    Router::new()
        .route("/reports", get(http::list))
        .route("/reports/new", get(sending::http::ask).post(sending::http::send))
        .route("/reports/sent/{link}", get(http::show))
        .route("/reports/sent/{link}/messages", post(http::say))
        .merge(follow::routes())
        .merge(desk::routes())
}

id! {
    /// A report.
    ReportId
}

id! {
    /// Something that happened to a report.
    EntryId
}

id! {
    /// What a sender keeps of a report.
    LinkId
}

/// Who sent a named report.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Sender {
    person: PersonId,
    full_name: String,
    number: String,
    phone: String,
}

/// What a sender keeps: which report, and when it was sent.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Link {
    report: ReportId,
    at: Timestamp,
}

/// A report, opened.
#[derive(Clone)]
struct Report {
    row: store::Row,
    content: Content,
    sender: Option<Sender>,
    steps: Vec<Step>,
    files: Vec<store::Attached>,
}

/// Something that happened to a report, as both sides see it.
#[derive(Clone, Serialize)]
struct Step {
    word: Word,
    at: Timestamp,
    /// The name of the unit.
    unit: String,
    /// The officer who did it; empty for the sender.
    by: String,
    text: String,
}

impl Step {
    /// Whether it is of the sender.
    fn is_mine(&self) -> bool {
        matches!(self.word, Word::Sent | Word::Said)
    }
}

/// A report, opened, with what happened to it.
///
/// # Errors
/// Those of the database, and sealed data that cannot be opened.
fn load(conn: &mut Conn<'_>, vault: &Vault, report: &ReportId) -> Result<Option<Report>, Problem> {
    let Some(row) = store::find(conn, report)? else {
        return Ok(None);
    };
    let steps = store::entries(conn, report)?
        .into_iter()
        .map(|entry| step(vault, &entry));
    Ok(Some(Report {
        content: content(vault, &row)?,
        sender: sender(vault, &row)?,
        steps: steps.collect::<Result<_, _>>()?,
        files: store::attachments(conn, report)?,
        row,
    }))
}

fn content(vault: &Vault, row: &store::Row) -> Result<Content, Unreadable> {
    vault.open_record("report", "content", row.report.bytes(), &row.content_sealed)
}

fn sender(vault: &Vault, row: &store::Row) -> Result<Option<Sender>, Unreadable> {
    let sealed = row.sender_sealed.as_ref();
    sealed
        .map(|sealed| vault.open_record("report", "sender", row.report.bytes(), sealed))
        .transpose()
}

fn step(vault: &Vault, entry: &store::Entry) -> Result<Step, Unreadable> {
    let row = entry.entry.bytes();
    Ok(Step {
        word: entry.word,
        at: entry.at,
        unit: officers::unit(&entry.unit),
        by: vault.open_text("report_entry", "by", row, &entry.by_sealed)?,
        text: vault.open_text("report_entry", "text", row, &entry.text_sealed)?,
    })
}

/// Prepares something that happens to a report now. `by` is empty for its sender, named or not.
fn entry(app: &App, word: Word, unit: &str, by: &str, text: &str) -> store::Entry {
    let entry = EntryId::draw(&app.chance);
    store::Entry {
        at: app.clock.now(),
        word,
        unit: unit.to_owned(),
        by_sealed: app.vault.seal_text("report_entry", "by", entry.bytes(), by),
        text_sealed: app.vault.seal_text("report_entry", "text", entry.bytes(), text),
        entry,
    }
}

fn link_row(person: &PersonId, link: &LinkId) -> Vec<u8> {
    [&person.bytes()[..], &link.bytes()[..]].concat()
}

fn open_link(vault: &Vault, person: &PersonId, (link, sealed): (&LinkId, &[u8])) -> Result<Link, Unreadable> {
    vault.open_record("report_link", "link", &link_row(person, link), sealed)
}

/// The digest by which a report is found from its code.
fn code_digest(vault: &Vault, code: [u8; 10]) -> [u8; 32] {
    vault.digest("report-code", &code)
}

/// Does something to a report, and counts it under the kind, the state and the unit that it has then (`statistics`).
///
/// # Errors
/// Those of what is done, and of the database.
fn counting(
    tx: &mut Tx<'_>,
    report: &ReportId,
    now: Timestamp,
    act: impl FnOnce(&mut Tx<'_>) -> Result<(), Problem>,
) -> Result<(), Problem> {
    let before = store::counted(tx, report)?;
    act(tx)?;
    let after = store::counted(tx, report)?;
    let spots = (before.as_ref(), after.as_ref());
    statistics::moved(tx, Measure::Reports, report.bytes(), spots, now)?;
    Ok(())
}

/// How many reports there are, by kind, state and unit: counts every one, which takes its time.
///
/// # Errors
/// Those of the database.
pub(crate) fn counted(conn: &mut Conn<'_>) -> Result<Vec<(Spot, i64)>, db::Error> {
    store::count_all(conn)
}

/// The sender writes to the unit.
///
/// # Errors
/// `reports-over` once it is settled; those of the database.
fn said(tx: &mut Tx<'_>, report: &ReportId, entry: &store::Entry) -> Result<(), Problem> {
    let row = store::find(tx, report)?.ok_or_else(Problem::not_found)?;
    if row.state.after(Word::Said).is_none() {
        return Err(Problem::new("reports-over", StatusCode::CONFLICT));
    }
    let mut entry = entry.clone();
    entry.unit = row.unit;
    Ok(store::add_entry(tx, report, &entry)?)
}

/// What the sender of a named report is told of something that the unit did; what, the page says. An anonymous sender is never written to.
fn note(report: &Report, entry: &store::Entry) -> Note {
    let once = format!("report-{}", entry.entry);
    Note::new(notices::Kind::Progress, "reports-told", once)
        .with("number", &report.row.number)
        .link("/reports")
}

/// What both sides see of a report.
#[derive(Clone, Serialize)]
struct Facts {
    number: String,
    kind: Kind,
    state: State,
    /// The name of the unit.
    unit: String,
    sent_at: Timestamp,
    urgent: bool,
    anonymous: bool,
    due_at: Option<Timestamp>,
    law: Option<&'static str>,
    matters: Vec<String>,
    place: Option<String>,
    happened: String,
    summary: String,
    involved: String,
    organisation: Option<rules::Organisation>,
    over: bool,
}

impl Facts {
    fn of(report: &Report) -> Self {
        let (row, content) = (&report.row, report.content.clone());
        let sent_on = crate::shell::clock::civil_date(row.sent_at);
        Self {
            number: row.number.clone(),
            kind: row.kind,
            state: row.state,
            unit: officers::unit(&row.unit),
            sent_at: row.sent_at,
            urgent: row.urgent_at.is_some(),
            anonymous: row.sender_sealed.is_none(),
            due_at: row.due_at,
            law: row.kind.limit(sent_on).map(|limit| limit.law),
            matters: content.matters,
            place: content.place.as_ref().map(Place::text),
            happened: content.happened,
            summary: content.summary,
            involved: content.involved,
            organisation: content.organisation,
            over: row.state.is_over(),
        }
    }

    fn badge(&self) -> &'static str {
        match self.state {
            State::Answered => "good",
            State::Refused => "bad",
            State::Sent | State::Received | State::Checking => "info",
        }
    }

    /// The last part of the sentence that names a matter.
    fn matter(&self, word: &str) -> String {
        matter(self.kind, word)
    }
}

/// The sentence that names what a report is about.
fn matter(kind: Kind, word: &str) -> String {
    match kind {
        Kind::Crime => format!("reports-act-{word}"),
        Kind::Feedback | Kind::Petition => format!("reports-topic-{word}"),
    }
}
