//! Verified data bundles (*gói dữ liệu đã xác thực*) for banks and others: what they are told about a customer who agrees, in place of a home visit, signed
//! so that it can be checked years later without us.
//!
//! | request | what it does |
//! | --- | --- |
//! | `POST /bundles` | makes a bundle of what the person agreed to: `reference`, and `portrait` (base64) where faces are compared |
//! | `POST /bundles/proof` | the proof that a bundle is in the ledger: `bundle` |
//!
//! The organisation shows the person's access token. The form of a bundle is [`credentials::bundle`]; `vneid bundle verify FILE` checks one.
//!
//! **Invariant:** a bundle tells what the person agreed to for the purpose, and nothing else; every bundle is in the person's history and in the ledger.
//! **Invariant:** nothing of a bundle is kept here: who lost it asks anew, and the person agrees anew.

use axum::Router;
use axum::routing::post;

use crate::app::{App, Capability};
use crate::shell::texts;

pub mod command;
mod http;

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
        .route("/bundles", post(http::make))
        .route("/bundles/proof", post(http::proof))
}
