//! Showing papers (*xuất trình giấy tờ*): the holder chooses papers for one receiver's purpose, and one code lets that receiver see them, once.
//!
//! | request | what it does |
//! | --- | --- |
//! | `GET /documents/handovers` | to whom (`purpose`), which papers, for whom (`whose`); what was shown before |
//! | `POST /documents/handovers` | makes the code, for the passcode: `purpose`, `paper-{kind}`, `whose` |
//! | `GET /documents/handovers/{id}` | the code, and what became of it |
//! | `POST /documents/handovers/{id}/end` | takes it back |
//!
//! **Invariant:** a code shows papers to the first receiver of its purpose, within `rules::LIFE`, and to nobody after; taken back it shows nothing.
//! **Invariant:** of each chosen paper the receiver sees what its purpose allows, and of no other paper anything.
//! **Invariant:** who saw which papers, for what and when is in the history before it is shown, with its legal effect.

use ::http::StatusCode;
use axum::Router;
use axum::routing::{get, post};
use db::Tx;
use jiff::Timestamp;

use super::rules::Kind;
use crate::app::App;
use crate::inspection;
use crate::locks;
use crate::registries::Subject;
use crate::shell::ids::{PersonId, id};
use crate::shell::problem::Problem;

mod http;
mod rules;
mod store;

#[cfg(test)]
mod tests;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/documents/handovers", get(http::ask).post(http::make))
        .route("/documents/handovers/{id}", get(http::show))
        .route("/documents/handovers/{id}/end", post(http::end))
}

id! {
    /// A handover: chosen papers and the code that shows them.
    HandoverId
}

/// A handover that a receiver may open.
#[derive(Clone, Debug)]
pub(crate) struct Handover {
    /// Who made it.
    pub(crate) person: PersonId,
    pub(crate) id: HandoverId,
    /// What the receiver checks people for.
    pub(crate) purpose: inspection::Purpose,
    /// The papers that were chosen.
    pub(crate) kinds: Vec<Kind>,
    /// Whose papers, where not the maker's own.
    pub(crate) whose: Option<Subject>,
}

fn over() -> Problem {
    Problem::new("documents-handover-over", StatusCode::GONE)
}

/// The handover of a code that was read; `None` for a code of another kind.
pub(crate) fn of_code(app: &App, code: &str) -> Option<HandoverId> {
    let path = code.trim().strip_prefix(app.config.public_url.as_str())?;
    path.strip_prefix("/inspection/papers/")?.parse().ok()
}

/// A handover that can still be opened. A maker whose card is locked shows nothing.
///
/// # Errors
/// `documents-handover-over`; those of the database.
pub(crate) async fn find(app: &App, id: HandoverId) -> Result<Handover, Problem> {
    let now = app.clock.now();
    let row = app
        .db
        .read(move |conn| {
            let Some(row) = store::find(conn, &id)? else {
                return Ok(None);
            };
            let locked = locks::standing(conn, &row.person)?.eid_locked();
            Ok::<_, db::Error>(Some(row).filter(|_| !locked))
        })
        .await?;
    let row = row
        .filter(|row| row.state(now) == rules::State::Open)
        .ok_or_else(over)?;
    Ok(Handover {
        whose: row.whose(app)?,
        person: row.person,
        id,
        purpose: row.purpose,
        kinds: row.kinds,
    })
}

/// The opening of a handover by a receiver, ready to be written.
#[derive(Clone)]
pub(crate) struct Opening {
    person: PersonId,
    id: HandoverId,
    by_sealed: Vec<u8>,
    at: Timestamp,
}

impl Opening {
    pub(crate) fn draw(app: &App, handover: &Handover, by: &str) -> Self {
        Self {
            person: handover.person,
            id: handover.id,
            by_sealed: app
                .vault
                .seal_text("document_handover", "seen_by", handover.id.bytes(), by),
            at: app.clock.now(),
        }
    }

    /// Opens it for this receiver alone.
    ///
    /// # Errors
    /// `documents-handover-over` for whoever comes second or too late; those of the database.
    pub(crate) fn write(&self, tx: &mut Tx<'_>) -> Result<(), Problem> {
        if store::open(tx, (&self.person, &self.id), &self.by_sealed, self.at)? {
            return Ok(());
        }
        Err(over())
    }
}
