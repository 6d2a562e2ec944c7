//! ID tokens (OpenID Connect Core 2), and as hints of who is meant.

use crypto::base64url;
use crypto::digest::{sha256, sha512};
use crypto::jwk::JwkSet;
use crypto::jws;
use crypto::sign::{Algorithm, SignError, Signer};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::assurance::Assurance;
use crate::error::Error;
use crate::provider::Issuer;

/// The `typ` of ID tokens, so that no other JWT of ours can pass for one (RFC 8725 section 3.11).
pub const TYP: &str = "JWT";

/// The claims of an ID token. Who the person is beyond `sub` is asked at userinfo, or for here by single claims.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdToken {
    /// The issuer.
    pub iss: String,
    /// The pairwise subject.
    pub sub: String,
    /// The client's identifier.
    pub aud: String,
    /// End, in seconds since 1970.
    pub exp: i64,
    /// Issue, in seconds since 1970.
    pub iat: i64,
    /// When the person signed in, in seconds since 1970.
    pub auth_time: i64,
    /// As in the request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nonce: Option<String>,
    /// How strongly the person signed in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acr: Option<Assurance>,
    /// By which means (RFC 8176).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub amr: Vec<String>,
    /// Half a digest of the access token, from [`IdToken::with_access_token`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_hash: Option<String>,
    /// The session, for logout (OpenID Connect Back-Channel Logout 2.1).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sid: Option<String>,
    /// Claims that were asked for here (OpenID Connect Core 5.5).
    #[serde(flatten)]
    pub more: Map<String, Value>,
}

impl IdToken {
    /// A token for a client that lives from `now` for some seconds, with no optional claim.
    pub fn new(issuer: &Issuer, sub: String, aud: String, auth_time: Timestamp, now: Timestamp, life: u32) -> Self {
        let iat = now.as_second();
        Self {
            iss: issuer.as_str().to_owned(),
            sub,
            aud,
            exp: iat + i64::from(life),
            iat,
            auth_time: auth_time.as_second(),
            nonce: None,
            acr: None,
            amr: Vec::new(),
            at_hash: None,
            sid: None,
            more: Map::new(),
        }
    }

    /// Binds the access token that is issued together with it (OpenID Connect Core 3.1.3.6).
    #[must_use]
    pub fn with_access_token(self, algorithm: Algorithm, access_token: &str) -> Self {
        Self {
            at_hash: Some(at_hash(algorithm, access_token)),
            ..self
        }
    }

    /// Signs the token.
    ///
    /// # Errors
    /// [`SignError`].
    pub fn sign(&self, signer: &dyn Signer) -> Result<String, SignError> {
        let claims = serde_json::to_vec(self)
            .ok()
            .ok_or_else(|| SignError::Failed("writing the claims".to_owned()))?;
        jws::sign(signer, Some(TYP), &claims)
    }
}

/// The left half of the token's digest, by the hash of the signature algorithm: SHA-256 for ES256, SHA-512 for Ed25519.
pub fn at_hash(algorithm: Algorithm, access_token: &str) -> String {
    let bytes = access_token.as_bytes();
    match algorithm {
        Algorithm::Es256 => base64url::encode(sha256(bytes).split_at(16).0),
        Algorithm::EdDsa => base64url::encode(sha512(bytes).split_at(32).0),
    }
}

/// Reads an ID token of ours that comes back as `id_token_hint` (OpenID Connect Core 3.1.2.1, RP-Initiated Logout 2).
/// It may have expired: it says who is meant, it proves nothing.
///
/// # Errors
/// `invalid_request` if it is not an ID token of this issuer, signed with a key that is still published.
pub fn verify_hint(hint: &str, keys: &JwkSet, issuer: &Issuer) -> Result<IdToken, Error> {
    let refused = Error::request("id_token_hint is not an ID token of this issuer");
    let verified = jws::verify(hint, keys, Algorithm::ALL).ok().ok_or(refused)?;
    let token: IdToken = verified.claims().ok().ok_or(refused)?;
    if verified.header().is_typ(TYP) && token.iss == issuer.as_str() {
        Ok(token)
    } else {
        Err(refused)
    }
}

#[cfg(test)]
#[path = "id_token_tests.rs"]
mod tests;
