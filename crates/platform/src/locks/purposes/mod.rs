//! Locks by purpose: what a citizen does not want relying parties to get, and when. They lock nothing by law; the citizen sets and lifts them.
//!
//! | request | what it does |
//! | --- | --- |
//! | `GET /account/locks/purposes` | the locks, and what can be locked |
//! | `POST /account/locks/purposes` | sets one: `purpose` (`loans`, `ekyc`, `partner`), `client_id`, `from`, `to` |
//! | `POST /account/locks/purposes/lift` | lifts one: `lock`, `passcode` |
//!
//! **Invariant:** a relying party gets nothing for a purpose that the person has locked, and both are told why.

use axum::Router;
use axum::routing::{get, post};
use db::Conn;
use jiff::Timestamp;

use crate::app::App;
use crate::shell::ids::{PersonId, id};

mod http;
mod rules;
mod store;

#[cfg(test)]
mod tests;

pub(crate) use rules::{Asking, Refusal};

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/account/locks/purposes", get(http::show).post(http::set))
        .route("/account/locks/purposes/lift", post(http::lift))
}

id! {
    /// A lock by purpose.
    PurposeLockId
}

/// Why a relying party gets nothing about a person now: a legal lock of the account, or a lock by purpose.
///
/// # Errors
/// Those of the database.
pub(crate) fn refusal(
    conn: &mut Conn<'_>,
    person: &PersonId,
    asking: &Asking<'_>,
    now: Timestamp,
) -> Result<Option<Refusal>, db::Error> {
    if super::standing(conn, person)?.account_locked() {
        return Ok(Some(Refusal::AccountLocked));
    }
    let locks = store::list(conn, person)?;
    Ok(locks.iter().find_map(|lock| lock.refuses(asking, now)))
}
