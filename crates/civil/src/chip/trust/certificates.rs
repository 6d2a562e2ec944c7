//! What a certificate may be used for, by whom it was signed, and when it is valid (ICAO 9303-12 section 7.1).

use crypto::x509;
use der::asn1::GeneralizedTime;
use jiff::Timestamp;
use x509_cert::Certificate;
use x509_cert::ext::Extension;
use x509_cert::ext::pkix::{BasicConstraints, ExtendedKeyUsage, KeyUsage, PrivateKeyUsagePeriod};
use x509_cert::time::Time;

use super::TrustError;
use crate::chip::authenticity::ChipRefusal;
use crate::chip::distinguished::DistinguishedName;
use crate::chip::{SchemeRefusal, identifiers as id, scheme};

/// What a signer signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// EF.SOD: its certificate says nothing of an extended key usage.
    Documents,
    /// Master lists: its certificate names that key usage.
    MasterLists,
}

/// Whether a certificate is one of an authority.
pub(super) fn may_issue(certificate: &Certificate) -> Result<(), TrustError> {
    let usage = certificate.tbs_certificate.get::<KeyUsage>();
    let issues = matches!(usage, Ok(usage) if usage.is_none_or(|(_, usage)| usage.key_cert_sign()));
    if issues && is_authority(certificate) {
        Ok(())
    } else {
        Err(TrustError::NotAnAuthority)
    }
}

/// Whether a certificate may sign for a purpose at that time.
pub(super) fn may_sign(signer: &Certificate, purpose: Purpose, at: Timestamp) -> Result<(), ChipRefusal> {
    let issued = &signer.tbs_certificate;
    let unknown = |it: &Extension| {
        let understood = id::KNOWN_EXTENSIONS.contains(&it.extn_id) || it.extn_id == id::EXTENDED_KEY_USAGE;
        it.critical && !understood
    };
    let usage = issued.get::<KeyUsage>();
    let signs = matches!(usage, Ok(usage) if usage.is_none_or(|(_, usage)| usage.digital_signature()));
    let meant = match (purpose, issued.get::<ExtendedKeyUsage>()) {
        (Purpose::Documents, Ok(None)) => true,
        (Purpose::MasterLists, Ok(Some((_, usages)))) => usages.0.contains(&id::MASTER_LIST_SIGNING),
        _ => false,
    };
    if !signs || !meant || is_authority(signer) || issued.extensions.iter().flatten().any(unknown) {
        return Err(ChipRefusal::SignerMayNotSign);
    }
    if is_in_force(signer, at.as_second()) {
        Ok(())
    } else {
        Err(ChipRefusal::SignerOutOfValidity)
    }
}

/// Whether an authority vouches for a signer at that time: it signed the certificate, is of the same country, and is
/// valid.
pub(super) fn vouches_for(authority: &Certificate, signer: &Certificate, at: Timestamp) -> Result<(), ChipRefusal> {
    signed_by(signer, authority).map_err(|error| match error {
        TrustError::Scheme(reason) => ChipRefusal::IssuerScheme(reason),
        _ => ChipRefusal::IssuerSignature,
    })?;
    if country(signer) != country(authority) {
        return Err(ChipRefusal::SignerCountry);
    }
    if is_in_force(authority, at.as_second()) {
        Ok(())
    } else {
        Err(ChipRefusal::IssuerOutOfValidity)
    }
}

/// Whether an authority handed its trust on to a new key: it signed the link while it was valid itself, and for its own
/// country.
pub(super) fn links(old: &Certificate, link: &Certificate) -> Result<(), TrustError> {
    signed_by(link, old)?;
    if country(link) != country(old) {
        return Err(TrustError::LinkCountry);
    }
    if is_in_force(old, seconds(link.tbs_certificate.validity.not_before)) {
        Ok(())
    } else {
        Err(TrustError::LinkOutOfValidity)
    }
}

/// Whether the key of an authority made the signature of a certificate.
pub(super) fn signed_by(certificate: &Certificate, authority: &Certificate) -> Result<(), TrustError> {
    if certificate.signature_algorithm != certificate.tbs_certificate.signature {
        return Err(TrustError::Signature);
    }
    let scheme = scheme::scheme_of(&certificate.signature_algorithm, None).map_err(TrustError::Scheme)?;
    let message = scheme::der_of(&certificate.tbs_certificate).map_err(TrustError::Scheme)?;
    let signature = certificate.signature.as_bytes().ok_or(TrustError::Signature)?;
    let key = key_of(authority).map_err(TrustError::Scheme)?;
    x509::verify(key, scheme, &message, signature).map_err(|_bad| TrustError::Signature)
}

pub(super) fn key_of(certificate: &Certificate) -> Result<x509::Key<'_>, SchemeRefusal> {
    scheme::key_of(&certificate.tbs_certificate.subject_public_key_info)
}

/// Whether the private key of a certificate was in use at a time (extension private key usage period, ICAO 9303-12
/// section 7.1.1).
pub(in crate::chip) fn could_sign(certificate: &Certificate, at: Timestamp) -> bool {
    let at = at.as_second();
    let within = |(_, period): (bool, PrivateKeyUsagePeriod)| {
        let bound = |time: Option<GeneralizedTime>| time.map(|time| seconds(Time::GeneralTime(time)));
        bound(period.not_before).is_none_or(|from| from <= at) && bound(period.not_after).is_none_or(|to| at <= to)
    };
    let period = certificate.tbs_certificate.get::<PrivateKeyUsagePeriod>();
    is_in_force(certificate, at) && period.is_ok_and(|period| period.is_none_or(within))
}

/// Whether a certificate is valid at a second of the Unix epoch.
pub(super) fn is_in_force(certificate: &Certificate, at: i64) -> bool {
    let validity = &certificate.tbs_certificate.validity;
    (seconds(validity.not_before)..=seconds(validity.not_after)).contains(&at)
}

/// A time in seconds of the Unix epoch.
pub(in crate::chip) fn seconds(time: Time) -> i64 {
    i64::try_from(time.to_unix_duration().as_secs()).unwrap_or(i64::MAX)
}

/// The country of the subject.
pub(super) fn country(certificate: &Certificate) -> Option<String> {
    let name = DistinguishedName::of(&certificate.tbs_certificate.subject);
    name.country().map(str::to_owned)
}

fn is_authority(certificate: &Certificate) -> bool {
    let constraints = certificate.tbs_certificate.get::<BasicConstraints>();
    matches!(constraints, Ok(Some((_, constraints))) if constraints.ca)
}
