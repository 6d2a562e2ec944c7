//! Signatures of certificates and CMS: the keys and schemes that X.509 and ICAO 9303-12 know beside JOSE's.
//!
//! Only verification: nothing here signs. What the algorithm identifiers say is read by the caller; SHA-1 cannot be expressed.
//! The brainpool curves (RFC 5639), which many issuers of documents use, come from a library of their own.

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA384_ASN1, ECDSA_P256_SHA512_ASN1, ECDSA_P384_SHA256_ASN1,
    ECDSA_P384_SHA384_ASN1, ECDSA_P384_SHA512_ASN1, ECDSA_P521_SHA256_ASN1, ECDSA_P521_SHA384_ASN1,
    ECDSA_P521_SHA512_ASN1, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512,
    RSA_PSS_2048_8192_SHA256, RSA_PSS_2048_8192_SHA384, RSA_PSS_2048_8192_SHA512, UnparsedPublicKey,
    VerificationAlgorithm,
};
use bp256::BrainpoolP256r1;
use bp384::BrainpoolP384r1;
use ecdsa::VerifyingKey;
use ecdsa::signature::hazmat::PrehashVerifier as _;
use serde::{Deserialize, Serialize};

use crate::digest::{sha256, sha384, sha512};
use crate::rsa;
use crate::sign::{BadSignature, der_integer};

/// A hash function of the SHA-2 family (FIPS 180-4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
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
    /// ECDSA, the signature plain: `r || s`, each as long as the order of the curve (BSI TR-03111 section 5.2.1).
    EcdsaPlain(Hash),
    /// RSASSA-PKCS1-v1_5 (RFC 8017 section 8.2).
    RsaPkcs1(Hash),
    /// RSASSA-PSS with MGF1 of the same hash and a salt of its size (RFC 8017 section 8.1).
    RsaPss(Hash),
    /// RSASSA-PSS with MGF1 of the same hash and a salt of so many bytes.
    RsaPssSalted(Hash, u16),
}

/// A public key as a certificate holds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key<'a> {
    /// The point on P-256, uncompressed.
    P256(&'a [u8]),
    /// The point on P-384, uncompressed.
    P384(&'a [u8]),
    /// The point on P-521, uncompressed.
    P521(&'a [u8]),
    /// The point on brainpoolP256r1, uncompressed.
    Brainpool256(&'a [u8]),
    /// The point on brainpoolP384r1, uncompressed.
    Brainpool384(&'a [u8]),
    /// `RSAPublicKey` in DER (RFC 8017 appendix A.1.1); moduli of 2048 to 8192 bits are accepted.
    Rsa(&'a [u8]),
}

/// Verifies a signature over a message (not over its digest).
///
/// # Errors
/// [`BadSignature`] for a signature that is not of this key over this message, a key that is none, and a scheme that the
/// key cannot have.
pub fn verify(key: Key<'_>, scheme: Scheme, message: &[u8], signature: &[u8]) -> Result<(), BadSignature> {
    let verified = match (key, scheme) {
        (Key::Rsa(key), Scheme::RsaPssSalted(hash, salt)) => rsa::verify_pss(key, hash, salt, message, signature),
        (Key::Rsa(_), _) => library(key, scheme, message, signature),
        (key, Scheme::Ecdsa(hash)) => ecdsa(key, hash, message, signature),
        (key, Scheme::EcdsaPlain(hash)) => {
            let signature = plain_to_der(key, signature).ok_or(BadSignature)?;
            ecdsa(key, hash, message, &signature)
        }
        _ => None,
    };
    verified.ok_or(BadSignature)
}

fn ecdsa(key: Key<'_>, hash: Hash, message: &[u8], signature: &[u8]) -> Option<()> {
    match key {
        Key::Brainpool256(point) => {
            let signature = ecdsa::Signature::from_der(signature).ok()?;
            let key =
                uncompressed(point).and_then(|point| VerifyingKey::<BrainpoolP256r1>::from_sec1_bytes(point).ok())?;
            key.verify_prehash(&hash.digest(message), &signature).ok()
        }
        Key::Brainpool384(point) => {
            let signature = ecdsa::Signature::from_der(signature).ok()?;
            let key =
                uncompressed(point).and_then(|point| VerifyingKey::<BrainpoolP384r1>::from_sec1_bytes(point).ok())?;
            key.verify_prehash(&hash.digest(message), &signature).ok()
        }
        _ => library(key, Scheme::Ecdsa(hash), message, signature),
    }
}

/// Points are taken in the one form that certificates must have them in (ICAO 9303-12 section 4.4).
fn uncompressed(point: &[u8]) -> Option<&[u8]> {
    point.starts_with(&[4]).then_some(point)
}

fn library(key: Key<'_>, scheme: Scheme, message: &[u8], signature: &[u8]) -> Option<()> {
    let (bytes, algorithm) = algorithm(key, scheme)?;
    UnparsedPublicKey::new(algorithm, bytes).verify(message, signature).ok()
}

/// `r || s` as `ECDSA-Sig-Value`, when it has the length that the curve prescribes.
fn plain_to_der(key: Key<'_>, signature: &[u8]) -> Option<Vec<u8>> {
    let size = match key {
        Key::P256(_) | Key::Brainpool256(_) => 32,
        Key::P384(_) | Key::Brainpool384(_) => 48,
        Key::P521(_) => 66,
        Key::Rsa(_) => return None,
    };
    let (r, s) = signature.split_at_checked(size).filter(|(_, s)| s.len() == size)?;
    let body = [der_integer(r), der_integer(s)].concat();
    let length = u8::try_from(body.len()).ok()?;
    let head: &[u8] = if length < 0x80 {
        &[0x30, length]
    } else {
        &[0x30, 0x81, length]
    };
    Some([head, &body].concat())
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
        (K::P521(point), S::Ecdsa(H::Sha256)) => (point, &ECDSA_P521_SHA256_ASN1),
        (K::P521(point), S::Ecdsa(H::Sha384)) => (point, &ECDSA_P521_SHA384_ASN1),
        (K::P521(point), S::Ecdsa(H::Sha512)) => (point, &ECDSA_P521_SHA512_ASN1),
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

    #[test]
    fn every_curve_and_hash_is_verified_in_both_forms() {
        for line in include_str!("../testdata/ecdsa.txt").lines().skip(1) {
            let words: Vec<&str> = line.split(' ').collect();
            let hash = match words[1] {
                "sha256" => Hash::Sha256,
                "sha384" => Hash::Sha384,
                _ => Hash::Sha512,
            };
            let (point, plain, mut der) = (hex(words[2]), hex(words[3]), hex(words[4]));
            let key = match words[0] {
                "p256" => Key::P256(&point),
                "p384" => Key::P384(&point),
                "p521" => Key::P521(&point),
                "brainpool256" => Key::Brainpool256(&point),
                _ => Key::Brainpool384(&point),
            };

            assert_eq!(verify(key, Scheme::Ecdsa(hash), b"message", &der), Ok(()), "{line}");
            assert_eq!(
                verify(key, Scheme::EcdsaPlain(hash), b"message", &plain),
                Ok(()),
                "{line}"
            );
            assert!(verify(key, Scheme::Ecdsa(hash), b"massage", &der).is_err());
            assert!(verify(key, Scheme::EcdsaPlain(hash), b"massage", &plain).is_err());
            assert!(verify(key, Scheme::EcdsaPlain(hash), b"message", &plain[1..]).is_err());
            assert!(verify(key, Scheme::RsaPkcs1(hash), b"message", &der).is_err());
            *der.last_mut().unwrap() ^= 1;
            assert!(verify(key, Scheme::Ecdsa(hash), b"message", &der).is_err());
        }
    }

    #[test]
    fn a_point_that_is_not_on_its_curve_verifies_nothing() {
        let lines = include_str!("../testdata/ecdsa.txt").lines();
        let line = lines
            .clone()
            .find(|line| line.starts_with("brainpool256 sha256"))
            .unwrap();
        let (mut point, der) = (
            hex(line.split(' ').nth(2).unwrap()),
            hex(line.split(' ').nth(4).unwrap()),
        );
        *point.last_mut().unwrap() ^= 1;

        for point in [&point[..], &[], &[0], &[4; 65]] {
            assert!(verify(Key::Brainpool256(point), Scheme::Ecdsa(Hash::Sha256), b"message", &der).is_err());
            assert!(verify(Key::Brainpool384(point), Scheme::Ecdsa(Hash::Sha256), b"message", &der).is_err());
        }
    }

    fn hex(text: &str) -> Vec<u8> {
        let pairs = text.as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).unwrap());
        pairs.map(|pair| u8::from_str_radix(pair, 16).unwrap()).collect()
    }
}
