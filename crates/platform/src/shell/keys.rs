//! The secret keys of this installation: a folder with the keystore, sealed under a master key beside it or under a key in a
//! hardware security module.
//!
//! Whoever signs asks for the [`Keys::signer`] of a purpose, and neither knows nor cares where the key is.
//!
//! **Invariant:** the files are readable by the platform's user alone (mode 0600); a wider mode is refused at start.
//! **Invariant:** the keystore on the disk is replaced whole, never half, and by one writer at a time.
//! **Invariant:** a node takes over what another process changed within seconds, and at once where it meets a key that it does not know.

use std::future::Future;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use crypto::digest::DigestKey;
use crypto::hsm::HsmError;
use crypto::jwk::JwkSet;
use crypto::keys::{KeySet, PrivateKey, RotateError, Times};
use crypto::keystore::Keystore;
use crypto::secret::Secret;
use crypto::sign::{Algorithm, Signer as _, SoftKey};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::chance::Chance;
use super::pause::pause;
use super::server::Failure;
use super::vault::Vault;
use crate::app::App;
use crate::ledger::{self, Commitment, Kind};

pub mod ceremony;
pub mod command;
pub mod device;
mod folder;
mod held;
mod recovery;
mod root;

#[cfg(test)]
mod tests;

use device::Device;
use folder::{Folder, read_private};
use held::{Held, fresh_store, set_of};
use root::Root;

/// How long a new key is published before it signs.
const PUBLISHED_BEFORE: SignedDuration = SignedDuration::from_hours(24);
/// How long a key verifies after it signed for the last time.
const VERIFIES_AFTER: SignedDuration = SignedDuration::from_hours(24 * 30);
/// How often a node looks whether another process changed the keys, in real time.
const LOOK_EVERY: Duration = Duration::from_secs(1);
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
/// The keys that sign what verifiers ask wallets for.
pub const VERIFIER: &str = "verifier";
/// The key by which push services of browsers know us (RFC 8292).
pub const PUSH: &str = "push";
/// The keys that seal papers (PDF) in the name of the body that issues them.
pub const SEAL: &str = "seal";
/// What keys sign for, and how. A keystore that lacks some is given them when it is opened.
pub const PURPOSES: [(&str, Algorithm); 9] = [
    (SSO, Algorithm::Es256),
    (LEDGER, Algorithm::EdDsa),
    (AUTHORITY, Algorithm::Es256),
    (ISSUER, Algorithm::Es256),
    (STATUS, Algorithm::Es256),
    (TRUST, Algorithm::Es256),
    (VERIFIER, Algorithm::Es256),
    (PUSH, Algorithm::Es256),
    (SEAL, Algorithm::Es256),
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
    /// The hardware security module does not do what it should.
    #[error(transparent)]
    Device(#[from] HsmError),
    /// The next key has not been published long enough.
    #[error(transparent)]
    TooEarly(#[from] RotateError),
}

fn unusable(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> KeysError {
    KeysError::Keystore(error.into())
}

/// All secret keys, in memory, and the place they came from. Cheap to clone.
#[derive(Clone)]
pub struct Keys(Arc<Held>);

impl Keys {
    /// Opens the folder's keys, or makes them where there are none yet.
    ///
    /// # Errors
    /// Names the file, or the device, that cannot be used.
    pub fn open(
        folder: &Path,
        device: Option<&device::Settings>,
        chance: &Chance,
        now: Timestamp,
    ) -> Result<Self, KeysError> {
        let device = device.map(Device::open).transpose()?;
        let folder = Folder::new(folder)?;
        let lock = folder.lock()?;
        let keys = match folder.keystore()? {
            Some(file) => Self::read(folder, device, file, chance)?,
            None => Self::make(folder, device, chance)?,
        };
        if keys.0.add_missing(now)? {
            keys.0.save()?;
        }
        drop(lock);
        Ok(keys)
    }

    fn read(folder: Folder, device: Option<Device>, file: Vec<u8>, chance: &Chance) -> Result<Self, KeysError> {
        let hsm = device.as_ref().map(|device| &device.hsm);
        let (root, store) = Root::open(&folder, &file, hsm)?;
        let held = Held::new((Some(folder), device), root, store, chance);
        *held.seen.lock().unwrap_or_else(PoisonError::into_inner) = file;
        Ok(Self(Arc::new(held)))
    }

    fn make(folder: Folder, device: Option<Device>, chance: &Chance) -> Result<Self, KeysError> {
        let root = match &device {
            None => Root::make(&folder, chance)?,
            Some(device) => Root::in_device(&device.hsm, chance)?,
        };
        let held = Held::new((Some(folder), device), root, fresh_store(chance), chance);
        Ok(Self(Arc::new(held)))
    }

    /// New keys that live only as long as the process.
    ///
    /// # Errors
    /// [`KeysError::Keystore`] if a key cannot be made.
    pub fn in_memory(chance: &Chance, now: Timestamp) -> Result<Self, KeysError> {
        let mut store = fresh_store(chance);
        let fresh = || SoftKey::from_seed(Algorithm::Es256, &chance.bytes()).map(PrivateKey::Memory);
        store.set_signing(
            SSO,
            KeySet::new(
                fresh().map_err(unusable)?,
                fresh().map_err(unusable)?,
                now + PUBLISHED_BEFORE,
            ),
        );
        let root = Root::Memory(Secret::new(chance.bytes()));
        let held = Held::new((None, None), root, store, chance);
        held.add_missing(now)?;
        Ok(Self(Arc::new(held)))
    }

    /// Keeps something beside the keys, readable by the platform alone, in place of what was kept there under that name.
    ///
    /// # Errors
    /// [`KeysError::File`].
    pub fn keep(&self, name: &str, bytes: &[u8]) -> Result<(), KeysError> {
        if let Some(folder) = &self.0.folder {
            return folder.keep(name, bytes);
        }
        let mut kept = self.0.kept.write().unwrap_or_else(PoisonError::into_inner);
        kept.insert(name.to_owned(), bytes.to_vec());
        Ok(())
    }

    /// What was kept beside the keys under a name.
    ///
    /// # Errors
    /// [`KeysError::File`], [`KeysError::Exposed`].
    pub fn kept(&self, name: &str) -> Result<Option<Vec<u8>>, KeysError> {
        if let Some(folder) = &self.0.folder {
            return folder.kept(name);
        }
        let kept = self.0.kept.read().unwrap_or_else(PoisonError::into_inner);
        Ok(kept.get(name).cloned())
    }

    /// The vault of these keys; it takes over each new sealing key.
    ///
    /// # Errors
    /// [`KeysError::Keystore`] if the keystore lacks the vault's digest key.
    pub fn vault(&self) -> Result<Vault, KeysError> {
        let held = Arc::downgrade(&self.0);
        let renew = move || {
            let renewed = held.upgrade().map(|held| held.renew());
            if let Some(Err(error)) = renewed {
                tracing::error!(%error, "the keys cannot be read again");
            }
        };
        Ok(Vault::new(
            self.0.ring.clone(),
            self.digests("vault")?,
            self.0.chance.clone(),
            renew,
        ))
    }

    /// The key of a purpose's digests.
    ///
    /// # Errors
    /// [`KeysError::Keystore`] if there is none for that purpose.
    pub fn digests(&self, purpose: &str) -> Result<DigestKey, KeysError> {
        self.0.look(|store| {
            let digests = store.digest(purpose);
            digests.ok_or_else(|| unusable(format!("no digest key for {purpose}")))
        })
    }

    /// The key that signs now for a purpose, in memory or in a device. Cheap; ask for it each time.
    ///
    /// # Errors
    /// [`KeysError::Keystore`] if there is none for that purpose.
    pub fn signer(&self, purpose: &str) -> Result<Arc<PrivateKey>, KeysError> {
        self.0.look(|store| Ok(set_of(store, purpose)?.signer().clone()))
    }

    /// The key that signs next for a purpose.
    ///
    /// # Errors
    /// [`KeysError::Keystore`] if there is none for that purpose.
    pub fn next(&self, purpose: &str) -> Result<Arc<PrivateKey>, KeysError> {
        self.0.look(|store| Ok(set_of(store, purpose)?.next().clone()))
    }

    /// The published keys of a purpose.
    pub fn jwks(&self, purpose: &str, now: Timestamp) -> JwkSet {
        let keys = self.0.look(|store| store.signing(purpose).map(|keys| keys.jwks(now)));
        keys.unwrap_or_else(|| JwkSet::new(Vec::new()))
    }

    /// Makes the next key of a purpose the active one, and keeps the change on the disk.
    ///
    /// # Errors
    /// [`KeysError::TooEarly`] if the next key has not been published long enough; [`KeysError::Device`], [`KeysError::File`].
    pub fn rotate(&self, purpose: &str, now: Timestamp) -> Result<(), KeysError> {
        let algorithm = self.signer(purpose)?.algorithm();
        self.0.change(|store| {
            let too_early = set_of(store, purpose)?.next_not_before();
            if now < too_early {
                return Err(RotateError::TooEarly(too_early).into());
            }
            let fresh = self.0.fresh(purpose, algorithm, now)?;
            let keys = store
                .signing_mut(purpose)
                .ok_or_else(|| unusable(format!("no signing key for {purpose}")))?;
            keys.rotate(
                fresh,
                Times {
                    now,
                    next_not_before: now + PUBLISHED_BEFORE,
                    retire_until: now + VERIFIES_AFTER,
                },
            )?;
            Ok(())
        })
    }

    /// A fresh key seals from now on; what was sealed before still opens.
    ///
    /// # Errors
    /// [`KeysError`].
    pub fn rotate_sealing(&self) -> Result<(), KeysError> {
        self.0.change(|store| {
            store.rotate_sealing(self.0.chance.bytes());
            Ok(())
        })
    }

    /// How many sealing keys there are beside the newest.
    pub fn earlier_sealing_keys(&self) -> usize {
        self.0.look(Keystore::earlier_sealing)
    }

    /// Forgets the sealing keys but the latest; answers how many. What they sealed can never be opened again.
    ///
    /// # Errors
    /// [`KeysError`].
    pub fn forget_sealing(&self) -> Result<usize, KeysError> {
        self.0.change(|store| Ok(store.forget_sealing()))
    }

    /// Another master key, or another wrapping key of the device, takes over.
    ///
    /// # Errors
    /// [`KeysError`].
    pub fn rotate_root(&self) -> Result<(), KeysError> {
        let held = &self.0;
        held.move_root(|root, folder, store| root.rotate((folder, held.hsm()), store, &held.chance))
    }

    /// Moves the keystore from under a master key in a file to under a wrapping key of the configured device. New signing keys of the
    /// device's purposes are made there from the next rotation on.
    ///
    /// # Errors
    /// [`KeysError`], also if it is there already or no device is configured.
    pub fn adopt_device(&self) -> Result<(), KeysError> {
        let held = &self.0;
        let hsm = held
            .hsm()
            .ok_or_else(|| unusable("no hardware security module is configured: set [hsm]"))?;
        held.move_root(|root, folder, store| match root {
            Root::Memory(_) => Root::adopt((folder, hsm), store, &held.chance),
            Root::Device(_) => Err(unusable("the keystore is under the hardware security module already")),
        })
    }

    /// Takes over what another process changed; answers whether there was anything.
    ///
    /// # Errors
    /// [`KeysError`]: the keys stay as they were.
    pub fn renew(&self) -> Result<bool, KeysError> {
        self.0.renew()
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
/// Those of [`Keys::rotate`] and of the database; that the next key has no certificate yet, where a nation brings its own.
pub async fn rotate(app: &App, purpose: &str) -> Result<(), Failure> {
    let now = app.clock.now();
    app.issuance.may_rotate(&app.keys, purpose)?;
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

/// Takes over what other processes change, until `stop`.
pub async fn watch(app: App, stop: impl Future<Output = ()>) {
    tokio::pin!(stop);
    loop {
        tokio::select! {
            () = &mut stop => return,
            () = pause(LOOK_EVERY) => {}
        }
        let keys = app.keys.clone();
        match app.workshop.run(move || keys.renew()).await {
            Ok(Ok(true)) => tracing::info!("the keys were taken over as another process changed them"),
            Ok(Ok(false)) | Err(_) => {}
            Ok(Err(error)) => tracing::error!(%error, "the keys cannot be read again; the old ones stay in use"),
        }
    }
}
