//! Who is visiting, by a cookie; in memory, and gone with the process.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::http::{HeaderMap, HeaderValue, header};
use crypto::jws::Compact;
use openidconnect::CsrfToken;
use serde_json::Value;

/// More visits than this are not kept; somebody's is forgotten for a new one.
const MOST: usize = 10_000;
const COOKIE: &str = "portal_visit";

/// The header that sets the cookie.
pub(super) type Cookie = [(header::HeaderName, HeaderValue); 1];

/// Where a visitor stands.
#[derive(Clone)]
pub(super) enum Visit {
    /// Sent to the issuer.
    Leaving {
        state: CsrfToken,
        nonce: String,
        verifier: String,
    },
    /// Back, and known.
    SignedIn {
        name: String,
        claims: Value,
        id_token: String,
        access_token: String,
        /// What VNeID last said about linking.
        said: Option<Value>,
    },
}

/// All visits; clones share them.
#[derive(Clone, Default)]
pub(super) struct Visits(Arc<Mutex<HashMap<String, Visit>>>);

impl Visits {
    /// The visit of the browser that sent these headers.
    pub(super) fn find(&self, headers: &HeaderMap) -> Option<Visit> {
        self.lock().get(cookie(headers)?).cloned()
    }

    /// Ends the visit and answers it.
    pub(super) fn take(&self, headers: &HeaderMap) -> Option<Visit> {
        self.lock().remove(cookie(headers)?)
    }

    /// Begins a visit under a fresh cookie, in place of the browser's last one.
    pub(super) fn start(&self, headers: &HeaderMap, visit: Visit, secure: bool) -> Cookie {
        self.take(headers);
        let id = CsrfToken::new_random_len(32).secret().clone();
        let secure = if secure { "; Secure" } else { "" };
        let set = format!("{COOKIE}={id}; Path=/; HttpOnly; SameSite=Lax{secure}");
        let mut visits = self.lock();
        if visits.len() >= MOST
            && let Some(other) = visits.keys().next().cloned()
        {
            visits.remove(&other);
        }
        visits.insert(id, visit);
        // Base64url and ASCII words: always a header value.
        [(
            header::SET_COOKIE,
            HeaderValue::from_str(&set).unwrap_or(HeaderValue::from_static("")),
        )]
    }

    /// Changes what is known of the visit of the browser that sent these headers.
    pub(super) fn change(&self, headers: &HeaderMap, change: impl FnOnce(&mut Visit)) {
        if let Some(id) = cookie(headers)
            && let Some(visit) = self.lock().get_mut(id)
        {
            change(visit);
        }
    }

    /// Ends the visits whose sign-in the issuer says has ended: by the session it names, or by the person.
    pub(super) fn end(&self, sid: Option<&str>, sub: Option<&str>) {
        let ended = |visit: &Visit| {
            let Visit::SignedIn { id_token, .. } = visit else {
                return false;
            };
            let claims = Compact::parse(id_token)
                .and_then(|token| token.unverified_claims())
                .unwrap_or_default();
            let told = |claim: &str| claims.get(claim).and_then(Value::as_str);
            match sid {
                Some(sid) => told("sid") == Some(sid),
                None => sub.is_some() && told("sub") == sub,
            }
        };
        self.lock().retain(|_, visit| !ended(visit));
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Visit>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn cookie(headers: &HeaderMap) -> Option<&str> {
    let all = headers
        .get_all(header::COOKIE)
        .into_iter()
        .filter_map(|value| value.to_str().ok());
    let mut pairs = all
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(name, _)| *name == COOKIE).map(|(_, id)| id)
}
