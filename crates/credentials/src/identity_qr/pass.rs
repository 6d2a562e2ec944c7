//! The pass, and how a device shows it.

use coset::{CoseSign1, HeaderBuilder, Label};
use crypto::jwk::PublicKey;
use crypto::sign::{SignError, Signer};
use jiff::Timestamp;

use super::{
    CHALLENGE, CONFIRMATION, COUNTERSIGNATURE, CWT_CLAIMS, EXPIRES_AT, IDENTITY, ISSUED_AT, ISSUER, Identity,
    MAX_INFLATED, Refusal, SHOWN_AT, STAPLED, STATUS,
};
use crate::cbor::{self, Value};
use crate::cose::{self, Headers, Signed};
use crate::status::{Status, StatusRef};
use crate::trust::short_id;
use crate::zlib;

/// A pass to be issued.
#[derive(Debug, Clone)]
pub struct Draft<'a> {
    /// The issuer: an HTTPS address.
    pub issuer: &'a str,
    /// Who the holder is.
    pub identity: &'a Identity,
    /// The key of the holder's device.
    pub device: &'a PublicKey,
    /// Now.
    pub issued_at: Timestamp,
    /// Until when the device may show it without network.
    pub expires_at: Timestamp,
    /// The status now, which is stapled.
    pub status: Status,
    /// Where the status stands, for verifiers with a network or a kept list.
    pub status_at: Option<&'a StatusRef>,
}

impl Draft<'_> {
    /// Issues the pass. The signer's certificate must stand in the trust list: there is no room for it here.
    ///
    /// # Errors
    /// [`SignError`].
    pub fn issue(&self, signer: &dyn Signer) -> Result<Pass, SignError> {
        let now = self.issued_at.as_second();
        let fixed = [
            (ISSUER, self.issuer.into()),
            (EXPIRES_AT, self.expires_at.as_second().into()),
            (ISSUED_AT, now.into()),
            (CONFIRMATION, cbor::labels([(1, cose::key_to_cbor(self.device))])),
            (IDENTITY, self.identity.to_cbor()),
        ];
        let status_at = self.status_at.map(|status| (STATUS, status.to_cbor()));
        let stapled = Value::Array(vec![self.status.value().into(), now.into()]);
        let claims = fixed.into_iter().chain(status_at).chain([(STAPLED, stapled)]);
        let key_id = short_id(signer.public().key());
        let headers = Headers {
            key_id: Some(&key_id),
            ..Headers::default()
        };
        cose::sign(signer, headers, cbor::encode(&cbor::labels(claims))).map(Pass)
    }
}

/// A pass as the device keeps it.
#[derive(Debug, Clone)]
pub struct Pass(pub(super) Signed);

impl Pass {
    /// Reads a pass.
    ///
    /// # Errors
    /// [`Refusal`].
    pub fn parse(bytes: &[u8]) -> Result<Self, Refusal> {
        Ok(Self(Signed::parse(bytes, MAX_INFLATED)?))
    }

    /// The pass in bytes: a tagged `COSE_Sign1`.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.0.to_tagged()
    }

    /// The text of a QR code, with a proof by the device made now, for the verifier's challenge if there was one (at most
    /// [`super::MAX_CHALLENGE`] bytes). Only characters of the alphanumeric mode.
    ///
    /// # Errors
    /// [`SignError`].
    pub fn show(&self, device: &dyn Signer, at: Timestamp, challenge: Option<&[u8]>) -> Result<String, SignError> {
        let challenge = challenge.map(|challenge| (CHALLENGE, Value::Bytes(challenge.to_vec())));
        let claims = cbor::labels([(SHOWN_AT, at.as_second().into())].into_iter().chain(challenge));
        let header = HeaderBuilder::new()
            .algorithm(cose::registered(device.algorithm()))
            .value(CWT_CLAIMS, claims)
            .build();
        let protected = coset::CborSerializable::to_vec(header).unwrap_or_default();
        let message = countersigned(&self.0.0, &protected).ok_or_else(unsignable)?;
        let signature = device.sign(&message)?;
        let proof = Value::Array(vec![Value::Bytes(protected), cbor::map([]), Value::Bytes(signature)]);
        let mut shown = self.0.clone();
        shown.0.unprotected.rest.push((Label::Int(COUNTERSIGNATURE), proof));
        Ok(base45::encode(zlib::deflate(&shown.to_tagged())))
    }
}

fn unsignable() -> SignError {
    SignError::Failed("the pass has no payload".to_owned())
}

/// What a countersignature is made over: `Countersign_structure` (RFC 9338 section 3.3). `None` without payload.
pub(super) fn countersigned(pass: &CoseSign1, protected: &[u8]) -> Option<Vec<u8>> {
    let body = pass.protected.clone().cbor_bstr().ok()?;
    let payload = pass.payload.clone()?;
    Some(cbor::encode(&Value::Array(vec![
        "CounterSignatureV2".into(),
        body,
        Value::Bytes(protected.to_vec()),
        Value::Bytes(Vec::new()),
        Value::Bytes(payload),
        Value::Array(vec![Value::Bytes(pass.signature.clone())]),
    ])))
}
