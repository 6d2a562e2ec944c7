//! Certificates as operators and authorities hand them to one another: PEM files, requests.

use crypto::jwk::PublicKey;
use crypto::sign::{Signer, ecdsa_to_der};
use der::asn1::{BitString, SetOfVec};
use der::pem::LineEnding;
use der::{Decode as _, Encode as _, EncodePem as _};
use x509_cert::Certificate;
use x509_cert::request::{CertReq, CertReqInfo, Version};

use super::make::{MakeError, ecdsa, name, public_key};

/// The certificates of a PEM file in DER, in their order; nothing if it holds none, or anything else.
pub fn read(text: &[u8]) -> Option<Vec<Vec<u8>>> {
    let chain = Certificate::load_pem_chain(text).ok()?;
    let chain: Option<Vec<_>> = chain.iter().map(|certificate| certificate.to_der().ok()).collect();
    chain.filter(|chain| !chain.is_empty())
}

/// Whether a certificate is one of a key.
pub fn is_of(certificate: &[u8], key: &PublicKey) -> bool {
    Certificate::from_der(certificate).is_ok_and(|certificate| {
        let info = &certificate.tbs_certificate.subject_public_key_info;
        info.subject_public_key.as_bytes() == Some(key.bytes())
    })
}

/// The subject of a certificate, as RFC 4514 writes it; nothing if it cannot be read.
pub fn subject(certificate: &[u8]) -> Option<String> {
    let certificate = Certificate::from_der(certificate).ok()?;
    Some(certificate.tbs_certificate.subject.to_string())
}

/// A request to certify a key under a common name (RFC 2986), in PEM. What else the certificate says is the authority's to decide.
///
/// # Errors
/// [`MakeError`].
pub fn request(key: &dyn Signer, common_name: &str) -> Result<String, MakeError> {
    let info = CertReqInfo {
        version: Version::V1,
        subject: name(common_name)?,
        public_key: public_key(key.public().key())?,
        attributes: SetOfVec::default(),
    };
    let signed = key.sign(&info.to_der()?)?;
    let signed = signed.first_chunk::<64>().ok_or(MakeError::Key)?;
    let request = CertReq {
        info,
        algorithm: ecdsa(),
        signature: BitString::from_bytes(&ecdsa_to_der(signed))?,
    };
    Ok(request.to_pem(LineEnding::LF)?)
}
