//! Sign-in on another screen: a page shows a QR code that soon expires, the phone of somebody who is signed in there approves.
//!
//! | request | what it does |
//! | --- | --- |
//! | `GET /signin/screen` | explains it; `next` |
//! | `POST /signin/screen` | opens one for this browser: a code, words, a number |
//! | `GET /signin/screen/here` | the code, until it is approved, refused or over |
//! | `POST /signin/screen/here` | this browser goes in, once |
//! | `GET /signin/screen/approve` | the phone: the same words, who asks, place and device: `code` |
//! | `POST /signin/screen/approve` | the person chooses the number that the screen shows: `code`, `number`, `passcode`, `here`; or `answer=refuse` |
//!
//! A code that is relayed by somebody else to a person's phone is what this has to withstand. So: the code lives two minutes and works once; the session goes
//! to the browser that opened it and to no other; the phone shows whose screen it is (place, browser, the service that asks) and the same words as the screen;
//! the person picks the screen's number out of three, where a wrong one ends it; the passcode is asked for; and where screen and phone are in different networks, the person is
//! warned and confirms to stand before the screen.
//!
//! **Invariant:** a code opens one session at most, in the browser that asked for it, within two minutes, and after a wrong number none.
//! **Invariant:** only the person's own device approves, where the person has one.

use ::http::HeaderMap;
use axum::Router;
use axum::routing::get;
use crypto::base64url;
use crypto::secret::Secret;

use crate::app::App;
use crate::shell::ids::id;
use crate::shell::session;

pub(super) mod http;
mod phone;
mod rules;
mod store;

#[cfg(test)]
mod tests;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/signin/screen", get(http::explain).post(http::open))
        .route("/signin/screen/here", get(http::wait).post(http::enter))
        .route(
            "/signin/screen/approve",
            get(phone::http::ask).post(phone::http::answer),
        )
}

id! {
    /// A sign-in on another screen.
    ScreenId
}

/// The cookie by which the browser that waits is known.
fn cookie_name(app: &App) -> &'static str {
    if app.config.is_https() {
        "__Host-vneid-screen"
    } else {
        "vneid-screen"
    }
}

/// The sign-in for which a browser waits, and the digest of its secret.
fn of_browser(app: &App, headers: &HeaderMap) -> Option<(ScreenId, [u8; 32])> {
    let token = base64url::decode(session::cookie(headers, cookie_name(app))?).ok()?;
    let (id, secret) = token.split_first_chunk::<16>()?;
    Some((ScreenId::from(*id), app.vault.digest("signin-screen", secret)))
}

/// The text of a new cookie, and what is kept of it.
fn token(app: &App, id: &ScreenId) -> (Secret<String>, [u8; 32]) {
    let secret: [u8; 32] = app.chance.bytes();
    let mut token = id.bytes().to_vec();
    token.extend_from_slice(&secret);
    (
        Secret::new(base64url::encode(&token)),
        app.vault.digest("signin-screen", &secret),
    )
}
