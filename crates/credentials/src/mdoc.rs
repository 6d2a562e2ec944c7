//! ISO/IEC 18013-5 mobile documents: signed data elements that the holder shows one by one, in CBOR.
//!
//! | who | what |
//! | --- | --- |
//! | issuer | [`Draft::issue`]: the elements, and a mobile security object (MSO) with the digest of each, signed |
//! | holder | [`IssuerSigned::present`]: the elements that were asked for, signed with the device key for one session |
//! | verifier | [`DeviceResponse::parse`], [`Document::verify`] |
//!
//! What a session is, is said by the bytes of its `SessionTranscript`: [`transcript`] makes them for `OpenID4VP`.
//!
//! Document types: the driving licence is the one of the standard, [`DRIVING_LICENCE`]. The electronic identity card
//! (*căn cước điện tử*) has none that is international: [`EID`] is named after who governs it, as clause 7.1 of the
//! standard asks of others (a reversed domain, a version), and its namespace has the same name. Elements that ISO/IEC
//! 23220-2 knows have their names there (`family_name`, `given_name`, `birth_date`, `age_over_NN`, `portrait`, ...).
//!
//! Digests are over the tagged bytes of an item as they were received: the bytes within are kept, never written anew.
//! A device MAC is refused by name ([`Refusal::DeviceMac`]); `OpenID4VP` and our own app sign.

mod issue;
mod present;
pub mod transcript;
mod verify;

pub use issue::Draft;
pub use verify::{DeviceResponse, Document, Expect, Verified};

use std::collections::BTreeMap;

use serde::Serialize;

use crate::cbor::{self, CborError, Value};
use crate::cose::{CoseRefusal, Signed};
use crate::status::StatusRef;

/// The electronic identity card (*căn cước điện tử*): its document type and namespace.
pub const EID: &str = "vn.gov.vneid.eid.1";
/// The driving licence of ISO/IEC 18013-5 (*giấy phép lái xe*).
pub const DRIVING_LICENCE: &str = "org.iso.18013.5.1.mDL";
/// The namespace of the driving licence.
pub const DRIVING_LICENCE_NAMESPACE: &str = "org.iso.18013.5.1";
/// What a Vietnamese driving licence says beside that (domestic namespace, ISO/IEC 18013-5 clause 7.2.8): classes under
/// Luật 36/2024/QH15 Đ57, points.
pub const DRIVING_LICENCE_DOMESTIC: &str = "org.iso.18013.5.1.VN";

/// The longest document or response that is read, in bytes; a portrait is in it.
pub const MAX_BYTES: usize = 1024 * 1024;
/// The most data elements that are read.
pub const MAX_ELEMENTS: usize = 512;

/// Data elements: the value of each identifier of each namespace.
pub type Elements = BTreeMap<String, BTreeMap<String, Value>>;

/// Why a mobile document was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(rename_all = "kebab-case")]
pub enum Refusal {
    /// Not CBOR of this shape.
    #[error("document is malformed")]
    Malformed,
    /// Longer than [`MAX_BYTES`], or more than [`MAX_ELEMENTS`].
    #[error("document is too large")]
    TooLarge,
    /// Nested too deeply.
    #[error("document is nested too deeply")]
    TooDeep,
    /// A map has a key twice.
    #[error("document has a key twice")]
    DuplicateKey,
    /// Not version 1.0.
    #[error("version is not supported")]
    Version,
    /// The response says that the holder's side failed.
    #[error("response has an error status")]
    ResponseStatus,
    /// The algorithm is not the key's.
    #[error("algorithm is not allowed")]
    Algorithm,
    /// `crit` asks for an extension.
    #[error("unsupported extension")]
    Critical,
    /// The issuer's signature does not verify.
    #[error("issuer's signature does not verify")]
    IssuerSignature,
    /// The digests are not SHA-256, SHA-384 or SHA-512.
    #[error("digest algorithm is not allowed")]
    DigestAlgorithm,
    /// The signed document type is not that of the document.
    #[error("document type is not the signed one")]
    DocumentType,
    /// The document is of none of the wanted types.
    #[error("document is of another type")]
    OtherType,
    /// There is no signed digest for an element.
    #[error("element has no digest")]
    DigestMissing,
    /// An element is not the one that was signed.
    #[error("element does not match its digest")]
    DigestMismatch,
    /// An element or a digest identifier stands twice.
    #[error("element is there twice")]
    DuplicateElement,
    /// `validFrom` is yet to come.
    #[error("document is not valid yet")]
    NotYetValid,
    /// `validUntil` has passed.
    #[error("document has expired")]
    Expired,
    /// It says that it was signed in the future.
    #[error("document is from the future")]
    FromFuture,
    /// The device key is missing or of an unsupported kind.
    #[error("device key cannot be used")]
    DeviceKey,
    /// The device did not sign.
    #[error("device signature is missing")]
    DeviceSignatureMissing,
    /// The device authenticated by a MAC, which is not supported.
    #[error("device mac is not supported")]
    DeviceMac,
    /// The device's signature does not verify: another device, another session, or swapped data.
    #[error("device signature does not verify")]
    DeviceSignature,
    /// The device says something itself, which the issuer has not authorised it to.
    #[error("device is not authorised to sign elements")]
    DeviceElements,
}

impl From<CborError> for Refusal {
    fn from(error: CborError) -> Self {
        match error {
            CborError::Malformed => Self::Malformed,
            CborError::TooLarge => Self::TooLarge,
            CborError::TooDeep => Self::TooDeep,
            CborError::DuplicateKey => Self::DuplicateKey,
        }
    }
}

impl From<CoseRefusal> for Refusal {
    fn from(error: CoseRefusal) -> Self {
        match error {
            CoseRefusal::Cbor(error) => error.into(),
            CoseRefusal::Malformed => Self::Malformed,
            CoseRefusal::Critical => Self::Critical,
            CoseRefusal::Algorithm => Self::Algorithm,
            CoseRefusal::Signature => Self::IssuerSignature,
        }
    }
}

/// One data element as the issuer signed it.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    /// Its namespace.
    pub namespace: String,
    /// Its identifier.
    pub identifier: String,
    /// Its value.
    pub value: Value,
    digest_id: u64,
    /// The bytes of the `IssuerSignedItem`, within tag and byte string.
    bytes: Vec<u8>,
}

impl Item {
    fn parse(namespace: &str, tagged: &Value) -> Result<Self, Refusal> {
        let bytes = cbor::wrapped(tagged).ok_or(Refusal::Malformed)?;
        let item = cbor::decode(bytes, MAX_BYTES)?;
        let read = || {
            let identifier = cbor::named(&item, "elementIdentifier")?.as_text()?;
            let digest_id = cbor::named(&item, "digestID")?.as_integer()?.try_into().ok()?;
            let salted = cbor::named(&item, "random")?.as_bytes()?.len() >= 16;
            let value = cbor::named(&item, "elementValue")?;
            salted.then(|| (identifier.to_owned(), digest_id, value.clone()))
        };
        let (identifier, digest_id, value) = read().ok_or(Refusal::Malformed)?;
        Ok(Self {
            namespace: namespace.to_owned(),
            identifier,
            value,
            digest_id,
            bytes: bytes.to_vec(),
        })
    }

    fn tagged(&self) -> Value {
        cbor::wrap(self.bytes.clone())
    }
}

/// What an issuer signs, as the holder keeps it; nothing in it can be trusted yet.
#[derive(Debug, Clone)]
pub struct IssuerSigned {
    items: Vec<Item>,
    auth: Signed,
}

impl IssuerSigned {
    /// Reads `IssuerSigned` (clause 8.3.2.1.2.2), as issuance delivers it.
    ///
    /// # Errors
    /// [`Refusal`].
    pub fn parse(bytes: &[u8]) -> Result<Self, Refusal> {
        Self::from_value(&cbor::decode(bytes, MAX_BYTES)?)
    }

    fn from_value(value: &Value) -> Result<Self, Refusal> {
        let auth = cbor::named(value, "issuerAuth").ok_or(Refusal::Malformed)?;
        let mut items = Vec::new();
        // An empty `nameSpaces` may be left out.
        for (namespace, elements) in cbor::named(value, "nameSpaces")
            .and_then(Value::as_map)
            .into_iter()
            .flatten()
        {
            let namespace = namespace.as_text().ok_or(Refusal::Malformed)?;
            for element in elements.as_array().ok_or(Refusal::Malformed)? {
                if items.len() == MAX_ELEMENTS {
                    return Err(Refusal::TooLarge);
                }
                items.push(Item::parse(namespace, element)?);
            }
        }
        let auth = Signed::from_value(auth.clone())?;
        Ok(Self { items, auth })
    }

    /// The data elements.
    pub fn items(&self) -> &[Item] {
        &self.items
    }

    /// The issuer's certificate chain (`x5chain`) in DER, its own first: to find the key by. Empty when there is none.
    pub fn chain(&self) -> Vec<Vec<u8>> {
        self.auth.chain()
    }

    /// The document type that the security object says, unverified: to find the trusted authorities by.
    ///
    /// # Errors
    /// [`Refusal`].
    pub fn unverified_type(&self) -> Result<String, Refusal> {
        let object = self.security_object()?;
        let document_type = cbor::named(&object, "docType").and_then(Value::as_text);
        document_type.map(str::to_owned).ok_or(Refusal::Malformed)
    }

    /// Where it says that its status stands, unverified: to fetch the list before it is judged.
    pub fn unverified_status(&self) -> Option<StatusRef> {
        StatusRef::from_cbor(cbor::named(&self.security_object().ok()?, "status")?)
    }

    fn security_object(&self) -> Result<Value, Refusal> {
        let payload = cbor::decode(self.auth.payload()?, MAX_BYTES)?;
        Ok(cbor::decode(
            cbor::wrapped(&payload).ok_or(Refusal::Malformed)?,
            MAX_BYTES,
        )?)
    }

    fn to_value(&self, items: &[&Item]) -> Value {
        let mut namespaces: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
        for item in items {
            namespaces.entry(&item.namespace).or_default().push(item.tagged());
        }
        let namespaces = namespaces.into_iter().map(|(name, items)| (name, Value::Array(items)));
        cbor::map([
            ("nameSpaces", cbor::map(namespaces)),
            ("issuerAuth", self.auth.clone().into_value()),
        ])
    }
}

#[cfg(test)]
mod tests;
