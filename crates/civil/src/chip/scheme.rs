//! Which signatures are accepted (ICAO 9303-12 section 4.1), read from algorithm identifiers.

use crypto::x509::{Hash, Key, Scheme};
use der::asn1::ObjectIdentifier as Oid;
use der::{Any, Encode, Sequence};
use serde::{Deserialize, Serialize};
use thiserror::Error;
use x509_cert::spki::{AlgorithmIdentifierOwned, SubjectPublicKeyInfoOwned};

use super::curves::Curve;
use super::identifiers as id;

/// Why a hash, a signature scheme or a key is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SchemeRefusal {
    /// SHA-1 can be collided: no signature or hash with it is accepted.
    #[error("SHA-1 is not accepted")]
    Sha1,
    /// A brainpool curve other than brainpoolP256r1 and brainpoolP384r1 (RFC 5639).
    #[error("this brainpool curve is not supported")]
    Brainpool,
    /// A curve that is written out and is none of the supported ones.
    #[error("the curve is written out and none that is supported")]
    ExplicitCurve,
    /// Another algorithm, or parameters that are out of the ordinary.
    #[error("the algorithm is not supported")]
    Unknown,
}

/// RSASSA-PSS-params (RFC 8017 appendix A.2.3).
#[derive(Sequence)]
struct PssParameters {
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT", optional = "true")]
    hash: Option<AlgorithmIdentifierOwned>,
    #[asn1(context_specific = "1", tag_mode = "EXPLICIT", optional = "true")]
    mask: Option<AlgorithmIdentifierOwned>,
    #[asn1(context_specific = "2", tag_mode = "EXPLICIT", optional = "true")]
    salt: Option<u16>,
    #[asn1(context_specific = "3", tag_mode = "EXPLICIT", optional = "true")]
    trailer: Option<u8>,
}

/// The hash function of an identifier.
pub(super) fn hash_of(algorithm: &AlgorithmIdentifierOwned) -> Result<Hash, SchemeRefusal> {
    match algorithm.oid {
        id::SHA_256 => Ok(Hash::Sha256),
        id::SHA_384 => Ok(Hash::Sha384),
        id::SHA_512 => Ok(Hash::Sha512),
        id::SHA_1 => Err(SchemeRefusal::Sha1),
        _ => Err(SchemeRefusal::Unknown),
    }
}

/// The signature scheme of an identifier. CMS may name RSA alone: then the hash is that of the signed attributes.
pub(super) fn scheme_of(
    algorithm: &AlgorithmIdentifierOwned,
    attributes: Option<Hash>,
) -> Result<Scheme, SchemeRefusal> {
    match algorithm.oid {
        id::ECDSA_SHA_256 => Ok(Scheme::Ecdsa(Hash::Sha256)),
        id::ECDSA_SHA_384 => Ok(Scheme::Ecdsa(Hash::Sha384)),
        id::ECDSA_SHA_512 => Ok(Scheme::Ecdsa(Hash::Sha512)),
        id::RSA_SHA_256 => Ok(Scheme::RsaPkcs1(Hash::Sha256)),
        id::RSA_SHA_384 => Ok(Scheme::RsaPkcs1(Hash::Sha384)),
        id::RSA_SHA_512 => Ok(Scheme::RsaPkcs1(Hash::Sha512)),
        id::RSA => attributes.map(Scheme::RsaPkcs1).ok_or(SchemeRefusal::Unknown),
        id::RSA_PSS => pss_of(algorithm.parameters.as_ref()),
        id::PLAIN_SHA_256 | id::PLAIN_SHA_384 | id::PLAIN_SHA_512 => plain_of(algorithm.oid),
        id::RSA_SHA_1 | id::ECDSA_SHA_1 | id::PLAIN_SHA_1 => Err(SchemeRefusal::Sha1),
        _ => Err(SchemeRefusal::Unknown),
    }
}

/// The public key of a certificate.
pub(super) fn key_of(info: &SubjectPublicKeyInfoOwned) -> Result<Key<'_>, SchemeRefusal> {
    let key = info.subject_public_key.as_bytes().ok_or(SchemeRefusal::Unknown)?;
    match info.algorithm.oid {
        id::RSA | id::RSA_PSS => Ok(Key::Rsa(key)),
        id::EC_PUBLIC_KEY => Curve::of(info.algorithm.parameters.as_ref()).map(|curve| curve.key(key)),
        _ => Err(SchemeRefusal::Unknown),
    }
}

/// The identifier that names a scheme in what we build.
pub(super) fn identifier_of(scheme: Scheme) -> der::Result<AlgorithmIdentifierOwned> {
    let plain = |oid| AlgorithmIdentifierOwned { oid, parameters: None };
    let with_null = |oid| AlgorithmIdentifierOwned {
        oid,
        parameters: Some(Any::null()),
    };
    Ok(match scheme {
        Scheme::Ecdsa(Hash::Sha256) => plain(id::ECDSA_SHA_256),
        Scheme::Ecdsa(Hash::Sha384) => plain(id::ECDSA_SHA_384),
        Scheme::Ecdsa(Hash::Sha512) => plain(id::ECDSA_SHA_512),
        Scheme::RsaPkcs1(Hash::Sha256) => with_null(id::RSA_SHA_256),
        Scheme::RsaPkcs1(Hash::Sha384) => with_null(id::RSA_SHA_384),
        Scheme::RsaPkcs1(Hash::Sha512) => with_null(id::RSA_SHA_512),
        Scheme::EcdsaPlain(Hash::Sha256) => plain(id::PLAIN_SHA_256),
        Scheme::EcdsaPlain(Hash::Sha384) => plain(id::PLAIN_SHA_384),
        Scheme::EcdsaPlain(Hash::Sha512) => plain(id::PLAIN_SHA_512),
        Scheme::RsaPss(hash) => pss_identifier(hash, hash.size().into())?,
        Scheme::RsaPssSalted(hash, salt) => pss_identifier(hash, salt)?,
    })
}

/// The identifier of a hash function.
pub(super) fn identifier_of_hash(hash: Hash) -> AlgorithmIdentifierOwned {
    let oid: Oid = match hash {
        Hash::Sha256 => id::SHA_256,
        Hash::Sha384 => id::SHA_384,
        Hash::Sha512 => id::SHA_512,
    };
    AlgorithmIdentifierOwned { oid, parameters: None }
}

/// The hash that a scheme uses.
pub(super) fn hash_in(scheme: Scheme) -> Hash {
    match scheme {
        Scheme::Ecdsa(hash)
        | Scheme::EcdsaPlain(hash)
        | Scheme::RsaPkcs1(hash)
        | Scheme::RsaPss(hash)
        | Scheme::RsaPssSalted(hash, _) => hash,
    }
}

fn pss_identifier(hash: Hash, salt: u16) -> der::Result<AlgorithmIdentifierOwned> {
    let inner = identifier_of_hash(hash);
    let mask = AlgorithmIdentifierOwned {
        oid: id::MGF_1,
        parameters: Some(Any::encode_from(&inner)?),
    };
    let parameters = PssParameters {
        hash: Some(inner),
        mask: Some(mask),
        salt: Some(salt),
        trailer: None,
    };
    Ok(AlgorithmIdentifierOwned {
        oid: id::RSA_PSS,
        parameters: Some(Any::encode_from(&parameters)?),
    })
}

/// PSS with one hash throughout and a salt of any length. A missing hash would mean SHA-1, a missing length 20 bytes.
fn pss_of(parameters: Option<&Any>) -> Result<Scheme, SchemeRefusal> {
    let unknown = |_error: der::Error| SchemeRefusal::Unknown;
    let parameters: PssParameters = parameters.ok_or(SchemeRefusal::Sha1)?.decode_as().map_err(unknown)?;
    let hash = hash_of(parameters.hash.as_ref().ok_or(SchemeRefusal::Sha1)?)?;
    let mask = parameters.mask.ok_or(SchemeRefusal::Sha1)?;
    let inner = mask
        .parameters
        .filter(|_| mask.oid == id::MGF_1)
        .ok_or(SchemeRefusal::Unknown)?;
    let inner: AlgorithmIdentifierOwned = inner.decode_as().map_err(unknown)?;
    if hash_of(&inner)? != hash || parameters.trailer.is_some_and(|trailer| trailer != 1) {
        return Err(SchemeRefusal::Unknown);
    }
    match parameters.salt.unwrap_or(20) {
        salt if salt == u16::from(hash.size()) => Ok(Scheme::RsaPss(hash)),
        salt => Ok(Scheme::RsaPssSalted(hash, salt)),
    }
}

/// The hash of a plain ECDSA signature (BSI TR-03111 section 5.2.1.1).
pub(super) fn plain_of(oid: Oid) -> Result<Scheme, SchemeRefusal> {
    match oid {
        id::PLAIN_SHA_256 => Ok(Scheme::EcdsaPlain(Hash::Sha256)),
        id::PLAIN_SHA_384 => Ok(Scheme::EcdsaPlain(Hash::Sha384)),
        id::PLAIN_SHA_512 => Ok(Scheme::EcdsaPlain(Hash::Sha512)),
        id::PLAIN_SHA_1 => Err(SchemeRefusal::Sha1),
        _ => Err(SchemeRefusal::Unknown),
    }
}

/// The bytes of a structure that was decoded from DER, for hashing and verifying.
pub(super) fn der_of(structure: &impl Encode) -> Result<Vec<u8>, SchemeRefusal> {
    structure.to_der().map_err(|_error| SchemeRefusal::Unknown)
}
