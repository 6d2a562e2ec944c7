//! Where one officer hands an article on, and another approves it.
//!
//! | request | what it does |
//! | --- | --- |
//! | `GET /officers/news/{id}` | an article as its readers will see it, and what this officer can do with it |
//! | `GET /officers/news/{id}/picture` | its picture |
//! | `POST /officers/news/{id}/submission` | its writer hands it to another officer |
//! | `POST /officers/news/{id}/review` | another officer approves the version that was read, or gives it back: `decision`, `version`, `why` |
//! | `POST /officers/news/{id}/withdrawal` | takes it back: `why` |
//!
//! **Invariant:** who may approve is decided by the policies; nobody approves the own text, whatever they say.

use axum::Router;
use axum::routing::{get, post};

use crate::app::App;

pub(super) mod http;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/officers/news/{article}", get(http::show))
        .route("/officers/news/{article}/picture", get(http::picture))
        .route("/officers/news/{article}/submission", post(http::submit))
        .route("/officers/news/{article}/review", post(http::review))
        .route("/officers/news/{article}/withdrawal", post(http::withdraw))
}
