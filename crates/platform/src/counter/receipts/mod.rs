//! Receipts: whether one that somebody shows was given by a counter.
//!
//! | request | what it does |
//! | --- | --- |
//! | `GET /receipts` | the form; with `number` and `code` also the answer |
//!
//! **Invariant:** the page says yes or no, and nothing about the application or the person
//! (`a_receipt_is_verified_and_nothing_else_is_told`).

use axum::Router;
use axum::routing::get;

use crate::app::App;

mod http;
mod rules;

#[cfg(test)]
mod tests;

pub(super) use http::Receipt;

pub(super) fn routes() -> Router<App> {
    Router::new().route("/receipts", get(http::check))
}
