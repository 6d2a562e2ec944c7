//! The checkpoint: a page that reads a slip from the camera, a picture or a text, and judges it by itself, from a trust list that it keeps; without
//! script the platform judges.
//!
//! **Invariant:** the page shows nothing of anybody but what stands on the slip it was given, and opens without network.

use axum::Router;
use axum::routing::get;

use crate::app::App;

mod http;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/declarations/checkpoint", get(http::page).post(http::judge))
        .route("/declarations/checkpoint/worker.js", get(http::worker))
        .route("/declarations/checkpoint/manifest.webmanifest", get(http::manifest))
}
