//! How a client proves who it is (RFC 6749 section 2.3, OpenID Connect Core 9).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use crypto::digest::DigestKey;
use crypto::equal;
use crypto::jws::Compact;
use crypto::secret::Secret;
use crypto::sign::Algorithm;
use jiff::Timestamp;
use serde_json::{Map, Value};
use url::form_urlencoded;

use crate::attestation::{self, Attestation};
use crate::certificate::Certificate;
use crate::client::{AuthMethod, Client, secret_digest};
use crate::error::Error;
use crate::params::Params;
use crate::profile::AssertionAudience;
use crate::provider::Provider;

/// The one `client_assertion_type` (RFC 7523 section 2.2).
pub const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// The signature algorithms that a client may use.
pub const ALGORITHMS: &[Algorithm] = Algorithm::ALL;
/// How far in the future an assertion may end, in seconds: it bounds how long its id must be remembered.
pub const MAX_LIFE: i64 = 600;
/// How much the clocks may differ, in seconds.
pub const SKEW: i64 = 30;

const MAX_ID: usize = 128;
const MAX_JTI: usize = 256;

/// What a request offers as proof.
#[derive(Debug)]
pub enum Credentials {
    /// A secret in the `Authorization` header.
    Basic(String, Secret<String>),
    /// A secret in the form.
    Post(String, Secret<String>),
    /// A signed JWT.
    Assertion(String, Secret<String>),
    /// A statement of the wallet's provider, and the wallet's proof.
    Attestation(String, Secret<String>, Secret<String>),
    /// Only the client's name: a public client, or one whose certificate is its proof.
    Public(String),
}

/// The headers in which a proof may come.
#[derive(Debug, Clone, Copy, Default)]
pub struct Headers<'a> {
    /// `Authorization`.
    pub authorization: Option<&'a str>,
    /// The attestation of a wallet, with its proof.
    pub attestation: Option<Attestation<'a>>,
}

impl<'a> From<Option<&'a str>> for Headers<'a> {
    fn from(authorization: Option<&'a str>) -> Self {
        Self {
            authorization,
            attestation: None,
        }
    }
}

/// The id of an assertion. It may be used once: the platform keeps it until its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssertionId {
    /// `jti`.
    pub id: String,
    /// When the assertion ends, and the id can be forgotten.
    pub expires_at: Timestamp,
}

/// What is needed to judge a proof.
#[derive(Debug, Clone, Copy)]
pub struct Judge<'a> {
    /// Ourselves: the audience of assertions.
    pub provider: &'a Provider,
    /// The key of the secrets' digests.
    pub secrets: &'a DigestKey,
    /// The certificate of the connection, whose private key the client has shown to hold (RFC 8705).
    pub certificate: Option<&'a Certificate>,
    /// The time.
    pub now: Timestamp,
}

impl Credentials {
    /// Finds the proof in a form and the headers. Exactly one way may be used (RFC 6749 section 2.3).
    ///
    /// # Errors
    /// `invalid_request` for none, several or half of one; `invalid_client` for a header that cannot be read.
    pub fn read<'a>(params: &Params, headers: impl Into<Headers<'a>>) -> Result<Self, Error> {
        let Headers {
            authorization,
            attestation,
        } = headers.into();
        let named = params.get_short("client_id", MAX_ID)?;
        let secret = params.get("client_secret")?;
        let assertion = params.get("client_assertion")?;
        let assertion_type = params.get("client_assertion_type")?;
        let own = |text: &str| text.to_owned();
        if let Some(given) = attestation {
            if authorization.is_some() || secret.is_some() || assertion.is_some() || assertion_type.is_some() {
                return Err(Error::request("more than one way of client authentication"));
            }
            let subject = attestation::subject(given.statement).ok_or(Error::client())?;
            if named.is_some_and(|named| named != subject) {
                return Err(Error::request("client_id differs from the attestation"));
            }
            let [statement, proof] = [given.statement, given.proof].map(|text| Secret::new(own(text)));
            return Ok(Self::Attestation(subject, statement, proof));
        }
        match (authorization, secret, assertion, assertion_type) {
            (Some(header), None, None, None) => {
                let (id, secret) = basic(header).ok_or(Error::client())?;
                if named.is_some_and(|named| named != id) {
                    return Err(Error::request("client_id differs from the authorization header"));
                }
                Ok(Self::Basic(id, secret))
            }
            (None, Some(secret), None, None) => {
                let id = named.ok_or(Error::request("client_id is missing"))?;
                Ok(Self::Post(own(id), Secret::new(own(secret))))
            }
            (None, None, Some(assertion), Some(ASSERTION_TYPE)) => {
                let subject = subject(assertion).ok_or(Error::client())?;
                if named.is_some_and(|named| named != subject) {
                    return Err(Error::request("client_id differs from the assertion"));
                }
                Ok(Self::Assertion(subject, Secret::new(own(assertion))))
            }
            (None, None, None, None) => Ok(Self::Public(own(named.ok_or(Error::request("client_id is missing"))?))),
            (None, None, Some(_), _) | (None, None, None, Some(_)) => Err(Error::request(
                "client_assertion and client_assertion_type do not fit together",
            )),
            _ => Err(Error::request("more than one way of client authentication")),
        }
    }

    /// The client that this claims to be; unproven.
    pub fn client_id(&self) -> &str {
        match self {
            Self::Basic(id, _)
            | Self::Post(id, _)
            | Self::Assertion(id, _)
            | Self::Attestation(id, _, _)
            | Self::Public(id) => id,
        }
    }

    /// Judges the proof against what the client registered; only the registered method counts. Answers the id of the
    /// assertion, if one was used: the platform must refuse it by [`Error::client`] if it has seen it before.
    ///
    /// # Errors
    /// `invalid_client`.
    pub fn prove(&self, client: &Client, judge: &Judge<'_>) -> Result<Option<AssertionId>, Error> {
        let method = client.metadata().token_endpoint_auth_method;
        if self.client_id() != client.id() {
            return Err(Error::client());
        }
        match (self, method) {
            (Self::Basic(_, secret), AuthMethod::ClientSecretBasic)
            | (Self::Post(_, secret), AuthMethod::ClientSecretPost) => {
                let known = client.secret_digest().ok_or(Error::client())?;
                let right = equal(known, &secret_digest(judge.secrets, secret));
                if right { Ok(None) } else { Err(Error::client()) }
            }
            (Self::Assertion(_, assertion), AuthMethod::PrivateKeyJwt) => judge
                .assertion(assertion.expose(), client)
                .map(Some)
                .ok_or(Error::client()),
            (Self::Attestation(_, statement, proof), AuthMethod::AttestJwtClientAuth) => {
                let given = Attestation {
                    statement: statement.expose(),
                    proof: proof.expose(),
                };
                attestation::judge(&given, client, &judge.provider.issuer, judge.now)
                    .map(Some)
                    .ok_or(Error::client())
            }
            (Self::Public(_), AuthMethod::None) => Ok(None),
            (Self::Public(_), AuthMethod::TlsClientAuth | AuthMethod::SelfSignedTlsClientAuth) => {
                let shown = judge.certificate.ok_or(Error::client())?;
                let right = shown.proves(client, judge.now);
                if right { Ok(None) } else { Err(Error::client()) }
            }
            _ => Err(Error::client()),
        }
    }
}

/// `Basic` with both parts form-encoded before they were joined (RFC 6749 section 2.3.1).
fn basic(header: &str) -> Option<(String, Secret<String>)> {
    let (scheme, encoded) = header.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let joined = Secret::new(String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?);
    let (id, secret) = joined.expose().split_once(':')?;
    let (id, secret) = (form_decode(id)?, form_decode(secret)?);
    (is_plain(&id, MAX_ID) && !secret.is_empty()).then(|| (id, Secret::new(secret)))
}

fn form_decode(text: &str) -> Option<String> {
    if text.contains(['&', '=']) {
        return Some(text.to_owned());
    }
    let (decoded, _) = form_urlencoded::parse(text.as_bytes()).next()?;
    (!decoded.contains(char::REPLACEMENT_CHARACTER)).then(|| decoded.into_owned())
}

fn subject(assertion: &str) -> Option<String> {
    let claims = Compact::parse(assertion).ok()?.unverified_claims().ok()?;
    claims
        .get("sub")?
        .as_str()
        .filter(|subject| is_plain(subject, MAX_ID))
        .map(str::to_owned)
}

/// Whether a text can be looked up and kept: not empty, not too long, no control characters.
fn is_plain(text: &str, most: usize) -> bool {
    (1..=most).contains(&text.len()) && !text.chars().any(char::is_control)
}

impl Judge<'_> {
    /// RFC 7523 section 3: issuer and subject are the client, the audience is this provider, it ends soon, and has an
    /// id.
    fn assertion(&self, assertion: &str, client: &Client) -> Option<AssertionId> {
        let keys = client.metadata().jwks.as_ref()?;
        let verified = Compact::parse(assertion).ok()?.verify(keys, ALGORITHMS).ok()?;
        let claims: Map<String, Value> = verified.claims().ok()?;
        let text = |name: &str| claims.get(name).and_then(Value::as_str);
        let now = self.now.as_second();
        let end = claims.get("exp")?.as_i64()?;
        let begun = |name: &str| {
            claims
                .get(name)
                .is_none_or(|at| at.as_i64().is_some_and(|at| at <= now + SKEW))
        };
        let id = text("jti").filter(|id| is_plain(id, MAX_JTI))?;
        let right = text("iss") == Some(client.id())
            && text("sub") == Some(client.id())
            && self.is_audience(claims.get("aud")?, client.rules().audience)
            && (now - SKEW < end && end <= now + MAX_LIFE + SKEW)
            && begun("nbf")
            && begun("iat");
        let expires_at = Timestamp::from_second(end + SKEW).ok()?;
        right.then(|| AssertionId {
            id: id.to_owned(),
            expires_at,
        })
    }

    /// The issuer or an endpoint that clients prove themselves at, and nobody beside: an assertion made for two could be
    /// used by one against the other. For a strict client, the issuer as a text.
    fn is_audience(&self, audience: &Value, rule: AssertionAudience) -> bool {
        let strict = rule == AssertionAudience::IssuerText;
        let only = match audience {
            Value::Array(several) => match several.as_slice() {
                [one] if !strict => one,
                _ => return false,
            },
            one => one,
        };
        let provider = self.provider;
        let endpoint = |only: &str| provider.client_endpoints().any(|path| only == provider.url(path));
        only.as_str()
            .is_some_and(|only| only == provider.issuer.as_str() || (!strict && endpoint(only)))
    }
}

#[cfg(test)]
#[path = "authentication_tests.rs"]
mod tests;
