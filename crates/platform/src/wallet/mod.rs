//! The wallet (*ví giấy tờ*) on the holder's device: the electronic identity card and the documents as credentials, bound to the key of
//! the device, which open and are shown without network.
//!
//! The page is the same for everybody; what it shows it keeps itself, sealed under the passcode (`assets/wallet`). Its card it fetches as any
//! wallet would, by an offer and the endpoints of `issuance`; from here it gets that offer, and each day a fresh pass for its identity QR.
//!
//! | request | what it does |
//! | --- | --- |
//! | `GET /wallet` | the page; it opens without network and shows nothing of anybody |
//! | `POST /wallet/offer` | for the passcode and a proof by the person's device: an offer of the card and the documents |
//! | `POST /wallet/pass` | for a proof by the device that holds the card: a fresh pass |
//! | `GET /wallet/worker.js`, `/wallet/manifest.webmanifest` | keep and install the page |
//!
//! **Invariant:** nothing is offered to a key that has not proved, just now and for this platform, that it is the asker's device.
//! **Invariant:** the person's one device ([`crate::devices`]) holds the card; a pass is renewed for that one alone.

use axum::Router;
use axum::middleware::map_response;
use axum::routing::{get, post};

use crate::app::{App, Capability};
use crate::shell::page::reaches_others;
use crate::shell::texts;

mod http;
mod rules;

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
        .route("/wallet", get(http::page).layer(map_response(reaches_others)))
        .route("/wallet/offer", post(http::offer))
        .route("/wallet/pass", post(http::renew))
        .route("/wallet/worker.js", get(http::worker))
        .route("/wallet/manifest.webmanifest", get(http::manifest))
}

/// A proof by a device that it has its key, as the page makes it.
#[cfg(test)]
pub(crate) fn proof_by(device: &crypto::sign::SoftKey, app: &App) -> String {
    rules::tests::proof(device, &format!("{}/wallet", app.config.public_url), app.clock.now())
}
