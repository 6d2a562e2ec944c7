//! Activation of a level that was approved (Decree 69/2024, article 14): within seven days, by the holder.
//!
//! | request | what it does |
//! | --- | --- |
//! | `GET /activation` | asks for number and phone; a citizen who is signed in is known already |
//! | `POST /activation` | sends a code |
//! | `GET /activation/{id}` | the step that comes now |
//! | `POST /activation/{id}/resend` | sends another code |
//! | `POST /activation/{id}/code` | confirms the code |
//! | `POST /activation/{id}/secrets` | sets passcode and security questions, the password where there is none; or confirms the passcode |
//!
//! **Invariant:** a stranger cannot tell whether a number has something to activate: what leads nowhere is answered and counted alike.
//! **Invariant:** a code is tried at most five times, works once and for five minutes; a number gets at most five in 24 hours.
//! **Invariant:** a level is activated only after a code, in the unit of work that sets the secrets, and never after the last day.

use axum::Router;
use axum::routing::{get, post};

use crate::app::App;
use crate::shell::ids::id;

mod http;
mod rules;
mod secrets;
mod store;

#[cfg(test)]
mod tests;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/activation", get(http::ask).post(http::start))
        .route("/activation/{id}", get(http::show))
        .route("/activation/{id}/resend", post(http::resend))
        .route("/activation/{id}/code", post(http::confirm))
        .route("/activation/{id}/secrets", post(secrets::http::finish))
}

id! {
    /// An activation under way.
    ActivationId
}
