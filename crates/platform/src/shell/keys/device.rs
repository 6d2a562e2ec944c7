//! The hardware security module as the operator sets it, and whose keys it holds.

use std::path::PathBuf;
use std::sync::Arc;

use crypto::hsm::{Access, Hsm};
use crypto::secret::Secret;
use serde::{Deserialize, Serialize};

use super::folder::read_private;
use super::{KeysError, PURPOSES, unusable};

/// A hardware security module, by PKCS #11.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The vendor's PKCS #11 library.
    pub module: PathBuf,
    /// The label of the token.
    pub token: String,
    /// A file with the PIN of the token's user, readable by the platform's user alone.
    pub pin_file: PathBuf,
    /// Whose signing keys are made in the device; those of other purposes are in the keystore, sealed under the device.
    #[serde(default = "every_purpose")]
    pub purposes: Vec<String>,
}

fn every_purpose() -> Vec<String> {
    PURPOSES.iter().map(|(purpose, _)| (*purpose).to_owned()).collect()
}

impl Settings {
    /// What is wrong with the settings.
    pub fn unsafe_settings(&self) -> impl Iterator<Item = String> {
        let known = |purpose: &String| PURPOSES.iter().any(|(known, _)| known == purpose);
        let checks = [
            (self.module.is_file(), "hsm.module must be a PKCS #11 library"),
            (self.pin_file.is_file(), "hsm.pin_file must be a file with the PIN"),
            (
                self.purposes.iter().all(known),
                "hsm.purposes must be purposes of signing keys",
            ),
        ];
        let wrong = checks.into_iter().filter(|(good, _)| !good);
        wrong.map(|(_, reason)| reason.to_owned())
    }
}

/// A hardware security module, and whose keys it holds.
pub(super) struct Device {
    pub(super) hsm: Arc<Hsm>,
    purposes: Vec<String>,
}

impl Device {
    pub(super) fn open(set: &Settings) -> Result<Self, KeysError> {
        let pin = read_private(&set.pin_file)?;
        let pin = String::from_utf8(pin).map_err(|error| unusable(error.utf8_error()))?;
        let hsm = Hsm::connect(Access {
            module: set.module.clone(),
            token: set.token.clone(),
            pin: Secret::new(pin.trim_end().to_owned()),
        })?;
        Ok(Self {
            hsm,
            purposes: set.purposes.clone(),
        })
    }

    pub(super) fn holds(&self, purpose: &str) -> bool {
        self.purposes.iter().any(|held| held == purpose)
    }
}
