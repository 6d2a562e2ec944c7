//! The e-mail address of a person: given, proved by a code that was sent there, taken out again.
//!
//! | request | what it does |
//! | --- | --- |
//! | `GET /notices/email` | the address in use, and one that waits for its code |
//! | `POST /notices/email` | sends a code to an `email` |
//! | `POST /notices/email/proof` | the `code`: the address is in use |
//! | `POST /notices/email/removal` | no e-mail any more |
//!
//! **Invariant:** nothing but one code is sent to an address that its holder has not proved.
//! **Invariant:** a code works once, for a few minutes and a few tries; so many are sent in a day.

use axum::Router;
use axum::routing::{get, post};
use db::Tx;

use crate::app::App;
use crate::shell::ids::PersonId;

mod http;
mod rules;
mod store;

#[cfg(test)]
mod tests;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/notices/email", get(http::show).post(http::give))
        .route("/notices/email/proof", post(http::prove))
        .route("/notices/email/removal", post(http::remove))
}

/// Forgets an address that waits for its code: the account is gone.
///
/// # Errors
/// Those of the database.
pub(super) fn forget(tx: &mut Tx<'_>, person: &PersonId) -> Result<(), db::Error> {
    store::remove(tx, person)
}
