//! The sessions of a citizen, and signing out from afar.
//!
//! | request | what it does |
//! | --- | --- |
//! | `GET /account/security/sessions` | where the citizen is signed in |
//! | `POST /account/security/sessions/{session}/end` | signs out there |
//! | `POST /account/security/sessions/end-others` | signs out everywhere but here |

use axum::Router;
use axum::routing::{get, post};

use crate::app::App;

mod http;

#[cfg(test)]
mod tests;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/account/security/sessions", get(http::list))
        .route("/account/security/sessions/end-others", post(http::end_others))
        .route("/account/security/sessions/{session}/end", post(http::end))
}
