//! Chosen papers, opened by the receiver to whom they are shown: of each what the receiver's purpose may see.
//!
//! | request | what it does |
//! | --- | --- |
//! | `GET /inspection/papers/{id}` | what the code asks for, before it is opened |
//! | `POST /inspection/papers/{id}` | opens it, once; `POST /inspection` with the code does the same |
//!
//! **Invariant:** a receiver of another purpose sees nothing, and does not use the code up.

use axum::Router;
use axum::routing::get;

use crate::app::App;

pub(super) mod http;
mod rules;

#[cfg(test)]
mod tests;

pub(super) fn routes() -> Router<App> {
    Router::new().route("/inspection/papers/{id}", get(http::knock).post(http::enter))
}
