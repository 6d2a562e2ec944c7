//! What operators see of notices: the daily runs, what was sent at which cost, what was given up.
//!
//! | request | what it does |
//! | --- | --- |
//! | `GET /officers/notices` | all of it on one page, for who may see the state of operations; no citizen's data |

use axum::Router;
use axum::routing::get;

use crate::app::App;

mod http;

#[cfg(test)]
mod tests;

pub(super) fn routes() -> Router<App> {
    Router::new().route("/officers/notices", get(http::show))
}
