//! The published list.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use crypto::jwk::Jwk;
use crypto::jws::{self, Compact, VerifyError};
use crypto::sign::{Algorithm, SignError, Signer};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::times::after;

/// The longest list that is read, in bytes.
pub const MAX_LIST: usize = 1024 * 1024;

const TYP: &str = "vneid-trust-list+jwt";

/// Why a trust list was refused; the verifier keeps the one that it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TrustListRefusal {
    /// The JWT is malformed, or was not signed by a pinned key.
    #[error("trust list: {0}")]
    Jwt(VerifyError),
    /// `typ` is another.
    #[error("not a trust list")]
    Type,
    /// It is older than the one that the verifier has.
    #[error("trust list is older than the known version {0}")]
    RolledBack(u64),
    /// Its next update was due.
    #[error("trust list has expired")]
    Expired,
    /// It says that it was issued in the future.
    #[error("trust list is from the future")]
    FromFuture,
}

/// An authority (in ISO/IEC 18013-5 an IACA) and what it may vouch for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Authority {
    /// Its name, for people.
    pub name: String,
    /// Its certificate, DER; in JSON standard base64.
    #[serde(serialize_with = "to_base64", deserialize_with = "from_base64")]
    pub certificate: Vec<u8>,
    /// What its signers may sign: `vct`s, document types, [`super::IDENTITY_QR`], [`super::STATUS_LIST`].
    pub documents: Vec<String>,
}

/// Whom to believe, signed by the one whose key verifiers pin.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrustList {
    /// Grows with every change; a verifier never goes back.
    pub version: u64,
    /// When it was issued.
    pub issued_at: Timestamp,
    /// Until when there will be a next one; no longer good from then on.
    pub next_update: Timestamp,
    /// The authorities.
    pub authorities: Vec<Authority>,
    /// The certificates of signers whose documents have no room for a chain.
    pub(super) signers: Vec<Der>,
    /// The fingerprints (SHA-256) of certificates that are good no more before their end.
    #[serde(serialize_with = "to_fingerprints", deserialize_with = "from_fingerprints")]
    pub withdrawn: Vec<[u8; 32]>,
}

impl TrustList {
    /// A list of these authorities, with no signers and nothing withdrawn.
    pub fn new(version: u64, issued_at: Timestamp, next_update: Timestamp, authorities: Vec<Authority>) -> Self {
        Self {
            version,
            issued_at,
            next_update,
            authorities,
            signers: Vec::new(),
            withdrawn: Vec::new(),
        }
    }

    /// Adds the certificate (DER) of a signer that one of the authorities has issued.
    #[must_use]
    pub fn with_signer(mut self, certificate: Vec<u8>) -> Self {
        self.signers.push(Der(certificate));
        self
    }

    /// Signs the list.
    ///
    /// # Errors
    /// [`SignError`].
    pub fn sign(&self, signer: &dyn Signer) -> Result<String, SignError> {
        let payload = serde_json::to_vec(self).map_err(|error| SignError::Failed(error.to_string()))?;
        jws::sign(signer, Some(TYP), &payload)
    }

    /// Reads a list. `pinned` is the key (or keys, around a rotation) that the verifier was delivered with, `known` the
    /// highest version that it has seen.
    ///
    /// # Errors
    /// [`TrustListRefusal`].
    pub fn read(
        text: &str,
        pinned: &impl AsRef<[Jwk]>,
        known: u64,
        at: Timestamp,
        skew: SignedDuration,
    ) -> Result<Self, TrustListRefusal> {
        let verified = Compact::parse_within(text, MAX_LIST)
            .and_then(|compact| compact.verify(pinned, Algorithm::ALL))
            .map_err(TrustListRefusal::Jwt)?;
        if !verified.header().is_typ(TYP) {
            return Err(TrustListRefusal::Type);
        }
        let list: Self = verified.claims().map_err(TrustListRefusal::Jwt)?;
        if list.version < known {
            return Err(TrustListRefusal::RolledBack(known));
        }
        if list.next_update <= at {
            return Err(TrustListRefusal::Expired);
        }
        if list.issued_at > after(at, skew) {
            return Err(TrustListRefusal::FromFuture);
        }
        Ok(list)
    }
}

/// A certificate; in JSON standard base64.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Der(#[serde(serialize_with = "to_base64", deserialize_with = "from_base64")] pub(super) Vec<u8>);

fn to_base64<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&crate::base64(bytes))
}

fn from_base64<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
    let text = String::deserialize(deserializer)?;
    STANDARD.decode(text).map_err(de::Error::custom)
}

fn to_fingerprints<S: Serializer>(fingerprints: &[[u8; 32]], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(fingerprints.iter().map(crypto::base64url::encode))
}

fn from_fingerprints<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<[u8; 32]>, D::Error> {
    let texts = Vec::<String>::deserialize(deserializer)?;
    texts
        .iter()
        .map(|text| crypto::base64url::decode_fixed(text).map_err(de::Error::custom))
        .collect()
}
