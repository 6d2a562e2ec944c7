//! Personal data at rest: sealed where it is kept, a keyed digest where it must be found again.

use std::sync::{Arc, PoisonError, RwLock};

use crypto::digest::DigestKey;
use crypto::seal::{OpenError, Place, SealingKeys};
use serde::Serialize;
use serde::de::DeserializeOwned;
use zeroize::Zeroizing;

use super::chance::Chance;

/// The sealing keys as they are now: a rotation replaces them for everybody who holds them.
#[derive(Clone)]
pub struct Ring(Arc<RwLock<Arc<SealingKeys>>>);

impl Ring {
    /// A ring of keys.
    pub fn new(keys: SealingKeys) -> Self {
        Self(Arc::new(RwLock::new(Arc::new(keys))))
    }

    /// Other keys take over.
    pub fn replace(&self, keys: SealingKeys) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(keys);
    }

    fn now(&self) -> Arc<SealingKeys> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Seals and opens the personal data of the database's columns.
#[derive(Clone)]
pub struct Vault {
    ring: Ring,
    digests: Arc<DigestKey>,
    chance: Chance,
    /// Reads the keys again, in case another process changed them.
    renew: Arc<dyn Fn() + Send + Sync>,
}

/// Sealed data could not be opened: it was changed, moved to another row, or its key is gone.
#[derive(Debug, thiserror::Error)]
#[error("sealed data cannot be opened")]
pub struct Unreadable(#[source] Box<dyn std::error::Error + Send + Sync>);

impl From<OpenError> for Unreadable {
    fn from(error: OpenError) -> Self {
        Self(error.into())
    }
}

impl From<Unreadable> for super::problem::Problem {
    fn from(error: Unreadable) -> Self {
        Self::internal(error)
    }
}

impl Vault {
    /// A vault with its keys; `renew` reads them again.
    pub fn new(ring: Ring, digests: DigestKey, chance: Chance, renew: impl Fn() + Send + Sync + 'static) -> Self {
        Self {
            ring,
            digests: Arc::new(digests),
            chance,
            renew: Arc::new(renew),
        }
    }

    /// Seals bytes for a column of a row.
    pub fn seal(&self, table: &str, column: &str, row: &[u8], plain: &[u8]) -> Vec<u8> {
        self.ring
            .now()
            .seal(&Place { table, column, row }, plain, self.chance.bytes())
    }

    /// Opens what was sealed for a column of a row.
    ///
    /// # Errors
    /// [`Unreadable`] if it is not what was sealed there.
    pub fn open(&self, table: &str, column: &str, row: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, Unreadable> {
        let place = Place { table, column, row };
        match self.ring.now().open(&place, sealed) {
            // Another process may have begun to seal with a new key.
            Err(OpenError::UnknownKey) => {
                (self.renew)();
                Ok(self.ring.now().open(&place, sealed)?)
            }
            opened => Ok(opened?),
        }
    }

    /// The id of the key that seals now, as it stands in the second to fifth byte of what it sealed.
    pub fn active_key(&self) -> [u8; 4] {
        self.ring.now().active_id()
    }

    /// Seals a text for a column of a row.
    pub fn seal_text(&self, table: &str, column: &str, row: &[u8], plain: &str) -> Vec<u8> {
        self.seal(table, column, row, plain.as_bytes())
    }

    /// Opens a sealed text.
    ///
    /// # Errors
    /// [`Unreadable`] if it is not what was sealed there.
    pub fn open_text(&self, table: &str, column: &str, row: &[u8], sealed: &[u8]) -> Result<String, Unreadable> {
        let bytes = self.open(table, column, row, sealed)?;
        String::from_utf8(bytes.to_vec()).map_err(|error| Unreadable(error.utf8_error().into()))
    }

    /// Seals a record for a column of a row.
    ///
    /// # Errors
    /// [`Unreadable`] if the record cannot be written as JSON.
    pub fn seal_record<T: Serialize>(
        &self,
        table: &str,
        column: &str,
        row: &[u8],
        record: &T,
    ) -> Result<Vec<u8>, Unreadable> {
        let bytes = Zeroizing::new(serde_json::to_vec(record).map_err(|error| Unreadable(error.into()))?);
        Ok(self.seal(table, column, row, &bytes))
    }

    /// Opens a sealed record.
    ///
    /// # Errors
    /// [`Unreadable`] if it is not what was sealed there.
    pub fn open_record<T: DeserializeOwned>(
        &self,
        table: &str,
        column: &str,
        row: &[u8],
        sealed: &[u8],
    ) -> Result<T, Unreadable> {
        let bytes = self.open(table, column, row, sealed)?;
        serde_json::from_slice(&bytes).map_err(|error| Unreadable(error.into()))
    }

    /// The keyed digest by which a value is found again; the context separates kinds of values.
    pub fn digest(&self, context: &str, value: &[u8]) -> [u8; 32] {
        self.digests.digest(context, value)
    }
}
