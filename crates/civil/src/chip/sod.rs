//! EF.SOD: the hashes of the data groups, signed (ICAO 9303-10 section 4.6.2).
//!
//! `77 { ContentInfo { SignedData { LDSSecurityObject, the signer's certificate, one SignerInfo } } }`.
//! To make one, draft it with [`SodDraft::new`], sign [`SodDraft::to_be_signed`] wherever the key is, and
//! [`SodDraft::finish`] it.

use cms::cert::{CertificateChoices, IssuerAndSerialNumber};
use cms::content_info::{CmsVersion, ContentInfo};
use cms::signed_data::{
    CertificateSet, EncapsulatedContentInfo, SignedData, SignerIdentifier, SignerInfo, SignerInfos,
};
use crypto::x509::Scheme;
use der::asn1::{ObjectIdentifier as Oid, OctetString, PrintableString, SetOfVec};
use der::{Any, Decode, Encode, Sequence, Tag};
use thiserror::Error;
use x509_cert::Certificate;
use x509_cert::attr::{Attribute, Attributes};
use x509_cert::spki::AlgorithmIdentifierOwned;

use super::signed::Signed;
use super::{DataGroup, ber, identifiers as id, scheme, tlv};

/// The largest EF.SOD that is looked at: real ones have two to eight thousand bytes.
pub const MAX_SIZE: usize = 32 * 1024;

const FILE: u16 = 0x77;

/// `LDSSecurityObject`.
#[derive(Sequence)]
pub(super) struct SecurityObject {
    pub(super) version: u8,
    pub(super) hash_algorithm: AlgorithmIdentifierOwned,
    pub(super) hashes: Vec<GroupHash>,
    #[asn1(optional = "true")]
    pub(super) lds_version: Option<LdsVersion>,
}

/// `DataGroupHash`.
#[derive(Sequence)]
pub(super) struct GroupHash {
    pub(super) number: u8,
    pub(super) hash: OctetString,
}

/// `LDSVersionInfo`, from version 1 on.
#[derive(Sequence)]
pub(super) struct LdsVersion {
    lds: PrintableString,
    unicode: PrintableString,
}

/// An EF.SOD that only lacks its signature.
#[derive(Debug)]
pub struct SodDraft {
    content: Vec<u8>,
    attributes: Attributes,
    to_be_signed: Vec<u8>,
    certificate: Certificate,
    scheme: Scheme,
}

/// Why no EF.SOD was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum SodError {
    /// The signer's certificate is not a certificate in DER.
    #[error("the certificate of the signer cannot be read")]
    Certificate,
    /// The structure cannot be written: a certificate or a signature is too large.
    #[error("the structure cannot be encoded")]
    Encoding,
}

impl SodDraft {
    /// Hashes the files of the data groups, with the hash of the signature scheme, for a signer's certificate (DER).
    ///
    /// # Errors
    /// [`SodError`] when the certificate cannot be read or the structure cannot be written.
    pub fn new<'a>(
        groups: impl IntoIterator<Item = (DataGroup, &'a [u8])>,
        certificate: &[u8],
        scheme: Scheme,
    ) -> Result<Self, SodError> {
        let content = security_object(groups, scheme).map_err(|_error| SodError::Encoding)?;
        Self::of_content(content, certificate, scheme)
    }

    /// A draft that signs any content.
    pub(super) fn of_content(content: Vec<u8>, certificate: &[u8], scheme: Scheme) -> Result<Self, SodError> {
        let certificate = Certificate::from_der(certificate).map_err(|_error| SodError::Certificate)?;
        let encoding = |_error: der::Error| SodError::Encoding;
        let digest = scheme::hash_in(scheme).digest(&content);
        let attributes = signed_attributes(&digest).map_err(encoding)?;
        let to_be_signed = attributes.to_der().map_err(encoding)?;
        Ok(Self {
            content,
            attributes,
            to_be_signed,
            certificate,
            scheme,
        })
    }

    /// The bytes to sign with the key of the certificate (the signed attributes in DER, RFC 5652 section 5.4).
    pub fn to_be_signed(&self) -> &[u8] {
        &self.to_be_signed
    }

    /// Puts the signature in. An ECDSA signature is in DER, as X.509 has it.
    ///
    /// # Errors
    /// [`SodError::Encoding`] when the structure cannot be written.
    pub fn finish(self, signature: &[u8]) -> Result<Vec<u8>, SodError> {
        let content_info = self.content_info(signature).and_then(|info| info.to_der());
        content_info
            .map(|info| tlv::write(FILE, &info))
            .map_err(|_error| SodError::Encoding)
    }

    fn content_info(self, signature: &[u8]) -> der::Result<ContentInfo> {
        let hash = scheme::identifier_of_hash(scheme::hash_in(self.scheme));
        let issued = &self.certificate.tbs_certificate;
        let signer = SignerInfo {
            version: CmsVersion::V1,
            sid: SignerIdentifier::IssuerAndSerialNumber(IssuerAndSerialNumber {
                issuer: issued.issuer.clone(),
                serial_number: issued.serial_number.clone(),
            }),
            digest_alg: hash.clone(),
            signed_attrs: Some(self.attributes),
            signature_algorithm: scheme::identifier_of(self.scheme)?,
            signature: OctetString::new(signature)?,
            unsigned_attrs: None,
        };
        let data = SignedData {
            version: CmsVersion::V3,
            digest_algorithms: SetOfVec::try_from(vec![hash])?,
            encap_content_info: EncapsulatedContentInfo {
                econtent_type: id::LDS_SECURITY_OBJECT,
                econtent: Some(Any::new(Tag::OctetString, self.content)?),
            },
            certificates: Some(CertificateSet(SetOfVec::try_from(vec![
                CertificateChoices::Certificate(self.certificate),
            ])?)),
            crls: None,
            signer_infos: SignerInfos(SetOfVec::try_from(vec![signer])?),
        };
        Ok(ContentInfo {
            content_type: id::SIGNED_DATA,
            content: Any::encode_from(&data)?,
        })
    }
}

/// `None` for anything but a whole EF.SOD with its content and exactly one signer. BER is read too.
pub(super) fn read(file: &[u8]) -> Option<Signed> {
    let file = Some(file).filter(|file| file.len() <= MAX_SIZE).and_then(ber::to_der)?;
    Signed::read(tlv::only(FILE, &file)?)
}

fn security_object<'a>(
    groups: impl IntoIterator<Item = (DataGroup, &'a [u8])>,
    scheme: Scheme,
) -> der::Result<Vec<u8>> {
    let hash = scheme::hash_in(scheme);
    let hash_one = |(group, file): (DataGroup, &[u8])| {
        OctetString::new(hash.digest(file)).map(|hash| GroupHash {
            number: group.number(),
            hash,
        })
    };
    let hashes = groups.into_iter().map(hash_one).collect::<der::Result<_>>()?;
    SecurityObject {
        version: 0,
        hash_algorithm: scheme::identifier_of_hash(hash),
        hashes,
        lds_version: None,
    }
    .to_der()
}

fn signed_attributes(digest: &[u8]) -> der::Result<Attributes> {
    let content_type = attribute(id::CONTENT_TYPE, Any::from(id::LDS_SECURITY_OBJECT))?;
    let message_digest = attribute(id::MESSAGE_DIGEST, Any::new(Tag::OctetString, digest)?)?;
    SetOfVec::try_from(vec![content_type, message_digest])
}

fn attribute(oid: Oid, value: Any) -> der::Result<Attribute> {
    Ok(Attribute {
        oid,
        values: SetOfVec::try_from(vec![value])?,
    })
}
