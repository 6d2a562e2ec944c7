//! The citizen's page for wallets of other makers: add documents to one, see what each holds, take it back.
//!
//! | request | what it does |
//! | --- | --- |
//! | `GET /wallets` | which wallets hold documents, and a form to add some to another |
//! | `POST /wallets/offer` | for the passcode: the QR code and the transaction code for a wallet |
//! | `POST /wallets/{batch}/revocation` | what a wallet holds is revoked |
//!
//! **Invariant:** documents are offered to a wallet only for the passcode.

use axum::Router;
use axum::routing::{get, post};

use crate::app::App;

mod http;

pub(crate) use http::offer_to_app;

#[cfg(test)]
mod tests;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/wallets", get(http::show))
        .route("/wallets/offer", post(http::offer))
        .route("/wallets/{batch}/revocation", post(http::revoke))
}
