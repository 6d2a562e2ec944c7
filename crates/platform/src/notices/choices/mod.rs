//! How a person wishes to be told: which kinds by which ways, in which language, and when not to be disturbed.
//!
//! | request | what it does |
//! | --- | --- |
//! | `GET /notices/choices` | the wishes as they stand |
//! | `POST /notices/choices` | other wishes |
//!
//! **Invariant:** notices about a person's access and those with legal effect cannot be switched off.
//! **Invariant:** nothing that can wait is sent in the person's quiet hours, on the clock of Viet Nam.

use axum::Router;
use axum::routing::get;
use db::{Conn, Tx};

use crate::app::App;
use crate::shell::ids::PersonId;

mod http;
mod rules;
mod store;

#[cfg(test)]
mod tests;

pub(super) use rules::Wishes;

pub(super) fn routes() -> Router<App> {
    Router::new().route("/notices/choices", get(http::show).post(http::choose))
}

/// The wishes of a person, or the usual ones.
///
/// # Errors
/// Those of the database.
pub(super) fn find(conn: &mut Conn<'_>, person: &PersonId) -> Result<Wishes, db::Error> {
    Ok(store::find(conn, person)?.unwrap_or_default())
}

/// Forgets the wishes: the account is gone.
pub(super) fn forget(tx: &mut Tx<'_>, person: &PersonId) -> Result<(), db::Error> {
    store::remove(tx, person)
}
