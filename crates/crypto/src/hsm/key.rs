//! A signing key in a device, and what a device says of itself and of its keys.

use std::sync::Arc;

use serde::Serialize;

use super::{Hsm, KeyName};
use crate::jwk::Jwk;
use crate::sign::{Algorithm, SignError, Signer};

/// What a device says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Description {
    /// The token's label.
    pub token: String,
    /// Who made it.
    pub manufacturer: String,
    /// Which model.
    pub model: String,
    /// Which one.
    pub serial: String,
    /// The version of its firmware.
    pub firmware: String,
    /// The library that speaks with it.
    pub library: String,
}

/// What a device says of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "they are the attributes of PKCS #11, each a yes or no"
)]
pub struct Attestation {
    /// It was made in the device (`CKA_LOCAL`).
    pub local: bool,
    /// It has never been readable (`CKA_ALWAYS_SENSITIVE`).
    pub always_sensitive: bool,
    /// It could never be taken out, not even wrapped (`CKA_NEVER_EXTRACTABLE`).
    pub never_extractable: bool,
    /// It stays when the session ends (`CKA_TOKEN`).
    pub permanent: bool,
}

impl Attestation {
    /// Whether the key was made in the device and cannot leave it.
    pub fn is_good(self) -> bool {
        self.local && self.always_sensitive && self.never_extractable && self.permanent
    }
}

/// A signing key in a device.
#[derive(Debug)]
pub struct HsmKey {
    hsm: Arc<Hsm>,
    name: KeyName,
    public: Jwk,
}

impl HsmKey {
    pub(super) fn new(hsm: Arc<Hsm>, name: KeyName, public: Jwk) -> Self {
        Self { hsm, name, public }
    }

    /// Its name in the device.
    pub fn name(&self) -> KeyName {
        self.name
    }
}

impl Signer for HsmKey {
    fn algorithm(&self) -> Algorithm {
        self.public.algorithm()
    }

    fn public(&self) -> &Jwk {
        &self.public
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignError> {
        Ok(self.hsm.sign(self.algorithm(), self.name, message)?)
    }
}
