//! The first page: what this is, and where to begin.
//!
//! | request | what it does |
//! | --- | --- |
//! | `GET /` | the first page |

use axum::Router;
use axum::routing::get;

use crate::app::{App, Capability};
use crate::shell::texts;

mod http;

pub(crate) const CAPABILITY: Capability = Capability {
    texts: texts::source!(),
    routes,
    jobs: |_| {},
    only_in_sandbox: false,
};

fn routes() -> Router<App> {
    Router::new().route("/", get(http::show))
}
