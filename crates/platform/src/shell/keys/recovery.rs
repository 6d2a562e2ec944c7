//! The copy of the keys for the day when the master key, or the device that holds the wrapping key, is lost.

use std::path::Path;

use crypto::keystore::Keystore;
use crypto::recovery;
use crypto::secret::Secret;
use crypto::shares::{self, Share};

use super::device::{Device, Settings};
use super::folder::Folder;
use super::root::Root;
use super::{Keys, KeysError, unusable};
use crate::shell::chance::Chance;

/// The copy, beside the keystore and as new as it.
pub(super) const COPY: &str = "keystore.recovery";

/// The copy of a keystore, if a ceremony has set a recovery key.
pub(super) fn copy(store: &Keystore, chance: &Chance) -> Result<Option<Vec<u8>>, KeysError> {
    let Some(public) = store.recovery() else {
        return Ok(None);
    };
    let plain = store.write().map_err(unusable)?;
    let copy = recovery::seal(&public, &Secret::new(chance.bytes()), &plain).map_err(unusable)?;
    Ok(Some(copy))
}

impl Keys {
    /// Draws a recovery key in place of an earlier one, and answers its shares, which are nowhere else.
    ///
    /// # Errors
    /// [`KeysError`], also if that many shares cannot be needed.
    pub fn split_recovery(&self, threshold: u8, shares: u8) -> Result<Vec<Share>, KeysError> {
        let private = Secret::new(self.0.chance.bytes());
        let public = recovery::public(&private).map_err(unusable)?;
        let split = shares::split(&private, (threshold, shares), || self.0.chance.bytes()).map_err(unusable)?;
        self.0.change(|store| {
            store.set_recovery(public);
            Ok(())
        })?;
        Ok(split)
    }
}

/// Makes the keystore anew from its copy and enough shares. Signing keys that only a lost device had cannot come back: their
/// purposes are answered, and get new keys at the next start.
///
/// # Errors
/// [`KeysError`]; nothing was changed then.
pub fn recover(
    folder: &Path,
    device: Option<&Settings>,
    shares: &[Share],
    chance: &Chance,
) -> Result<Vec<String>, KeysError> {
    let device = device.map(Device::open).transpose()?;
    let folder = Folder::new(folder)?;
    let _lock = folder.lock()?;
    let copy = folder
        .kept(COPY)?
        .ok_or_else(|| unusable(format!("there is no {COPY}")))?;
    let private = shares::join(shares).map_err(unusable)?;
    let plain = recovery::open(&private, &copy).map_err(unusable)?;
    let (store, lost) = Keystore::read_without_device(&plain).map_err(unusable)?;
    Root::anew((&folder, device.as_ref().map(|device| &device.hsm)), &store, chance)?;
    Ok(lost)
}
