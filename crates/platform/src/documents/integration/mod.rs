//! Adding a paper (*tích hợp thông tin*, F28) that its source does not know under the holder's number: by what is printed on it.
//!
//! A paper that the source knows is in the wallet by itself. A declared one is looked up by its number and compared with the population database,
//! field by field; what differs can be sent to the source to be mended, with one tap.
//!
//! | request | what it does |
//! | --- | --- |
//! | `GET`, `POST /documents/integration` | declares: licence number and class; plate and chassis; number of the insurance card |
//! | `GET /documents/integration/{id}` | how it matched, field by field |
//! | `POST /documents/integration/{id}/correction` | asks the source to mend what differs |
//!
//! **Invariant:** who does not hold the paper learns nothing of its owner: a wrong second number is answered like a paper that is not there, and what
//! a source says else is never shown.
//! **Invariant:** nothing that differs comes into the wallet; a correction is asked for once.

use axum::Router;
use axum::routing::{get, post};

use crate::app::App;
use crate::shell::ids::id;

mod http;
mod rules;
mod store;

#[cfg(test)]
mod tests;

id! {
    /// A declaration of a paper.
    DeclarationId
}

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/documents/integration", get(http::ask).post(http::declare))
        .route("/documents/integration/{id}", get(http::show))
        .route("/documents/integration/{id}/correction", post(http::correct))
}
