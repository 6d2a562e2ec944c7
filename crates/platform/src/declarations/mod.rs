//! Declarations (*khai báo*): of health (*khai báo y tế*) and of movements within the country (*khai báo di chuyển nội địa*), each with a signed slip as
//! QR code that checkpoints scan, with or without network.
//!
//! What the state knows is filled in; the citizen says the rest. The slip ([`credentials::declaration`]) says the result, name, date of birth and the end
//! of the personal number, no more; what was declared stays here.
//!
//! | request | what it does |
//! | --- | --- |
//! | `GET /declarations` | the own declarations, the newest first |
//! | `GET`, `POST /declarations/health` | declares: `symptoms`, `contact`, `abroad`, `note`, `pledge` |
//! | `GET`, `POST /declarations/movement` | declares: `from`, `to`, `on`, `means`, `plate`, `people`, `reason`, `note`, `pledge` |
//! | `GET /declarations/{id}` | one of them, with its slip |
//! | `POST /declarations/{id}/withdraw` | takes it back |
//! | `GET`, `POST /declarations/checkpoint` | reads and judges a slip, for everybody; the page does so by itself without network |
//! | `GET /declarations/checkpoint/worker.js`, `/declarations/checkpoint/manifest.webmanifest` | keep and install the page |
//!
//! **Invariant:** a slip is good for the time that its kind has, and says so itself; a newer declaration of the kind takes its place.
//! **Invariant:** a checkpoint learns from a slip what stands on it and nothing else; an inspector who is signed in is in its holder's history.

use axum::Router;
use axum::routing::{get, post};

use crate::app::{App, Capability};
use crate::shell::ids::id;
use crate::shell::texts;

mod checkpoint;
mod http;
mod movement;
mod rules;
mod store;

#[cfg(test)]
mod tests;

pub(crate) const CAPABILITY: Capability = Capability {
    texts: texts::source!(),
    routes,
    jobs: |_| {},
    only_in_sandbox: false,
};

fn routes() -> Router<App> {
    Router::new()
        .route("/declarations", get(http::list))
        .route("/declarations/health", get(http::ask_health).post(http::declare_health))
        .route(
            "/declarations/movement",
            get(movement::http::ask).post(movement::http::say),
        )
        .route("/declarations/{id}", get(http::show))
        .route("/declarations/{id}/withdraw", post(http::withdraw))
        .merge(checkpoint::routes())
}

id! {
    /// A declaration, and its slip.
    DeclarationId
}
