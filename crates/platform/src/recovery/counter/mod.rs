//! Recovery at the counter: an officer who saw the person, and the card, gives a code that sets new secrets on any browser.
//!
//! | request | what it does |
//! | --- | --- |
//! | `GET /officers/recovery` | the form |
//! | `POST /officers/recovery` | gives the code: `number`, `card_seen`, `case_number` |
//! | `GET /recovery/counter` | where the person types it |
//! | `POST /recovery/counter` | `number`, `voucher`, `password`, `passcode`, `phone`, and the browser's `proof` |
//!
//! **Invariant:** a code of the counter works once, within thirty minutes, for the person whom the officer saw.
//! **Invariant:** the officer's look stands in the person's history.

use axum::Router;
use axum::routing::get;
use jiff::SignedDuration;

use crate::app::App;

mod http;
mod store;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/officers/recovery", get(http::ask_officer).post(http::give))
        .route("/recovery/counter", get(http::ask).post(http::finish))
}

/// How long a code of the counter works.
const LASTS: SignedDuration = SignedDuration::from_mins(30);
