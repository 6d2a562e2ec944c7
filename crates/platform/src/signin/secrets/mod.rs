//! Change of password and passcode; doing without a password.
//!
//! | request | what it does |
//! | --- | --- |
//! | `GET /account/security/password` | the form |
//! | `POST /account/security/password` | a new one: `secret` (the password so far, else the passcode), `password`, `repeat` |
//! | `POST /account/security/password/remove` | none any more, once there is a passkey: `secret` |
//! | `GET /account/security/passcode` | the form |
//! | `POST /account/security/passcode` | a new one: `current`, `passcode`, `repeat` |
//!
//! **Invariant:** whoever sets a new secret has shown the present one.
//! **Invariant:** a new password ends every other session of its holder, and the holder is told.

use axum::Router;
use axum::routing::{get, post};

use crate::app::App;

mod http;

#[cfg(test)]
mod tests;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route(
            "/account/security/password",
            get(http::ask_password).post(http::set_password),
        )
        .route("/account/security/password/remove", post(http::remove_password))
        .route(
            "/account/security/passcode",
            get(http::ask_passcode).post(http::set_passcode),
        )
}
