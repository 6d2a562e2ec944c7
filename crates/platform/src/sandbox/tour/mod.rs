//! The tour: pick a person, see what each role does next, with links and credentials.

use axum::Router;
use axum::routing::get;

use crate::app::App;

mod http;
mod rules;

pub(super) fn routes() -> Router<App> {
    Router::new().route("/sandbox", get(http::show))
}
