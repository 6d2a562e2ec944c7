//! Look-ups of an investigation, and the courts' orders that keep them from their holder until they lapse.
//!
//! **Invariant:** an order that has lapsed is never extended; its looks stay open.

use axum::Router;
use axum::routing::{get, post};

use crate::app::App;

mod http;
mod jobs;
mod rules;
mod store;

#[cfg(test)]
mod tests;

pub(super) use jobs::Lapse;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/officers/lookups", get(http::ask).post(http::look_up))
        .route("/officers/seals", get(http::list).post(http::enter))
        .route("/officers/seals/{id}", post(http::extend))
}
