//! Originals at the counter (F28): an officer who has seen the original of a paper takes it up for its holder, who is present or has come for level 2.
//!
//! The paper is looked up and compared as a declared one is. What the source does not know, or keeps under something else, goes to it as one dossier,
//! which says that an officer has seen the original.
//!
//! | request | what it does |
//! | --- | --- |
//! | `GET`, `POST /counter/originals` | takes an original up for somebody of level 2: number and name of the person, kind and numbers of the paper |
//!
//! **Invariant:** the holder's history names the officer, and the holder is told what the source answers.
//! **Invariant:** what was noted at an application for level 2 is taken up once, when level 2 is granted, and never before.

use axum::Router;
use axum::routing::get;
use crypto::digest::sha256;
use db::Tx;
use serde::{Deserialize, Serialize};

use super::integration::{Declaration, DeclarationId, DeclareForm, Declared, Line, examine};
use super::reports::{self, Content, Report};
use crate::accounts::Account;
use crate::app::App;
use crate::registries::Proposed;
use crate::shell::ids::PersonId;
use crate::shell::jobs::{self as outbox, JobId, Order, Runner};
use crate::shell::problem::{Fault, Problem};
use crate::shell::texts::Lang;

mod http;
mod jobs;

#[cfg(test)]
mod tests;

pub(super) fn routes() -> Router<App> {
    Router::new().route("/counter/originals", get(http::ask).post(http::take_up))
}

pub(super) fn learn(runner: &mut Runner) {
    runner.learn::<jobs::TakeUpOriginals>();
}

/// What is printed on an original that an officer has seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Printed {
    /// The word of its kind, as the wallet of documents has it.
    pub(crate) kind: String,
    /// Its number.
    pub(crate) number: String,
    /// What else is asked for: class, chassis; empty for insurance.
    #[serde(default)]
    pub(crate) second: String,
}

impl Printed {
    /// Whether it can be read as that kind of paper has it.
    pub(crate) fn is_sound(&self) -> bool {
        self.read().is_ok()
    }

    fn read(&self) -> Result<Declared, Vec<Fault>> {
        let form = DeclareForm {
            kind: self.kind.clone(),
            number: self.number.clone(),
            second: self.second.clone(),
        };
        form.check()
    }
}

/// Orders that the originals of an application's record are taken up, in the unit of work that grants level 2.
///
/// # Errors
/// Those of the database.
pub(crate) fn order(tx: &mut Tx<'_>, app: &App, person: PersonId, record: &[u8]) -> Result<(), db::Error> {
    let noted: Noted = serde_json::from_slice(record).unwrap_or_default();
    if noted.printed.is_empty() {
        return Ok(());
    }
    let job = jobs::TakeUpOriginals {
        person,
        originals: noted.printed,
        by: noted.checked_by,
    };
    outbox::enqueue(tx, &Order::now(app, &job))
}

/// What the record of an application's originals says of this.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Noted {
    printed: Vec<Printed>,
    checked_by: String,
}

/// What became of an original.
#[derive(Clone)]
struct Taken {
    declaration: Declaration,
    /// The dossier to the source, where not all agrees.
    report: Option<Report>,
    lines: Vec<Line>,
}

impl Taken {
    /// Looks the paper up, compares it, and prepares what follows. The same name makes the same declaration.
    async fn draw(
        app: &App,
        account: &Account,
        (declared, by): (&Declared, &str),
        id: DeclarationId,
    ) -> Result<Self, Problem> {
        // What the source does not know at all, it does not know under the holder's number.
        let unknown = || {
            vec![Line {
                field: "number".to_owned(),
                own: account.number.as_str().to_owned(),
                agrees: false,
            }]
        };
        let lines = examine(app, account, declared).await?.unwrap_or_else(unknown);
        let declaration = Declaration::draw(app, (account.person, id), declared, &lines)?;
        let report = match declaration.matched() {
            "matched" => None,
            _ => Some(dossier(app, account, declared, (&lines, by))?),
        };
        Ok(Self {
            declaration,
            report,
            lines,
        })
    }

    /// Keeps it; false where that was done before.
    fn keep(&self, tx: &mut Tx<'_>) -> Result<bool, db::Error> {
        let first = self.declaration.keep(tx)?;
        if let Some(report) = self.report.as_ref().filter(|_| first) {
            self.declaration.correcting(tx)?;
            reports::keep(tx, report)?;
        }
        Ok(first)
    }
}

fn dossier(app: &App, account: &Account, declared: &Declared, (lines, by): (&[Line], &str)) -> Result<Report, Problem> {
    let differing = lines.iter().filter(|line| !line.agrees);
    let content = Content {
        document: declared.number.clone(),
        changes: differing
            .map(|line| Proposed {
                field: line.field.clone(),
                proposed: line.own.clone(),
            })
            .collect(),
        note: app.texts.say(Lang::Vi, "documents-original-note", &[("by", by.into())]),
    };
    Report::draw(app, account.person, declared.kind, &content)
}

/// The name of a job's original, the same however often the job is run.
fn name(job: JobId, at: usize) -> DeclarationId {
    let digest = sha256(&[job.bytes().as_slice(), &at.to_be_bytes()].concat());
    let mut name = [0; 16];
    for (place, byte) in name.iter_mut().zip(digest) {
        *place = byte;
    }
    DeclarationId::from(name)
}
