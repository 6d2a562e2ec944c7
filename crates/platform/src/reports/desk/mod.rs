//! The desk of the unit: what it has received, and what it does about it.
//!
//! **Invariant:** an officer sees and changes only what the policies give the officer's unit; who is shown a named report is written down first.

use axum::Router;
use axum::routing::{get, post};

use crate::app::App;

mod http;
mod list;
mod rules;

#[cfg(test)]
mod tests;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/officers/reports", get(list::http::list))
        .route("/officers/reports/{id}", get(http::show))
        .route("/officers/reports/{id}/attachments/{place}", get(http::attachment))
        .route("/officers/reports/{id}/{act}", post(http::act))
}
