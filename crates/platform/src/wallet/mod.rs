//! The wallet (*ví giấy tờ*) on the holder's device: the electronic identity card and the documents as credentials, bound to the key of
//! the device, which open and are shown without network.
//!
//! The page is the same for everybody; what it shows it keeps itself, sealed under the passcode (`assets/wallet`). From here it gets the
//! credentials, and each day a fresh pass for its identity QR.
//!
//! | request | what it does |
//! | --- | --- |
//! | `GET /wallet` | the page; it opens without network and shows nothing of anybody |
//! | `POST /wallet/credentials` | for the passcode and a proof by the device's key: issues card, documents and pass to that key |
//! | `POST /wallet/pass` | for a proof by the key that holds the card: a fresh pass |
//! | `GET /wallet/worker.js`, `/wallet/manifest.webmanifest` | keep and install the page |
//!
//! **Invariant:** nothing is issued to a key that has not proved, just now and for this platform, that it is the asker's device.
//! **Invariant:** one device holds a person's credentials; a pass is renewed for that one alone.

use axum::Router;
use axum::routing::{get, post};
use db::Conn;

use crate::app::{App, Capability};
use crate::shell::ids::PersonId;
use crate::shell::texts;

mod http;
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
        .route("/wallet", get(http::page))
        .route("/wallet/credentials", post(http::take))
        .route("/wallet/pass", post(http::renew))
        .route("/wallet/worker.js", get(http::worker))
        .route("/wallet/manifest.webmanifest", get(http::manifest))
}

/// Whose wallet has the key of this thumbprint, where it is one of ours.
///
/// # Errors
/// Those of the database.
pub fn holder(conn: &mut Conn<'_>, thumbprint: &str) -> Result<Option<PersonId>, db::Error> {
    store::holder(conn, thumbprint)
}

/// A proof by a device that it has its key, as the page makes it.
#[cfg(test)]
pub(crate) fn proof_by(device: &crypto::sign::SoftKey, app: &App) -> String {
    rules::tests::proof(device, &format!("{}/wallet", app.config.public_url), app.clock.now())
}
