//! How a client hears that a session has ended: by a token that we post (OpenID Connect Back-Channel Logout 1.0), or by
//! an address that the person's browser loads (OpenID Connect Front-Channel Logout 1.0).

use crypto::sign::{SignError, Signer};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};
use url::Url;

use crate::client::Client;
use crate::provider::Issuer;
use crate::reply::with_query;
use crate::signed;

/// The `typ` of logout tokens (Back-Channel Logout 2.4).
pub const TYP: &str = "logout+jwt";
/// The event that a logout token tells (Back-Channel Logout 2.4).
pub const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";
/// How long a logout token is good, in seconds: two minutes (Back-Channel Logout 4).
pub const LIFE: i64 = 120;

/// A logout token. It has no `nonce`, so that it can never pass for an ID token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LogoutToken {
    iss: String,
    aud: String,
    iat: i64,
    exp: i64,
    jti: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    sub: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sid: Option<String>,
    events: Value,
}

/// What has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended<'a> {
    /// One session of a person.
    Session {
        /// The pairwise subject.
        sub: &'a str,
        /// The session's name for this client, as in its ID tokens.
        sid: &'a str,
    },
    /// All sessions of a person.
    Everything {
        /// The pairwise subject.
        sub: &'a str,
    },
}

impl LogoutToken {
    /// The token for a client that asked to be called; nothing for one that did not, or that needs a session's name
    /// where there is none.
    pub fn new(issuer: &Issuer, client: &Client, ended: Ended<'_>, jti: String, now: Timestamp) -> Option<Self> {
        let logout = &client.metadata().logout;
        logout.backchannel_logout_uri.as_ref()?;
        let (sub, sid) = match ended {
            Ended::Session { sub, sid } => (sub, Some(sid.to_owned())),
            Ended::Everything { .. } if logout.backchannel_logout_session_required => return None,
            Ended::Everything { sub } => (sub, None),
        };
        Some(Self {
            iss: issuer.as_str().to_owned(),
            aud: client.id().to_owned(),
            iat: now.as_second(),
            exp: now.as_second() + LIFE,
            jti,
            sub: Some(sub.to_owned()),
            sid,
            events: json!({EVENT: {}}),
        })
    }

    /// Signs the token; it is posted as the form field `logout_token` (Back-Channel Logout 2.5).
    ///
    /// # Errors
    /// [`SignError`].
    pub fn sign(&self, signer: &dyn Signer) -> Result<String, SignError> {
        signed::claims(signer, TYP, self)
    }
}

/// The address that the browser loads for a client (Front-Channel Logout 3), with issuer and session if the client
/// asked for them; nothing if it did not register one.
pub fn frontchannel(issuer: &Issuer, client: &Client, sid: &str) -> Option<String> {
    let logout = &client.metadata().logout;
    let uri = logout.frontchannel_logout_uri.as_ref()?;
    if !logout.frontchannel_logout_session_required {
        return Some(uri.clone());
    }
    let fields = [("iss", issuer.as_str().to_owned()), ("sid", sid.to_owned())];
    Some(with_query(uri, &fields))
}

/// The origin of a client's front-channel address, which the page of ours must allow in its frames.
pub fn frontchannel_origin(client: &Client) -> Option<String> {
    let uri = client.metadata().logout.frontchannel_logout_uri.as_ref()?;
    Some(Url::parse(uri).ok()?.origin().ascii_serialization())
}

#[cfg(test)]
mod tests {
    use crypto::jws;
    use crypto::sign::{Algorithm, Signer as _, SoftKey};

    use super::*;

    fn issuer() -> Issuer {
        Issuer::parse("https://vneid.example").unwrap()
    }

    fn client(needs_session: bool) -> Client {
        let metadata = json!({
            "client_id": "portal", "client_name": "Cổng", "redirect_uris": ["https://portal.example/cb"], "scope": "openid",
            "token_endpoint_auth_method": "none", "backchannel_logout_uri": "https://portal.example/out",
            "backchannel_logout_session_required": needs_session,
            "frontchannel_logout_uri": "https://portal.example/front?a=b",
            "frontchannel_logout_session_required": needs_session,
        });
        Client::new(serde_json::from_value(metadata).unwrap(), None).unwrap()
    }

    fn token(ended: Ended<'_>, needs_session: bool) -> Option<LogoutToken> {
        LogoutToken::new(
            &issuer(),
            &client(needs_session),
            ended,
            "j".to_owned(),
            Timestamp::constant(1000, 0),
        )
    }

    #[test]
    fn oidcc_backchannel_rp_initiated_logout() {
        let key = SoftKey::from_seed(Algorithm::Es256, &[1; 32]).unwrap();
        let ended = Ended::Session { sub: "s", sid: "d" };

        let compact = token(ended, true).unwrap().sign(&key).unwrap();

        let verified = jws::verify(&compact, key.public(), &[Algorithm::Es256]).unwrap();
        assert_eq!(verified.header().typ(), Some(TYP));
        let claims: Value = verified.claims().unwrap();
        assert_eq!(
            claims,
            json!({
                "iss": "https://vneid.example", "aud": "portal", "iat": 1000, "exp": 1120, "jti": "j", "sub": "s", "sid": "d",
                "events": {EVENT: {}},
            })
        );
    }

    #[test]
    fn the_end_of_everything_names_no_session() {
        let everything = Ended::Everything { sub: "s" };

        let claims = serde_json::to_value(token(everything, false).unwrap()).unwrap();

        assert!(claims.get("sid").is_none() && claims.get("nonce").is_none());
        assert_eq!(token(everything, true), None);
    }

    #[test]
    fn oidcc_frontchannel_rp_initiated_logout() {
        let with = frontchannel(&issuer(), &client(true), "d&1").unwrap();
        let without = frontchannel(&issuer(), &client(false), "d").unwrap();

        assert_eq!(
            with,
            "https://portal.example/front?a=b&iss=https%3A%2F%2Fvneid.example&sid=d%261"
        );
        assert_eq!(without, "https://portal.example/front?a=b");
        assert_eq!(
            frontchannel_origin(&client(true)).as_deref(),
            Some("https://portal.example")
        );
    }
}
