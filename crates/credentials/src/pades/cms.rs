//! The signature of a paper: CMS signed data over content that stands elsewhere (RFC 5652), as `CAdES` has it.

use cms::cert::{CertificateChoices, IssuerAndSerialNumber};
use cms::content_info::{CmsVersion, ContentInfo};
use cms::signed_data::{
    CertificateSet, EncapsulatedContentInfo, SignedData, SignerIdentifier, SignerInfo, SignerInfos,
};
use crypto::digest::sha256;
use crypto::jwk::PublicKey;
use crypto::sign::{Algorithm, Signer, ecdsa_to_der};
use crypto::x509::{Hash, Key, Scheme, verify};
use der::asn1::{ObjectIdentifier as Oid, OctetString, SetOfVec};
use der::{Any, Decode, Encode, Reader, Sequence, SliceReader};
use x509_cert::Certificate;
use x509_cert::attr::Attribute;
use x509_cert::spki::AlgorithmIdentifierOwned;

use super::{PaperRefusal, SealError};
use crate::cose::MAX_CHAIN;

const DATA: Oid = Oid::new_unwrap("1.2.840.113549.1.7.1");
const SIGNED_DATA: Oid = Oid::new_unwrap("1.2.840.113549.1.7.2");
const CONTENT_TYPE: Oid = Oid::new_unwrap("1.2.840.113549.1.9.3");
const MESSAGE_DIGEST: Oid = Oid::new_unwrap("1.2.840.113549.1.9.4");
/// RFC 5035 section 3.
const SIGNING_CERTIFICATE: Oid = Oid::new_unwrap("1.2.840.113549.1.9.16.2.47");
/// RFC 3161 appendix A.
const TIME_STAMP: Oid = Oid::new_unwrap("1.2.840.113549.1.9.16.2.14");
const SHA_256: Oid = Oid::new_unwrap("2.16.840.1.101.3.4.2.1");
const ECDSA_SHA_256: Oid = Oid::new_unwrap("1.2.840.10045.4.3.2");

/// `SigningCertificateV2` (RFC 5035 section 3) with SHA-256, which is the default.
#[derive(Sequence)]
struct SigningCertificate {
    certificates: Vec<CertificateId>,
}

/// `ESSCertIDv2`.
#[derive(Sequence)]
struct CertificateId {
    digest: OctetString,
}

/// A signature that was made.
#[derive(Debug)]
pub(super) struct Signed {
    certificates: Vec<Certificate>,
    signer: SignerInfo,
}

impl Signed {
    /// Signs the digest of a file.
    pub(super) fn sign(key: &dyn Signer, chain: &[Vec<u8>], digest: &[u8; 32]) -> Result<Self, SealError> {
        if key.algorithm() != Algorithm::Es256 {
            return Err(SealError::Key);
        }
        let own = chain.first().ok_or(SealError::Key)?;
        let certificates: Vec<Certificate> = chain
            .iter()
            .map(|der| Certificate::from_der(der))
            .collect::<Result<_, _>>()?;
        let named = identifier(certificates.first().ok_or(SealError::Key)?);
        let id = CertificateId {
            digest: OctetString::new(sha256(own))?,
        };
        let attributes = vec![
            attribute(CONTENT_TYPE, &DATA)?,
            attribute(MESSAGE_DIGEST, &OctetString::new(digest.as_slice())?)?,
            attribute(SIGNING_CERTIFICATE, &SigningCertificate { certificates: vec![id] })?,
        ];
        let attributes = SetOfVec::try_from(attributes)?;
        let signature = key.sign(&attributes.to_der()?)?;
        let signature = ecdsa_to_der(signature.first_chunk::<64>().ok_or(SealError::Key)?);
        let signer = SignerInfo {
            version: CmsVersion::V1,
            sid: named,
            digest_alg: plain(SHA_256),
            signed_attrs: Some(attributes),
            signature_algorithm: plain(ECDSA_SHA_256),
            signature: OctetString::new(signature)?,
            unsigned_attrs: None,
        };
        Ok(Self { certificates, signer })
    }

    /// The signature itself.
    pub(super) fn signature(&self) -> &[u8] {
        self.signer.signature.as_bytes()
    }

    /// The whole, with a time stamp among what is not signed.
    pub(super) fn to_der(&self, token: Option<&[u8]>) -> Result<Vec<u8>, SealError> {
        let mut signer = self.signer.clone();
        if let Some(token) = token {
            let stamp = Attribute {
                oid: TIME_STAMP,
                values: SetOfVec::try_from(vec![Any::from_der(token)?])?,
            };
            signer.unsigned_attrs = Some(SetOfVec::try_from(vec![stamp])?);
        }
        let certificates = self.certificates.iter().cloned().map(CertificateChoices::Certificate);
        let data = SignedData {
            version: CmsVersion::V1,
            digest_algorithms: SetOfVec::try_from(vec![plain(SHA_256)])?,
            encap_content_info: EncapsulatedContentInfo {
                econtent_type: DATA,
                econtent: None,
            },
            certificates: Some(CertificateSet(SetOfVec::try_from(certificates.collect::<Vec<_>>())?)),
            crls: None,
            signer_infos: SignerInfos(SetOfVec::try_from(vec![signer])?),
        };
        let whole = ContentInfo {
            content_type: SIGNED_DATA,
            content: Any::encode_from(&data)?,
        };
        Ok(whole.to_der()?)
    }
}

/// How a signer names its certificate.
fn identifier(certificate: &Certificate) -> SignerIdentifier {
    let issued = &certificate.tbs_certificate;
    SignerIdentifier::IssuerAndSerialNumber(IssuerAndSerialNumber {
        issuer: issued.issuer.clone(),
        serial_number: issued.serial_number.clone(),
    })
}

fn plain(oid: Oid) -> AlgorithmIdentifierOwned {
    AlgorithmIdentifierOwned { oid, parameters: None }
}

fn attribute(oid: Oid, value: &impl Encode) -> Result<Attribute, der::Error> {
    let value = Any::from_der(&value.to_der()?)?;
    Ok(Attribute {
        oid,
        values: SetOfVec::try_from(vec![value])?,
    })
}

/// A signature that somebody brings, read but not believed yet.
pub(super) struct Read {
    /// The signer's certificates, the own first, each followed by the one that issued it.
    pub(super) chain: Vec<Vec<u8>>,
    signer: SignerInfo,
}

impl Read {
    /// `None` for anything but one signature as it is written here, followed by nothing but zeros: what of it is not signed has one form alone, but for
    /// a time stamp, which nothing here relies upon.
    pub(super) fn new(bytes: &[u8]) -> Option<Self> {
        let mut reader = SliceReader::new(bytes).ok()?;
        let whole = ContentInfo::decode(&mut reader).ok()?;
        let left = usize::try_from(reader.remaining_len()).ok()?;
        let padding = bytes.get(bytes.len().checked_sub(left)?..)?;
        if whole.content_type != SIGNED_DATA || padding.iter().any(|byte| *byte != 0) {
            return None;
        }
        let data: SignedData = whole.content.decode_as().ok()?;
        let apart = data.encap_content_info.econtent_type == DATA && data.encap_content_info.econtent.is_none();
        let usual = data.version == CmsVersion::V1
            && matches!(data.digest_algorithms.as_slice(), [only] if *only == plain(SHA_256))
            && data.crls.is_none();
        let [signer] = <[SignerInfo; 1]>::try_from(data.signer_infos.0.into_vec()).ok()?;
        let certificate = |choice| match choice {
            CertificateChoices::Certificate(certificate) => Some(certificate),
            CertificateChoices::Other(_) => None,
        };
        let certificates = data.certificates?.0.into_vec().into_iter().map(certificate);
        let certificates: Vec<Certificate> = certificates.collect::<Option<_>>()?;
        let chain = chain(&certificates, &own_digest(&signer)?)?;
        let own = Certificate::from_der(chain.first()?).ok()?;
        let named = signer.version == CmsVersion::V1 && signer.sid == identifier(&own);
        (apart && usual && named && chain.len() == certificates.len()).then_some(Self { chain, signer })
    }

    /// Whether this is the key's signature over a file of this digest.
    pub(super) fn verify(&self, key: &PublicKey, digest: &[u8; 32]) -> Result<(), PaperRefusal> {
        let signer = &self.signer;
        let sha_256 = signer.digest_alg == plain(SHA_256) && signer.signature_algorithm == plain(ECDSA_SHA_256);
        if !sha_256 || key.algorithm() != Algorithm::Es256 {
            return Err(PaperRefusal::Unreadable);
        }
        let content_type = value(signer, CONTENT_TYPE).and_then(|value| value.decode_as::<Oid>().ok());
        let said = value(signer, MESSAGE_DIGEST).and_then(|value| value.decode_as::<OctetString>().ok());
        let (Some(DATA), Some(said)) = (content_type, said) else {
            return Err(PaperRefusal::Unreadable);
        };
        let attributes = signer
            .signed_attrs
            .as_ref()
            .and_then(|attributes| attributes.to_der().ok());
        let attributes = attributes.ok_or(PaperRefusal::Unreadable)?;
        let signature = signer.signature.as_bytes();
        verify(
            Key::P256(key.bytes()),
            Scheme::Ecdsa(Hash::Sha256),
            &attributes,
            signature,
        )
        .ok()
        .ok_or(PaperRefusal::Signature)?;
        if said.as_bytes() == digest {
            Ok(())
        } else {
            Err(PaperRefusal::Changed)
        }
    }
}

/// The value of a signed attribute that is there once and has one value.
fn value(signer: &SignerInfo, wanted: Oid) -> Option<&Any> {
    let attributes = signer.signed_attrs.as_ref()?;
    let mut found = attributes.iter().filter(|attribute| attribute.oid == wanted);
    match (found.next(), found.next()) {
        (Some(attribute), None) if attribute.values.len() == 1 => attribute.values.get(0),
        _ => None,
    }
}

/// The digest of the signer's certificate, which is signed (RFC 5035).
fn own_digest(signer: &SignerInfo) -> Option<Vec<u8>> {
    let said: SigningCertificate = value(signer, SIGNING_CERTIFICATE)?.decode_as().ok()?;
    said.certificates.into_iter().next().map(|id| id.digest.into_bytes())
}

/// Certificates in the order in which one was issued by the next.
fn chain(certificates: &[Certificate], own: &[u8]) -> Option<Vec<Vec<u8>>> {
    let known: Vec<(Vec<u8>, &Certificate)> = certificates
        .iter()
        .filter_map(|certificate| Some((certificate.to_der().ok()?, certificate)))
        .collect();
    let mut next = known.iter().find(|(der, _)| sha256(der) == own);
    let mut chain = Vec::new();
    while let Some((der, certificate)) = next
        && chain.len() < MAX_CHAIN
    {
        chain.push(der.clone());
        let issuer = &certificate.tbs_certificate.issuer;
        next = known
            .iter()
            .find(|(der, above)| above.tbs_certificate.subject == *issuer && !chain.contains(der));
    }
    (!chain.is_empty()).then_some(chain)
}
