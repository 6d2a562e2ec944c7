//! All secret keys of an installation, sealed under its master key.
//!
//! The content of one file; reading and writing the file (mode 0600) is the platform's. Inside is JSON with the keys
//! in base64url, sealed with AES-256-GCM as in [`crate::seal`]: without the master key the file shows nothing, and a
//! changed one is refused. Of a key in a hardware security module it holds the name and the public half.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize as _, Zeroizing};

use crate::base64url;
use crate::digest::DigestKey;
use crate::hsm::Hsm;
use crate::jwk::Jwk;
use crate::keys::{KeySet, PrivateKey, Retired};
use crate::seal::{OpenError, Place, SealingKey, SealingKeys};
use crate::secret::Secret;
use crate::sign::{Algorithm, Signer as _, SoftKey};

const PLACE: Place<'static> = Place {
    table: "keystore",
    column: "keys",
    row: b"vneid keystore 1",
};

/// Why a keystore was not written or not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeystoreError {
    /// The master key is another one, or the file was changed.
    #[error("keystore does not open with this master key")]
    Sealed(#[source] OpenError),
    /// It opens, but holds something that this program does not understand.
    #[error("keystore has an unknown content")]
    Malformed,
    /// The library could not write a private key.
    #[error("a private key could not be written")]
    Key,
    /// A key is in a hardware security module, and none was given.
    #[error("keystore has keys in a hardware security module, and none is configured")]
    NoDevice,
}

/// The secret keys of an installation, in memory.
pub struct Keystore {
    sealing: Vec<Secret<[u8; 32]>>,
    digests: BTreeMap<String, Secret<[u8; 32]>>,
    signing: BTreeMap<String, KeySet<PrivateKey>>,
    recovery: Option<[u8; 32]>,
}

impl Keystore {
    /// A keystore with its first sealing key (32 random bytes) and nothing else.
    pub fn new(sealing: [u8; 32]) -> Self {
        Self {
            sealing: vec![Secret::new(sealing)],
            digests: BTreeMap::new(),
            signing: BTreeMap::new(),
            recovery: None,
        }
    }

    /// The keys that seal personal data: the latest seals, the others only open.
    ///
    /// # Panics
    /// Never: a keystore has at least one sealing key.
    #[expect(clippy::expect_used, reason = "guarded by new and open")]
    pub fn sealing(&self) -> SealingKeys {
        let mut keys = self.sealing.iter().map(|key| SealingKey::new(*key.expose()));
        SealingKeys::new(keys.next().expect("at least one sealing key"), keys.collect())
    }

    /// A fresh key (32 random bytes) seals from now on.
    pub fn rotate_sealing(&mut self, fresh: [u8; 32]) {
        self.sealing.insert(0, Secret::new(fresh));
    }

    /// How many sealing keys there are beside the latest.
    pub fn earlier_sealing(&self) -> usize {
        self.sealing.len().saturating_sub(1)
    }

    /// Forgets all sealing keys but the latest; answers how many those were. What they sealed is lost.
    pub fn forget_sealing(&mut self) -> usize {
        let before = self.sealing.len();
        self.sealing.truncate(1);
        before - self.sealing.len()
    }

    /// The public key to which a copy of the keys is sealed, for the day when the master key is lost.
    pub fn recovery(&self) -> Option<[u8; 32]> {
        self.recovery
    }

    /// Sets the public key of recovery.
    pub fn set_recovery(&mut self, public: [u8; 32]) {
        self.recovery = Some(public);
    }

    /// The names of what keys there are.
    pub fn purposes(&self) -> impl Iterator<Item = &str> {
        self.signing.keys().map(String::as_str)
    }

    /// The digest key of that name, such as `personal number`.
    pub fn digest(&self, name: &str) -> Option<DigestKey> {
        self.digests.get(name).map(|key| DigestKey::new(*key.expose()))
    }

    /// Keeps a digest key (32 random bytes). An existing one of that name is never replaced: the digests made with it
    /// would be lost. Answers whether it was kept.
    pub fn add_digest(&mut self, name: &str, key: [u8; 32]) -> bool {
        let absent = !self.digests.contains_key(name);
        if absent {
            self.digests.insert(name.to_owned(), Secret::new(key));
        }
        absent
    }

    /// The signing keys for that purpose, such as `sso`.
    pub fn signing(&self, name: &str) -> Option<&KeySet<PrivateKey>> {
        self.signing.get(name)
    }

    /// The signing keys for that purpose, to rotate them.
    pub fn signing_mut(&mut self, name: &str) -> Option<&mut KeySet<PrivateKey>> {
        self.signing.get_mut(name)
    }

    /// Keeps the signing keys for a purpose, in place of those it had.
    pub fn set_signing(&mut self, name: &str, keys: KeySet<PrivateKey>) {
        self.signing.insert(name.to_owned(), keys);
    }

    /// The file's content: everything, sealed under the master key with a nonce of 12 random bytes.
    ///
    /// # Errors
    /// [`KeystoreError::Key`].
    pub fn seal(&self, master: &Secret<[u8; 32]>, nonce: [u8; 12]) -> Result<Vec<u8>, KeystoreError> {
        Ok(under(master).seal(&PLACE, &self.write()?, nonce))
    }

    /// Everything as text, for whoever seals it.
    ///
    /// # Errors
    /// [`KeystoreError::Key`].
    pub fn write(&self) -> Result<Zeroizing<Vec<u8>>, KeystoreError> {
        let stored = Stored {
            sealing: self.sealing.iter().map(write_secret).collect(),
            digests: self
                .digests
                .iter()
                .map(|(name, key)| (name.clone(), write_secret(key)))
                .collect(),
            signing: self
                .signing
                .iter()
                .map(|(name, keys)| Ok((name.clone(), StoredSet::write(keys)?)))
                .collect::<Result<_, KeystoreError>>()?,
            recovery: self.recovery.map(|key| Text::write(&key)),
        };
        Ok(Zeroizing::new(
            serde_json::to_vec(&stored).ok().ok_or(KeystoreError::Key)?,
        ))
    }

    /// Reads the file's content back. Keys in a hardware security module are reached over the line that is given.
    ///
    /// # Errors
    /// [`KeystoreError::Sealed`], [`KeystoreError::Malformed`], [`KeystoreError::NoDevice`].
    pub fn open(master: &Secret<[u8; 32]>, sealed: &[u8], device: Option<&Arc<Hsm>>) -> Result<Self, KeystoreError> {
        let plain = under(master).open(&PLACE, sealed).map_err(KeystoreError::Sealed)?;
        Self::read(&plain, device)
    }

    /// Reads what [`Keystore::write`] wrote.
    ///
    /// # Errors
    /// [`KeystoreError::Malformed`], [`KeystoreError::NoDevice`].
    pub fn read(plain: &[u8], device: Option<&Arc<Hsm>>) -> Result<Self, KeystoreError> {
        let stored: Stored = serde_json::from_slice(plain).ok().ok_or(KeystoreError::Malformed)?;
        let in_device = |set: &StoredSet| set.active.device.is_some() || set.next.device.is_some();
        if device.is_none() && stored.signing.values().any(in_device) {
            return Err(KeystoreError::NoDevice);
        }
        stored.read(device).ok_or(KeystoreError::Malformed)
    }

    /// Reads what [`Keystore::write`] wrote, without the device: answers also the purposes whose signing keys only the device has.
    ///
    /// # Errors
    /// [`KeystoreError::Malformed`].
    pub fn read_without_device(plain: &[u8]) -> Result<(Self, Vec<String>), KeystoreError> {
        let mut stored: Stored = serde_json::from_slice(plain).ok().ok_or(KeystoreError::Malformed)?;
        let kept = |set: &StoredSet| set.active.device.is_none() && set.next.device.is_none();
        let (kept, lost) = stored.signing.into_iter().partition(|(_, set)| kept(set));
        stored.signing = kept;
        let lost: BTreeMap<String, StoredSet> = lost;
        let store = stored.read(None).ok_or(KeystoreError::Malformed)?;
        Ok((store, lost.into_keys().collect()))
    }
}

impl fmt::Debug for Keystore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keystore")
            .field("sealing", &self.sealing.len())
            .field("digests", &self.digests.keys())
            .field("signing", &self.signing)
            .field("recovery", &self.recovery)
            .finish()
    }
}

fn under(master: &Secret<[u8; 32]>) -> SealingKeys {
    SealingKeys::new(SealingKey::new(*master.expose()), Vec::new())
}

/// A key as base64url text, wiped when dropped.
#[derive(Serialize, Deserialize)]
#[serde(transparent)]
struct Text(String);

impl Text {
    fn write(bytes: &[u8]) -> Self {
        Self(base64url::encode(bytes))
    }
}

impl Drop for Text {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    sealing: Vec<Text>,
    digests: BTreeMap<String, Text>,
    signing: BTreeMap<String, StoredSet>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    recovery: Option<Text>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredSet {
    active: StoredKey,
    next: StoredKey,
    next_not_before: Timestamp,
    retired: Vec<StoredRetired>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredKey {
    alg: Algorithm,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pkcs8: Option<Text>,
    /// The name in the device, for a key that is there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    device: Option<Text>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    public: Option<Jwk>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredRetired {
    key: Jwk,
    until: Timestamp,
}

impl Stored {
    fn read(&self, device: Option<&Arc<Hsm>>) -> Option<Keystore> {
        let sealing = self.sealing.iter().map(read_secret).collect::<Option<Vec<_>>>()?;
        let digests = self
            .digests
            .iter()
            .map(|(name, key)| Some((name.clone(), read_secret(key)?)));
        let sets = self.signing.iter();
        let signing = sets.map(|(name, set)| Some((name.clone(), set.read(device)?)));
        let (digests, signing) = (digests.collect::<Option<_>>()?, signing.collect::<Option<_>>()?);
        let recovery = match &self.recovery {
            Some(key) => Some(base64url::decode_fixed(&key.0).ok()?),
            None => None,
        };
        (!sealing.is_empty()).then_some(Keystore {
            sealing,
            digests,
            signing,
            recovery,
        })
    }
}

impl StoredSet {
    fn write(keys: &KeySet<PrivateKey>) -> Result<Self, KeystoreError> {
        let retired = keys.retired().iter().map(|old| StoredRetired {
            key: old.key.clone(),
            until: old.until,
        });
        Ok(Self {
            active: StoredKey::write(keys.signer())?,
            next: StoredKey::write(keys.next())?,
            next_not_before: keys.next_not_before(),
            retired: retired.collect(),
        })
    }

    fn read(&self, device: Option<&Arc<Hsm>>) -> Option<KeySet<PrivateKey>> {
        let retired = self.retired.iter().map(|old| Retired {
            key: old.key.clone(),
            until: old.until,
        });
        Some(KeySet::restore(
            self.active.read(device)?,
            self.next.read(device)?,
            self.next_not_before,
            retired.collect(),
        ))
    }
}

impl StoredKey {
    fn write(key: &PrivateKey) -> Result<Self, KeystoreError> {
        let alg = key.algorithm();
        Ok(match key {
            PrivateKey::Memory(key) => Self {
                alg,
                pkcs8: Some(Text::write(&key.to_pkcs8().ok().ok_or(KeystoreError::Key)?)),
                device: None,
                public: None,
            },
            PrivateKey::Device(key) => Self {
                alg,
                pkcs8: None,
                device: Some(Text::write(&key.name())),
                public: Some(key.public().clone()),
            },
        })
    }

    fn read(&self, device: Option<&Arc<Hsm>>) -> Option<PrivateKey> {
        if let Some(pkcs8) = &self.pkcs8 {
            let pkcs8 = Zeroizing::new(base64url::decode(&pkcs8.0).ok()?);
            return SoftKey::from_pkcs8(self.alg, &pkcs8).ok().map(PrivateKey::Memory);
        }
        let name = base64url::decode_fixed(&self.device.as_ref()?.0).ok()?;
        Some(PrivateKey::Device(device?.key(name, self.public.clone()?)))
    }
}

fn write_secret(key: &Secret<[u8; 32]>) -> Text {
    Text::write(key.expose())
}

fn read_secret(text: &Text) -> Option<Secret<[u8; 32]>> {
    base64url::decode_fixed(&text.0).ok().map(Secret::new)
}

#[cfg(test)]
#[path = "keystore_tests.rs"]
mod tests;
