//! A verifier to try out: a café that has to know whether a guest is of age, and learns nothing else.
//!
//! | request | what it does |
//! | --- | --- |
//! | `GET /sandbox/over-18` | what it is |
//! | `POST /sandbox/over-18` | asks a wallet: by a QR code, or on the same device (`same=yes`) |
//! | `GET /sandbox/over-18/{id}` | the code, then the outcome |

use axum::Router;
use axum::routing::get;

use crate::app::App;

mod http;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/sandbox/over-18", get(http::show).post(http::ask))
        .route("/sandbox/over-18/{id}", get(http::wait))
}
