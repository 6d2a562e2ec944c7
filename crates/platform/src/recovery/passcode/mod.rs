//! A forgotten passcode: both security questions and a code to the phone, signed in.
//!
//! | request | what it does |
//! | --- | --- |
//! | `GET /recovery/passcode` | the questions |
//! | `POST /recovery/passcode/code` | sends a code to the phone |
//! | `POST /recovery/passcode` | `code`, `answer_1`, `answer_2`, `passcode`, `repeat` |
//!
//! **Invariant:** each set of answers costs a code, of which there are five in a day.

use axum::Router;
use axum::routing::{get, post};

use crate::app::App;

mod http;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/recovery/passcode", get(http::ask).post(http::set))
        .route("/recovery/passcode/code", post(http::send_code))
}
