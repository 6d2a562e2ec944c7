//! The key of a device, in software: what the browser's script does.

use crypto::sign::{Algorithm, Signer as _, SoftKey};
use serde_json::json;

/// A device with its key.
pub(crate) struct DeviceKey(SoftKey);

impl DeviceKey {
    /// A key that follows from a seed.
    pub(crate) fn new(seed: u8) -> Self {
        Self(SoftKey::from_seed(Algorithm::Es256, &[seed; 32]).unwrap())
    }

    /// Its proof over a challenge, at a page of the platform under test.
    pub(crate) fn proof(&self, challenge: &str) -> String {
        self.proof_at(challenge, "http://localhost:8080")
    }

    /// Its proof at a page of any origin.
    pub(crate) fn proof_at(&self, challenge: &str, origin: &str) -> String {
        let jwk = serde_json::to_value(self.0.public()).unwrap();
        let jwk = json!({ "kty": jwk["kty"], "crv": jwk["crv"], "x": jwk["x"], "y": jwk["y"] });
        let serde_json::Value::Object(members) = json!({ "typ": "vneid-device+jwt", "jwk": jwk }) else {
            unreachable!()
        };
        let claims = json!({ "challenge": challenge, "aud": origin });
        crypto::jws::sign_with(&self.0, members, claims.to_string().as_bytes()).unwrap()
    }
}
