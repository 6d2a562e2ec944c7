//! Whom a verifier believes: the published trust list, and certificate chains against its authorities.
//!
//! - [`TrustList`]: the authorities and signers of the state, signed and versioned; a verifier pins the key of the list
//!   alone and keeps the highest version that it has seen;
//! - [`Trust`]: a list made ready for use: [`Trust::chain`] for credentials that carry their chain (`x5c`, `x5chain`),
//!   [`Trust::signer`] for those too small for it (identity QR);
//! - [`check_own`]: an issuer does not start with a certificate that is about to end;
//! - [`make`]: certificates of an authority of our own.
//!
//! **Invariant:** an authority vouches for the kinds of documents that the list names, and for no other: guarded by
//! `an_authority_vouches_for_its_own_documents_alone`.

mod certificate;
mod list;
pub mod make;
pub mod pem;

pub use list::{Authority, MAX_LIST, TrustList, TrustListRefusal};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use crypto::digest::sha256;
use crypto::jwk::{Jwk, PublicKey};
use crypto::jws::Header;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use serde_json::Value;

use crate::cose::MAX_CHAIN;
use certificate::Certificate;

/// The kind of document that an identity QR is, for [`Authority::documents`].
pub const IDENTITY_QR: &str = "urn:vneid:identity-qr:1";
/// The kind of document that a status list is, for [`Authority::documents`].
pub const STATUS_LIST: &str = "urn:vneid:status-list:1";
/// The kind of document that a verifier's request is: whose verifiers wallets believe.
pub const REQUEST: &str = "urn:vneid:presentation-request:1";

/// The bytes of a short key id: the beginning of the key's thumbprint (RFC 7638).
pub const SHORT_ID: usize = 8;

/// Why a certificate chain or a signer was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(rename_all = "kebab-case")]
pub enum TrustRefusal {
    /// There is no chain and no key id.
    #[error("signer is not named")]
    NoSigner,
    /// More than [`MAX_CHAIN`] certificates.
    #[error("certificate chain is too long")]
    TooLong,
    /// Not a certificate.
    #[error("certificate cannot be read")]
    Unreadable,
    /// A certificate is not valid yet.
    #[error("certificate is not valid yet")]
    NotYetValid,
    /// A certificate has expired.
    #[error("certificate has expired")]
    Expired,
    /// A certificate was withdrawn before its end.
    #[error("certificate was withdrawn")]
    Withdrawn,
    /// A certificate in between may not issue others.
    #[error("certificate is not one of an authority")]
    NotAnAuthority,
    /// The signer's certificate is an authority's, or not for signatures.
    #[error("certificate is not for signing documents")]
    MayNotSign,
    /// A critical extension that is not known here.
    #[error("certificate has an unknown critical extension")]
    UnknownExtension,
    /// A key or signature algorithm that is not known here.
    #[error("certificate has an unsupported algorithm")]
    Unsupported,
    /// A certificate was not signed by the next one.
    #[error("certificate signature does not verify")]
    Signature,
    /// No authority of the list stands at the end of the chain.
    #[error("authority is not trusted")]
    UnknownAuthority,
    /// The key id is none of the list's signers: unknown, or retired.
    #[error("signer is not trusted")]
    UnknownSigner,
    /// The authority is not one for this kind of document.
    #[error("authority is not one for this document")]
    OtherDocument,
}

/// Who signed, as far as it could be traced back to an authority.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issuer {
    /// The key that documents are verified with. It answers to any key id.
    pub key: Jwk,
    /// The name in the certificate (RFC 4514).
    pub name: String,
    /// The authority's name in the trust list.
    pub authority: String,
    /// When the certificate ends.
    pub expires_at: Timestamp,
}

/// A trust list made ready for use.
#[derive(Debug, Clone)]
pub struct Trust {
    authorities: Vec<(Authority, Certificate)>,
    signers: Vec<(Certificate, PublicKey)>,
    withdrawn: Vec<[u8; 32]>,
}

impl Trust {
    /// Takes a list that was verified.
    ///
    /// # Errors
    /// [`TrustRefusal::Unreadable`] or [`TrustRefusal::Unsupported`] for a certificate in it, [`TrustRefusal::NotAnAuthority`].
    pub fn new(list: TrustList) -> Result<Self, TrustRefusal> {
        let authority = |authority: Authority| {
            let certificate = Certificate::parse(&authority.certificate)?;
            certificate.may_issue(0)?;
            Ok((authority, certificate))
        };
        let signer = |der: list::Der| {
            let certificate = Certificate::parse(&der.0)?;
            let key = certificate.signing_key()?;
            Ok((certificate, key))
        };
        Ok(Self {
            authorities: list.authorities.into_iter().map(authority).collect::<Result<_, _>>()?,
            signers: list.signers.into_iter().map(signer).collect::<Result<_, _>>()?,
            withdrawn: list.withdrawn,
        })
    }

    /// The signer at the head of a chain (DER, the signer's own first; the authority's own certificate may be last or left
    /// out), if an authority for this kind of document stands at its end. `document` is a `vct`, a document type, or one of
    /// [`IDENTITY_QR`] and [`STATUS_LIST`].
    ///
    /// # Errors
    /// [`TrustRefusal`].
    pub fn chain(&self, chain: &[Vec<u8>], document: &str, at: Timestamp) -> Result<Issuer, TrustRefusal> {
        if chain.len() > MAX_CHAIN {
            return Err(TrustRefusal::TooLong);
        }
        let (own, between) = chain.split_first().ok_or(TrustRefusal::NoSigner)?;
        let signer = Certificate::parse(own)?;
        let key = signer.signing_key()?;
        let mut below = signer.clone();
        self.in_force(&below, at)?;
        let mut depth = 0;
        for der in between {
            if self
                .authorities
                .iter()
                .any(|(authority, _)| authority.certificate == *der)
            {
                break;
            }
            let above = Certificate::parse(der)?;
            self.in_force(&above, at)?;
            above.may_issue(depth)?;
            below.check_issued_by(&above)?;
            below = above;
            depth += 1;
        }
        let authority = self.authority_of(&below, depth, document, at)?;
        Ok(issuer(&signer, key, authority))
    }

    /// The signer that the list itself names, by the short id of its key ([`short_id`]) or by the whole thumbprint.
    ///
    /// # Errors
    /// [`TrustRefusal`].
    pub fn signer(&self, key_id: &[u8], document: &str, at: Timestamp) -> Result<Issuer, TrustRefusal> {
        let is_meant = |key: &PublicKey| short_id(key) == *key_id || key.thumbprint().as_bytes() == key_id;
        let (signer, key) = self
            .signers
            .iter()
            .find(|(_, key)| is_meant(key))
            .ok_or(TrustRefusal::UnknownSigner)?;
        self.in_force(signer, at)?;
        let authority = self.vouching(signer, document, at)?;
        Ok(issuer(signer, key.clone(), authority))
    }

    /// The signer of a message: by its chain if it carries one, else by its key id.
    ///
    /// # Errors
    /// [`TrustRefusal`].
    pub fn find(
        &self,
        chain: &[Vec<u8>],
        key_id: Option<&[u8]>,
        document: &str,
        at: Timestamp,
    ) -> Result<Issuer, TrustRefusal> {
        match (chain, key_id) {
            ([], Some(key_id)) => self.signer(key_id, document, at),
            _ => self.chain(chain, document, at),
        }
    }

    fn in_force(&self, certificate: &Certificate, at: Timestamp) -> Result<(), TrustRefusal> {
        if self.withdrawn.contains(&certificate.fingerprint()) {
            return Err(TrustRefusal::Withdrawn);
        }
        certificate.check_time(at)
    }

    /// As [`Trust::authority_of`], for a certificate of the list: who signed the list has checked its signature.
    fn vouching(&self, signer: &Certificate, document: &str, at: Timestamp) -> Result<&Authority, TrustRefusal> {
        self.find_authority(document, at, |authority| signer.names_issuer(authority))
    }

    fn authority_of(
        &self,
        below: &Certificate,
        between: usize,
        document: &str,
        at: Timestamp,
    ) -> Result<&Authority, TrustRefusal> {
        self.find_authority(document, at, |authority| {
            authority.may_issue(between).is_ok() && below.check_issued_by(authority).is_ok()
        })
    }

    fn find_authority(
        &self,
        document: &str,
        at: Timestamp,
        issued: impl Fn(&Certificate) -> bool,
    ) -> Result<&Authority, TrustRefusal> {
        let mut refusal = TrustRefusal::UnknownAuthority;
        for (authority, certificate) in self.authorities.iter().filter(|(_, certificate)| issued(certificate)) {
            match self.in_force(certificate, at) {
                Ok(()) if authority.documents.iter().any(|known| known == document) => return Ok(authority),
                Ok(()) => refusal = TrustRefusal::OtherDocument,
                Err(reason) => refusal = reason,
            }
        }
        Err(refusal)
    }
}

fn issuer(certificate: &Certificate, key: PublicKey, authority: &Authority) -> Issuer {
    Issuer {
        key: Jwk::unnamed(key),
        name: certificate.subject(),
        authority: authority.name.clone(),
        expires_at: certificate.not_after(),
    }
}

/// The certificate chain in the header `x5c` (RFC 7515 section 4.1.6), in DER, the signer's own first. Empty when there is
/// none, it is malformed or too long.
pub(crate) fn jose_chain(header: &Header) -> Vec<Vec<u8>> {
    let certificates = header.get("x5c").and_then(Value::as_array);
    certificates
        .filter(|certificates| certificates.len() <= MAX_CHAIN)
        .and_then(|certificates| {
            let certificate = |text: &Value| STANDARD.decode(text.as_str()?).ok();
            certificates.iter().map(certificate).collect()
        })
        .unwrap_or_default()
}

/// The short id of a key: the first [`SHORT_ID`] bytes of the digest that its thumbprint (RFC 7638) writes in base64url.
pub fn short_id(key: &PublicKey) -> [u8; SHORT_ID] {
    let digest = crypto::base64url::decode(key.thumbprint()).unwrap_or_default();
    digest.first_chunk().copied().unwrap_or_default()
}

/// The fingerprint of a certificate in DER (SHA-256), by which a list withdraws it.
pub fn fingerprint(certificate: &[u8]) -> [u8; 32] {
    sha256(certificate)
}

/// Why an issuer may not start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OwnRefusal {
    /// A certificate cannot be used at all.
    #[error(transparent)]
    Certificate(#[from] TrustRefusal),
    /// The first certificate is not one of the signing key.
    #[error("certificate is not one of the signing key")]
    OtherKey,
    /// A certificate of the chain ends within the margin.
    #[error("certificate expires soon: {0}")]
    ExpiresSoon(Timestamp),
}

/// Whether an issuer may sign with a key and chain at an instant and for a while after (`margin`, such as 30 days).
/// Answers when the first certificate of the chain ends.
///
/// # Errors
/// [`OwnRefusal`].
pub fn check_own(
    key: &PublicKey,
    chain: &[Vec<u8>],
    at: Timestamp,
    margin: SignedDuration,
) -> Result<Timestamp, OwnRefusal> {
    let chain: Vec<Certificate> = chain
        .iter()
        .map(|der| Certificate::parse(der))
        .collect::<Result<_, _>>()?;
    let signer = chain.first().ok_or(TrustRefusal::NoSigner)?;
    if signer.signing_key()? != *key {
        return Err(OwnRefusal::OtherKey);
    }
    for certificate in &chain {
        certificate.check_time(at)?;
    }
    let end = chain.iter().map(Certificate::not_after).min().unwrap_or(at);
    if end <= crate::times::after(at, margin) {
        return Err(OwnRefusal::ExpiresSoon(end));
    }
    Ok(end)
}

/// The key in a certificate, for vectors.
#[cfg(test)]
pub(crate) fn issuer_key_of(der: &[u8]) -> PublicKey {
    Certificate::parse(der).unwrap().signing_key().unwrap()
}

#[cfg(test)]
mod tests;
