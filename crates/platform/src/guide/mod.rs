//! The user guide (*hướng dẫn sử dụng*; F58): a page for the utilities of each level, to read, to search, to print, to download.
//!
//! | request | what it does |
//! | --- | --- |
//! | `GET /guide` | all pages by level; the downloads, by link and by QR code |
//! | `GET /guide/{page}` | one page |
//! | `/guide/pdf/…`, `/guide/code/…` | the guide to take along: `download` |
//!
//! The pages are data (`*.toml`), texts of [`crate::shell::prose`] in both languages. They are found by the search of the first page.
//!
//! **Invariant:** each utility of the first page is explained, in both languages, and every link in it leads somewhere.

use axum::Router;
use axum::middleware::map_response;
use axum::routing::get;

use crate::app::{App, Capability};
use crate::shell::finding::Wanted;
use crate::shell::page::same_for_all;
use crate::shell::texts;

mod download;
mod http;
mod rules;

#[cfg(test)]
mod tests;

pub(crate) use rules::Entry;

pub(crate) const CAPABILITY: Capability = Capability {
    texts: texts::source!(),
    routes,
    jobs: |_| {},
    only_in_sandbox: false,
};

fn routes() -> Router<App> {
    Router::new()
        .route("/guide", get(http::list))
        .route("/guide/{page}", get(http::show))
        .layer(map_response(same_for_all))
        .merge(download::routes())
}

/// The pages that answer a search, the best first.
pub(crate) fn found(wanted: &Wanted) -> Vec<Entry> {
    rules::found(wanted).into_iter().map(Entry::from).collect()
}
