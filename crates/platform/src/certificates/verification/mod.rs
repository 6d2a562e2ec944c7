//! Anybody who holds a certificate checks it: by its number and the code on it, by the QR code that has both, or by the file itself.
//!
//! | request | what it does |
//! | --- | --- |
//! | `GET /certificates/verification` | the form |
//! | `POST /certificates/verification` | checks a number with its code |
//! | `GET /certificates/verification/{number}/{code}` | the same, from the QR code |
//! | `POST /certificates/verification/file` | checks a PDF: seal, and whether it is a certificate of ours |
//!
//! Who checks is told that the certificate is genuine, how it stands, whose it is, and of number 1 whether it says that nothing stands against the holder: so
//! a paper with another text under a genuine code is found. Of what number 2 says nothing is told.
//!
//! **Invariant:** a wrong number and a wrong code are answered alike; no certificate is found by its number alone.
//! **Invariant:** each check that finds a certificate stands in its holder's history.

use axum::Router;
use axum::routing::{get, post};

use crate::app::App;

mod http;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/certificates/verification", get(http::ask).post(http::check))
        .route("/certificates/verification/{number}/{code}", get(http::scanned))
        .route("/certificates/verification/file", post(http::file))
}

/// Where certificates are checked.
pub(super) fn place(app: &App) -> String {
    format!("{}/certificates/verification", app.config.public_url)
}

/// Where the QR code of a certificate leads.
pub(super) fn address(app: &App, number: &str, code: &str) -> String {
    format!("{}/{number}/{code}", place(app))
}
