//! Compact JWS (RFC 7515): signing, and verification that refuses whatever is not plainly right.
//!
//! Refused are: `alg` none and every algorithm outside the caller's list (RFC 8725 section 3.1), an algorithm that is
//! not the key's own, `crit` with anything (we understand no extension, RFC 7515 section 4.1.11), `b64` (RFC 7797),
//! duplicate or ill-typed header members, non-canonical base64url, more than three parts, oversize. Keys come from
//! the caller, never from the token's header.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::jwk::Jwk;
use crate::sign::{self, Algorithm, SignError, Signer};
use crate::{base64url, json};

/// The longest compact JWS that is read, in bytes.
pub const MAX_COMPACT: usize = 64 * 1024;
/// The longest header that is read, in bytes of base64url.
pub const MAX_HEADER: usize = 16 * 1024;

/// Why a JWS was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    /// Not three parts of base64url with a JSON header, or a duplicate or ill-typed header member.
    #[error("jws is malformed")]
    Malformed,
    /// Longer than [`MAX_COMPACT`] (or the caller's bound), or its header than [`MAX_HEADER`].
    #[error("jws is too large")]
    TooLarge,
    /// `alg` is `none`, unknown, or not in the caller's list.
    #[error("jws algorithm is not allowed")]
    Algorithm,
    /// `crit` or `b64` asks for an extension.
    #[error("jws asks for an unsupported extension")]
    Critical,
    /// No given key has the `kid` and the algorithm.
    #[error("no key matches the jws")]
    UnknownKey,
    /// The signature does not verify with any matching key.
    #[error("jws signature does not verify")]
    Signature,
    /// The payload is not JSON of the expected shape, or has duplicate members.
    #[error("jws payload is malformed")]
    Payload,
}

/// Signs a payload with `alg`, `kid` and, if given, `typ` in the header.
///
/// # Errors
/// [`SignError`].
pub fn sign(signer: &dyn Signer, typ: Option<&str>, payload: &[u8]) -> Result<String, SignError> {
    let members = typ
        .map(|typ| ("typ".to_owned(), Value::from(typ)))
        .into_iter()
        .collect();
    sign_with(signer, members, payload)
}

/// Signs a payload with further header members, such as `typ`, `x5c` or `jwk`. `alg` and `kid` are the signer's,
/// whatever `members` says.
///
/// # Errors
/// [`SignError`].
pub fn sign_with(signer: &dyn Signer, members: Map<String, Value>, payload: &[u8]) -> Result<String, SignError> {
    let mut header = members;
    header.insert("alg".to_owned(), signer.algorithm().name().into());
    header.insert("kid".to_owned(), signer.key_id().into());
    let mut compact = base64url::encode(Value::Object(header).to_string());
    compact.push('.');
    compact.push_str(&base64url::encode(payload));
    let signature = signer.sign(compact.as_bytes())?;
    compact.push('.');
    compact.push_str(&base64url::encode(signature));
    Ok(compact)
}

/// As [`sign_with`], with members of a known shape, which have neither `alg` nor `kid`: no tree of values is made of them.
///
/// # Errors
/// [`SignError`].
pub fn sign_as(signer: &dyn Signer, members: &impl Serialize, payload: &[u8]) -> Result<String, SignError> {
    #[derive(Serialize)]
    struct Written<'a, M: Serialize> {
        alg: &'static str,
        kid: &'a str,
        #[serde(flatten)]
        members: &'a M,
    }
    let written = Written {
        alg: signer.algorithm().name(),
        kid: signer.key_id(),
        members,
    };
    let header = serde_json::to_vec(&written).map_err(|error| SignError::Failed(error.to_string()))?;
    let mut compact = String::with_capacity((header.len() + payload.len()) * 4 / 3 + 96);
    base64url::encode_onto(header, &mut compact);
    compact.push('.');
    base64url::encode_onto(payload, &mut compact);
    let signature = signer.sign(compact.as_bytes())?;
    compact.push('.');
    base64url::encode_onto(signature, &mut compact);
    Ok(compact)
}

/// Verifies a compact JWS with a key ([`Jwk`]) or any of a set ([`crate::jwk::JwkSet`]) and one of the allowed
/// algorithms.
///
/// # Errors
/// [`VerifyError`].
pub fn verify(compact: &str, keys: &impl AsRef<[Jwk]>, allowed: &[Algorithm]) -> Result<Verified, VerifyError> {
    Compact::parse(compact)?.verify(keys, allowed)
}

/// The header of a JWS.
#[derive(Debug, Clone, PartialEq)]
pub struct Header {
    algorithm: String,
    key_id: Option<String>,
    typ: Option<String>,
    members: Map<String, Value>,
}

impl Header {
    /// `alg`, as it is spelled there; it may be none that we know.
    pub fn algorithm(&self) -> &str {
        &self.algorithm
    }

    /// `kid`.
    pub fn key_id(&self) -> Option<&str> {
        self.key_id.as_deref()
    }

    /// `typ`.
    pub fn typ(&self) -> Option<&str> {
        self.typ.as_deref()
    }

    /// Whether `typ` is this media type, compared without case and without `application/` (RFC 7515 section 4.1.9).
    pub fn is_typ(&self, wanted: &str) -> bool {
        let short = |typ: &str| typ.to_ascii_lowercase().trim_start_matches("application/").to_owned();
        self.typ().is_some_and(|typ| short(typ) == short(wanted))
    }

    /// Any other member, such as `jwk` or `x5c`.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.members.get(name)
    }

    fn parse(bytes: &[u8]) -> Result<Self, VerifyError> {
        let members = json::parse_object(bytes).ok().ok_or(VerifyError::Malformed)?;
        let text = |name: &str| match members.get(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(_) => Err(VerifyError::Malformed),
        };
        if members.contains_key("crit") || members.contains_key("b64") {
            return Err(VerifyError::Critical);
        }
        let algorithm = text("alg")?.ok_or(VerifyError::Malformed)?;
        let (key_id, typ) = (text("kid")?, text("typ")?);
        Ok(Self {
            algorithm,
            key_id,
            typ,
            members,
        })
    }
}

/// A JWS taken apart, not yet verified.
#[derive(Debug, Clone)]
pub struct Compact<'a> {
    header: Header,
    signed: &'a str,
    payload: Vec<u8>,
    signature: Vec<u8>,
}

impl<'a> Compact<'a> {
    /// Takes a JWS of at most [`MAX_COMPACT`] bytes apart. Nothing in it can be trusted yet.
    ///
    /// # Errors
    /// [`VerifyError::TooLarge`], [`VerifyError::Malformed`], [`VerifyError::Critical`].
    pub fn parse(compact: &'a str) -> Result<Self, VerifyError> {
        Self::parse_within(compact, MAX_COMPACT)
    }

    /// As [`Compact::parse`], for what may be longer or must be shorter, such as a status list.
    ///
    /// # Errors
    /// [`VerifyError::TooLarge`], [`VerifyError::Malformed`], [`VerifyError::Critical`].
    pub fn parse_within(compact: &'a str, max: usize) -> Result<Self, VerifyError> {
        if compact.len() > max {
            return Err(VerifyError::TooLarge);
        }
        let (signed, signature) = compact.rsplit_once('.').ok_or(VerifyError::Malformed)?;
        let (header, payload) = signed.split_once('.').ok_or(VerifyError::Malformed)?;
        if header.len() > MAX_HEADER {
            return Err(VerifyError::TooLarge);
        }
        let decode = |part: &str| base64url::decode(part).ok().ok_or(VerifyError::Malformed);
        let header = Header::parse(&decode(header)?)?;
        Ok(Self {
            header,
            signed,
            payload: decode(payload)?,
            signature: decode(signature)?,
        })
    }

    /// The header, unverified: to find the key by.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The claims, unverified: to find out who claims to have signed, and whose key to verify with.
    ///
    /// # Errors
    /// [`VerifyError::Payload`].
    pub fn unverified_claims(&self) -> Result<Map<String, Value>, VerifyError> {
        json::parse_object(&self.payload).ok().ok_or(VerifyError::Payload)
    }

    /// Verifies the signature.
    ///
    /// # Errors
    /// [`VerifyError::Algorithm`], [`VerifyError::UnknownKey`], [`VerifyError::Signature`].
    pub fn verify(self, keys: &impl AsRef<[Jwk]>, allowed: &[Algorithm]) -> Result<Verified, VerifyError> {
        let algorithm = Algorithm::from_name(&self.header.algorithm)
            .filter(|algorithm| allowed.contains(algorithm))
            .ok_or(VerifyError::Algorithm)?;
        let mut matching = keys
            .as_ref()
            .iter()
            .filter(|key| key.algorithm() == algorithm && key.answers_to(self.header.key_id()))
            .peekable();
        matching.peek().ok_or(VerifyError::UnknownKey)?;
        let key = matching
            .find(|key| sign::verify(key.key(), self.signed.as_bytes(), &self.signature).is_ok())
            .ok_or(VerifyError::Signature)?
            .clone();
        Ok(Verified {
            header: self.header,
            payload: self.payload,
            key,
        })
    }
}

/// A JWS whose signature has been verified. What it says (times, audience, type) is still to be judged.
#[derive(Debug, Clone)]
pub struct Verified {
    header: Header,
    payload: Vec<u8>,
    key: Jwk,
}

impl Verified {
    /// The header.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The payload's bytes.
    pub fn payload(&self) -> &[u8] {
        &self.payload
    }

    /// The key that verified it.
    pub fn key(&self) -> &Jwk {
        &self.key
    }

    /// The payload as JSON of a shape, refusing duplicate members.
    ///
    /// # Errors
    /// [`VerifyError::Payload`].
    pub fn claims<T: DeserializeOwned>(&self) -> Result<T, VerifyError> {
        let value = json::parse(&self.payload).ok().ok_or(VerifyError::Payload)?;
        serde_json::from_value(value).ok().ok_or(VerifyError::Payload)
    }
}

#[cfg(test)]
#[path = "jws_tests.rs"]
mod tests;
