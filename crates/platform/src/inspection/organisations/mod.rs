//! Organisations outside the police whose people check people, and whom they have named.
//!
//! **Invariant:** only an administrator registers organisations and names inspectors; an inspector has an account of level 2.

use axum::Router;
use axum::routing::{get, post};

use crate::app::App;

mod http;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/inspection/organisations", get(http::list).post(http::register))
        .route("/inspection/organisations/{id}/inspectors", post(http::change))
}
