//! The desk of the unit that decides: what waits, by status and limit; taking up, asking for more, refusing, deciding.
//!
//! | request | what it does |
//! | --- | --- |
//! | `GET /officers/procedures` | the open dossiers of the officer's jurisdiction, by their limits; `status` chooses |
//! | `GET /officers/procedures/{id}` | a dossier; its contents for who holds it |
//! | `POST /officers/procedures/{id}/claim`, `/release` | takes it up, gives it back |
//! | `POST /officers/procedures/{id}/decision` | `what` = received, rejected, more-asked, verifying, charged, stopped, resumed, granted or refused; `words`, `amount` |

use axum::Router;
use axum::routing::{get, post};

use crate::app::App;

mod deciding;
pub(super) mod http;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/officers/procedures", get(http::list))
        .route("/officers/procedures/{id}", get(http::show))
        .route("/officers/procedures/{id}/claim", post(http::claim))
        .route("/officers/procedures/{id}/release", post(http::release))
        .route("/officers/procedures/{id}/decision", post(deciding::http::decide))
}
