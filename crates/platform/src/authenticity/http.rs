use askama::Template;
use axum::extract::State;
use axum::response::IntoResponse;
use http::header;
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use super::rules::{Verdict, judge};
use crate::app::App;
use crate::shell::filters;
use crate::shell::input::Query;
use crate::shell::keys::{LEDGER, SSO};
use crate::shell::page::Page;
use crate::shell::problem::Problem;

/// How long a copy of `security.txt` holds; RFC 9116 section 2.5.5 recommends less than a year.
const HOLDS: SignedDuration = SignedDuration::from_hours(180 * 24);

/// An address to judge, where there is one.
#[derive(Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    address: String,
}

/// What anybody can check about this platform.
#[derive(Template, Serialize)]
#[template(path = "authenticity/pages/authenticity.html")]
pub(super) struct Authenticity {
    /// The address of this platform.
    here: String,
    /// The hosts that are ours.
    hosts: Vec<String>,
    hotline: String,
    /// RFC 7638 thumbprints of the keys that sign for other services.
    sign_in_keys: Vec<String>,
    /// The same of the tamper-evident log.
    log_keys: Vec<String>,
    /// The address that was asked about.
    asked: String,
    verdict: Option<Verdict>,
}

/// Shows how to tell whether this is VNeID, and judges an address.
pub(super) async fn show(State(app): State<App>, Query(asked): Query<Asked>) -> Result<Page<Authenticity>, Problem> {
    let official = &app.config.official;
    let origin = app.config.origin();
    let verdict = (!asked.address.is_empty()).then(|| judge(&asked.address, &official.hosts, origin));
    Ok(Page(Authenticity {
        here: origin.to_owned(),
        hosts: official.hosts.clone(),
        hotline: official.hotline.clone(),
        sign_in_keys: thumbprints(&app, SSO),
        log_keys: thumbprints(&app, LEDGER),
        asked: asked.address,
        verdict,
    }))
}

fn thumbprints(app: &App, purpose: &'static str) -> Vec<String> {
    let published = app.keys.jwks(purpose, app.clock.now());
    published.keys().iter().map(|key| key.key().thumbprint()).collect()
}

/// Tells where to report a hole.
pub(super) async fn security_txt(State(app): State<App>) -> impl IntoResponse {
    let expires = app.clock.now() + HOLDS;
    let text = format!(
        "Contact: {}\nExpires: {}\nPreferred-Languages: vi, en\nCanonical: {}/.well-known/security.txt\n",
        app.config.official.security_contact,
        expires.strftime("%Y-%m-%dT00:00:00Z"),
        app.config.public_url,
    );
    ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], text)
}
