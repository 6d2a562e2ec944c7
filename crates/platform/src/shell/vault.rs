//! Personal data at rest: sealed where it is kept, a keyed digest where it must be found again.

use std::sync::Arc;

use crypto::digest::DigestKey;
use crypto::seal::{OpenError, Place, SealingKeys};
use serde::Serialize;
use serde::de::DeserializeOwned;
use zeroize::Zeroizing;

use super::chance::Chance;

/// Seals and opens the personal data of the database's columns.
#[derive(Clone)]
pub struct Vault {
    sealing: Arc<SealingKeys>,
    digests: Arc<DigestKey>,
    chance: Chance,
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
    /// A vault with its keys.
    pub fn new(sealing: SealingKeys, digests: DigestKey, chance: Chance) -> Self {
        Self {
            sealing: Arc::new(sealing),
            digests: Arc::new(digests),
            chance,
        }
    }

    /// Seals bytes for a column of a row.
    pub fn seal(&self, table: &str, column: &str, row: &[u8], plain: &[u8]) -> Vec<u8> {
        self.sealing
            .seal(&Place { table, column, row }, plain, self.chance.bytes())
    }

    /// Opens what was sealed for a column of a row.
    ///
    /// # Errors
    /// [`Unreadable`] if it is not what was sealed there.
    pub fn open(&self, table: &str, column: &str, row: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, Unreadable> {
        Ok(self.sealing.open(&Place { table, column, row }, sealed)?)
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
