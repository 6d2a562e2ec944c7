//! The `SessionTranscript` of `OpenID4VP` 1.0 (appendix B.2.6): what binds a device's signature to one request.

use crypto::digest::sha256;

use crate::cbor::{self, Value};

/// The transcript of a request that is answered by redirect or direct post (B.2.6.1), in CBOR. `thumbprint` is the SHA-256
/// thumbprint (32 bytes) of the key that the response is encrypted to, if it is.
pub fn openid4vp(client_id: &str, nonce: &str, thumbprint: Option<&[u8]>, response_uri: &str) -> Vec<u8> {
    let info = [
        client_id.into(),
        nonce.into(),
        optional(thumbprint),
        response_uri.into(),
    ];
    transcript("OpenID4VPHandover", info.to_vec())
}

/// The transcript of a request over the Digital Credentials API (B.2.6.2), in CBOR. `origin` is the page's.
pub fn digital_credentials_api(origin: &str, nonce: &str, thumbprint: Option<&[u8]>) -> Vec<u8> {
    let info = [origin.into(), nonce.into(), optional(thumbprint)];
    transcript("OpenID4VPDCAPIHandover", info.to_vec())
}

fn optional(bytes: Option<&[u8]>) -> Value {
    bytes.map_or(Value::Null, |bytes| Value::Bytes(bytes.to_vec()))
}

fn transcript(name: &str, info: Vec<Value>) -> Vec<u8> {
    let digest = sha256(&cbor::encode(&Value::Array(info)));
    let handover = Value::Array(vec![name.into(), Value::Bytes(digest.to_vec())]);
    cbor::encode(&Value::Array(vec![Value::Null, Value::Null, handover]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::unhex;

    /// The examples of `OpenID4VP` 1.0, appendices B.2.6.1 and B.2.6.2.
    #[test]
    fn the_transcripts_of_the_standard_are_ours() {
        let thumbprint = unhex("4283ec927ae0f208daaa2d026a814f2b22dca52cf85ffa8f3f8626c6bd669047");
        let nonce = "exc7gBkxjx1rdc9udRrveKvSsJIq80avlXeLHhGwqtA";
        let ends_with = |bytes: &[u8], digest| bytes.ends_with(&unhex(digest));

        let posted = openid4vp(
            "x509_san_dns:example.com",
            nonce,
            Some(&thumbprint),
            "https://example.com/response",
        );
        let asked = digital_credentials_api("https://example.com", nonce, Some(&thumbprint));

        let expected = "048bc053c00442af9b8eed494cefdd9d95240d254b046b11b68013722aad38ac";
        assert!(ends_with(&posted, expected));
        let expected = "fbece366f4212f9762c74cfdbf83b8c69e371d5d68cea09cb4c48ca6daab761a";
        assert!(ends_with(&asked, expected));
    }
}
