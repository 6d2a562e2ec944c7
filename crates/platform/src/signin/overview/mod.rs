//! The citizen's security page: every means of signing in at a glance, and whether wrong attempts lock one of them.
//!
//! | request | what it does |
//! | --- | --- |
//! | `GET /account/security` | the page |
//!
//! The security lock told here comes from wrong attempts and goes by itself. It is not the legal lock of Decree 69/2024, article 15.

use axum::Router;
use axum::routing::get;

use crate::app::App;

mod http;

pub(super) fn routes() -> Router<App> {
    Router::new().route("/account/security", get(http::show))
}
