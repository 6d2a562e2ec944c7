//! What the issuer does (clause 9.1.2).

use crypto::digest::sha256;
use crypto::jwk::PublicKey;
use crypto::sign::{SignError, Signer};
use jiff::Timestamp;

use super::Elements;
use crate::cbor::{self, Value, Writer};
use crate::cose::{self, Headers};
use crate::status::StatusRef;

/// A document to be issued.
#[derive(Debug, Clone)]
pub struct Draft<'a> {
    /// Its type.
    pub document_type: &'a str,
    /// What it says.
    pub elements: &'a Elements,
    /// The key of the holder's device.
    pub device: &'a PublicKey,
    /// When it is signed.
    pub signed_at: Timestamp,
    /// From when it is valid.
    pub valid_from: Timestamp,
    /// Until when it is valid.
    pub valid_until: Timestamp,
    /// Where its status stands (Token Status List section 6.3).
    pub status: Option<&'a StatusRef>,
}

impl Draft<'_> {
    /// Issues the document: `IssuerSigned` in CBOR. `chain` is the signer's certificate chain in DER, its own first, without
    /// the root; it becomes `x5chain`. `random` gives 16 fresh random bytes at each call, one for each element.
    ///
    /// # Errors
    /// [`SignError`].
    pub fn issue(
        &self,
        signer: &dyn Signer,
        chain: &[Vec<u8>],
        random: &mut dyn FnMut() -> [u8; 16],
    ) -> Result<Vec<u8>, SignError> {
        let (mut namespaces, mut digests) = (Writer::default(), Writer::default());
        namespaces.map(self.elements.len());
        digests.map(self.elements.len());
        for (namespace, elements) in self.elements {
            namespaces.text(namespace).array(elements.len());
            digests.text(namespace).map(elements.len());
            for (number, (identifier, value)) in (0_u64..).zip(elements) {
                let item = item(number, random(), identifier, value);
                digests.number(number).bytes(&sha256(&item));
                namespaces.raw(&item);
            }
        }
        let mut payload = Writer::default();
        payload.wrapped(&self.security_object(&digests.into_bytes()));
        let headers = Headers {
            chain,
            ..Headers::default()
        };
        let auth = cose::sign(signer, headers, payload.into_bytes())?.into_value();
        let mut issued = Writer::default();
        issued.map(2).text("nameSpaces").raw(&namespaces.into_bytes());
        issued.text("issuerAuth").value(&auth);
        Ok(issued.into_bytes())
    }

    fn security_object(&self, digests: &[u8]) -> Vec<u8> {
        let validity = cbor::map([
            ("signed", date_time(self.signed_at)),
            ("validFrom", date_time(self.valid_from)),
            ("validUntil", date_time(self.valid_until)),
        ]);
        let device = cbor::map([("deviceKey", cose::key_to_cbor(self.device))]);
        let mut object = Writer::default();
        object.map(if self.status.is_some() { 7 } else { 6 });
        object.text("version").text("1.0");
        object.text("digestAlgorithm").text("SHA-256");
        object.text("valueDigests").raw(digests);
        object.text("deviceKeyInfo").value(&device);
        object.text("docType").text(self.document_type);
        object.text("validityInfo").value(&validity);
        if let Some(status) = self.status {
            object.text("status").value(&status.to_cbor());
        }
        object.into_bytes()
    }
}

/// An item as it is told and digested: within tag 24.
fn item(number: u64, random: [u8; 16], identifier: &str, value: &Value) -> Vec<u8> {
    let (mut item, mut tagged) = (Writer::default(), Writer::default());
    item.map(4).text("digestID").number(number);
    item.text("random").bytes(&random);
    item.text("elementIdentifier").text(identifier);
    item.text("elementValue").value(value);
    tagged.wrapped(&item.into_bytes());
    tagged.into_bytes()
}

/// `tdate`: RFC 3339 without a fraction, in UTC (clause 9.1.2.4).
fn date_time(at: Timestamp) -> Value {
    let whole = Timestamp::from_second(at.as_second()).unwrap_or(at);
    Value::Tag(0, Box::new(whole.to_string().into()))
}
