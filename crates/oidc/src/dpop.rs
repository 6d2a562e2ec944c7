//! Proof of possession of a key by a signed header (RFC 9449).
//!
//! A client signs each request with a key of its own; codes and tokens are bound to that key, so that who steals one
//! can do nothing with it. [`header`] takes the one `DPoP` header, [`verify`] judges it; the platform refuses a
//! [`Proof::id`] that it has seen before. Where a nonce is asked for, [`Nonces`] makes and knows it without a table.

use crypto::digest::{DigestKey, sha256};
use crypto::jwk::Jwk;
use crypto::jws::{Compact, Verified};
use crypto::sign::Algorithm;
use crypto::{base64url, equal};
use jiff::Timestamp;
use serde_json::{Map, Value};
use url::Url;

use crate::error::{Error, ErrorCode};

/// The `typ` of proofs (section 4.2).
pub const TYP: &str = "dpop+jwt";
/// The signature algorithms of proofs.
pub const ALGORITHMS: &[Algorithm] = Algorithm::ALL;
/// How old a proof may be, in seconds (section 11.1).
pub const PAST: i64 = 60;
/// How far in the future a proof may have been made, in seconds: clocks differ (FAPI 2.0 Security Profile 5.3.2.1
/// number 13).
pub const FUTURE: i64 = 30;

const MAX_PROOF: usize = 8 * 1024;
const MAX_JTI: usize = 256;

/// The request that a proof must fit.
#[derive(Debug, Clone, Copy)]
pub struct Check<'a> {
    /// The request's method, in capitals.
    pub method: &'a str,
    /// The endpoint's own address, as the outside world knows it.
    pub url: &'a str,
    /// The access token that comes with the proof, at a protected resource.
    pub access_token: Option<&'a str>,
    /// If given, the proof must carry one of these nonces.
    pub nonces: Option<&'a Nonces>,
    /// The time.
    pub now: Timestamp,
}

/// A proof that fits its request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// The SHA-256 thumbprint of the key (RFC 7638), as in `jkt` and `dpop_jkt`.
    pub thumbprint: String,
    /// What to remember, so that the proof works once.
    pub id: ProofId,
}

/// The name of a proof: one `jti` of one key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProofId {
    /// A digest of key and `jti`.
    pub digest: [u8; 32],
    /// When the proof is too old, and its name can be forgotten.
    pub expires_at: Timestamp,
}

/// The one `DPoP` header of a request (section 4.3 number 1).
///
/// # Errors
/// `invalid_dpop_proof` for several headers, or one that is not text.
pub fn header<'a>(values: impl IntoIterator<Item = &'a [u8]>) -> Result<Option<&'a str>, Error> {
    let mut values = values.into_iter();
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(one), None) => {
            let text = std::str::from_utf8(one).ok().filter(|text| text.len() <= MAX_PROOF);
            text.map(Some).ok_or(Error::dpop("the DPoP header is malformed"))
        }
        (Some(_), Some(_)) => Err(Error::dpop("more than one DPoP header")),
    }
}

/// Judges a proof by all numbers of section 4.3.
///
/// # Errors
/// `invalid_dpop_proof`; `use_dpop_nonce` for a right proof without a nonce that counts now.
pub fn verify(proof: &str, check: &Check<'_>) -> Result<Proof, Error> {
    let verified = verify_signature(proof)?;
    let claims: Map<String, Value> = verified.claims().ok().ok_or(Error::dpop("the proof is malformed"))?;
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    if text("htm") != Some(check.method) {
        return Err(Error::dpop("htm is not the method of the request"));
    }
    if !text("htu").is_some_and(|url| is_same_url(url, check.url)) {
        return Err(Error::dpop("htu is not the address of the request"));
    }
    let jti = text("jti").filter(|jti| (1..=MAX_JTI).contains(&jti.len()));
    let jti = jti.ok_or(Error::dpop("jti is missing or too long"))?;
    let expires_at = check_time(&claims, check.now)?;
    if let Some(token) = check.access_token {
        let digest = base64url::encode(sha256(token.as_bytes()));
        if !text("ath").is_some_and(|ath| equal(ath.as_bytes(), digest.as_bytes())) {
            return Err(Error::dpop("ath is not the digest of the access token"));
        }
    }
    if let Some(nonces) = check.nonces
        && !text("nonce").is_some_and(|nonce| nonces.know(nonce, check.now))
    {
        return Err(USE_NONCE);
    }
    let thumbprint = verified.key().thumbprint();
    let digest = sha256(format!("{thumbprint}.{jti}").as_bytes());
    Ok(Proof {
        thumbprint,
        id: ProofId { digest, expires_at },
    })
}

/// The proof must carry the nonce of the `DPoP-Nonce` header of this answer (sections 8 and 9).
pub const USE_NONCE: Error = Error::new(ErrorCode::UseDpopNonce, "the proof must carry the nonce of this answer");

/// The same proof was used before.
pub const REPLAYED: Error = Error::dpop("the proof was used before");

/// The `WWW-Authenticate` header of a refusal at a protected resource, for clients with a DPoP key (section 7.1).
pub fn challenge(error: Error) -> String {
    let algorithms = ALGORITHMS.iter().map(|algorithm| algorithm.name());
    let algorithms = algorithms.collect::<Vec<_>>().join(" ");
    if error == crate::bearer::MISSING {
        return format!(r#"DPoP realm="vneid", algs="{algorithms}""#);
    }
    let Error { code, description } = error;
    format!(r#"DPoP realm="vneid", error="{code}", error_description="{description}", algs="{algorithms}""#)
}

/// Reads a `dpop_jkt` parameter (section 10).
///
/// # Errors
/// `invalid_request` if it is not a SHA-256 thumbprint.
pub fn thumbprint(text: &str) -> Result<String, Error> {
    let right = base64url::decode_fixed::<32>(text).is_ok();
    right
        .then(|| text.to_owned())
        .ok_or(Error::request("dpop_jkt is not a SHA-256 thumbprint in base64url"))
}

/// The signature, by the key in the header: public, of an allowed algorithm (section 4.3 numbers 2, 4 to 7).
fn verify_signature(proof: &str) -> Result<Verified, Error> {
    let compact = Compact::parse(proof)
        .ok()
        .ok_or(Error::dpop("the proof is not a JWT"))?;
    if compact.header().typ() != Some(TYP) {
        return Err(Error::dpop("typ is not dpop+jwt"));
    }
    let key = compact.header().get("jwk").and_then(|jwk| Jwk::from_value(jwk).ok());
    let key = key.ok_or(Error::dpop("jwk is not a public key of a supported kind"))?;
    compact
        .verify(&key, ALGORITHMS)
        .ok()
        .ok_or(Error::dpop("the proof's signature does not verify"))
}

/// Section 4.3 number 11, and `nbf` and `exp` where the client chose to give them.
fn check_time(claims: &Map<String, Value>, now: Timestamp) -> Result<Timestamp, Error> {
    let now = now.as_second();
    let made = claims.get("iat").and_then(Value::as_i64);
    let made = made.ok_or(Error::dpop("iat is missing or not a number"))?;
    let begun = |at: &Value| at.as_i64().is_some_and(|at| at <= now + FUTURE);
    let lasts = |at: &Value| at.as_i64().is_some_and(|at| at > now - FUTURE);
    let current = (now - PAST..=now + FUTURE).contains(&made)
        && claims.get("nbf").is_none_or(begun)
        && claims.get("exp").is_none_or(lasts);
    let end = Timestamp::from_second(made.saturating_add(PAST + 1)).ok();
    end.filter(|_| current)
        .ok_or(Error::dpop("the proof is not of this moment"))
}

/// Section 4.3 number 9: without query and fragment, after the normalisation of RFC 3986 sections 6.2.2 and 6.2.3.
fn is_same_url(given: &str, own: &str) -> bool {
    match (Url::parse(given), Url::parse(own)) {
        (Ok(given), Ok(own)) => {
            let part = |url: &Url| (url.scheme().to_owned(), url.host_str().map(str::to_owned), url.port());
            let plain = given.username().is_empty() && given.password().is_none();
            plain && part(&given) == part(&own) && unescape(given.path()) == unescape(own.path())
        }
        _ => false,
    }
}

/// Writes escapes of unreserved characters as the characters, and the others in capitals (RFC 3986 section 6.2.2).
fn unescape(path: &str) -> String {
    let mut pieces = path.split('%');
    let mut plain = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let (code, rest) = piece.split_at_checked(2).unwrap_or((piece, ""));
        match u8::from_str_radix(code, 16).ok().map(char::from) {
            Some(char) if char.is_ascii_alphanumeric() || "-._~".contains(char) => plain.push(char),
            _ => {
                plain.push('%');
                plain.push_str(&code.to_ascii_uppercase());
            }
        }
        plain.push_str(rest);
    }
    plain
}

/// Nonces for proofs (section 8): a keyed digest of the current stretch of time. No table is needed, every node knows
/// those of the others, and one is good for one to two stretches.
#[derive(Debug, Clone)]
pub struct Nonces {
    key: DigestKey,
    stretch: i64,
}

impl Nonces {
    /// Nonces that change every so many seconds, at least one.
    pub fn new(key: DigestKey, stretch: u32) -> Self {
        Self {
            key,
            stretch: i64::from(stretch.max(1)),
        }
    }

    /// The nonce to tell in `DPoP-Nonce`: 43 characters.
    pub fn current(&self, now: Timestamp) -> String {
        self.of(now.as_second().div_euclid(self.stretch))
    }

    /// Whether the nonce is of this stretch or the one before.
    pub fn know(&self, nonce: &str, now: Timestamp) -> bool {
        let stretch = now.as_second().div_euclid(self.stretch);
        [stretch, stretch - 1]
            .iter()
            .any(|stretch| equal(nonce.as_bytes(), self.of(*stretch).as_bytes()))
    }

    fn of(&self, stretch: i64) -> String {
        base64url::encode(self.key.digest("dpop nonce", &stretch.to_be_bytes()))
    }
}

#[cfg(test)]
#[path = "dpop_tests.rs"]
mod tests;
