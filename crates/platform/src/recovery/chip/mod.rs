//! Recovery by the chip of the card and the face, on any device.
//!
//! | request | what it does |
//! | --- | --- |
//! | `POST /recovery/cases/{ticket}/reader` | invites a reader to bring the chip |
//! | `POST /recovery/cases/{ticket}/portrait` | the `portrait`, compared with the face on record |
//!
//! **Invariant:** only the chip itself, by an answer to our own challenge, and a face that matches the record prove a recovery; a comparison that
//! is undecided proves nothing.

use axum::Router;
use axum::routing::post;
use civil::PersonalNumber;
use civil::chip::{Reading, dg1};

use crate::app::App;
use crate::chips::Received;

mod http;

#[cfg(test)]
mod tests;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/recovery/cases/{ticket}/reader", post(http::invite))
        .route("/recovery/cases/{ticket}/portrait", post(http::compare))
}

/// Whether what a reader brought is the original chip of a person's own card.
pub(crate) fn is_own(received: &Received, number: &PersonalNumber) -> bool {
    let Ok(reading) = serde_json::from_slice::<Reading>(&received.reading) else {
        return false;
    };
    received.verdict.is_original() && dg1::parse(&reading.files.dg1).is_ok_and(|zone| zone.number == *number)
}
