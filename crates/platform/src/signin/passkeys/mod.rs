//! The citizen's passkeys, and signing in by one.
//!
//! | request | what it does |
//! | --- | --- |
//! | `GET /account/security/passkeys` | the passkeys |
//! | `POST /account/security/passkeys/challenge` | begins to make one, confirmed by `secret` |
//! | `POST /account/security/passkeys` | keeps it: `ceremony`, `credential`, `label` |
//! | `POST /account/security/passkeys/{id}/remove` | removes one, confirmed by `secret` |
//! | `POST /signin/passkey/challenge` | asks for the proof of a passkey, whosever it is |
//! | `POST /signin/passkey` | opens a session by it: `ceremony`, `credential`, `next` |
//!
//! **Invariant:** nobody makes or removes a passkey by a session alone: the passcode, the password or a fresh passkey confirms it.
//! **Invariant:** the last means of signing in is never removed.

use axum::Router;
use axum::routing::{get, post};

use crate::app::App;

mod http;

#[cfg(test)]
mod tests;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/account/security/passkeys", get(http::list).post(http::keep))
        .route("/account/security/passkeys/challenge", post(http::begin))
        .route("/account/security/passkeys/{passkey}/remove", post(http::remove))
        .route("/signin/passkey/challenge", post(http::ask))
        .route("/signin/passkey", post(http::open))
}
