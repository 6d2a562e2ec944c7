//! Help (*trợ giúp*): questions and answers, the hotline, and which source does not answer at the moment.
//!
//! | request | what it does |
//! | --- | --- |
//! | `GET /help` | questions by topic, the hotline, the ways to get further |
//! | `GET /help/outages` | which source databases do not answer, since when, and what that means |
//!
//! The questions are data (`questions.toml`), found by the search of the first page.
//!
//! **Invariant:** an outage that people may feel is told to everybody, in plain words, as soon as the platform knows of it.

use axum::Router;
use axum::middleware::map_response;
use axum::routing::get;

use crate::app::{App, Capability};
use crate::shell::finding::Wanted;
use crate::shell::page::same_for_all;
use crate::shell::texts;

mod http;
mod rules;

#[cfg(test)]
mod tests;

pub(crate) use rules::Question;

pub(crate) const CAPABILITY: Capability = Capability {
    texts: texts::source!(),
    routes,
    jobs: |_| {},
    only_in_sandbox: false,
};

fn routes() -> Router<App> {
    Router::new()
        .route("/help", get(http::show))
        .route("/help/outages", get(http::outages))
        .layer(map_response(same_for_all))
}

/// The questions that answer a search, the best first.
pub(crate) fn found(wanted: &Wanted) -> Vec<Question> {
    rules::found(wanted).into_iter().cloned().collect()
}
