//! A program registers itself (RFC 7591), in the sandbox alone: what it may do stands in a statement of ours about it, which it cannot widen.
//!
//! | request | what it does |
//! | --- | --- |
//! | `POST /sso/register` | registers a relying party; `{"software_statement":"…","redirect_uris":["…"]}` |
//!
//! In production the ministry's officers decide who is connected, with which purposes.
//!
//! **Invariant:** nobody is registered without a statement that we signed and that is in time; what it says counts, whatever else is sent.

use axum::Router;
use axum::routing::post;
use crypto::jws;
use jiff::SignedDuration;
use serde_json::{Map, Value, json};

use crate::app::App;
use crate::shell::keys;
use crate::shell::problem::Problem;

mod http;
mod rules;

#[cfg(test)]
mod tests;

/// The `typ` of statements, so that no other token of ours can pass for one.
const TYP: &str = "software-statement+jwt";
/// How long a statement can be used.
const LIFE: SignedDuration = SignedDuration::from_hours(24);

/// Where programs register themselves.
pub(super) const PATH: &str = "/sso/register";

/// The request, for the sandbox.
pub(crate) fn routes() -> Router<App> {
    Router::new().route(PATH, post(http::register))
}

/// A statement about a program: what it is called, and what it may ask for.
///
/// # Errors
/// If it cannot be signed.
pub fn statement(app: &App, about: Map<String, Value>) -> Result<String, Problem> {
    let now = app.clock.now();
    let mut claims = about;
    claims.extend(
        json!({
            "iss": app.sso.provider.issuer.as_str(),
            "iat": now.as_second(),
            "exp": (now + LIFE).as_second(),
        })
        .as_object()
        .cloned()
        .unwrap_or_default(),
    );
    let signer = app.keys.signer(keys::SSO).map_err(Problem::internal)?;
    let claims = serde_json::to_vec(&claims).map_err(Problem::internal)?;
    Ok(jws::sign(signer.as_ref(), Some(TYP), &claims)?)
}
