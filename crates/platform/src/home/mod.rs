//! The first page: every utility of the platform as a tile, in its group, with favourites and a search; and where partners' services begin.
//!
//! | request | what it does |
//! | --- | --- |
//! | `GET /` | the tiles, those that the person pinned first; for who is not signed in also where to begin |
//! | `POST /favourites` | `pin` or `unpin`: the id of a tile |
//! | `GET /tiles/{id}` | opens a tile; who lacks the level is told what to do first |
//! | `GET /search?q=` | finds tiles, procedures, guide, answers and news by words, with or without their marks |
//! | `GET /services` | public services of partners, each with the address where its sign-in begins |
//!
//! The tiles are data (`tiles.toml`): a utility adds its own.
//!
//! **Invariant:** every tile leads to a page that answers.
//! **Invariant:** whatever is typed into the search is a text to look for and nothing else.

use axum::Router;
use axum::routing::{get, post};

use crate::app::{App, Capability};
use crate::shell::texts;

mod http;
mod rules;
mod store;

#[cfg(test)]
mod tests;

pub(crate) use rules::{Tile, tile, tiles};

pub(crate) const CAPABILITY: Capability = Capability {
    texts: texts::source!(),
    routes,
    jobs: |_| {},
    only_in_sandbox: false,
};

fn routes() -> Router<App> {
    Router::new()
        .route("/", get(http::show))
        .route("/favourites", post(http::favour))
        .route("/tiles/{id}", get(http::open))
        .route("/search", get(http::search))
        .route("/services", get(http::services))
}
