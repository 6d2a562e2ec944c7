//! What the holder does (clauses 8.3.2.1.2.2 and 9.1.3).

use crypto::sign::{SignError, Signer};

use super::verify::device_authentication;
use super::{IssuerSigned, Item};
use crate::cbor::{self, Value};
use crate::cose;

impl IssuerSigned {
    /// Answers a request: a `DeviceResponse` with this document, of which the elements are shown that are listed as
    /// namespace and identifier, signed with the device key for the session of the transcript (its CBOR bytes). Elements
    /// that the document does not have are left out.
    ///
    /// # Errors
    /// [`SignError`].
    pub fn present(
        &self,
        document_type: &str,
        shown: &[(&str, &str)],
        device: &dyn Signer,
        transcript: &[u8],
    ) -> Result<Vec<u8>, SignError> {
        let items: Vec<&Item> = self
            .items
            .iter()
            .filter(|item| shown.contains(&(item.namespace.as_str(), item.identifier.as_str())))
            .collect();
        let nothing = cbor::encode(&cbor::map([]));
        let authentication = device_authentication(transcript, document_type, &nothing);
        let signature = cose::sign_detached(device, &authentication)?.into_value();
        let device_signed = cbor::map([
            ("nameSpaces", cbor::wrap(nothing)),
            ("deviceAuth", cbor::map([("deviceSignature", signature)])),
        ]);
        let document = cbor::map([
            ("docType", document_type.into()),
            ("issuerSigned", self.to_value(&items)),
            ("deviceSigned", device_signed),
        ]);
        let response = cbor::map([
            ("version", "1.0".into()),
            ("documents", Value::Array(vec![document])),
            ("status", 0.into()),
        ]);
        Ok(cbor::encode(&response))
    }
}
