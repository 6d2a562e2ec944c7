//! Lists of guests (*danh sách khách*), as hotels and hospitals keep them in a spreadsheet: read line by line.
//!
//! | request | what it does |
//! | --- | --- |
//! | `GET /stays/list.csv` | an empty list with its columns |
//!
//! **Invariant:** a line that is wrong is told by its number and reason, and is never among the guests; the others are kept as typed.

use axum::Router;
use axum::routing::get;

use crate::app::App;

mod http;
mod rules;

#[cfg(test)]
pub(super) mod tests;

pub(super) use rules::{Refused, Unread, read};

pub(super) fn routes() -> Router<App> {
    Router::new().route("/stays/list.csv", get(http::template))
}
