//! The keys in memory, and how they go to the disk and come back.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use crypto::digest::DigestKey;
use crypto::hsm::Hsm;
use crypto::keys::{KeySet, PrivateKey};
use crypto::keystore::Keystore;
use crypto::sign::{Algorithm, SoftKey};
use jiff::Timestamp;

use super::device::Device;
use super::folder::Folder;
use super::root::Root;
use super::{KeysError, PUBLISHED_BEFORE, PURPOSES, SSO, recovery, unusable};
use crate::shell::chance::Chance;
use crate::shell::clock;
use crate::shell::vault::Ring;

pub(super) struct Held {
    pub(super) folder: Option<Folder>,
    pub(super) device: Option<Device>,
    pub(super) root: RwLock<Root>,
    pub(super) store: RwLock<Keystore>,
    pub(super) ring: Ring,
    /// The keystore's file as it was read or written last.
    pub(super) seen: Mutex<Vec<u8>>,
    pub(super) chance: Chance,
    /// What is kept where there is no folder.
    pub(super) kept: RwLock<BTreeMap<String, Vec<u8>>>,
}

pub(super) fn fresh_store(chance: &Chance) -> Keystore {
    let mut store = Keystore::new(chance.bytes());
    store.add_digest("vault", chance.bytes());
    store.add_digest(SSO, chance.bytes());
    store
}

pub(super) fn set_of<'a>(store: &'a Keystore, purpose: &str) -> Result<&'a KeySet<PrivateKey>, KeysError> {
    let keys = store.signing(purpose);
    keys.ok_or_else(|| unusable(format!("no signing key for {purpose}")))
}

impl Held {
    pub(super) fn new(places: (Option<Folder>, Option<Device>), root: Root, store: Keystore, chance: &Chance) -> Self {
        let (folder, device) = places;
        Self {
            folder,
            device,
            root: RwLock::new(root),
            ring: Ring::new(store.sealing()),
            store: RwLock::new(store),
            seen: Mutex::default(),
            chance: chance.clone(),
            kept: RwLock::default(),
        }
    }

    pub(super) fn look<T>(&self, look: impl FnOnce(&Keystore) -> T) -> T {
        look(&self.store.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Changes the keys, on the disk first of all others.
    pub(super) fn change<T>(&self, change: impl FnOnce(&mut Keystore) -> Result<T, KeysError>) -> Result<T, KeysError> {
        let lock = self.folder.as_ref().map(Folder::lock).transpose()?;
        self.renew()?;
        let done = {
            let mut store = self.store.write().unwrap_or_else(PoisonError::into_inner);
            change(&mut store)?
        };
        if let Err(error) = self.save() {
            // What is not on the disk must not be used: others would never know it.
            self.seen.lock().unwrap_or_else(PoisonError::into_inner).clear();
            self.renew()?;
            return Err(error);
        }
        self.ring.replace(self.look(Keystore::sealing));
        drop(lock);
        Ok(done)
    }

    pub(super) fn hsm(&self) -> Option<&Arc<Hsm>> {
        self.device.as_ref().map(|device| &device.hsm)
    }

    /// The keystore moves under another root.
    pub(super) fn move_root(
        &self,
        to: impl FnOnce(&Root, &Folder, &Keystore) -> Result<(Root, Vec<u8>), KeysError>,
    ) -> Result<(), KeysError> {
        let folder = self
            .folder
            .as_ref()
            .ok_or_else(|| unusable("these keys are in memory alone"))?;
        let _lock = folder.lock()?;
        self.renew()?;
        let (root, file) = {
            let root = self.root.read().unwrap_or_else(PoisonError::into_inner);
            self.look(|store| to(&root, folder, store))?
        };
        *self.root.write().unwrap_or_else(PoisonError::into_inner) = root;
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = file;
        Ok(())
    }

    pub(super) fn renew(&self) -> Result<bool, KeysError> {
        let Some(folder) = &self.folder else { return Ok(false) };
        let Some(file) = folder.keystore()? else {
            return Ok(false);
        };
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if *seen == file {
            return Ok(false);
        }
        let (root, store) = Root::open(folder, &file, self.hsm())?;
        self.ring.replace(store.sealing());
        *self.store.write().unwrap_or_else(PoisonError::into_inner) = store;
        *self.root.write().unwrap_or_else(PoisonError::into_inner) = root;
        *seen = file;
        Ok(true)
    }

    pub(super) fn save(&self) -> Result<(), KeysError> {
        let Some(folder) = &self.folder else { return Ok(()) };
        let root = self.root.read().unwrap_or_else(PoisonError::into_inner);
        let file = self.look(|store| root.seal(store, self.hsm(), &self.chance))?;
        let copy = self.look(|store| recovery::copy(store, &self.chance))?;
        folder.replace_keystore(&file)?;
        if let Some(copy) = copy {
            folder.keep(recovery::COPY, &copy)?;
        }
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = file;
        Ok(())
    }

    /// Makes the first keys of the purposes that have none; answers whether there were any.
    pub(super) fn add_missing(&self, now: Timestamp) -> Result<bool, KeysError> {
        let has = |purpose: &str| self.look(|store| store.signing(purpose).is_some());
        let missing: Vec<_> = PURPOSES.iter().filter(|(purpose, _)| !has(purpose)).collect();
        for (purpose, algorithm) in &missing {
            let set = KeySet::new(
                self.first(purpose, *algorithm, (b"active", now))?,
                self.first(purpose, *algorithm, (b"next", now))?,
                now + PUBLISHED_BEFORE,
            );
            let mut store = self.store.write().unwrap_or_else(PoisonError::into_inner);
            store.set_signing(purpose, set);
        }
        Ok(!missing.is_empty())
    }

    /// A first key: it follows from the master key, where there is one, so that an older keystore is given the same by every node.
    fn first(
        &self,
        purpose: &str,
        algorithm: Algorithm,
        (turn, now): (&[u8], Timestamp),
    ) -> Result<PrivateKey, KeysError> {
        let root = self.root.read().unwrap_or_else(PoisonError::into_inner);
        let in_device = self.device.as_ref().is_some_and(|device| device.holds(purpose));
        let Root::Memory(master) = &*root else {
            return self.fresh(purpose, algorithm, now);
        };
        if in_device {
            return self.fresh(purpose, algorithm, now);
        }
        let seed = DigestKey::new(*master.expose()).digest(&format!("first keys of the {purpose}"), turn);
        let key = SoftKey::from_seed(algorithm, &seed).map_err(unusable)?;
        Ok(PrivateKey::Memory(key))
    }

    pub(super) fn fresh(&self, purpose: &str, algorithm: Algorithm, now: Timestamp) -> Result<PrivateKey, KeysError> {
        match self.device.as_ref().filter(|device| device.holds(purpose)) {
            Some(device) => {
                let label = format!("vneid {purpose} {}", clock::civil_date(now));
                let key = device.hsm.generate(algorithm, &label, self.chance.bytes())?;
                Ok(PrivateKey::Device(key))
            }
            None => SoftKey::from_seed(algorithm, &self.chance.bytes())
                .map(PrivateKey::Memory)
                .map_err(unusable),
        }
    }
}
