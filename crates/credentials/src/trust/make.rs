//! Certificates of an authority of our own, after the profiles of ISO/IEC 18013-5 annex B: what a test nation, and an
//! installation without an authority of its own, begins with.

use std::str::FromStr as _;
use std::time::Duration;

use crypto::digest::sha256;
use crypto::jwk::PublicKey;
use crypto::sign::{Algorithm, SignError, Signer, ecdsa_to_der};
use der::asn1::{Any, BitString, GeneralizedTime, Ia5String, ObjectIdentifier as Oid, OctetString, UtcTime};
use der::{DateTime, Encode};
use jiff::Timestamp;
use x509_cert::ext::Extension;
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::ext::pkix::{
    AuthorityKeyIdentifier, BasicConstraints, ExtendedKeyUsage, KeyUsage, KeyUsages, SubjectKeyIdentifier,
};
use x509_cert::name::Name;
use x509_cert::serial_number::SerialNumber;
use x509_cert::spki::{AlgorithmIdentifierOwned, SubjectPublicKeyInfoOwned};
use x509_cert::time::{Time, Validity};
use x509_cert::{Certificate, TbsCertificate, Version};

use super::certificate::{EC_PUBLIC_KEY, ECDSA_SHA_256, P_256};

const SUBJECT_KEY: Oid = Oid::new_unwrap("2.5.29.14");
const KEY_USAGE: Oid = Oid::new_unwrap("2.5.29.15");
const SUBJECT_NAMES: Oid = Oid::new_unwrap("2.5.29.17");
const ISSUER_NAMES: Oid = Oid::new_unwrap("2.5.29.18");
const CONSTRAINTS: Oid = Oid::new_unwrap("2.5.29.19");
const AUTHORITY_KEY: Oid = Oid::new_unwrap("2.5.29.35");
const EXTENDED_USAGE: Oid = Oid::new_unwrap("2.5.29.37");
/// The extended key usage of who signs mobile documents (ISO/IEC 18013-5 clause B.1.4).
const DOCUMENT_SIGNER: Oid = Oid::new_unwrap("1.0.18013.5.1.2");

/// Why no certificate was made.
#[derive(Debug, thiserror::Error)]
pub enum MakeError {
    /// Only keys on P-256 are certified.
    #[error("only a key on P-256 can be certified")]
    Key,
    /// A name or a time cannot be written.
    #[error("a part of the certificate cannot be written")]
    Der(#[from] der::Error),
    /// The authority's key failed.
    #[error(transparent)]
    Sign(#[from] SignError),
}

/// What a certificate says of its subject.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// The common name; the country is Viet Nam.
    pub name: &'a str,
    /// The HTTPS address of the issuer, for the alternative names.
    pub site: &'a str,
    /// From when it is good.
    pub not_before: Timestamp,
    /// Until when it is good.
    pub not_after: Timestamp,
}

/// What a key is certified for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Signing documents and status lists.
    DocumentSigner,
    /// Signing requests for documents, as a verifier does.
    Verifier,
    /// Sealing papers: what it signs binds whom it is issued to (RFC 5280 section 4.2.1.3, content commitment).
    Sealer,
}

/// The self-signed certificate of an authority, which issues to signers alone (clause B.1.2). DER.
///
/// # Errors
/// [`MakeError`].
pub fn authority(key: &dyn Signer, subject: &Subject<'_>) -> Result<Vec<u8>, MakeError> {
    let own = key.public().key();
    let extensions = vec![
        extension(
            SUBJECT_KEY,
            false,
            &SubjectKeyIdentifier(OctetString::new(identifier(own))?),
        )?,
        extension(KEY_USAGE, true, &KeyUsage(KeyUsages::KeyCertSign | KeyUsages::CRLSign))?,
        extension(ISSUER_NAMES, false, &vec![address(subject.site)?])?,
        extension(
            CONSTRAINTS,
            true,
            &BasicConstraints {
                ca: true,
                path_len_constraint: Some(0),
            },
        )?,
    ];
    sign(key, &name(subject.name)?, own, subject, extensions)
}

/// The certificate of a signer below an authority that [`authority`] has made (clauses B.1.4, B.1.7). DER.
///
/// # Errors
/// [`MakeError`].
pub fn signer(
    authority: &dyn Signer,
    authority_name: &str,
    key: &PublicKey,
    role: Role,
    subject: &Subject<'_>,
) -> Result<Vec<u8>, MakeError> {
    let above = AuthorityKeyIdentifier {
        key_identifier: Some(OctetString::new(identifier(authority.public().key()))?),
        ..AuthorityKeyIdentifier::default()
    };
    let usages = match role {
        Role::Sealer => KeyUsages::DigitalSignature | KeyUsages::NonRepudiation,
        Role::DocumentSigner | Role::Verifier => KeyUsages::DigitalSignature.into(),
    };
    let mut names = vec![address(subject.site)?];
    if let Some(host) = host(subject.site) {
        names.push(GeneralName::DnsName(Ia5String::new(host)?));
    }
    let mut extensions = vec![
        extension(AUTHORITY_KEY, false, &above)?,
        extension(
            SUBJECT_KEY,
            false,
            &SubjectKeyIdentifier(OctetString::new(identifier(key))?),
        )?,
        extension(KEY_USAGE, true, &KeyUsage(usages))?,
        extension(SUBJECT_NAMES, false, &names)?,
        extension(ISSUER_NAMES, false, &vec![address(subject.site)?])?,
    ];
    if role == Role::DocumentSigner {
        extensions.push(extension(
            EXTENDED_USAGE,
            true,
            &ExtendedKeyUsage(vec![DOCUMENT_SIGNER]),
        )?);
    }
    sign(authority, &name(authority_name)?, key, subject, extensions)
}

fn sign(
    issuer: &dyn Signer,
    issuer_name: &Name,
    key: &PublicKey,
    subject: &Subject<'_>,
    extensions: Vec<Extension>,
) -> Result<Vec<u8>, MakeError> {
    if key.algorithm() != Algorithm::Es256 || issuer.algorithm() != Algorithm::Es256 {
        return Err(MakeError::Key);
    }
    let signature = ecdsa();
    let tbs_certificate = TbsCertificate {
        version: Version::V3,
        serial_number: serial(key, subject)?,
        signature: signature.clone(),
        issuer: issuer_name.clone(),
        validity: Validity {
            not_before: time(subject.not_before)?,
            not_after: time(subject.not_after)?,
        },
        subject: name(subject.name)?,
        subject_public_key_info: public_key(key)?,
        issuer_unique_id: None,
        subject_unique_id: None,
        extensions: Some(extensions),
    };
    let signed = issuer.sign(&tbs_certificate.to_der()?)?;
    let signed = signed.first_chunk::<64>().ok_or(MakeError::Key)?;
    let certificate = Certificate {
        tbs_certificate,
        signature_algorithm: signature,
        signature: BitString::from_bytes(&ecdsa_to_der(signed))?,
    };
    Ok(certificate.to_der()?)
}

/// How a signature on P-256 is named.
pub(super) fn ecdsa() -> AlgorithmIdentifierOwned {
    AlgorithmIdentifierOwned {
        oid: ECDSA_SHA_256,
        parameters: None,
    }
}

/// A key on P-256 as certificates and requests have it.
pub(super) fn public_key(key: &PublicKey) -> Result<SubjectPublicKeyInfoOwned, MakeError> {
    if key.algorithm() != Algorithm::Es256 {
        return Err(MakeError::Key);
    }
    Ok(SubjectPublicKeyInfoOwned {
        algorithm: AlgorithmIdentifierOwned {
            oid: EC_PUBLIC_KEY,
            parameters: Some(Any::from(&P_256)),
        },
        subject_public_key: BitString::from_bytes(key.bytes())?,
    })
}

pub(super) fn name(common: &str) -> Result<Name, der::Error> {
    Name::from_str(&format!("CN={common},C=VN"))
}

fn address(site: &str) -> Result<GeneralName, der::Error> {
    Ok(GeneralName::UniformResourceIdentifier(Ia5String::new(site)?))
}

/// The host of an address, without its port.
fn host(site: &str) -> Option<&str> {
    let (_, rest) = site.split_once("://")?;
    rest.split(['/', ':']).next().filter(|host| !host.is_empty())
}

/// The first 160 bits of the key's SHA-256 (RFC 7093 section 2 method 1).
fn identifier(key: &PublicKey) -> Vec<u8> {
    sha256(key.bytes()).into_iter().take(20).collect()
}

/// A number that nobody foresees and that differs for each certificate of a key (RFC 5280 section 4.1.2.2).
fn serial(key: &PublicKey, subject: &Subject<'_>) -> Result<SerialNumber, der::Error> {
    let mut input = key.bytes().to_vec();
    input.extend_from_slice(&subject.not_before.as_second().to_be_bytes());
    input.extend_from_slice(subject.name.as_bytes());
    let digest = sha256(&input);
    // Positive, and without leading zeros.
    let number: Vec<u8> = std::iter::once(0x40).chain(digest.into_iter().take(15)).collect();
    SerialNumber::new(&number)
}

/// RFC 5280 section 4.1.2.5: two digits of the year until 2049.
fn time(at: Timestamp) -> Result<Time, der::Error> {
    let seconds = u64::try_from(at.as_second()).unwrap_or_default();
    let date = DateTime::from_unix_duration(Duration::from_secs(seconds))?;
    Ok(if date.year() <= 2049 {
        Time::UtcTime(UtcTime::from_date_time(date)?)
    } else {
        Time::GeneralTime(GeneralizedTime::from_date_time(date))
    })
}

fn extension(id: Oid, critical: bool, value: &impl Encode) -> Result<Extension, der::Error> {
    Ok(Extension {
        extn_id: id,
        critical,
        extn_value: OctetString::new(value.to_der()?)?,
    })
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;
    use crate::testing::{NOW, key};
    use crate::trust::{Authority, Trust, TrustList, check_own};

    const YEAR: SignedDuration = SignedDuration::from_hours(24 * 365);

    fn subject(name: &'static str) -> Subject<'static> {
        Subject {
            name,
            site: "https://id.example",
            not_before: NOW - SignedDuration::from_hours(1),
            not_after: NOW + YEAR,
        }
    }

    #[test]
    fn a_signer_made_here_is_believed_below_its_authority_and_nowhere_else() {
        let (root, own) = (key(1), key(2));
        let list = |root: &crypto::sign::SoftKey| {
            let authority = Authority {
                name: "Ministry".into(),
                certificate: authority(root, &subject("VNeID test IACA")).unwrap(),
                documents: vec!["urn:vneid:eid:1".into()],
            };
            Trust::new(TrustList::new(1, NOW, NOW + YEAR, vec![authority])).unwrap()
        };
        let made = signer(
            &root,
            "VNeID test IACA",
            own.public().key(),
            Role::DocumentSigner,
            &subject("VNeID document signer"),
        )
        .unwrap();

        let issuer = list(&root)
            .chain(std::slice::from_ref(&made), "urn:vneid:eid:1", NOW)
            .unwrap();
        let stranger = list(&key(3)).chain(std::slice::from_ref(&made), "urn:vneid:eid:1", NOW);

        assert_eq!(issuer.key.key(), own.public().key());
        assert_eq!(issuer.name, "CN=VNeID document signer,C=VN");
        assert!(stranger.is_err());
        assert!(check_own(own.public().key(), &[made], NOW, SignedDuration::from_hours(24 * 30)).is_ok());
    }

    #[test]
    fn two_certificates_of_one_key_have_two_serial_numbers() {
        let root = key(1);
        let later = Subject {
            not_before: NOW,
            ..subject("VNeID test IACA")
        };

        let (one, two) = (
            authority(&root, &subject("VNeID test IACA")).unwrap(),
            authority(&root, &later).unwrap(),
        );

        assert_ne!(one, two);
    }
}
