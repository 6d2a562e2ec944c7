//! The page that a relying party loads in a frame to notice, without a request, that the person has signed out or somebody else has signed in (OpenID
//! Connect Session Management).
//!
//! The frame compares what the answer carried (`session_state`) with a cookie that says of the session only whether it is the same. Browsers that keep
//! the cookies of frames apart make it answer `changed`; the relying party then asks with `prompt=none`.

use ::http::HeaderValue;
use crypto::base64url;
use oidc::client::Client;
use oidc::profile::Profile;
use oidc::session_state::session_state;

use crate::app::App;
use crate::shell::session::Session;

pub(super) mod http;

#[cfg(test)]
mod tests;

/// Where the page is.
pub(super) const PATH: &str = "/sso/session";

/// What an answer says of the session, and the cookie to compare it with; nothing for strict clients, whose answers carry no more than they must.
pub(super) fn state(
    app: &App,
    client: &Client,
    redirect_uri: &str,
    session: &Session,
) -> Option<(String, HeaderValue)> {
    if client.metadata().vneid_profile != Profile::Standard {
        return None;
    }
    let mark = base64url::encode(app.vault.digest("session-mark", &session.digest));
    let salt = base64url::encode(app.chance.bytes::<8>());
    let state = session_state(client.id(), redirect_uri, &mark, &salt)?;
    Some((state, cookie(app, &mark)))
}

/// The cookie that carries to our page in a frame whether the session is the same; an empty mark takes it away.
pub(crate) fn cookie(app: &App, mark: &str) -> HeaderValue {
    let (prefix, how) = if app.config.is_https() {
        ("__Host-", "SameSite=None; Secure")
    } else {
        ("", "SameSite=Lax")
    };
    let age = if mark.is_empty() { "; Max-Age=0" } else { "" };
    HeaderValue::from_str(&format!("{prefix}vneid-state={mark}; Path=/; {how}{age}"))
        .unwrap_or(HeaderValue::from_static(""))
}
