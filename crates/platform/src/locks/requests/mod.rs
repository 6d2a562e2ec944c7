//! Requests of competent bodies (Luật Căn cước, article 34.1.đ; Decree 69/2024, articles 29.4, 30.4): a written request comes to any police, is
//! forwarded within one working day, and decided by the ministry within two more; a refusal gives its reason.
//!
//! | request | what it does |
//! | --- | --- |
//! | `GET`, `POST /officers/locks` | what waits; receives a request: `number`, `full_name`, `word`, `body`, `document`, `reason` |
//! | `GET /officers/locks/{id}` | a request, with its time limits, and the answer to the body |
//! | `POST /officers/locks/{id}/forward` | forwards it to the ministry |
//! | `POST /officers/locks/{id}/decision` | the ministry grants or refuses: `decision`, `answer` |
//!
//! **Invariant:** who received a request does not decide it.
//! **Invariant:** a request is decided once, after it was forwarded.

use axum::Router;
use axum::routing::{get, post};

use crate::app::App;
use crate::shell::ids::id;

mod http;
mod rules;
mod store;

#[cfg(test)]
mod tests;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/officers/locks", get(http::list).post(http::receive))
        .route("/officers/locks/{id}", get(http::show))
        .route("/officers/locks/{id}/forward", post(http::forward))
        .route("/officers/locks/{id}/decision", post(http::decide))
}

id! {
    /// A request of a competent body.
    RequestId
}
