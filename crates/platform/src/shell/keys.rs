//! The secret keys of this installation: a folder with the master key and the keystore sealed under it.
//!
//! **Invariant:** the files are readable by the platform's user alone (mode 0600); a wider mode is refused at start.
//! **Invariant:** the keystore on the disk is replaced whole, never half.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, RwLock};

use crypto::digest::DigestKey;
use crypto::jwk::JwkSet;
use crypto::keys::{KeySet, Times};
use crypto::keystore::Keystore;
use crypto::secret::Secret;
use crypto::sign::{Algorithm, Signer as _, SoftKey};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::chance::Chance;
use super::server::Failure;
use super::vault::Vault;
use crate::app::App;
use crate::ledger::{self, Commitment, Kind};

/// How long a new key is published before it signs.
const PUBLISHED_BEFORE: SignedDuration = SignedDuration::from_hours(24);
/// How long a key verifies after it signed for the last time.
const VERIFIES_AFTER: SignedDuration = SignedDuration::from_hours(24 * 30);
/// The keys that sign what relying parties receive.
pub const SSO: &str = "sso";
/// The keys that sign the heads of the ledger.
pub const LEDGER: &str = "ledger";
/// The key of the authority that certifies the signers of documents.
pub const AUTHORITY: &str = "authority";
/// The keys that sign the electronic identity card and the documents of the wallet.
pub const ISSUER: &str = "issuer";
/// The keys that sign status lists.
pub const STATUS: &str = "status-list";
/// The keys that sign the trust list, which verifiers pin.
pub const TRUST: &str = "trust-list";
/// What came after the first keystores: an older one is given these keys when it is opened.
const LATER: [(&str, Algorithm); 5] = [
    (LEDGER, Algorithm::EdDsa),
    (AUTHORITY, Algorithm::Es256),
    (ISSUER, Algorithm::Es256),
    (STATUS, Algorithm::Es256),
    (TRUST, Algorithm::Es256),
];

/// The keys cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    /// A file cannot be read or written.
    #[error("cannot use {0}")]
    File(PathBuf, #[source] std::io::Error),
    /// A file can be read by others.
    #[error("{0} can be read by others: set its mode to 0600")]
    Exposed(PathBuf),
    /// The file is not a master key.
    #[error("{0} is not a master key of 32 bytes")]
    NotAKey(PathBuf),
    /// The keystore does not open, or a key cannot be made.
    #[error("the keystore cannot be used")]
    Keystore(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// All secret keys, in memory, and the folder they came from.
pub struct Keys {
    folder: Option<PathBuf>,
    master: Secret<[u8; 32]>,
    store: RwLock<Keystore>,
    chance: Chance,
    /// What is kept where there is no folder.
    kept: RwLock<BTreeMap<String, Vec<u8>>>,
}

impl Keys {
    /// Opens the folder's keys, or makes them where there are none yet.
    ///
    /// # Errors
    /// Names the file that cannot be used.
    pub fn open(folder: &Path, chance: &Chance, now: Timestamp) -> Result<Self, KeysError> {
        std::fs::create_dir_all(folder).map_err(|error| KeysError::File(folder.to_owned(), error))?;
        let (master_file, store_file) = (folder.join("master.key"), folder.join("keystore.sealed"));
        if !master_file.exists() && !store_file.exists() {
            let fresh = Self {
                folder: Some(folder.to_owned()),
                ..Self::in_memory(chance, now)?
            };
            replace(&master_file, fresh.master.expose())?;
            fresh.save()?;
            return Ok(fresh);
        }
        let master: [u8; 32] = read_private(&master_file)?
            .try_into()
            .map_err(|_bytes: Vec<u8>| KeysError::NotAKey(master_file))?;
        let master = Secret::new(master);
        let store =
            Keystore::open(&master, &read_private(&store_file)?).map_err(|error| KeysError::Keystore(error.into()))?;
        let mut keys = Self {
            folder: Some(folder.to_owned()),
            master,
            store: RwLock::new(store),
            chance: chance.clone(),
            kept: RwLock::default(),
        };
        if keys.add_later(now)? {
            keys.save()?;
        }
        Ok(keys)
    }

    /// New keys that live only as long as the process.
    ///
    /// # Errors
    /// [`KeysError::Keystore`] if a key cannot be made.
    pub fn in_memory(chance: &Chance, now: Timestamp) -> Result<Self, KeysError> {
        let mut store = Keystore::new(chance.bytes());
        store.add_digest("vault", chance.bytes());
        store.add_digest(SSO, chance.bytes());
        store.set_signing(
            SSO,
            KeySet::new(
                fresh_key(Algorithm::Es256, chance)?,
                fresh_key(Algorithm::Es256, chance)?,
                now + PUBLISHED_BEFORE,
            ),
        );
        let mut keys = Self {
            folder: None,
            master: Secret::new(chance.bytes()),
            store: RwLock::new(store),
            chance: chance.clone(),
            kept: RwLock::default(),
        };
        keys.add_later(now)?;
        Ok(keys)
    }

    /// Gives a keystore the first keys of each purpose of [`LATER`] that it lacks, which follow from the master key; answers whether it lacked any.
    fn add_later(&mut self, now: Timestamp) -> Result<bool, KeysError> {
        let seeds = DigestKey::new(*self.master.expose());
        let store = self.store.get_mut().unwrap_or_else(std::sync::PoisonError::into_inner);
        let mut added = false;
        for (purpose, algorithm) in LATER {
            if store.signing(purpose).is_some() {
                continue;
            }
            let context = format!("first keys of the {purpose}");
            let first = |turn: &[u8]| {
                SoftKey::from_seed(algorithm, &seeds.digest(&context, turn))
                    .map_err(|error| KeysError::Keystore(error.into()))
            };
            store.set_signing(
                purpose,
                KeySet::new(first(b"active")?, first(b"next")?, now + PUBLISHED_BEFORE),
            );
            added = true;
        }
        Ok(added)
    }

    /// Keeps something beside the keys, readable by the platform alone, in place of what was kept there under that name.
    ///
    /// # Errors
    /// [`KeysError::File`].
    pub fn keep(&self, name: &str, bytes: &[u8]) -> Result<(), KeysError> {
        if let Some(folder) = &self.folder {
            return replace(&folder.join(name), bytes);
        }
        let mut kept = self.kept.write().unwrap_or_else(std::sync::PoisonError::into_inner);
        kept.insert(name.to_owned(), bytes.to_vec());
        Ok(())
    }

    /// What was kept beside the keys under a name.
    ///
    /// # Errors
    /// [`KeysError::File`], [`KeysError::Exposed`].
    pub fn kept(&self, name: &str) -> Result<Option<Vec<u8>>, KeysError> {
        if let Some(folder) = &self.folder {
            let file = folder.join(name);
            return file.exists().then(|| read_private(&file)).transpose();
        }
        let kept = self.kept.read().unwrap_or_else(std::sync::PoisonError::into_inner);
        Ok(kept.get(name).cloned())
    }

    /// The vault of these keys.
    ///
    /// # Errors
    /// [`KeysError::Keystore`] if the keystore lacks the vault's digest key.
    pub fn vault(&self) -> Result<Vault, KeysError> {
        let store = self.store.read().unwrap_or_else(std::sync::PoisonError::into_inner);
        let digests = store
            .digest("vault")
            .ok_or_else(|| KeysError::Keystore("the keystore has no vault key".into()))?;
        Ok(Vault::new(store.sealing(), digests, self.chance.clone()))
    }

    /// The key of a purpose's digests.
    ///
    /// # Errors
    /// [`KeysError::Keystore`] if there is none for that purpose.
    pub fn digests(&self, purpose: &str) -> Result<DigestKey, KeysError> {
        let store = self.store.read().unwrap_or_else(std::sync::PoisonError::into_inner);
        store
            .digest(purpose)
            .ok_or_else(|| KeysError::Keystore(format!("no digest key for {purpose}").into()))
    }

    /// The key that signs now for a purpose.
    ///
    /// # Errors
    /// [`KeysError::Keystore`] if there is none for that purpose.
    pub fn signer(&self, purpose: &str) -> Result<Arc<SoftKey>, KeysError> {
        let store = self.store.read().unwrap_or_else(std::sync::PoisonError::into_inner);
        let keys = store
            .signing(purpose)
            .ok_or_else(|| KeysError::Keystore(format!("no signing key for {purpose}").into()))?;
        Ok(keys.signer().clone())
    }

    /// The published keys of a purpose.
    pub fn jwks(&self, purpose: &str, now: Timestamp) -> JwkSet {
        let store = self.store.read().unwrap_or_else(std::sync::PoisonError::into_inner);
        store
            .signing(purpose)
            .map_or_else(|| JwkSet::new(Vec::new()), |keys| keys.jwks(now))
    }

    /// Makes the next key of a purpose the active one, and keeps the change on the disk.
    ///
    /// # Errors
    /// [`KeysError::Keystore`] if the next key has not been published long enough; [`KeysError::File`].
    pub fn rotate(&self, purpose: &str, now: Timestamp) -> Result<(), KeysError> {
        let fresh = fresh_key(self.signer(purpose)?.algorithm(), &self.chance)?;
        {
            let mut store = self.store.write().unwrap_or_else(std::sync::PoisonError::into_inner);
            let keys = store
                .signing_mut(purpose)
                .ok_or_else(|| KeysError::Keystore(format!("no signing key for {purpose}").into()))?;
            let times = Times {
                now,
                next_not_before: now + PUBLISHED_BEFORE,
                retire_until: now + VERIFIES_AFTER,
            };
            keys.rotate(fresh, times)
                .map_err(|error| KeysError::Keystore(error.into()))?;
        }
        self.save()
    }

    fn save(&self) -> Result<(), KeysError> {
        let Some(folder) = &self.folder else { return Ok(()) };
        let store = self.store.read().unwrap_or_else(std::sync::PoisonError::into_inner);
        let sealed = store
            .seal(&self.master, self.chance.bytes())
            .map_err(|error| KeysError::Keystore(error.into()))?;
        replace(&folder.join("keystore.sealed"), &sealed)
    }
}

/// A rotation as it is committed to in the ledger.
#[derive(Serialize)]
struct Rotation<'a> {
    purpose: &'a str,
    key: &'a str,
}

/// Makes the next key of a purpose the active one, and commits to that in the ledger.
///
/// # Errors
/// Those of [`Keys::rotate`] and of the database.
pub async fn rotate(app: &App, purpose: &str) -> Result<(), Failure> {
    let now = app.clock.now();
    app.keys.rotate(purpose, now)?;
    let signer = app.keys.signer(purpose)?;
    let rotation = Rotation {
        purpose,
        key: signer.key_id(),
    };
    let commitment = Commitment::to(&app.vault, Kind::Key, now, &rotation);
    app.db.write(move |tx| ledger::commit(tx, &commitment)).await?;
    Ok(())
}

fn fresh_key(algorithm: Algorithm, chance: &Chance) -> Result<SoftKey, KeysError> {
    SoftKey::from_seed(algorithm, &chance.bytes()).map_err(|error| KeysError::Keystore(error.into()))
}

fn read_private(file: &Path) -> Result<Vec<u8>, KeysError> {
    let failed = |error| KeysError::File(file.to_owned(), error);
    let mode = std::fs::metadata(file).map_err(failed)?.permissions().mode();
    if mode & 0o077 != 0 {
        return Err(KeysError::Exposed(file.to_owned()));
    }
    std::fs::read(file).map_err(failed)
}

/// Writes a private file beside its place, makes it durable, and moves it there.
fn replace(file: &Path, bytes: &[u8]) -> Result<(), KeysError> {
    let draft = file.with_extension("draft");
    let write = || -> std::io::Result<()> {
        let mut out = std::fs::OpenOptions::new()
            .create(true)
            .truncate(true)
            .write(true)
            .mode(0o600)
            .open(&draft)?;
        out.write_all(bytes)?;
        out.sync_all()?;
        std::fs::rename(&draft, file)?;
        file.parent()
            .map_or(Ok(()), |folder| std::fs::File::open(folder)?.sync_all())
    };
    write().map_err(|error| KeysError::File(file.to_owned(), error))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        "2026-11-23T02:00:00Z".parse().unwrap()
    }

    #[test]
    fn keys_made_once_are_opened_again_and_what_was_sealed_opens() {
        let folder = tempfile::tempdir().unwrap();
        let chance = Chance::seeded(1);
        let sealed = Keys::open(folder.path(), &chance, now())
            .unwrap()
            .vault()
            .unwrap()
            .seal_text("t", "c", b"row", "Trần");

        let again = Keys::open(folder.path(), &chance, now()).unwrap();

        assert_eq!(
            again.vault().unwrap().open_text("t", "c", b"row", &sealed).unwrap(),
            "Trần"
        );
    }

    #[test]
    fn a_key_file_that_others_can_read_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        Keys::open(folder.path(), &Chance::seeded(1), now()).unwrap();
        let file = folder.path().join("master.key");
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o640)).unwrap();

        let refused = Keys::open(folder.path(), &Chance::seeded(1), now());

        assert!(matches!(refused, Err(KeysError::Exposed(exposed)) if exposed == file));
    }

    #[test]
    fn a_rotation_survives_a_restart_and_the_old_key_is_still_published() {
        let folder = tempfile::tempdir().unwrap();
        let keys = Keys::open(folder.path(), &Chance::seeded(1), now()).unwrap();
        let later = now() + PUBLISHED_BEFORE;

        keys.rotate(SSO, later).unwrap();

        let again = Keys::open(folder.path(), &Chance::seeded(2), later).unwrap();
        assert_eq!(again.jwks(SSO, later).keys().len(), 3);
        assert_eq!(again.jwks(SSO, later + VERIFIES_AFTER).keys().len(), 2);
    }
}
