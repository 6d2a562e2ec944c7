//! Following an anonymous report by its code: without signing in, so that not even the session says who follows.

use axum::Router;
use axum::routing::{get, post};

use crate::app::App;

mod http;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/reports/follow", get(http::enter).post(http::show))
        .route("/reports/follow/messages", post(http::say))
}
