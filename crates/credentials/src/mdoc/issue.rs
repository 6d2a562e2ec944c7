//! What the issuer does (clause 9.1.2).

use crypto::digest::sha256;
use crypto::jwk::PublicKey;
use crypto::sign::{SignError, Signer};
use jiff::Timestamp;

use super::Elements;
use crate::cbor::{self, Value};
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
        let mut namespaces = Vec::new();
        let mut digests = Vec::new();
        for (namespace, elements) in self.elements {
            let items: Vec<Value> = (0_u64..)
                .zip(elements)
                .map(|(number, (identifier, value))| item(number, random(), identifier, value))
                .collect();
            let digest = |item: &Value| Value::Bytes(sha256(&cbor::encode(item)).to_vec());
            let numbered = (0_u64..)
                .zip(&items)
                .map(|(number, item)| (number.into(), digest(item)));
            digests.push((namespace.as_str(), Value::Map(numbered.collect())));
            namespaces.push((namespace.as_str(), Value::Array(items)));
        }
        let object = self.security_object(cbor::map(digests));
        let payload = cbor::encode(&cbor::wrap(cbor::encode(&object)));
        let headers = Headers {
            chain,
            ..Headers::default()
        };
        let auth = cose::sign(signer, headers, payload)?.into_value();
        Ok(cbor::encode(&cbor::map([
            ("nameSpaces", cbor::map(namespaces)),
            ("issuerAuth", auth),
        ])))
    }

    fn security_object(&self, digests: Value) -> Value {
        let validity = cbor::map([
            ("signed", date_time(self.signed_at)),
            ("validFrom", date_time(self.valid_from)),
            ("validUntil", date_time(self.valid_until)),
        ]);
        let device = cbor::map([("deviceKey", cose::key_to_cbor(self.device))]);
        let fixed = [
            ("version", "1.0".into()),
            ("digestAlgorithm", "SHA-256".into()),
            ("valueDigests", digests),
            ("deviceKeyInfo", device),
            ("docType", self.document_type.into()),
            ("validityInfo", validity),
        ];
        let status = self.status.map(|status| ("status", status.to_cbor()));
        cbor::map(fixed.into_iter().chain(status))
    }
}

fn item(number: u64, random: [u8; 16], identifier: &str, value: &Value) -> Value {
    let item = cbor::map([
        ("digestID", number.into()),
        ("random", Value::Bytes(random.to_vec())),
        ("elementIdentifier", identifier.into()),
        ("elementValue", value.clone()),
    ]);
    cbor::wrap(cbor::encode(&item))
}

/// `tdate`: RFC 3339 without a fraction, in UTC (clause 9.1.2.4).
fn date_time(at: Timestamp) -> Value {
    let whole = Timestamp::from_second(at.as_second()).unwrap_or(at);
    Value::Tag(0, Box::new(whole.to_string().into()))
}
