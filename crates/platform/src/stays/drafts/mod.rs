//! Notifications that are being written: where, when, why, and the guests, one by one or by a list; then told in one go.
//!
//! | request | what it does |
//! | --- | --- |
//! | `GET /stays/new` | asks where: a facility of one's own (`facility`: its guests are sent to the desk), or another place by its address (`kind`, `province`) |
//! | `POST /stays/drafts` | opens a draft: `facility`; or `kind`, `name`, `commune`, `address` |
//! | `GET /stays/drafts/{id}` | the draft as typed |
//! | `POST /stays/drafts/{id}/guests` | adds a guest: typed; by the code of a card or an identity QR (`code`, or `picture`); the citizen (`own`) |
//! | `POST /stays/drafts/{id}/list` | adds the guests of a file (`list`), and keeps its wrong lines to be mended or dropped |
//! | `POST /stays/drafts/{id}/removal` | takes a guest out (`guest`), or drops the wrong lines (`lines`) |
//! | `POST /stays/drafts/{id}/submission` | tells: `alone` |
//! | `POST /stays/drafts/{id}/discarding` | throws it away |
//!
//! The page is one form, so whatever is pressed brings `from`, `to`, `reason` and the fields of a guest that is being typed, and they are kept.
//!
//! **Invariant:** a list with a wrong line is told once all lines are mended or dropped by the citizen, never by half.
//! **Invariant:** what was typed into a draft is lost by no button of its page, and a guest who was typed and not added stops the telling.
//! **Invariant:** a draft is gone two days after it was opened.

use axum::Router;
use axum::routing::{get, post};
use db::{Conn, Tx};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::DraftId;
use super::guests::{Guest, Typed};
use super::lists::Refused;
use super::rules::Place;
use crate::app::App;
use crate::shell::ids::PersonId;
use crate::shell::problem::Problem;
use crate::shell::vault::Vault;

mod adding;
mod http;
mod jobs;
mod place;
mod store;
mod telling;

#[cfg(test)]
mod tests;

pub(super) use jobs::Lapse;

/// How long a draft is kept.
const KEPT: SignedDuration = SignedDuration::from_hours(48);

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/stays/new", get(place::http::place))
        .route("/stays/drafts", post(place::http::open))
        .route("/stays/drafts/{id}", get(http::show))
        .route("/stays/drafts/{id}/guests", post(adding::http::add))
        .route("/stays/drafts/{id}/list", post(adding::http::add_list))
        .route("/stays/drafts/{id}/removal", post(http::remove))
        .route("/stays/drafts/{id}/submission", post(telling::http::tell))
        .route("/stays/drafts/{id}/discarding", post(http::discard))
}

/// What has been written.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Draft {
    place: Place,
    /// As typed.
    from: String,
    to: String,
    reason: String,
    /// A guest who is being typed.
    #[serde(default)]
    typed: Typed,
    guests: Vec<Guest>,
    /// The wrong lines of the last list.
    refused: Vec<Refused>,
}

impl Draft {
    fn seal(&self, vault: &Vault, id: &DraftId) -> Result<Vec<u8>, Problem> {
        Ok(vault.seal_record("stay_draft", "content", id.bytes(), self)?)
    }
}

/// A draft, as it stands.
fn find(
    conn: &mut Conn<'_>,
    vault: &Vault,
    (person, id): (&PersonId, &DraftId),
    now: Timestamp,
) -> Result<Draft, Problem> {
    let sealed = store::find(conn, person, id, now)?.ok_or_else(Problem::not_found)?;
    Ok(vault.open_record("stay_draft", "content", id.bytes(), &sealed)?)
}

/// Keeps a draft in place of what it was.
fn keep(tx: &mut Tx<'_>, vault: &Vault, (person, id): (&PersonId, &DraftId), draft: &Draft) -> Result<(), Problem> {
    let sealed = draft.seal(vault, id)?;
    Ok(store::replace(tx, person, id, &sealed)?)
}
