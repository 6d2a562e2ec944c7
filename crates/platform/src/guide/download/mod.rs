//! The guide to take along: as PDF, by link and by QR code.
//!
//! | request | what it does |
//! | --- | --- |
//! | `GET /guide/pdf/{lang}/{what}` | a part (`begin`, `level-1`, `level-2`) or a page as PDF |
//! | `GET /guide/code/{lang}/{what}` | the QR code of that address, as a picture |

use axum::Router;
use axum::middleware::map_response;
use axum::routing::get;

use crate::app::App;
use crate::shell::page::same_for_all;

mod http;
mod rules;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/guide/pdf/{lang}/{what}", get(http::pdf))
        .route("/guide/code/{lang}/{what}", get(http::code))
        .layer(map_response(same_for_all))
}
