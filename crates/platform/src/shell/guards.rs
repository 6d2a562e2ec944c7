//! The headers that keep every answer to itself.

use axum::response::Response;
use http::{HeaderName, HeaderValue, header};

use super::page::{Framable, Frames, LeadsElsewhere, ReachesOthers, UsesDevices};
use crate::app::App;

macro_rules! policy {
    ($more:literal) => {
        concat!(
            "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; ",
            "connect-src 'self'; manifest-src 'self'; worker-src 'self'; base-uri 'none'; frame-ancestors 'none'",
            $more
        )
    };
}

const POLICY: &str = policy!("");
const POLICY_AT_HOME: &str = policy!("; form-action 'self'");

/// The policy of a page that other sites load in a frame.
const IN_FRAMES: HeaderValue =
    HeaderValue::from_static("default-src 'none'; script-src 'self'; base-uri 'none'; frame-ancestors *");

/// What keeps every answer to itself.
const GUARDS: [(HeaderName, HeaderValue); 5] = [
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        HeaderValue::from_static("same-origin"),
    ),
    (
        HeaderName::from_static("permissions-policy"),
        HeaderValue::from_static("camera=(self), geolocation=(), microphone=(), payment=()"),
    ),
];

/// The policy of a page whose script speaks with others, too: the agent of a counter, or whom the holder of a wallet chooses.
fn speaking_with(others: &str) -> Option<HeaderValue> {
    let policy = POLICY_AT_HOME.replacen("connect-src 'self'", &format!("connect-src 'self' {others}"), 1);
    HeaderValue::from_str(&policy).ok()
}

/// Whom the script of a page speaks with beside us.
fn others<'a>(response: &Response, app: &'a App) -> Option<&'a str> {
    let extensions = response.extensions();
    if extensions.get::<UsesDevices>().is_some() {
        return Some(&app.config.counter.agent);
    }
    let anywhere = if app.config.sandbox {
        "https: http://localhost:*"
    } else {
        "https:"
    };
    extensions.get::<ReachesOthers>().map(|_| anywhere)
}

/// The headers that keep a page to itself.
pub(super) fn guard(response: &mut Response, app: &App) {
    let may_lead_elsewhere = response.extensions().get::<LeadsElsewhere>().is_some();
    let speaking = others(response, app).and_then(speaking_with);
    let framable = response.extensions().get::<Framable>().is_some();
    let frames = response
        .extensions()
        .get::<Frames>()
        .filter(|frames| !frames.0.is_empty())
        .cloned();
    let headers = response.headers_mut();
    headers.reserve(GUARDS.len() + 4);
    let policy = HeaderValue::from_static(if may_lead_elsewhere { POLICY } else { POLICY_AT_HOME });
    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    if let Some(policy) = speaking {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    if let Some(Frames(origins)) = frames
        && let Ok(policy) = HeaderValue::from_str(&format!("{POLICY}; frame-src {origins}"))
    {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    headers.extend(GUARDS);
    if framable {
        headers.remove(header::X_FRAME_OPTIONS);
        headers.insert(header::CONTENT_SECURITY_POLICY, IN_FRAMES);
    }
    if app.config.is_https() {
        let two_years = HeaderValue::from_static("max-age=63072000; includeSubDomains");
        headers.insert(header::STRICT_TRANSPORT_SECURITY, two_years);
    }
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    headers.append(
        header::VARY,
        HeaderValue::from_static("accept, accept-language, cookie"),
    );
}
