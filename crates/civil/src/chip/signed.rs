//! CMS signed data with one signer (RFC 5652 section 5), as EF.SOD and master lists are.

use cms::cert::CertificateChoices;
use cms::content_info::ContentInfo;
use cms::signed_data::{SignedData, SignerIdentifier, SignerInfo};
use crypto::x509;
use der::asn1::{ObjectIdentifier as Oid, OctetString};
use der::{Any, Decode, Encode};
use thiserror::Error;
use x509_cert::Certificate;
use x509_cert::ext::pkix::SubjectKeyIdentifier;
use x509_cert::time::Time;

use super::distinguished::DistinguishedName;
use super::{SchemeRefusal, identifiers as id, scheme, tlv};

/// Why signed data is not what its signer signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum SignedRefusal {
    /// The signature or a hash is of a kind that is not accepted.
    #[error("the signature is not accepted: {0}")]
    Scheme(SchemeRefusal),
    /// The signature does not say what it signs (attributes content type and message digest).
    #[error("the signature lacks what it signs")]
    AttributesMissing,
    /// The signature is over another type of content.
    #[error("the signature is over another type of content")]
    ContentType,
    /// The content was changed after signing.
    #[error("the content was changed")]
    ContentChanged,
    /// The signature says when it was made, but not as a time.
    #[error("the time of signing cannot be read")]
    SigningTime,
    /// The signature is not one of the signer.
    #[error("the signature is wrong")]
    Signature,
}

/// Signed data, decoded and of bounded size, but not believed yet.
pub(super) struct Signed {
    pub(super) content_type: Oid,
    pub(super) content: Vec<u8>,
    signer: SignerInfo,
    certificates: Vec<Certificate>,
}

impl Signed {
    /// Reads a `ContentInfo` in DER; `None` for anything but signed data with its content and exactly one signer.
    pub(super) fn read(info: &[u8]) -> Option<Self> {
        let info = Some(info).filter(|info| tlv::is_modest(info))?;
        let info = ContentInfo::from_der(info)
            .ok()
            .filter(|info| info.content_type == id::SIGNED_DATA)?;
        let data: SignedData = info.content.decode_as().ok()?;
        let content: OctetString = data.encap_content_info.econtent?.decode_as().ok()?;
        let [signer] = <[SignerInfo; 1]>::try_from(data.signer_infos.0.into_vec()).ok()?;
        let certificates = data.certificates.map(|set| set.0.into_vec()).unwrap_or_default();
        let x509 = |choice| match choice {
            CertificateChoices::Certificate(certificate) => Some(certificate),
            CertificateChoices::Other(_) => None,
        };
        Some(Self {
            content_type: data.encap_content_info.econtent_type,
            content: content.into_bytes(),
            signer,
            certificates: certificates.into_iter().filter_map(x509).collect(),
        })
    }

    /// The certificate of the signer, when it is inside.
    pub(super) fn signer(&self) -> Option<&Certificate> {
        self.certificates.iter().find(|it| is_of(it, &self.signer.sid))
    }

    /// RFC 5652 section 5.4: the digest of the content stands in the signed attributes, and those are what is signed.
    pub(super) fn verify(&self, signer: &Certificate) -> Result<(), SignedRefusal> {
        let hash = scheme::hash_of(&self.signer.digest_alg).map_err(SignedRefusal::Scheme)?;
        let scheme = scheme::scheme_of(&self.signer.signature_algorithm, Some(hash)).map_err(SignedRefusal::Scheme)?;
        let key = scheme::key_of(&signer.tbs_certificate.subject_public_key_info).map_err(SignedRefusal::Scheme)?;
        let content_type = self
            .attribute(id::CONTENT_TYPE)
            .and_then(|value| value.decode_as::<Oid>().ok());
        let digest = self
            .attribute(id::MESSAGE_DIGEST)
            .and_then(|value| value.decode_as::<OctetString>().ok());
        let (Some(content_type), Some(digest)) = (content_type, digest) else {
            return Err(SignedRefusal::AttributesMissing);
        };
        if content_type != self.content_type {
            return Err(SignedRefusal::ContentType);
        }
        if digest.as_bytes() != hash.digest(&self.content) {
            return Err(SignedRefusal::ContentChanged);
        }
        let attributes = self
            .signer
            .signed_attrs
            .as_ref()
            .ok_or(SignedRefusal::AttributesMissing)?;
        let message = scheme::der_of(attributes).map_err(SignedRefusal::Scheme)?;
        x509::verify(key, scheme, &message, self.signer.signature.as_bytes()).map_err(|_bad| SignedRefusal::Signature)
    }

    /// When the signer says that it signed, if it does.
    ///
    /// # Errors
    /// What it says cannot be read.
    pub(super) fn signing_time(&self) -> Result<Option<Time>, SignedRefusal> {
        let attributes = self.signer.signed_attrs.iter().flat_map(|it| it.iter());
        if !attributes.into_iter().any(|it| it.oid == id::SIGNING_TIME) {
            return Ok(None);
        }
        let time = self.attribute(id::SIGNING_TIME).and_then(|value| value.to_der().ok());
        let time = time.and_then(|time| Time::from_der(&time).ok());
        time.ok_or(SignedRefusal::SigningTime).map(Some)
    }

    /// The value of a signed attribute that is there once and has one value.
    fn attribute(&self, wanted: Oid) -> Option<&Any> {
        let attributes = self.signer.signed_attrs.as_ref()?;
        let mut found = attributes.iter().filter(|attribute| attribute.oid == wanted);
        match (found.next(), found.next()) {
            (Some(attribute), None) if attribute.values.len() == 1 => attribute.values.get(0),
            _ => None,
        }
    }
}

fn is_of(certificate: &Certificate, id: &SignerIdentifier) -> bool {
    let issued = &certificate.tbs_certificate;
    match id {
        SignerIdentifier::IssuerAndSerialNumber(named) => {
            named.serial_number == issued.serial_number
                && DistinguishedName::of(&named.issuer) == DistinguishedName::of(&issued.issuer)
        }
        SignerIdentifier::SubjectKeyIdentifier(named) => {
            matches!(issued.get::<SubjectKeyIdentifier>(), Ok(Some((_, own))) if own == *named)
        }
    }
}
