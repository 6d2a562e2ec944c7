//! The issuer and its endpoints.

use std::fmt;

use serde::Serialize;
use url::{Host, Url};

/// Whether a URL names this very machine (RFC 8252 section 7.3): the one case where plain http is safe.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

/// The text is not a URL that can be an issuer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an issuer is an https URL (http on this machine only) without query, fragment and final slash")]
pub struct NotAnIssuer;

/// The issuer identifier: the address that all tokens name (OpenID Connect Discovery 3).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Issuer(String);

impl Issuer {
    /// Takes a URL such as `https://vneid.example`.
    ///
    /// # Errors
    /// [`NotAnIssuer`].
    pub fn parse(text: &str) -> Result<Self, NotAnIssuer> {
        let url = Url::parse(text).ok().ok_or(NotAnIssuer)?;
        let safe = url.scheme() == "https" || (url.scheme() == "http" && is_loopback(&url));
        let plain = url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
        let spelled_once = !text.ends_with('/') && url.as_str().trim_end_matches('/') == text;
        (safe && plain && spelled_once)
            .then(|| Self(text.to_owned()))
            .ok_or(NotAnIssuer)
    }

    /// The issuer as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Issuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The issuer with the paths of its endpoints, each beginning with a slash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provider {
    /// The issuer identifier.
    pub issuer: Issuer,
    /// Authorization endpoint.
    pub authorize: &'static str,
    /// Token endpoint.
    pub token: &'static str,
    /// Userinfo endpoint.
    pub userinfo: &'static str,
    /// The published keys.
    pub jwks: &'static str,
    /// Logout at a relying party's wish.
    pub logout: &'static str,
    /// Pushed authorization requests (RFC 9126), where offered.
    pub pushed: Option<&'static str>,
    /// Introspection (RFC 7662), where offered.
    pub introspect: Option<&'static str>,
    /// Revocation (RFC 7009), where offered.
    pub revoke: Option<&'static str>,
    /// Requests to persons on another device (OpenID Connect CIBA), where offered.
    pub backchannel: Option<&'static str>,
    /// The page that a relying party's frame asks about the session, where offered.
    pub watch: Option<&'static str>,
    /// Where programs register themselves (RFC 7591), where that is offered.
    pub registration: Option<&'static str>,
    /// Whether clients' certificates are known (RFC 8705), and by which other address clients with one reach us.
    pub mutual_tls: Option<Option<String>>,
}

impl Provider {
    /// A provider with the paths `/sso/authorize`, `/sso/token`, `/sso/userinfo`, `/sso/jwks`, `/sso/logout`.
    pub fn new(issuer: Issuer) -> Self {
        Self {
            issuer,
            authorize: "/sso/authorize",
            token: "/sso/token",
            userinfo: "/sso/userinfo",
            jwks: "/sso/jwks",
            logout: "/sso/logout",
            pushed: None,
            introspect: None,
            revoke: None,
            backchannel: None,
            watch: None,
            registration: None,
            mutual_tls: None,
        }
    }

    /// The same provider, which also offers `/sso/par`, `/sso/introspect` and `/sso/revoke`.
    #[must_use]
    pub fn with_pushed_and_tokens(self) -> Self {
        Self {
            pushed: Some("/sso/par"),
            introspect: Some("/sso/introspect"),
            revoke: Some("/sso/revoke"),
            ..self
        }
    }

    /// The same provider, which also offers `/sso/backchannel`.
    #[must_use]
    pub fn with_backchannel(self) -> Self {
        Self {
            backchannel: Some("/sso/backchannel"),
            ..self
        }
    }

    /// The same provider, which knows clients' certificates; by another address, if browsers are not to be asked for one.
    #[must_use]
    pub fn with_mutual_tls(self, address: Option<String>) -> Self {
        Self {
            mutual_tls: Some(address),
            ..self
        }
    }

    /// The paths of the endpoints where clients prove who they are.
    pub fn client_endpoints(&self) -> impl Iterator<Item = &'static str> {
        let others = [self.pushed, self.introspect, self.revoke, self.backchannel];
        std::iter::once(self.token).chain(others.into_iter().flatten())
    }

    /// The whole address of a path of ours.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.issuer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_issuer_is_https_or_on_this_machine_and_spelled_in_one_way() {
        for good in [
            "https://vneid.example",
            "https://vneid.example/op",
            "http://127.0.0.1:8080",
            "http://localhost:1",
        ] {
            assert!(Issuer::parse(good).is_ok(), "{good}");
        }
        for bad in [
            "http://vneid.example",
            "https://vneid.example/",
            "https://VNeID.example",
            "https://vneid.example?x",
            "https://vneid.example#x",
            "https://u@vneid.example",
            "https://vneid.example:443",
            "vneid.example",
            "",
        ] {
            assert_eq!(Issuer::parse(bad), Err(NotAnIssuer), "{bad}");
        }
    }
}
