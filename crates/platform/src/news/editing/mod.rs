//! Where officers write news.
//!
//! | request | what it does |
//! | --- | --- |
//! | `GET /officers/news` | what was written for the places of this officer, and where each stands |
//! | `GET`, `POST /officers/news/new` | the form; writes a draft |
//! | `GET`, `POST /officers/news/{id}/edit` | its writer changes it |
//!
//! **Invariant:** who writes for which place is decided by the policies.

use axum::Router;
use axum::routing::get;

use crate::app::App;

mod http;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/officers/news", get(http::list))
        .route("/officers/news/new", get(http::begin).post(http::write))
        .route("/officers/news/{article}/edit", get(http::edit).post(http::rewrite))
}
