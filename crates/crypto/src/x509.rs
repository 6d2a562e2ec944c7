//! Signatures of certificates and CMS: the keys and schemes that X.509 and ICAO 9303-12 know beside JOSE's.
//!
//! Only verification: nothing here signs. What the algorithm identifiers say is read by the caller; SHA-1 cannot be expressed.

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA384_ASN1, ECDSA_P256_SHA512_ASN1, ECDSA_P384_SHA256_ASN1,
    ECDSA_P384_SHA384_ASN1, ECDSA_P384_SHA512_ASN1, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384,
    RSA_PKCS1_2048_8192_SHA512, RSA_PSS_2048_8192_SHA256, RSA_PSS_2048_8192_SHA384, RSA_PSS_2048_8192_SHA512,
    UnparsedPublicKey, VerificationAlgorithm,
};

use serde::Serialize;

use crate::digest::{sha256, sha384, sha512};
use crate::sign::BadSignature;

/// A hash function of the SHA-2 family (FIPS 180-4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Hash {
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
}

impl Hash {
    /// The digest of the bytes: 32, 48 or 64 bytes.
    pub fn digest(self, bytes: &[u8]) -> Vec<u8> {
        match self {
            Self::Sha256 => sha256(bytes).to_vec(),
            Self::Sha384 => sha384(bytes).to_vec(),
            Self::Sha512 => sha512(bytes).to_vec(),
        }
    }

    /// The number of bytes of a digest.
    pub fn size(self) -> u8 {
        match self {
            Self::Sha256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }
}

/// How a signature was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// ECDSA, the signature in DER (RFC 5758).
    Ecdsa(Hash),
    /// RSASSA-PKCS1-v1_5 (RFC 8017 section 8.2).
    RsaPkcs1(Hash),
    /// RSASSA-PSS with MGF1 of the same hash and a salt of its size (RFC 8017 section 8.1).
    RsaPss(Hash),
}

/// A public key as a certificate holds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key<'a> {
    /// The point on P-256, uncompressed.
    P256(&'a [u8]),
    /// The point on P-384, uncompressed.
    P384(&'a [u8]),
    /// `RSAPublicKey` in DER (RFC 8017 appendix A.1.1); moduli of 2048 to 8192 bits are accepted.
    Rsa(&'a [u8]),
}

/// Verifies a signature over a message (not over its digest).
///
/// # Errors
/// [`BadSignature`] for a signature that is not of this key over this message, a key that is none, and a scheme that the
/// key cannot have.
pub fn verify(key: Key<'_>, scheme: Scheme, message: &[u8], signature: &[u8]) -> Result<(), BadSignature> {
    let (bytes, algorithm) = algorithm(key, scheme).ok_or(BadSignature)?;
    UnparsedPublicKey::new(algorithm, bytes)
        .verify(message, signature)
        .map_err(|_unspecified| BadSignature)
}

fn algorithm(key: Key<'_>, scheme: Scheme) -> Option<(&[u8], &'static dyn VerificationAlgorithm)> {
    use {Hash as H, Key as K, Scheme as S};
    Some(match (key, scheme) {
        (K::P256(point), S::Ecdsa(H::Sha256)) => (point, &ECDSA_P256_SHA256_ASN1),
        (K::P256(point), S::Ecdsa(H::Sha384)) => (point, &ECDSA_P256_SHA384_ASN1),
        (K::P256(point), S::Ecdsa(H::Sha512)) => (point, &ECDSA_P256_SHA512_ASN1),
        (K::P384(point), S::Ecdsa(H::Sha256)) => (point, &ECDSA_P384_SHA256_ASN1),
        (K::P384(point), S::Ecdsa(H::Sha384)) => (point, &ECDSA_P384_SHA384_ASN1),
        (K::P384(point), S::Ecdsa(H::Sha512)) => (point, &ECDSA_P384_SHA512_ASN1),
        (K::Rsa(key), S::RsaPkcs1(H::Sha256)) => (key, &RSA_PKCS1_2048_8192_SHA256),
        (K::Rsa(key), S::RsaPkcs1(H::Sha384)) => (key, &RSA_PKCS1_2048_8192_SHA384),
        (K::Rsa(key), S::RsaPkcs1(H::Sha512)) => (key, &RSA_PKCS1_2048_8192_SHA512),
        (K::Rsa(key), S::RsaPss(H::Sha256)) => (key, &RSA_PSS_2048_8192_SHA256),
        (K::Rsa(key), S::RsaPss(H::Sha384)) => (key, &RSA_PSS_2048_8192_SHA384),
        (K::Rsa(key), S::RsaPss(H::Sha512)) => (key, &RSA_PSS_2048_8192_SHA512),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sign::{Signer, SoftKey, ecdsa_to_der};

    #[test]
    fn a_signature_is_one_of_its_key_message_and_scheme() {
        let key = SoftKey::generate(crate::sign::Algorithm::Es256).unwrap();
        let point = key.public().key().bytes();
        let signature = ecdsa_to_der(key.sign(b"message").unwrap().as_array().unwrap());
        let check = |key, scheme, message: &[u8]| verify(key, scheme, message, &signature);

        assert_eq!(check(Key::P256(point), Scheme::Ecdsa(Hash::Sha256), b"message"), Ok(()));
        assert_eq!(
            check(Key::P256(point), Scheme::Ecdsa(Hash::Sha256), b"massage"),
            Err(BadSignature)
        );
        assert_eq!(
            check(Key::P256(point), Scheme::Ecdsa(Hash::Sha384), b"message"),
            Err(BadSignature)
        );
        assert_eq!(
            check(Key::P256(point), Scheme::RsaPss(Hash::Sha256), b"message"),
            Err(BadSignature)
        );
        assert_eq!(
            check(Key::P384(point), Scheme::Ecdsa(Hash::Sha256), b"message"),
            Err(BadSignature)
        );
        assert_eq!(
            check(Key::P256(b""), Scheme::Ecdsa(Hash::Sha256), b"message"),
            Err(BadSignature)
        );
    }
}
