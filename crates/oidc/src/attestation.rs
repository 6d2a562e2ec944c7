//! Wallet attestation: a wallet proves by its provider's statement that it is one that the provider made
//! (draft-ietf-oauth-attestation-based-client-auth, the `OpenID4VC` High Assurance Interoperability Profile 1.0 section 4.3.1).
//!
//! The provider's keys are the client's registered `jwks`. Two headers come with a request: the attestation, which names
//! the key of this one wallet, and a fresh proof of that key. The proof works once.

use crypto::base64url;
use crypto::digest::sha256;
use crypto::jwk::Jwk;
use crypto::jws::Compact;
use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::authentication::{ALGORITHMS, AssertionId, SKEW};
use crate::client::Client;
use crate::provider::Issuer;

/// The header of the attestation.
pub const HEADER: &str = "oauth-client-attestation";
/// The header of the proof.
pub const PROOF_HEADER: &str = "oauth-client-attestation-pop";

const TYP: &str = "oauth-client-attestation+jwt";
const PROOF_TYP: &str = "oauth-client-attestation-pop+jwt";
/// How old a proof may be, in seconds: it bounds how long its id must be remembered.
const PROOF_LIFE: i64 = 300;
const MAX_ID: usize = 128;

/// An attestation with its proof, as the headers bring them.
#[derive(Debug, Clone, Copy)]
pub struct Attestation<'a> {
    /// The provider's statement.
    pub statement: &'a str,
    /// The wallet's proof.
    pub proof: &'a str,
}

/// The client that a statement says it is about; unproven.
pub(crate) fn subject(statement: &str) -> Option<String> {
    let claims = Compact::parse(statement).ok()?.unverified_claims().ok()?;
    let subject = claims.get("sub")?.as_str()?;
    is_plain(subject).then(|| subject.to_owned())
}

/// Judges an attestation and its proof. Answers the id under which the proof must be refused when it comes again; nothing
/// if anything is wrong.
pub(crate) fn judge(given: &Attestation<'_>, client: &Client, issuer: &Issuer, now: Timestamp) -> Option<AssertionId> {
    let providers = client.metadata().jwks.as_ref()?;
    let now = now.as_second();
    let statement = Compact::parse(given.statement)
        .ok()?
        .verify(providers, ALGORITHMS)
        .ok()?;
    let claims: Map<String, Value> = statement.claims().ok()?;
    let lasts = claims.get("exp")?.as_i64().is_some_and(|end| end > now - SKEW);
    let begun = ["nbf", "iat"].iter().all(|name| is_past(&claims, name, now));
    let about = claims.get("sub")?.as_str()? == client.id();
    if !statement.header().is_typ(TYP) || !lasts || !begun || !about {
        return None;
    }
    let key = Jwk::from_value(claims.get("cnf")?.get("jwk")?).ok()?;

    let proof = Compact::parse(given.proof).ok()?;
    if !proof.header().is_typ(PROOF_TYP) {
        return None;
    }
    let proof = proof.verify(&Jwk::unnamed(key.key().clone()), ALGORITHMS).ok()?;
    let claims: Map<String, Value> = proof.claims().ok()?;
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    let made = claims.get("iat")?.as_i64()?;
    let fresh = (now - PROOF_LIFE..=now + SKEW).contains(&made);
    let lasts = claims
        .get("exp")
        .is_none_or(|end| end.as_i64().is_some_and(|end| end > now - SKEW));
    let ours = is_audience(claims.get("aud")?, issuer);
    let named = text("iss").is_none_or(|iss| iss == client.id());
    let id = text("jti").filter(|id| is_plain(id))?;
    if !fresh || !lasts || !ours || !named || !is_past(&claims, "nbf", now) {
        return None;
    }
    let unique = format!("{}.{id}", key.thumbprint());
    Some(AssertionId {
        id: base64url::encode(sha256(unique.as_bytes())),
        expires_at: Timestamp::from_second(made + PROOF_LIFE + SKEW).ok()?,
    })
}

fn is_past(claims: &Map<String, Value>, name: &str, now: i64) -> bool {
    claims
        .get(name)
        .is_none_or(|at| at.as_i64().is_some_and(|at| at <= now + SKEW))
}

fn is_audience(audience: &Value, issuer: &Issuer) -> bool {
    let only = match audience {
        Value::Array(several) => match several.as_slice() {
            [one] => one,
            _ => return false,
        },
        one => one,
    };
    only.as_str() == Some(issuer.as_str())
}

fn is_plain(text: &str) -> bool {
    (1..=MAX_ID).contains(&text.len()) && !text.chars().any(char::is_control)
}
