//! What can sign, and how signatures are verified.
//!
//! Signatures have the shape of JOSE (RFC 7518 section 3.4, RFC 8037 section 3.1): `r || s` for ES256, 64 bytes for
//! `EdDSA`. X.509 and CMS write ECDSA signatures in DER instead: [`ecdsa_to_der`] and [`ecdsa_from_der`] convert, so
//! that an HSM needs to know only one shape.

use std::fmt;

use aws_lc_rs::agreement;
use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, ED25519, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _,
    UnparsedPublicKey, VerificationAlgorithm,
};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::digest::DigestKey;
use crate::jwk::{Jwk, PublicKey};

/// A signature algorithm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Algorithm {
    /// ECDSA on P-256 with SHA-256 (RFC 7518 section 3.4).
    #[serde(rename = "ES256")]
    Es256,
    /// Ed25519 (RFC 8037 section 3.1).
    #[serde(rename = "EdDSA")]
    EdDsa,
}

impl Algorithm {
    /// All algorithms that this crate signs with and verifies.
    pub const ALL: &'static [Self] = &[Self::Es256, Self::EdDsa];

    /// The name in a JOSE header (`alg`).
    pub const fn name(self) -> &'static str {
        match self {
            Self::Es256 => "ES256",
            Self::EdDsa => "EdDSA",
        }
    }

    /// The algorithm of that name, spelled exactly.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|algorithm| algorithm.name() == name)
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Why nothing was signed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignError {
    /// The library or the device failed; the text names the operation, never key material.
    #[error("signing failed: {0}")]
    Failed(String),
    /// The device that holds the key does not answer just now; it is worth asking again.
    #[error("signing is not possible just now: {0}")]
    Unavailable(String),
}

/// The key bytes are not an acceptable key of the algorithm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an acceptable private key")]
pub struct BadKey;

/// The signature is not one of this key over this message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("signature does not verify")]
pub struct BadSignature;

/// Something that signs: a [`SoftKey`], or a key that never leaves an HSM.
pub trait Signer: Send + Sync {
    /// The algorithm of its signatures.
    fn algorithm(&self) -> Algorithm;
    /// Its public key, with `kid`, `alg` and `use`.
    fn public(&self) -> &Jwk;
    /// Signs the message (not a digest of it). Shape: 64 bytes, as in JOSE.
    ///
    /// # Errors
    /// [`SignError`].
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignError>;
    /// The key's id: its thumbprint (RFC 7638).
    fn key_id(&self) -> &str {
        self.public().key_id()
    }
}

/// A private key in memory.
pub struct SoftKey {
    pair: Pair,
    public: Jwk,
}

enum Pair {
    P256(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

impl SoftKey {
    /// A new key. The one place of this crate where randomness is drawn inside, by the library's own generator: it is
    /// meant for keys that are made while an installation is set up or rotated, where nothing has to be repeatable.
    ///
    /// # Errors
    /// [`BadKey`] if the library's generator fails.
    pub fn generate(algorithm: Algorithm) -> Result<Self, BadKey> {
        match algorithm {
            Algorithm::Es256 => EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING)
                .ok()
                .map(Pair::P256),
            Algorithm::EdDsa => Ed25519KeyPair::generate().ok().map(Pair::Ed25519),
        }
        .map_or(Err(BadKey), Self::from_pair)
    }

    /// The key that follows from 32 random bytes: the same bytes make the same key, so that a test or a synthetic
    /// nation can be repeated. For Ed25519 they are the seed of RFC 8032. For P-256 they are expanded by HMAC-SHA-256
    /// with a counter and the first result in range is the private number (rejection, FIPS 186-5 appendix A.2.2).
    ///
    /// # Errors
    /// [`BadKey`]: does not happen in practice.
    pub fn from_seed(algorithm: Algorithm, seed: &[u8; 32]) -> Result<Self, BadKey> {
        match algorithm {
            Algorithm::EdDsa => Ed25519KeyPair::from_seed_unchecked(seed)
                .ok()
                .map(Pair::Ed25519)
                .map_or(Err(BadKey), Self::from_pair),
            Algorithm::Es256 => {
                let expand = DigestKey::new(*seed);
                (0_u8..=255)
                    .map(|counter| Zeroizing::new(expand.digest("vneid p-256 private key", &[counter])))
                    .find_map(|number| Self::from_private_number(&number).ok())
                    .ok_or(BadKey)
            }
        }
    }

    /// The P-256 key with this private number (big-endian), the `d` of a JWK.
    ///
    /// # Errors
    /// [`BadKey`] if the number is not in 1..n.
    pub fn from_private_number(number: &[u8; 32]) -> Result<Self, BadKey> {
        let point = agreement::PrivateKey::from_private_key(&agreement::ECDH_P256, number)
            .and_then(|key| Ok(key.compute_public_key()?))
            .ok()
            .ok_or(BadKey)?;
        EcdsaKeyPair::from_private_key_and_public_key(&ECDSA_P256_SHA256_FIXED_SIGNING, number, point.as_ref())
            .ok()
            .map_or(Err(BadKey), |pair| Self::from_pair(Pair::P256(pair)))
    }

    /// The key in a PKCS#8 document (RFC 5958), DER.
    ///
    /// # Errors
    /// [`BadKey`], also for another algorithm's key.
    pub fn from_pkcs8(algorithm: Algorithm, der: &[u8]) -> Result<Self, BadKey> {
        match algorithm {
            Algorithm::Es256 => EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, der)
                .ok()
                .map(Pair::P256),
            Algorithm::EdDsa => Ed25519KeyPair::from_pkcs8_maybe_unchecked(der).ok().map(Pair::Ed25519),
        }
        .map_or(Err(BadKey), Self::from_pair)
    }

    /// The private key as PKCS#8 (RFC 5958), DER: for the keystore, for TLS servers and for test certificate
    /// authorities. Wiped when dropped; never write it anywhere unsealed.
    ///
    /// # Errors
    /// [`BadKey`] if the library cannot write it.
    pub fn to_pkcs8(&self) -> Result<Zeroizing<Vec<u8>>, BadKey> {
        let document = match &self.pair {
            Pair::P256(pair) => pair.to_pkcs8v1(),
            Pair::Ed25519(pair) => pair.to_pkcs8v1(),
        };
        document
            .ok()
            .map(|document| Zeroizing::new(document.as_ref().to_vec()))
            .ok_or(BadKey)
    }

    fn from_pair(pair: Pair) -> Result<Self, BadKey> {
        let public = match &pair {
            Pair::P256(pair) => PublicKey::from_p256_point(pair.public_key().as_ref()),
            Pair::Ed25519(pair) => PublicKey::from_ed25519(pair.public_key().as_ref()),
        };
        let public = public.ok().map(Jwk::for_signing).ok_or(BadKey)?;
        Ok(Self { pair, public })
    }
}

impl Signer for SoftKey {
    fn algorithm(&self) -> Algorithm {
        self.public.algorithm()
    }

    fn public(&self) -> &Jwk {
        &self.public
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignError> {
        let signature = match &self.pair {
            Pair::P256(pair) => pair.sign_digest(&digest(&SHA256, message)),
            Pair::Ed25519(pair) => pair.try_sign(message),
        };
        let failed = || SignError::Failed(format!("{} in software", self.algorithm()));
        signature
            .ok()
            .map(|signature| signature.as_ref().to_vec())
            .ok_or_else(failed)
    }
}

impl fmt::Debug for SoftKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SoftKey")
            .field("key_id", &self.key_id())
            .finish_non_exhaustive()
    }
}

/// Verifies a signature in the shape of JOSE over a message.
///
/// # Errors
/// [`BadSignature`].
pub fn verify(key: &PublicKey, message: &[u8], signature: &[u8]) -> Result<(), BadSignature> {
    let algorithm: &'static dyn VerificationAlgorithm = match key.algorithm() {
        Algorithm::Es256 => &ECDSA_P256_SHA256_FIXED,
        Algorithm::EdDsa => &ED25519,
    };
    UnparsedPublicKey::new(algorithm, key.bytes())
        .verify(message, signature)
        .ok()
        .ok_or(BadSignature)
}

/// An ES256 signature `r || s` as the DER `ECDSA-Sig-Value` of X.509 and CMS (RFC 5480 appendix A, RFC 5753).
pub fn ecdsa_to_der(signature: &[u8; 64]) -> Vec<u8> {
    let (r, s) = signature.split_at(32);
    let mut body = der_integer(r);
    body.append(&mut der_integer(s));
    let mut der = vec![0x30, short_length(&body)];
    der.append(&mut body);
    der
}

/// A DER `ECDSA-Sig-Value` on P-256 as `r || s`; `None` if it is not DER, or a number has more than 32 bytes.
pub fn ecdsa_from_der(der: &[u8]) -> Option<[u8; 64]> {
    let (body, rest) = der_element(der, 0x30)?;
    let (r, after_r) = der_element(body, 0x02)?;
    let (s, after_s) = der_element(after_r, 0x02)?;
    if !rest.is_empty() || !after_s.is_empty() {
        return None;
    }
    let mut signature = [0; 64];
    let (first, second) = signature.split_at_mut(32);
    fill_number(first, r)?;
    fill_number(second, s)?;
    Some(signature)
}

/// A number of at most 126 bytes, big-endian, as an integer in DER.
pub(crate) fn der_integer(number: &[u8]) -> Vec<u8> {
    let start = number.iter().position(|byte| *byte != 0).unwrap_or(number.len() - 1);
    let digits = number.get(start..).unwrap_or_default();
    let mut body = Vec::with_capacity(digits.len() + 1);
    if digits.first().is_some_and(|byte| byte & 0x80 != 0) {
        body.push(0);
    }
    body.extend_from_slice(digits);
    let mut der = vec![0x02, short_length(&body)];
    der.append(&mut body);
    der
}

/// The length octet of a body of at most 127 bytes; two numbers of 33 bytes with their heads make 70.
fn short_length(body: &[u8]) -> u8 {
    u8::try_from(body.len()).unwrap_or(u8::MAX)
}

fn der_element(der: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (head, rest) = der.split_first_chunk::<2>()?;
    let [found, length] = *head;
    (found == tag && length < 0x80)
        .then(|| rest.split_at_checked(length.into()))
        .flatten()
}

/// Writes a DER integer's body, which must be positive and minimal, right-aligned.
fn fill_number(target: &mut [u8], body: &[u8]) -> Option<()> {
    let digits = match body {
        [0, digits @ ..] if digits.first().is_some_and(|byte| byte & 0x80 != 0) => digits,
        [0x80..=0xff, ..] | [0, _, ..] | [] => return None,
        digits => digits,
    };
    let start = target.len().checked_sub(digits.len())?;
    target.get_mut(start..)?.copy_from_slice(digits);
    Some(())
}

#[cfg(test)]
#[path = "sign_tests.rs"]
mod tests;
