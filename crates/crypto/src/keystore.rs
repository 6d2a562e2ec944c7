//! All secret keys of an installation, sealed under its master key.
//!
//! The content of one file; reading and writing the file (mode 0600) is the platform's. Inside is JSON with the keys
//! in base64url, sealed with AES-256-GCM as in [`crate::seal`]: without the master key the file shows nothing, and a
//! changed one is refused.

use std::collections::BTreeMap;
use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize as _, Zeroizing};

use crate::base64url;
use crate::digest::DigestKey;
use crate::jwk::Jwk;
use crate::keys::{KeySet, Retired};
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
}

/// The secret keys of an installation, in memory.
pub struct Keystore {
    sealing: Vec<Secret<[u8; 32]>>,
    digests: BTreeMap<String, Secret<[u8; 32]>>,
    signing: BTreeMap<String, KeySet>,
}

impl Keystore {
    /// A keystore with its first sealing key (32 random bytes) and nothing else.
    pub fn new(sealing: [u8; 32]) -> Self {
        Self {
            sealing: vec![Secret::new(sealing)],
            digests: BTreeMap::new(),
            signing: BTreeMap::new(),
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
    pub fn signing(&self, name: &str) -> Option<&KeySet> {
        self.signing.get(name)
    }

    /// The signing keys for that purpose, to rotate them.
    pub fn signing_mut(&mut self, name: &str) -> Option<&mut KeySet> {
        self.signing.get_mut(name)
    }

    /// Keeps the signing keys for a purpose, in place of those it had.
    pub fn set_signing(&mut self, name: &str, keys: KeySet) {
        self.signing.insert(name.to_owned(), keys);
    }

    /// The file's content: everything, sealed under the master key with a nonce of 12 random bytes.
    ///
    /// # Errors
    /// [`KeystoreError::Key`].
    pub fn seal(&self, master: &Secret<[u8; 32]>, nonce: [u8; 12]) -> Result<Vec<u8>, KeystoreError> {
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
        };
        let plain = Zeroizing::new(serde_json::to_vec(&stored).ok().ok_or(KeystoreError::Key)?);
        Ok(under(master).seal(&PLACE, &plain, nonce))
    }

    /// Reads the file's content back.
    ///
    /// # Errors
    /// [`KeystoreError::Sealed`], [`KeystoreError::Malformed`].
    pub fn open(master: &Secret<[u8; 32]>, sealed: &[u8]) -> Result<Self, KeystoreError> {
        let plain = under(master).open(&PLACE, sealed).map_err(KeystoreError::Sealed)?;
        let stored: Stored = serde_json::from_slice(&plain).ok().ok_or(KeystoreError::Malformed)?;
        stored.read().ok_or(KeystoreError::Malformed)
    }
}

impl fmt::Debug for Keystore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keystore")
            .field("sealing", &self.sealing.len())
            .field("digests", &self.digests.keys())
            .field("signing", &self.signing)
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
    pkcs8: Text,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredRetired {
    key: Jwk,
    until: Timestamp,
}

impl Stored {
    fn read(&self) -> Option<Keystore> {
        let sealing = self.sealing.iter().map(read_secret).collect::<Option<Vec<_>>>()?;
        let digests = self
            .digests
            .iter()
            .map(|(name, key)| Some((name.clone(), read_secret(key)?)));
        let signing = self.signing.iter().map(|(name, set)| Some((name.clone(), set.read()?)));
        let (digests, signing) = (digests.collect::<Option<_>>()?, signing.collect::<Option<_>>()?);
        (!sealing.is_empty()).then_some(Keystore {
            sealing,
            digests,
            signing,
        })
    }
}

impl StoredSet {
    fn write(keys: &KeySet) -> Result<Self, KeystoreError> {
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

    fn read(&self) -> Option<KeySet> {
        let retired = self.retired.iter().map(|old| Retired {
            key: old.key.clone(),
            until: old.until,
        });
        Some(KeySet::restore(
            self.active.read()?,
            self.next.read()?,
            self.next_not_before,
            retired.collect(),
        ))
    }
}

impl StoredKey {
    fn write(key: &SoftKey) -> Result<Self, KeystoreError> {
        let pkcs8 = key.to_pkcs8().ok().ok_or(KeystoreError::Key)?;
        Ok(Self {
            alg: key.algorithm(),
            pkcs8: Text::write(&pkcs8),
        })
    }

    fn read(&self) -> Option<SoftKey> {
        let pkcs8 = Zeroizing::new(base64url::decode(&self.pkcs8.0).ok()?);
        SoftKey::from_pkcs8(self.alg, &pkcs8).ok()
    }
}

fn write_secret(key: &Secret<[u8; 32]>) -> Text {
    Text::write(key.expose())
}

fn read_secret(text: &Text) -> Option<Secret<[u8; 32]>> {
    base64url::decode_fixed(&text.0).ok().map(Secret::new)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::Times;

    const NONCE: [u8; 12] = [9; 12];

    fn key(algorithm: Algorithm, seed: u8) -> SoftKey {
        SoftKey::from_seed(algorithm, &[seed; 32]).unwrap()
    }

    fn keystore() -> Keystore {
        let at = |second| Timestamp::from_second(second).unwrap();
        let mut set = KeySet::new(key(Algorithm::Es256, 1), key(Algorithm::EdDsa, 2), at(0));
        set.rotate(
            key(Algorithm::Es256, 3),
            Times {
                now: at(1),
                retire_until: at(1000),
                next_not_before: at(500),
            },
        )
        .unwrap();
        let mut keystore = Keystore::new([4; 32]);
        keystore.rotate_sealing([5; 32]);
        keystore.add_digest("personal number", [6; 32]);
        keystore.set_signing("sso", set);
        keystore
    }

    #[test]
    fn a_keystore_comes_back_as_it_was() {
        let master = Secret::new([8; 32]);
        let before = keystore();
        let place = Place {
            table: "t",
            column: "c",
            row: b"r",
        };
        let value = Keystore::new([4; 32]).sealing().seal(&place, b"old", [1; 12]);

        let after = Keystore::open(&master, &before.seal(&master, NONCE).unwrap()).unwrap();

        let (was, is) = (before.signing("sso").unwrap(), after.signing("sso").unwrap());
        let now = Timestamp::from_second(10).unwrap();
        assert_eq!(is.jwks(now), was.jwks(now));
        assert_eq!(is.next_not_before(), was.next_not_before());
        assert_eq!(is.signer().key_id(), was.signer().key_id());
        let digest = |store: &Keystore| store.digest("personal number").unwrap().digest("x", b"y");
        assert_eq!(digest(&after), digest(&before));
        assert_eq!(after.sealing().open(&place, &value).unwrap().as_slice(), b"old");
        assert!(after.sealing().is_stale(&value));
    }

    #[test]
    fn a_keystore_opens_only_with_its_master_key_and_unchanged() {
        let master = Secret::new([8; 32]);
        let mut sealed = keystore().seal(&master, NONCE).unwrap();

        let other = Keystore::open(&Secret::new([7; 32]), &sealed);
        *sealed.last_mut().unwrap() ^= 1;
        let changed = Keystore::open(&master, &sealed);

        assert_eq!(other.err(), Some(KeystoreError::Sealed(OpenError::UnknownKey)));
        assert_eq!(changed.err(), Some(KeystoreError::Sealed(OpenError::Refused)));
    }

    #[test]
    fn a_content_of_another_kind_is_refused() {
        let master = Secret::new([8; 32]);
        for content in [
            r#"{"sealing":[],"digests":{},"signing":{}}"#,
            "{}",
            r#"{"sealing":["AA"],"digests":{},"signing":{}}"#,
        ] {
            let sealed = under(&master).seal(&PLACE, content.as_bytes(), NONCE);

            assert_eq!(
                Keystore::open(&master, &sealed).err(),
                Some(KeystoreError::Malformed),
                "{content}"
            );
        }
    }

    #[test]
    fn a_digest_key_is_never_replaced() {
        let mut keystore = keystore();
        let before = keystore.digest("personal number").unwrap().digest("x", b"y");

        assert!(!keystore.add_digest("personal number", [7; 32]));
        assert!(keystore.add_digest("phone", [7; 32]));

        assert_eq!(keystore.digest("personal number").unwrap().digest("x", b"y"), before);
    }

    #[test]
    fn a_keystore_does_not_print_its_keys() {
        let printed = format!("{:?}", keystore());

        for part in ["4, 4, 4", "5, 5, 5", "6, 6, 6", "BAQE", "BQUF", "BgYG", "pkcs8"] {
            assert!(!printed.contains(part), "{part} in {printed}");
        }
    }
}
