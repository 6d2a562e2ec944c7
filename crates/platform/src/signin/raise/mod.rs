//! A stronger authentication within a session (step-up), where a service asks for more than the sign-in gave.
//!
//! | request | what it does |
//! | --- | --- |
//! | `GET /signin/raise?level=&next=` | the ways that there are |
//! | `POST /signin/raise/passcode` | by the passcode |
//! | `POST /signin/raise/code` | sends a code to the phone |
//! | `POST /signin/raise/phone` | by that code |
//! | `POST /signin/raise/passkey/challenge` | asks for one of the citizen's passkeys |
//! | `POST /signin/raise/passkey` | by that passkey |
//! | `POST /signin/raise/card` | invites a reader to bring the chip of the card: see `card` |
//! | `POST /signin/raise/card/portrait` | by the chip that was brought and the `portrait`, for levels 3 and 4 |
//!
//! **Invariant:** a session is raised to what its means reach together, and never lowered.

use axum::Router;
use axum::routing::{get, post};

use super::means::{self, Means};
use crate::app::App;
use crate::shell::session::Session;

mod card;
mod http;

#[cfg(test)]
mod tests;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/signin/raise", get(http::ask))
        .route("/signin/raise/passcode", post(http::by_passcode))
        .route("/signin/raise/code", post(http::send_code))
        .route("/signin/raise/phone", post(http::by_phone))
        .route("/signin/raise/passkey/challenge", post(http::challenge))
        .route("/signin/raise/passkey", post(http::by_passkey))
        .merge(card::routes())
}

/// Where a session is raised to a level, with the way back; `None` if it is there already. Whoever has an account has the card that leads to the
/// strongest one.
pub fn page(session: &Session, level: i64, back: &str) -> Option<String> {
    if session.assurance >= level {
        return None;
    }
    let back: String = url::form_urlencoded::byte_serialize(back.as_bytes()).collect();
    Some(format!("/signin/raise?level={level}&next={back}"))
}

/// Whether one more means would raise a session.
fn would_raise(session: &Session, more: &[Means]) -> bool {
    let all = [means::read(&session.methods), more.to_vec()].concat();
    means::level(&all) > session.assurance
}

/// The session with one more means.
pub(crate) fn raised(session: &Session, more: &str) -> Session {
    let methods = means::joined(&session.methods, more);
    Session {
        assurance: means::level(&means::read(&methods)).max(session.assurance),
        methods,
        ..session.clone()
    }
}
