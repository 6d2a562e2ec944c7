//! The counter of a commune's police: an officer takes an application for level 2 from a person who is present (form TK01).
//!
//! Any commune will do, wherever the person lives; a child or a ward comes with the guardian (Decree 69/2024, article 10.2).
//!
//! | request | what it does |
//! | --- | --- |
//! | `GET /counter` | the form to find a person: by number, by a picture of the card's QR code, or by its text |
//! | `POST /counter` | finds the person, compares with the databases, opens or continues the application |
//! | `GET /counter/{id}` | what the application holds so far, and the form for the rest |
//! | `POST /counter/{id}` | takes portrait, fingerprints, chip data, originals seen |
//! | `POST /counter/{id}/reading` | invites a reader to bring the chip of the card |
//! | `GET /counter/{id}/evidence/{kind}` | a picture of it |
//! | `POST /counter/{id}/submission` | sends it in |
//! | `GET /counter/{id}/receipt` | the receipt, with number, legal limit and a code that can be verified |
//!
//! The desk that works without a network is in `drafts`, the public verification of receipts in `receipts`, the way to
//! the devices on the officer's table in [`agent`].
//!
//! **Invariant:** only officers in the role of the counter come here, and each sees only the applications that they took.
//! **Invariant:** every look at a person's data is in that person's history before it is answered.
//! **Invariant:** who has no account gets one in the unit of work that sends the application in: never an application without an account.
//! **Invariant:** with a child or a ward attends who the population database names as guardian
//! (`a_child_comes_with_a_guardian_of_the_population_database`).

use axum::Router;
use axum::middleware;
use axum::routing::{get, post};

use crate::app::{App, Capability};
use crate::shell::page::uses_devices;
use crate::shell::texts;

pub mod agent;
mod drafts;
mod http;
mod receipts;
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
        .route("/counter/{id}/reading", post(taking::http::invite))
        .route("/counter/{id}/evidence/{kind}", get(taking::http::evidence))
        .route("/counter/{id}/submission", post(taking::http::send))
        .route("/counter/{id}/receipt", get(taking::http::receipt))
        .merge(drafts::routes())
        .layer(middleware::map_response(uses_devices))
        .merge(receipts::routes())
}
