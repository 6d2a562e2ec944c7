//! What a unit of the police receives: the arrivals of a day in its jurisdiction, without personal data, and the guests of one notification,
//! for a purpose.
//!
//! | request | what it does |
//! | --- | --- |
//! | `GET /officers/stays` | the arrivals of a day: `unit`, `day`, `only` (`late`, `alone`), `after` |
//! | `GET /officers/stays/{id}` | the outline of a notification, and the question what for |
//! | `POST /officers/stays/{id}` | its guests, a page at a time: `purpose`, `case_number`, `page` |
//! | `POST /officers/stays/unit` | sets the phone by which people reach a unit: `unit`, `phone` |
//!
//! **Invariant:** a guest's data are shown to an officer for a purpose alone, and each look is in the guest's history before it is shown.

use axum::Router;
use axum::routing::{get, post};
use db::Conn;

use crate::app::App;

mod http;
mod store;

#[cfg(test)]
mod tests;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/officers/stays", get(http::arrivals))
        .route("/officers/stays/unit", post(http::set_phone))
        .route("/officers/stays/{id}", get(http::outline).post(http::open))
}

/// The phone by which a unit is reached about stays, where it has set one.
pub(super) fn phone(conn: &mut Conn<'_>, unit: &str) -> Result<Option<String>, db::Error> {
    store::phone(conn, unit)
}

/// Whether a text can be a phone number: 3 to 15 digits, with spaces, dots or a plus.
pub(super) fn is_phone(text: &str) -> bool {
    let text = text.trim();
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let sound = |c: char| c.is_ascii_digit() || " .+-()".contains(c);
    (3..=15).contains(&digits) && text.len() <= 24 && text.chars().all(sound)
}
