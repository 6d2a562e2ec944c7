//! Passive authentication (ICAO 9303-11 section 5.1): the files are what the state signed.
//!
//! In order: EF.SOD is read; the signer's certificate is found in it; an authority of the trust store vouches for that
//! certificate; the signature over the hashes is verified; every file that is here is compared with its hash.
//!
//! Not here yet: revocation lists, link certificates, brainpool curves, and what proves that the chip is no copy.

use cms::signed_data::SignerIdentifier;
use crypto::x509::{self, Hash};
use der::asn1::{ObjectIdentifier as Oid, OctetString};
use der::{Any, Decode};
use jiff::Timestamp;
use serde::Serialize;
use thiserror::Error;
use x509_cert::Certificate;
use x509_cert::ext::pkix::SubjectKeyIdentifier;

use super::sod::{self, SecurityObject, Sod};
use super::{ChipFile, ChipFiles, DataGroup, SchemeRefusal, TrustStore, identifiers as id, scheme};

/// What passive authentication found to be true.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Authentic {
    /// The name of the document signer, as RFC 4514 writes it.
    pub signer: String,
    /// The name of the authority that vouches for it.
    pub authority: String,
    /// The hash function of the data groups.
    pub hash: Hash,
    /// The groups that are here and unchanged.
    pub groups: Vec<DataGroup>,
    /// The groups that were signed but are not here (fingerprints are not readable for everyone).
    pub absent: Vec<DataGroup>,
}

/// Why the files of a chip are not taken for authentic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ChipRefusal {
    /// A data group is larger than any is.
    #[error("{0} is too large")]
    GroupTooLarge(DataGroup),
    /// EF.SOD is not readable, too large, or not signed by exactly one signer.
    #[error("EF.SOD cannot be read")]
    SodUnreadable,
    /// EF.SOD signs something other than hashes of data groups.
    #[error("EF.SOD does not hold the hashes of data groups")]
    NotSecurityObject,
    /// The certificate of the signer is not in EF.SOD.
    #[error("the certificate of the signer is not in EF.SOD")]
    SignerMissing,
    /// The signer's certificate is not for signing, or limited in a way that is not understood.
    #[error("the certificate of the signer is not for signing documents")]
    SignerMayNotSign,
    /// The signer's certificate is not valid at that time.
    #[error("the certificate of the signer is not valid at this time")]
    SignerOutOfValidity,
    /// No trusted authority has the name that issued the signer's certificate.
    #[error("the issuer of the signer is not trusted")]
    UnknownIssuer,
    /// The authority's certificate is not valid at that time.
    #[error("the certificate of the issuer is not valid at this time")]
    IssuerOutOfValidity,
    /// The authority's signature is of a kind that is not accepted.
    #[error("the signature of the issuer is not accepted: {0}")]
    IssuerScheme(SchemeRefusal),
    /// The signer's certificate was not signed by the authority that it names.
    #[error("the certificate of the signer was not signed by its issuer")]
    IssuerSignature,
    /// The signer's signature or hash is of a kind that is not accepted.
    #[error("the signature of EF.SOD is not accepted: {0}")]
    Scheme(SchemeRefusal),
    /// The signature does not say what it signs (attributes content type and message digest).
    #[error("the signature of EF.SOD lacks what it signs")]
    AttributesMissing,
    /// The signed hashes were changed after signing.
    #[error("the hashes in EF.SOD were changed")]
    ContentChanged,
    /// The signature is not one of the signer.
    #[error("the signature of EF.SOD is wrong")]
    Signature,
    /// A data group is here that was not signed.
    #[error("{0} was not signed")]
    GroupNotSigned(DataGroup),
    /// A data group was changed after signing, or is of another chip.
    #[error("{0} was changed")]
    GroupChanged(DataGroup),
}

/// Authenticates the files of a chip at a point in time.
///
/// # Errors
/// [`ChipRefusal`] names the first thing that is wrong. The work is bounded whatever the bytes are.
pub fn passive_authentication(
    files: &ChipFiles,
    trusted: &TrustStore,
    at: Timestamp,
) -> Result<Authentic, ChipRefusal> {
    if let Some((group, _)) = files.groups().find(|(_, file)| file.len() > ChipFile::MAX_SIZE) {
        return Err(ChipRefusal::GroupTooLarge(group));
    }
    let bytes: &[u8] = &files.sod;
    let sod = Some(bytes).filter(|sod| sod.len() <= sod::MAX_SIZE).and_then(Sod::read);
    let sod = sod.ok_or(ChipRefusal::SodUnreadable)?;
    let signer = sod
        .certificates
        .iter()
        .find(|it| is_of(it, &sod.signer.sid))
        .ok_or(ChipRefusal::SignerMissing)?;
    let authority = trusted.vouch(signer, at)?;
    verify(&sod, signer)?;
    let (hash, listed) = hashes(&sod)?;
    let groups = compare(files, hash, &listed)?;
    let absent = listed
        .iter()
        .map(|(group, _)| *group)
        .filter(|group| !groups.contains(group))
        .collect();
    let name = |certificate: &Certificate| certificate.tbs_certificate.subject.to_string();
    Ok(Authentic {
        signer: name(signer),
        authority: name(authority),
        hash,
        groups,
        absent,
    })
}

fn is_of(certificate: &Certificate, id: &SignerIdentifier) -> bool {
    let issued = &certificate.tbs_certificate;
    match id {
        SignerIdentifier::IssuerAndSerialNumber(named) => {
            named.issuer == issued.issuer && named.serial_number == issued.serial_number
        }
        SignerIdentifier::SubjectKeyIdentifier(named) => {
            matches!(issued.get::<SubjectKeyIdentifier>(), Ok(Some((_, own))) if own == *named)
        }
    }
}

/// RFC 5652 section 5.4: the digest of the content stands in the signed attributes, and those are what is signed.
fn verify(sod: &Sod, signer: &Certificate) -> Result<(), ChipRefusal> {
    let hash = scheme::hash_of(&sod.signer.digest_alg).map_err(ChipRefusal::Scheme)?;
    let scheme = scheme::scheme_of(&sod.signer.signature_algorithm, Some(hash)).map_err(ChipRefusal::Scheme)?;
    let key = scheme::key_of(&signer.tbs_certificate.subject_public_key_info).map_err(ChipRefusal::Scheme)?;
    let content_type = attribute(sod, id::CONTENT_TYPE).and_then(|value| value.decode_as::<Oid>().ok());
    let digest = attribute(sod, id::MESSAGE_DIGEST).and_then(|value| value.decode_as::<OctetString>().ok());
    let (Some(content_type), Some(digest)) = (content_type, digest) else {
        return Err(ChipRefusal::AttributesMissing);
    };
    if content_type != sod.content_type {
        return Err(ChipRefusal::NotSecurityObject);
    }
    if digest.as_bytes() != hash.digest(&sod.content) {
        return Err(ChipRefusal::ContentChanged);
    }
    let attributes = sod.signer.signed_attrs.as_ref().ok_or(ChipRefusal::AttributesMissing)?;
    let message = scheme::der_of(attributes).map_err(ChipRefusal::Scheme)?;
    x509::verify(key, scheme, &message, sod.signer.signature.as_bytes()).map_err(|_bad| ChipRefusal::Signature)
}

/// The value of a signed attribute that is there once and has one value.
fn attribute(sod: &Sod, wanted: Oid) -> Option<&Any> {
    let attributes = sod.signer.signed_attrs.as_ref()?;
    let mut found = attributes.iter().filter(|attribute| attribute.oid == wanted);
    match (found.next(), found.next()) {
        (Some(attribute), None) if attribute.values.len() == 1 => attribute.values.get(0),
        _ => None,
    }
}

/// The hash function and the signed hash of each group.
fn hashes(sod: &Sod) -> Result<(Hash, Vec<(DataGroup, OctetString)>), ChipRefusal> {
    if sod.content_type != id::LDS_SECURITY_OBJECT {
        return Err(ChipRefusal::NotSecurityObject);
    }
    let object = SecurityObject::from_der(&sod.content).map_err(|_error| ChipRefusal::NotSecurityObject)?;
    let hash = scheme::hash_of(&object.hash_algorithm).map_err(ChipRefusal::Scheme)?;
    let mut signed: Vec<(DataGroup, OctetString)> = Vec::new();
    for one in object.hashes {
        let group = DataGroup::new(one.number).ok_or(ChipRefusal::NotSecurityObject)?;
        if signed.iter().any(|(other, _)| *other == group) {
            return Err(ChipRefusal::NotSecurityObject);
        }
        signed.push((group, one.hash));
    }
    Ok((hash, signed))
}

fn compare(files: &ChipFiles, hash: Hash, signed: &[(DataGroup, OctetString)]) -> Result<Vec<DataGroup>, ChipRefusal> {
    let mut groups = Vec::new();
    for (group, file) in files.groups() {
        let (_, expected) = signed
            .iter()
            .find(|(other, _)| *other == group)
            .ok_or(ChipRefusal::GroupNotSigned(group))?;
        if expected.as_bytes() != hash.digest(file) {
            return Err(ChipRefusal::GroupChanged(group));
        }
        groups.push(group);
    }
    Ok(groups)
}

#[cfg(test)]
mod tests;
