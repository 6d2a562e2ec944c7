//! A service asks for a person who is not in front of its browser, and the person approves in the app (OpenID Connect CIBA, FAPI-CIBA).
//!
//! | request | what it does |
//! | --- | --- |
//! | `POST /sso/backchannel` | a relying party asks |
//! | `GET /account/requests` | what waits for the citizen's answer |
//! | `POST /account/requests/{request}` | yes, by the passcode, or no |
//! | `POST /account/requests/{request}/passkey` | yes, by a passkey |
//!
//! Both screens show the same words. Where more than one request waits, whoever approves has to type those of the other screen: a request that
//! somebody else sends at the same moment cannot be approved by mistake.
//!
//! **Invariant:** the relying party cannot tell whether its hint means somebody.
//! **Invariant:** a request is answered once, and gives tokens once.

use axum::Router;
use axum::routing::{get, post};
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::shell::ids::id;

mod answers;
pub(super) mod http;
pub(super) mod jobs;
mod rules;
mod store;

#[cfg(test)]
mod tests;

pub(super) use store::know;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/sso/backchannel", post(http::ask))
        .route("/account/requests", get(answers::http::show))
        .route("/account/requests/{request}", post(answers::http::answer))
        .route("/account/requests/{request}/passkey", post(answers::http::by_passkey))
}

id! {
    /// A request of a service to a person.
    AskedId
}

/// What is kept sealed of a request.
#[derive(Clone, Serialize, Deserialize)]
struct Record {
    asked: oidc::backchannel::Asked,
    /// The name by which the service asks for tokens: it is called with it.
    auth_req_id: String,
}
