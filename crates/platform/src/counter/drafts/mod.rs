//! Drafts: applications that are put together at a desk which goes on working while the network is down.
//!
//! The page keeps what is typed and captured on the device, sealed; a finished draft is signed by the device's key and handed
//! in when the line is there, as often as it takes. An officer whose session ended signs in again and goes on.
//!
//! | request | what it does |
//! | --- | --- |
//! | `GET /counter/desk` | the page: one form for all of TK01, and the drafts of this device |
//! | `GET /counter/worker.js` | keeps that page there without a network |
//! | `POST /counter/devices` | makes the device's key known for this officer |
//! | `POST /counter/drafts` | takes a finished draft and sends its application in |
//!
//! **Invariant:** a draft makes one application, however often and however many times at once it is handed in; the key of the
//! table says so (`a_draft_handed_in_many_times_at_once_is_one_application`).
//! **Invariant:** only what the officer's own device signed is taken, unchanged (`a_draft_is_what_the_officers_device_signed`).

use axum::Router;
use axum::routing::{get, post};

use crate::app::App;
use crate::shell::ids::id;

mod http;
mod rules;
mod store;

#[cfg(test)]
mod tests;

id! {
    /// A draft: drawn by the page that finished it.
    DraftId
}

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/counter/desk", get(http::desk))
        .route("/counter/worker.js", get(http::worker))
        .route("/counter/devices", post(http::register))
        .route("/counter/drafts", post(http::hand_in))
}
