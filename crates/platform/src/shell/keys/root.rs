//! What the keystore is sealed under: a master key in a file, or data keys wrapped by a key in a hardware security module.
//!
//! Sealed under a master key, the keystore's file is what [`Keystore::seal`] makes, and begins with 1. Under a device it begins with 2:
//! then come the name of the wrapping key (16 bytes), the length of the wrapped data key (1), the wrapped data key, and the keystore
//! sealed under the data key, which is drawn anew each time.

use std::sync::Arc;

use crypto::hsm::{Hsm, KeyName};
use crypto::keystore::Keystore;
use crypto::secret::Secret;

use super::folder::Folder;
use super::{KeysError, unusable};
use crate::shell::chance::Chance;

const UNDER_DEVICE: u8 = 2;
const MASTER: &str = "master.key";
/// The master key that is about to take over.
const NEXT_MASTER: &str = "master.next";

/// What the keystore is sealed under.
pub(super) enum Root {
    /// A master key.
    Memory(Secret<[u8; 32]>),
    /// A wrapping key of the device.
    Device(KeyName),
}

impl Root {
    /// A new master key, kept in the folder.
    pub(super) fn make(folder: &Folder, chance: &Chance) -> Result<Self, KeysError> {
        let master = Secret::new(chance.bytes());
        folder.keep(MASTER, master.expose())?;
        Ok(Self::Memory(master))
    }

    /// A new wrapping key in the device.
    pub(super) fn in_device(hsm: &Hsm, chance: &Chance) -> Result<Self, KeysError> {
        let name = chance.bytes();
        hsm.generate_wrapping("vneid wrapping", name)?;
        Ok(Self::Device(name))
    }

    /// Opens a keystore, and tells what it is sealed under.
    pub(super) fn open(folder: &Folder, file: &[u8], hsm: Option<&Arc<Hsm>>) -> Result<(Self, Keystore), KeysError> {
        if file.first() == Some(&UNDER_DEVICE) {
            return Self::open_in_device(file, hsm);
        }
        let master = master(folder, MASTER)?;
        match Keystore::open(&master, file, hsm) {
            Ok(store) => Ok((Self::Memory(master), store)),
            // A change of the master key was interrupted after the keystore had been sealed anew: it is finished here.
            Err(error) if folder.file(NEXT_MASTER).exists() => {
                let next = self::master(folder, NEXT_MASTER)?;
                let store = Keystore::open(&next, file, hsm).map_err(|_next| unusable(error))?;
                folder.keep(MASTER, next.expose())?;
                folder.remove(NEXT_MASTER)?;
                Ok((Self::Memory(next), store))
            }
            Err(error) => Err(unusable(error)),
        }
    }

    fn open_in_device(file: &[u8], hsm: Option<&Arc<Hsm>>) -> Result<(Self, Keystore), KeysError> {
        let hsm = hsm.ok_or_else(|| unusable("the keystore is sealed under a hardware security module; set [hsm]"))?;
        let cut_off = || unusable("the keystore is cut off");
        let (name, rest) = file
            .get(1..)
            .and_then(|rest| rest.split_first_chunk::<16>())
            .ok_or_else(cut_off)?;
        let (length, rest) = rest.split_first().ok_or_else(cut_off)?;
        let (wrapped, sealed) = rest.split_at_checked(usize::from(*length)).ok_or_else(cut_off)?;
        let data_key = hsm.unwrap_data_key(*name, wrapped)?;
        let store = Keystore::open(&data_key, sealed, Some(hsm)).map_err(unusable)?;
        Ok((Self::Device(*name), store))
    }

    /// Seals a keystore for its file.
    pub(super) fn seal(&self, store: &Keystore, hsm: Option<&Arc<Hsm>>, chance: &Chance) -> Result<Vec<u8>, KeysError> {
        match self {
            Self::Memory(master) => store.seal(master, chance.bytes()).map_err(unusable),
            Self::Device(name) => {
                let hsm = hsm.ok_or_else(|| unusable("no hardware security module"))?;
                let (data_key, wrapped) = hsm.draw_data_key(*name)?;
                let length = u8::try_from(wrapped.len()).map_err(unusable)?;
                let sealed = store.seal(&data_key, chance.bytes()).map_err(unusable)?;
                Ok([&[UNDER_DEVICE][..], name, &[length], &wrapped, &sealed].concat())
            }
        }
    }

    /// Another root of the same kind takes over: the keystore is sealed under it, and then the old one is gone.
    pub(super) fn rotate(
        &self,
        (folder, hsm): (&Folder, Option<&Arc<Hsm>>),
        store: &Keystore,
        chance: &Chance,
    ) -> Result<(Self, Vec<u8>), KeysError> {
        match self {
            Self::Memory(_) => {
                let next = Secret::new(chance.bytes());
                folder.keep(NEXT_MASTER, next.expose())?;
                let next = Self::Memory(next);
                let file = next.seal(store, hsm, chance)?;
                folder.replace_keystore(&file)?;
                if let Self::Memory(master) = &next {
                    folder.keep(MASTER, master.expose())?;
                }
                folder.remove(NEXT_MASTER)?;
                Ok((next, file))
            }
            Self::Device(_) => {
                let device = hsm.ok_or_else(|| unusable("no hardware security module"))?;
                let next = Self::in_device(device, chance)?;
                let file = next.seal(store, hsm, chance)?;
                folder.replace_keystore(&file)?;
                Ok((next, file))
            }
        }
    }

    /// The keystore moves under a key of the device; the master key in the file is gone afterwards.
    pub(super) fn adopt(
        (folder, hsm): (&Folder, &Arc<Hsm>),
        store: &Keystore,
        chance: &Chance,
    ) -> Result<(Self, Vec<u8>), KeysError> {
        let next = Self::in_device(hsm, chance)?;
        let file = next.seal(store, Some(hsm), chance)?;
        folder.replace_keystore(&file)?;
        folder.remove(MASTER)?;
        Ok((next, file))
    }

    /// A keystore that was recovered is sealed under a new root, in place of whatever is there.
    pub(super) fn anew(
        (folder, hsm): (&Folder, Option<&Arc<Hsm>>),
        store: &Keystore,
        chance: &Chance,
    ) -> Result<(), KeysError> {
        let root = match hsm {
            Some(hsm) => Self::in_device(hsm, chance)?,
            None => Self::make(folder, chance)?,
        };
        folder.replace_keystore(&root.seal(store, hsm, chance)?)
    }
}

fn master(folder: &Folder, name: &str) -> Result<Secret<[u8; 32]>, KeysError> {
    let file = folder.file(name);
    let master: Result<[u8; 32], Vec<u8>> = super::read_private(&file)?.try_into();
    master.map(Secret::new).map_err(|_bytes| KeysError::NotAKey(file))
}
