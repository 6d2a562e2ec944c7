//! The people of the sandbox: their data, cards, chips and faces.

use axum::Router;
use axum::routing::get;

use crate::app::App;

mod http;
mod rules;

pub(super) use http::{Resident, find, residents, suggested};
pub use rules::can_register;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/sandbox/people", get(http::list))
        .route("/sandbox/people/{number}/card.png", get(http::card))
        .route("/sandbox/people/{number}/qr.png", get(http::qr_picture))
        .route("/sandbox/people/{number}/qr.txt", get(http::qr_text))
        .route("/sandbox/people/{number}/chip.json", get(http::chip))
        .route("/sandbox/people/{number}/portrait.jpg", get(http::portrait))
}
