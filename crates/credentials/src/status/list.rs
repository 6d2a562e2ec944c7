//! The bits.

use serde::Serialize;

use crate::zlib::{self, ZlibError};

/// The longest list that is read, inflated, in bytes: two million statuses of 8 bits, eight million of 2.
pub const MAX_LIST: usize = 2 * 1024 * 1024;

/// What a list says of a credential (draft section 7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// 0: nothing is against it.
    Valid,
    /// 1: revoked for ever (*thu hồi*).
    Invalid,
    /// 2: locked for the time being (*khóa*).
    Suspended,
    /// Any other value: what it means is between others; here it is never as good as valid.
    Other(u8),
}

impl Status {
    /// The status of a value.
    pub const fn from_value(value: u8) -> Self {
        match value {
            0 => Self::Valid,
            1 => Self::Invalid,
            2 => Self::Suspended,
            other => Self::Other(other),
        }
    }

    /// The value of a status.
    pub const fn value(self) -> u8 {
        match self {
            Self::Valid => 0,
            Self::Invalid => 1,
            Self::Suspended => 2,
            Self::Other(other) => other,
        }
    }
}

/// The index is beyond the list, or the status does not fit into its bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no such place in the status list")]
pub struct OutOfRange;

/// One status for each of a number of credentials (draft section 4.1): 1, 2, 4 or 8 bits each, the first in the lowest
/// bits of the first byte.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusList {
    bits: u8,
    bytes: Vec<u8>,
}

impl StatusList {
    /// A list of at least `size` statuses of two bits, all valid. Its size is rounded up to a multiple of four.
    pub fn new(size: u32) -> Self {
        let bytes = usize::try_from(size.div_ceil(4)).unwrap_or(MAX_LIST);
        Self {
            bits: 2,
            bytes: vec![0; bytes],
        }
    }

    /// A list from its bytes, not compressed; `None` if there are no such bits.
    pub fn from_bytes(bits: u8, bytes: Vec<u8>) -> Option<Self> {
        matches!(bits, 1 | 2 | 4 | 8).then_some(Self { bits, bytes })
    }

    /// The bits of one status.
    pub fn bits(&self) -> u8 {
        self.bits
    }

    /// The number of statuses.
    pub fn size(&self) -> u64 {
        u64::try_from(self.bytes.len()).unwrap_or(u64::MAX) * self.per_byte()
    }

    /// The status at an index; `None` beyond the end, which says nothing and must not be taken for valid.
    pub fn get(&self, index: u64) -> Option<Status> {
        let (byte, shift) = self.place(index);
        let byte = self.bytes.get(byte)?;
        Some(Status::from_value((byte >> shift) & self.mask()))
    }

    /// Sets the status at an index.
    ///
    /// # Errors
    /// [`OutOfRange`].
    pub fn set(&mut self, index: u64, status: Status) -> Result<(), OutOfRange> {
        let (byte, shift) = self.place(index);
        let mask = self.mask();
        let value = status.value();
        let byte = self.bytes.get_mut(byte).ok_or(OutOfRange)?;
        if value & !mask != 0 {
            return Err(OutOfRange);
        }
        *byte = (*byte & !(mask << shift)) | (value << shift);
        Ok(())
    }

    /// The list compressed (ZLIB, draft section 4.1).
    pub(super) fn deflate(&self) -> Vec<u8> {
        zlib::deflate(&self.bytes)
    }

    /// Reads a compressed list. `None` if there are no such bits.
    pub(super) fn inflate(bits: u8, compressed: &[u8]) -> Result<Option<Self>, ZlibError> {
        zlib::inflate(compressed, MAX_LIST).map(|bytes| Self::from_bytes(bits, bytes))
    }

    #[cfg(test)]
    pub(super) fn bytes_len(&self) -> usize {
        self.bytes.len()
    }

    fn per_byte(&self) -> u64 {
        u64::from(8 / self.bits)
    }

    fn mask(&self) -> u8 {
        u8::MAX >> (8 - self.bits)
    }

    fn place(&self, index: u64) -> (usize, u8) {
        let byte = usize::try_from(index / self.per_byte()).unwrap_or(usize::MAX);
        let within = u8::try_from(index % self.per_byte()).unwrap_or(0);
        (byte, within * self.bits)
    }
}
