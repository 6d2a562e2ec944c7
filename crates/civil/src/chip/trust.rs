//! The certificates of country signing authorities (CSCA) that are trusted, and what they vouch for.
//!
//! Viet Nam's are not public: an installation loads those it was given, a sandbox those of its own synthetic nation.

use std::fmt;

use crypto::x509;
use der::Decode;
use jiff::Timestamp;
use thiserror::Error;
use x509_cert::Certificate;
use x509_cert::ext::pkix::{BasicConstraints, KeyUsage};

use super::authenticity::ChipRefusal;
use super::{identifiers as id, scheme};

/// The trusted authorities.
#[derive(Clone, Default)]
pub struct TrustStore(Vec<Certificate>);

/// Why a certificate was not taken into the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum TrustError {
    /// Not a certificate.
    #[error("the certificate cannot be read")]
    Unreadable,
    /// A certificate that may not issue others.
    #[error("the certificate is not one of an authority")]
    NotAnAuthority,
}

/// More authorities of one name than this are not tried.
const SAME_NAME: usize = 16;

impl TrustStore {
    /// Trusts nobody yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one certificate in DER.
    ///
    /// # Errors
    /// [`TrustError`] says why it was not taken.
    pub fn add_der(&mut self, certificate: &[u8]) -> Result<(), TrustError> {
        let certificate = Certificate::from_der(certificate).map_err(|_error| TrustError::Unreadable)?;
        self.add(certificate)
    }

    /// Adds all certificates of a PEM file.
    ///
    /// # Errors
    /// [`TrustError`] of the first one that was not taken; those before it are in the store.
    pub fn add_pem(&mut self, certificates: &str) -> Result<(), TrustError> {
        let chain = Certificate::load_pem_chain(certificates.as_bytes()).map_err(|_error| TrustError::Unreadable)?;
        chain.into_iter().try_for_each(|certificate| self.add(certificate))
    }

    /// How many authorities are trusted.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether nobody is trusted.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn add(&mut self, certificate: Certificate) -> Result<(), TrustError> {
        let constraints = certificate.tbs_certificate.get::<BasicConstraints>();
        let usage = certificate.tbs_certificate.get::<KeyUsage>();
        let authority = matches!(constraints, Ok(Some((_, constraints))) if constraints.ca)
            && matches!(usage, Ok(usage) if usage.is_none_or(|(_, usage)| usage.key_cert_sign()));
        if !authority {
            return Err(TrustError::NotAnAuthority);
        }
        self.0.push(certificate);
        Ok(())
    }

    /// The authority that signed a document signer's certificate, when both may be used at that time.
    pub(super) fn vouch(&self, signer: &Certificate, at: Timestamp) -> Result<&Certificate, ChipRefusal> {
        may_sign(signer, at)?;
        let issuer = &signer.tbs_certificate.issuer;
        let mut refusal = ChipRefusal::UnknownIssuer;
        for authority in self
            .0
            .iter()
            .filter(|ca| ca.tbs_certificate.subject == *issuer)
            .take(SAME_NAME)
        {
            match issued_by(signer, authority).and_then(|()| in_force(authority, at, ChipRefusal::IssuerOutOfValidity))
            {
                Ok(()) => return Ok(authority),
                Err(reason) => refusal = reason,
            }
        }
        Err(refusal)
    }
}

impl fmt::Debug for TrustStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list()
            .entries(self.0.iter().map(|ca| ca.tbs_certificate.subject.to_string()))
            .finish()
    }
}

fn may_sign(signer: &Certificate, at: Timestamp) -> Result<(), ChipRefusal> {
    let issued = &signer.tbs_certificate;
    let unknown = |extension: &x509_cert::ext::Extension| {
        extension.critical && !id::KNOWN_EXTENSIONS.contains(&extension.extn_id)
    };
    let usage = issued.get::<KeyUsage>();
    let signs = matches!(usage, Ok(usage) if usage.is_none_or(|(_, usage)| usage.digital_signature()));
    if !signs || issued.extensions.iter().flatten().any(unknown) {
        return Err(ChipRefusal::SignerMayNotSign);
    }
    in_force(signer, at, ChipRefusal::SignerOutOfValidity)
}

fn in_force(certificate: &Certificate, at: Timestamp, refusal: ChipRefusal) -> Result<(), ChipRefusal> {
    let validity = &certificate.tbs_certificate.validity;
    let seconds = |time: x509_cert::time::Time| i64::try_from(time.to_unix_duration().as_secs()).unwrap_or(i64::MAX);
    let in_force = (seconds(validity.not_before)..=seconds(validity.not_after)).contains(&at.as_second());
    if in_force { Ok(()) } else { Err(refusal) }
}

fn issued_by(certificate: &Certificate, authority: &Certificate) -> Result<(), ChipRefusal> {
    if certificate.signature_algorithm != certificate.tbs_certificate.signature {
        return Err(ChipRefusal::IssuerSignature);
    }
    let scheme = scheme::scheme_of(&certificate.signature_algorithm, None).map_err(ChipRefusal::IssuerScheme)?;
    let key = scheme::key_of(&authority.tbs_certificate.subject_public_key_info).map_err(ChipRefusal::IssuerScheme)?;
    let message = scheme::der_of(&certificate.tbs_certificate).map_err(ChipRefusal::IssuerScheme)?;
    let signature = certificate.signature.as_bytes().ok_or(ChipRefusal::IssuerSignature)?;
    x509::verify(key, scheme, &message, signature).map_err(|_bad| ChipRefusal::IssuerSignature)
}
