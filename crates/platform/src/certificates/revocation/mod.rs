//! The body that issues certificates takes one back: a mistake in it, or a judgment that changed what it says.
//!
//! | request | what it does |
//! | --- | --- |
//! | `GET /officers/certificates` | finds a certificate by its `number` |
//! | `POST /officers/certificates/{number}/revocation` | takes it back: `reason` |
//!
//! **Invariant:** the holder is told at once, with the reason; what was revoked stays revoked.

use axum::Router;
use axum::routing::{get, post};

use crate::app::App;

mod http;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/officers/certificates", get(http::find))
        .route("/officers/certificates/{number}/revocation", post(http::revoke))
}
