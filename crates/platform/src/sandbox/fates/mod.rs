//! What befalls people: a death, a card held or revoked, so that locks can be tried out.
//!
//! | request | what it does |
//! | --- | --- |
//! | `GET`, `POST /sandbox/people/{number}/fate` | what befell somebody; `{"fate":"died"}`, `card-held`, `card-revoked`, `card-expired`, `licence-held`, `licence-revoked`, `moved`, `child`, `vehicle-misfiled`, `insurance-misfiled`, `none` |

use axum::Router;
use axum::routing::get;

use crate::app::App;

mod http;

pub(super) fn routes() -> Router<App> {
    Router::new().route("/sandbox/people/{number}/fate", get(http::show).post(http::befall))
}
