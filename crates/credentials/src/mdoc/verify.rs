//! What the verifier does (clauses 9.1.2.4, 9.1.3.4 and 9.3.1).

use std::collections::BTreeSet;

use crypto::jwk::PublicKey;
use crypto::x509::Hash;
use jiff::{SignedDuration, Timestamp};

use super::{Elements, IssuerSigned, MAX_BYTES, Refusal};
use crate::cbor::{self, Value};
use crate::cose::{self, CoseRefusal, Signed};
use crate::status::StatusRef;
use crate::times::after;

/// What the verifier wants.
#[derive(Debug, Clone, Copy)]
pub struct Expect<'a> {
    /// Now.
    pub at: Timestamp,
    /// What the clocks of issuer and verifier may be apart.
    pub skew: SignedDuration,
    /// The document types that are welcome; empty for all.
    pub types: &'a [&'a str],
    /// The `SessionTranscript` of this session, in CBOR.
    pub transcript: &'a [u8],
}

/// What a device answered.
#[derive(Debug, Clone)]
pub struct DeviceResponse {
    /// The documents in it; may be none.
    pub documents: Vec<Document>,
}

impl DeviceResponse {
    /// Reads a `DeviceResponse` (clause 8.3.2.1.2.2).
    ///
    /// # Errors
    /// [`Refusal`].
    pub fn parse(bytes: &[u8]) -> Result<Self, Refusal> {
        let response = cbor::decode(bytes, MAX_BYTES)?;
        let version = cbor::named(&response, "version").and_then(Value::as_text);
        if version != Some("1.0") {
            return Err(Refusal::Version);
        }
        if cbor::named(&response, "status").and_then(cbor::integer) != Some(0) {
            return Err(Refusal::ResponseStatus);
        }
        let documents = match cbor::named(&response, "documents") {
            None => &[][..],
            Some(documents) => documents.as_array().ok_or(Refusal::Malformed)?,
        };
        Ok(Self {
            documents: documents.iter().map(Document::from_value).collect::<Result<_, _>>()?,
        })
    }
}

/// A document as it was presented; nothing in it can be trusted yet.
#[derive(Debug, Clone)]
pub struct Document {
    document_type: String,
    issuer_signed: IssuerSigned,
    /// The bytes of what the device says itself.
    device_elements: Vec<u8>,
    device_auth: Value,
}

/// A document that was verified.
#[derive(Debug, Clone, PartialEq)]
pub struct Verified {
    /// Its type.
    pub document_type: String,
    /// The elements that were shown.
    pub elements: Elements,
    /// The device's key.
    pub device: PublicKey,
    /// Where its status stands; still to be looked up.
    pub status: Option<StatusRef>,
    /// Until when it is valid.
    pub valid_until: Timestamp,
}

impl Document {
    /// The document type that it says it has: to find the trusted authorities by.
    pub fn document_type(&self) -> &str {
        &self.document_type
    }

    /// What the issuer signed.
    pub fn issuer_signed(&self) -> &IssuerSigned {
        &self.issuer_signed
    }

    fn from_value(value: &Value) -> Result<Self, Refusal> {
        let read = || {
            let device = cbor::named(value, "deviceSigned")?;
            let elements = cbor::wrapped(cbor::named(device, "nameSpaces")?)?;
            let document_type = cbor::named(value, "docType")?.as_text()?;
            Some((document_type, elements, cbor::named(device, "deviceAuth")?))
        };
        let (document_type, elements, auth) = read().ok_or(Refusal::Malformed)?;
        let issuer_signed = cbor::named(value, "issuerSigned").ok_or(Refusal::Malformed)?;
        Ok(Self {
            document_type: document_type.to_owned(),
            issuer_signed: IssuerSigned::from_value(issuer_signed)?,
            device_elements: elements.to_vec(),
            device_auth: auth.clone(),
        })
    }

    /// Verifies a document of the issuer whose key this is. Its status is still to be looked up.
    ///
    /// # Errors
    /// [`Refusal`] names the first rule that was broken.
    pub fn verify(&self, issuer: &PublicKey, expect: &Expect<'_>) -> Result<Verified, Refusal> {
        let verified = self.issuer_signed.verify(issuer, expect.at, expect.skew)?;
        if verified.document_type != self.document_type {
            return Err(Refusal::DocumentType);
        }
        if !expect.types.is_empty() && !expect.types.contains(&self.document_type.as_str()) {
            return Err(Refusal::OtherType);
        }
        self.check_device(&verified.device, expect.transcript)?;
        Ok(verified)
    }

    fn check_device(&self, device: &PublicKey, transcript: &[u8]) -> Result<(), Refusal> {
        let Some(signature) = cbor::named(&self.device_auth, "deviceSignature") else {
            let mac = cbor::named(&self.device_auth, "deviceMac");
            return Err(mac.map_or(Refusal::DeviceSignatureMissing, |_| Refusal::DeviceMac));
        };
        let elements = cbor::decode(&self.device_elements, MAX_BYTES)?;
        if elements.as_map().is_none_or(|namespaces| !namespaces.is_empty()) {
            return Err(Refusal::DeviceElements);
        }
        let message = device_authentication(transcript, &self.document_type, &self.device_elements);
        Signed::from_value(signature.clone())?
            .verify_detached(device, &message)
            .map_err(|refusal| match refusal {
                CoseRefusal::Signature => Refusal::DeviceSignature,
                other => other.into(),
            })
    }
}

impl IssuerSigned {
    /// Verifies what the issuer signed: the signature, each element's digest, the times. That the presenter holds the
    /// device key is not known from this: a holder checks so what was issued to it.
    ///
    /// # Errors
    /// [`Refusal`] names the first rule that was broken.
    pub fn verify(&self, issuer: &PublicKey, at: Timestamp, skew: SignedDuration) -> Result<Verified, Refusal> {
        self.auth.verify(issuer)?;
        let object = self.security_object()?;
        if cbor::named(&object, "version").and_then(Value::as_text) != Some("1.0") {
            return Err(Refusal::Version);
        }
        let elements = self.check_digests(&object)?;
        let valid_until = check_times(&object, at, skew)?;
        let document_type = cbor::named(&object, "docType").and_then(Value::as_text);
        let device = cbor::named(&object, "deviceKeyInfo")
            .and_then(|info| cose::key_from_cbor(cbor::named(info, "deviceKey")?))
            .ok_or(Refusal::DeviceKey)?;
        let status = match cbor::named(&object, "status") {
            None => None,
            Some(status) => Some(StatusRef::from_cbor(status).ok_or(Refusal::Malformed)?),
        };
        Ok(Verified {
            document_type: document_type.ok_or(Refusal::Malformed)?.to_owned(),
            elements,
            device,
            status,
            valid_until,
        })
    }

    fn check_digests(&self, object: &Value) -> Result<Elements, Refusal> {
        let hash = match cbor::named(object, "digestAlgorithm").and_then(Value::as_text) {
            Some("SHA-256") => Hash::Sha256,
            Some("SHA-384") => Hash::Sha384,
            Some("SHA-512") => Hash::Sha512,
            _ => return Err(Refusal::DigestAlgorithm),
        };
        let signed = cbor::named(object, "valueDigests").ok_or(Refusal::Malformed)?;
        let mut numbers = BTreeSet::new();
        let mut elements = Elements::new();
        for item in self.items() {
            let digest = cbor::named(signed, &item.namespace)
                .and_then(|digests| cbor::labelled(digests, i64::try_from(item.digest_id).ok()?)?.as_bytes())
                .ok_or(Refusal::DigestMissing)?;
            if *digest != hash.digest(&cbor::encode(&item.tagged())) {
                return Err(Refusal::DigestMismatch);
            }
            let namespace = elements.entry(item.namespace.clone()).or_default();
            let known = namespace.insert(item.identifier.clone(), item.value.clone());
            if known.is_some() || !numbers.insert((&item.namespace, item.digest_id)) {
                return Err(Refusal::DuplicateElement);
            }
        }
        Ok(elements)
    }
}

fn check_times(object: &Value, at: Timestamp, skew: SignedDuration) -> Result<Timestamp, Refusal> {
    let validity = cbor::named(object, "validityInfo").ok_or(Refusal::Malformed)?;
    let when = |name| date_time(cbor::named(validity, name)?);
    let signed = when("signed").ok_or(Refusal::Malformed)?;
    let from = when("validFrom").ok_or(Refusal::Malformed)?;
    let until = when("validUntil").ok_or(Refusal::Malformed)?;
    let latest = after(at, skew);
    if signed > latest {
        return Err(Refusal::FromFuture);
    }
    if from > latest {
        return Err(Refusal::NotYetValid);
    }
    if after(until, skew) <= at {
        return Err(Refusal::Expired);
    }
    Ok(until)
}

fn date_time(value: &Value) -> Option<Timestamp> {
    match value {
        Value::Tag(0, text) => text.as_text()?.parse().ok(),
        _ => None,
    }
}

/// What the device signs (clause 9.1.3.4): the transcript goes in byte for byte as both sides have it.
pub(super) fn device_authentication(transcript: &[u8], document_type: &str, device_elements: &[u8]) -> Vec<u8> {
    let array_of_four = vec![0x84];
    let authentication = [
        array_of_four,
        cbor::encode(&"DeviceAuthentication".into()),
        transcript.to_vec(),
        cbor::encode(&document_type.into()),
        cbor::encode(&cbor::wrap(device_elements.to_vec())),
    ];
    cbor::encode(&cbor::wrap(authentication.concat()))
}
