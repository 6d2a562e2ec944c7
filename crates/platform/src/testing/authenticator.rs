//! An authenticator of passkeys in software, which tests can make lie.

use crypto::digest::sha256;
use crypto::sign::{Algorithm, Signer as _, SoftKey, ecdsa_to_der};
use serde_json::{Value, json};

const PRESENT: u8 = 0x01;
const VERIFIED: u8 = 0x04;
const ELIGIBLE: u8 = 0x08;
const BACKED_UP: u8 = 0x10;
const ATTESTED: u8 = 0x40;

/// Holds one passkey, like a phone of its holder.
#[derive(Clone)]
pub(crate) struct Authenticator {
    /// The origin of the page that it answers.
    pub(crate) origin: String,
    /// Whether it verifies its holder.
    pub(crate) verifies: bool,
    /// Whether its passkey can be copied to other devices.
    pub(crate) synced: bool,
    /// How often it has signed; a synced passkey does not count.
    pub(crate) counter: u32,
    seed: [u8; 32],
    user: Vec<u8>,
}

impl Authenticator {
    /// An authenticator without a passkey, at a page of the platform under test.
    pub(crate) fn new(seed: u8) -> Self {
        Self {
            origin: "http://localhost:8080".to_owned(),
            verifies: true,
            synced: false,
            counter: 0,
            seed: [seed; 32],
            user: Vec::new(),
        }
    }

    fn key(&self) -> SoftKey {
        SoftKey::from_seed(Algorithm::Es256, &self.seed).unwrap()
    }

    fn credential(&self) -> Vec<u8> {
        sha256(&self.seed)[..16].to_vec()
    }

    fn client_data(&self, kind: &str, options: &Value) -> Vec<u8> {
        let data =
            json!({ "type": kind, "challenge": options["challenge"], "origin": self.origin, "crossOrigin": false });
        serde_json::to_vec(&data).unwrap()
    }

    fn data(&mut self, host: &str, more: u8) -> Vec<u8> {
        if !self.synced {
            self.counter += 1;
        }
        let mut flags = PRESENT | more;
        if self.verifies {
            flags |= VERIFIED;
        }
        if self.synced {
            flags |= ELIGIBLE | BACKED_UP;
        }
        let mut data = sha256(host.as_bytes()).to_vec();
        data.push(flags);
        data.extend(self.counter.to_be_bytes());
        data
    }

    /// Makes its passkey, as `navigator.credentials.create` does; the answer in JSON.
    pub(crate) fn make(&mut self, options: &Value) -> Value {
        self.user = crypto::base64url::decode(options["user"]["id"].as_str().unwrap()).unwrap();
        let (client, id) = (self.client_data("webauthn.create", options), self.credential());
        let mut data = self.data(options["rp"]["id"].as_str().unwrap(), ATTESTED);
        data.extend([0; 16]);
        data.extend([0, 16]);
        data.extend(&id);
        // The COSE key: EC2, ES256, P-256, x, y.
        let key = self.key();
        let (x, y) = key.public().key().bytes()[1..].split_at(32);
        data.extend([0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20]);
        data.extend(x);
        data.extend([0x22, 0x58, 0x20]);
        data.extend(y);
        // The attestation: no format, no statement, the data.
        let mut attestation = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x58".to_vec();
        attestation.push(u8::try_from(data.len()).unwrap());
        attestation.extend(data);
        json!({
            "id": crypto::base64url::encode(&id),
            "rawId": crypto::base64url::encode(&id),
            "type": "public-key",
            "response": {
                "clientDataJSON": crypto::base64url::encode(client),
                "attestationObject": crypto::base64url::encode(attestation),
            },
            "clientExtensionResults": { "credProps": { "rk": true } },
        })
    }

    /// Proves its passkey, as `navigator.credentials.get` does; the answer in JSON.
    pub(crate) fn prove(&mut self, options: &Value) -> Value {
        let (client, id) = (self.client_data("webauthn.get", options), self.credential());
        let data = self.data(options["rpId"].as_str().unwrap(), 0);
        let signed = [data.as_slice(), &sha256(&client)].concat();
        let signature: [u8; 64] = self.key().sign(&signed).unwrap().try_into().unwrap();
        json!({
            "id": crypto::base64url::encode(&id),
            "rawId": crypto::base64url::encode(&id),
            "type": "public-key",
            "response": {
                "clientDataJSON": crypto::base64url::encode(client),
                "authenticatorData": crypto::base64url::encode(data),
                "signature": crypto::base64url::encode(ecdsa_to_der(&signature)),
                "userHandle": crypto::base64url::encode(&self.user),
            },
            "clientExtensionResults": {},
        })
    }
}
