//! Passive authentication (ICAO 9303-11 section 5.1): the files are what the state signed.
//!
//! In order: EF.SOD is read; the signer's certificate is found in it; an authority of the trust store vouches for that
//! certificate; the signature over the hashes is verified; every file that is here is compared with its hash.
//!
//! What proves that the chip is no copy is [`super::active`].

use crypto::x509::Hash;
use der::Decode;
use der::asn1::OctetString;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use thiserror::Error;
use x509_cert::Certificate;

use super::signed::{Signed, SignedRefusal};
use super::sod::{self, SecurityObject};
use super::trust::{Revocation, certificates};
use super::{ChipFile, ChipFiles, DataGroup, SchemeRefusal, TrustStore, ber, identifiers as id, scheme};

/// What passive authentication found to be true.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Authentic {
    /// The name of the document signer, as RFC 4514 writes it.
    pub signer: String,
    /// The name of the authority that vouches for it.
    pub authority: String,
    /// Whether the signer was looked up in a revocation list.
    pub revocation: Revocation,
    /// When the files were signed, if the signature says so.
    pub signed_at: Option<Timestamp>,
    /// The hash function of the data groups.
    pub hash: Hash,
    /// The groups that are here and unchanged.
    pub groups: Vec<DataGroup>,
    /// The groups that were signed but are not here (fingerprints are not readable for everyone).
    pub absent: Vec<DataGroup>,
}

/// Why the files of a chip are not taken for authentic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error, Serialize, Deserialize)]
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
    /// The signature says that it was made when the signer's key was not in use, or in the future, or at no time at all.
    #[error("EF.SOD says it was signed at a time when its signer did not sign")]
    SigningTime,
    /// The authority took the signer's certificate back.
    #[error("the certificate of the signer was revoked")]
    SignerRevoked,
    /// The revocation list of the authority is out of date, so nobody knows.
    #[error("the revocation list of the issuer has expired")]
    RevocationListExpired,
    /// The signer's certificate names another country than its authority (ICAO 9303-12 section 7.1).
    #[error("the signer is of another country than its issuer")]
    SignerCountry,
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

impl From<SignedRefusal> for ChipRefusal {
    fn from(refusal: SignedRefusal) -> Self {
        match refusal {
            SignedRefusal::Scheme(reason) => Self::Scheme(reason),
            SignedRefusal::AttributesMissing => Self::AttributesMissing,
            SignedRefusal::ContentType => Self::NotSecurityObject,
            SignedRefusal::ContentChanged => Self::ContentChanged,
            SignedRefusal::SigningTime => Self::SigningTime,
            SignedRefusal::Signature => Self::Signature,
        }
    }
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
    let sod = sod::read(&files.sod).ok_or(ChipRefusal::SodUnreadable)?;
    let signer = sod.signer().ok_or(ChipRefusal::SignerMissing)?;
    let (authority, revocation) = trusted.vouch(signer, at)?;
    sod.verify(signer)?;
    let signed_at = signing_time(&sod, signer, at)?;
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
        revocation,
        signed_at,
        hash,
        groups,
        absent,
    })
}

/// A time of signing that stands in the signature has to be one at which the signer could sign (ICAO 9303-12 section
/// 7.1.1: the key is used for less long than the certificate is valid), and not one to come.
fn signing_time(sod: &Signed, signer: &Certificate, at: Timestamp) -> Result<Option<Timestamp>, ChipRefusal> {
    let Some(time) = sod.signing_time()? else {
        return Ok(None);
    };
    let time = Timestamp::from_second(certificates::seconds(time)).ok();
    time.filter(|time| *time <= at && certificates::could_sign(signer, *time))
        .ok_or(ChipRefusal::SigningTime)
        .map(Some)
}

/// The hash function and the signed hash of each group.
fn hashes(sod: &Signed) -> Result<(Hash, Vec<(DataGroup, OctetString)>), ChipRefusal> {
    if sod.content_type != id::LDS_SECURITY_OBJECT {
        return Err(ChipRefusal::NotSecurityObject);
    }
    let object = ber::to_der(&sod.content).and_then(|object| SecurityObject::from_der(&object).ok());
    let object = object.ok_or(ChipRefusal::NotSecurityObject)?;
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
