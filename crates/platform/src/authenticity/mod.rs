//! Is this really VNeID? What anybody can check before typing anything, and where to report a hole.
//!
//! | request | what it does |
//! | --- | --- |
//! | `GET /authenticity` | the official addresses, the fingerprints of the keys, how to tell a fake |
//! | `GET /authenticity?address=` | judges an address that somebody was sent |
//! | `GET /.well-known/security.txt` | where to report a hole (RFC 9116) |
//!
//! **Invariant:** an address is called ours only if its host is one of ours and it is reached by TLS.

use axum::Router;
use axum::middleware::map_response;
use axum::routing::get;

use crate::app::{App, Capability};
use crate::shell::page::same_for_all;
use crate::shell::texts;

mod http;
mod rules;

#[cfg(test)]
mod tests;

pub(crate) const CAPABILITY: Capability = Capability {
    texts: texts::source!(),
    routes,
    jobs: |_| {},
    only_in_sandbox: false,
};

fn routes() -> Router<App> {
    Router::new()
        .route("/authenticity", get(http::show))
        .layer(map_response(same_for_all))
        .route("/.well-known/security.txt", get(http::security_txt))
}
