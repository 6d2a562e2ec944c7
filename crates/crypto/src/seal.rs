//! Sealing: AES-256-GCM bound to a place (table, column, row).
//!
//! A sealed value can be opened only where it was sealed: moved to another column or another person's row it is
//! refused. The key's id is inside and authenticated, so that keys can be rotated while old values stay readable.
//!
//! Shape: version `1` (1 byte), key id (4), nonce (12), ciphertext, tag (16).

use std::fmt;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use zeroize::Zeroizing;

use crate::digest::DigestKey;

const VERSION: u8 = 1;
const ID: usize = 4;
const NONCE: usize = 12;
const TAG: usize = 16;

/// How many bytes a sealed value is longer than the plain one.
pub const OVERHEAD: usize = 1 + ID + NONCE + TAG;

/// Where a value lives. It is not stored with the value; it must be said again to open it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place<'a> {
    /// The table, such as `account_phone`.
    pub table: &'a str,
    /// The column, such as `phone_sealed`.
    pub column: &'a str,
    /// What the row belongs to: the person's 16 bytes, or the row's own key.
    pub row: &'a [u8],
}

/// Why a sealed value was not opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// Too short, or of a version that this program does not know.
    #[error("not a sealed value")]
    Malformed,
    /// Sealed with a key that is neither active nor retired here.
    #[error("sealed with an unknown key")]
    UnknownKey,
    /// Changed, or moved from another place.
    #[error("sealed value was changed or belongs elsewhere")]
    Refused,
}

/// One key for sealing. Its id follows from the key itself.
pub struct SealingKey {
    id: [u8; ID],
    key: LessSafeKey,
}

impl SealingKey {
    /// A key of 32 random bytes.
    ///
    /// # Panics
    /// Never: the length is in the type.
    #[expect(
        clippy::expect_used,
        reason = "fails only for a key of another length, and the length is in the type"
    )]
    pub fn new(key: [u8; 32]) -> Self {
        let [a, b, c, d, ..] = DigestKey::new(key).digest("vneid sealing key id", b"");
        let key = Zeroizing::new(key);
        let unbound = UnboundKey::new(&AES_256_GCM, key.as_slice()).expect("32 bytes");
        Self {
            id: [a, b, c, d],
            key: LessSafeKey::new(unbound),
        }
    }
}

impl fmt::Debug for SealingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SealingKey(..)")
    }
}

/// The key that seals, and those that only open.
#[derive(Debug)]
pub struct SealingKeys {
    active: SealingKey,
    retired: Vec<SealingKey>,
}

impl SealingKeys {
    /// `active` seals from now on; `retired` keys only open what they once sealed.
    pub fn new(active: SealingKey, retired: Vec<SealingKey>) -> Self {
        Self { active, retired }
    }

    /// Seals a value for its place. The nonce must be random and never used twice (NIST SP 800-38D section 8.2.2).
    ///
    /// # Panics
    /// Only for a value beyond 64 GiB.
    #[expect(
        clippy::expect_used,
        reason = "fails only beyond 64 GiB, which no value in memory reaches here"
    )]
    pub fn seal(&self, place: &Place<'_>, plain: &[u8], nonce: [u8; NONCE]) -> Vec<u8> {
        let mut sealed = Vec::with_capacity(plain.len() + OVERHEAD);
        sealed.push(VERSION);
        sealed.extend_from_slice(&self.active.id);
        sealed.extend_from_slice(&nonce);
        let (head, _) = sealed.split_at(1 + ID);
        let about = about(head, place);
        let mut body = plain.to_vec();
        self.active
            .key
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(about), &mut body)
            .expect("below 64 GiB");
        sealed.append(&mut body);
        sealed
    }

    /// Opens a value that was sealed for this place. The plain bytes are wiped when dropped.
    ///
    /// # Errors
    /// [`OpenError`]: malformed, unknown key, or changed or moved.
    pub fn open(&self, place: &Place<'_>, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, OpenError> {
        let (head, rest) = sealed.split_at_checked(1 + ID).ok_or(OpenError::Malformed)?;
        let (nonce, body) = rest.split_first_chunk::<NONCE>().ok_or(OpenError::Malformed)?;
        let (&version, id) = head.split_first().ok_or(OpenError::Malformed)?;
        if version != VERSION || body.len() < TAG {
            return Err(OpenError::Malformed);
        }
        let key = self.all().find(|key| key.id == *id).ok_or(OpenError::UnknownKey)?;
        let mut plain = Zeroizing::new(body.to_vec());
        let length = key
            .key
            .open_in_place(
                Nonce::assume_unique_for_key(*nonce),
                Aad::from(about(head, place)),
                &mut plain,
            )
            .ok()
            .ok_or(OpenError::Refused)?
            .len();
        plain.truncate(length);
        Ok(plain)
    }

    /// The id of the key that seals, as it stands in the second to fifth byte of what it sealed.
    pub fn active_id(&self) -> [u8; ID] {
        self.active.id
    }

    /// Whether a value should be sealed again: it was sealed with a key that is no longer the active one.
    pub fn is_stale(&self, sealed: &[u8]) -> bool {
        sealed.get(1..=ID) != Some(self.active.id.as_slice())
    }

    fn all(&self) -> impl Iterator<Item = &SealingKey> {
        std::iter::once(&self.active).chain(&self.retired)
    }
}

/// The associated data: version, key id, and each part of the place with its length, so that no two places look alike.
fn about(head: &[u8], place: &Place<'_>) -> Vec<u8> {
    let mut about = head.to_vec();
    for part in [place.table.as_bytes(), place.column.as_bytes(), place.row] {
        about.extend_from_slice(&(part.len() as u64).to_be_bytes());
        about.extend_from_slice(part);
    }
    about
}

#[cfg(test)]
#[path = "seal_tests.rs"]
mod tests;
