//! The counter of a commune's police: an officer takes an application for level 2 from a person who is present (form TK01).
//!
//! Any commune will do, wherever the person lives (Decree 69/2024, article 10.2).
//!
//! | request | what it does |
//! | --- | --- |
//! | `GET /counter` | the form to find a person: by number, by a picture of the card's QR code, or by its text |
//! | `POST /counter` | finds the person, compares with the databases, opens or continues the application |
//! | `GET /counter/{id}` | what the application holds so far, and the form for the rest |
//! | `POST /counter/{id}` | takes portrait, fingerprints, chip data, originals seen |
//! | `GET /counter/{id}/evidence/{kind}` | a picture of it |
//! | `POST /counter/{id}/submission` | sends it in |
//! | `GET /counter/{id}/receipt` | the receipt, with number and legal limit |
//!
//! **Invariant:** only officers in the role of the counter come here, and each sees only the applications that they took.
//! **Invariant:** every look at a person's data is in that person's history before it is answered.
//! **Invariant:** who has no account gets one in the unit of work that sends the application in: never an application without an account.

use axum::Router;
use axum::routing::{get, post};

use crate::app::{App, Capability};
use crate::shell::texts;

mod http;
mod rules;
mod taking;

#[cfg(test)]
mod tests;

pub(crate) use rules::Originals;

pub(crate) const CAPABILITY: Capability = Capability {
    texts: texts::source!(),
    routes,
    jobs: |_| {},
    only_in_sandbox: false,
};

fn routes() -> Router<App> {
    Router::new()
        .route("/counter", get(http::ask).post(http::find))
        .route("/counter/{id}", get(taking::http::show).post(taking::http::attach))
        .route("/counter/{id}/evidence/{kind}", get(taking::http::evidence))
        .route("/counter/{id}/submission", post(taking::http::send))
        .route("/counter/{id}/receipt", get(taking::http::receipt))
}
