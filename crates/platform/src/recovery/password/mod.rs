//! A forgotten password: number and phone, name, date of birth and the card's date of issue, a code to the phone, a new password.
//!
//! | request | what it does |
//! | --- | --- |
//! | `GET /recovery/password` | the form |
//! | `POST /recovery/password` | `number`, `phone`, `full_name`, `date_of_birth`, `card_issued_on` |
//! | `GET /recovery/password/{reset}` | the step that comes now |
//! | `POST /recovery/password/{reset}/code` | confirms the `code` |
//! | `POST /recovery/password/{reset}` | sets the `password` |
//!
//! **Invariant:** until the code is confirmed, answers are the same whether or not the number has an account and the facts are right.

use axum::Router;
use axum::routing::{get, post};
use jiff::SignedDuration;

use crate::app::App;
use crate::shell::ids::id;

mod http;
mod store;

pub(super) use http::{day, read_password};

id! {
    /// A forgotten password.
    ResetId
}

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/recovery/password", get(http::ask).post(http::begin))
        .route("/recovery/password/{reset}", get(http::show).post(http::set))
        .route("/recovery/password/{reset}/code", post(http::confirm))
}

/// How long the whole takes at most.
const LASTS: SignedDuration = SignedDuration::from_mins(15);
/// How often a code may be tried.
const MOST_TRIES: i64 = 5;
/// How often a number's password may be forgotten in [`COUNTED_IN`].
const MOST: i64 = 5;
const COUNTED_IN: SignedDuration = SignedDuration::from_hours(24);
