//! The chip of the card and the face raise a session to level 3, and with something known to level 4 (Decree 69/2024, article 20.1).
//!
//! | request | what it does |
//! | --- | --- |
//! | `POST /signin/raise/card` | invites a reader: `level`, `next` |
//! | `POST /signin/raise/card/portrait` | `portrait`, `level`, `next` |
//!
//! **Invariant:** the chip is the original of the own card and answered our own challenge, for this session alone; the face is the one on record.
//! **Invariant:** a reading serves one comparison: whoever tries another face brings the chip again.

use axum::Router;
use axum::routing::post;

use crate::app::App;

mod http;

#[cfg(test)]
mod tests;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/signin/raise/card", post(http::invite))
        .route("/signin/raise/card/portrait", post(http::prove))
}
