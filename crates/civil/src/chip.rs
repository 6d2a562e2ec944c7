//! The chip of the card: its files, and the proof that they are the state's.
//!
//! The chip is an ICAO 9303-10 electronic document: EF.COM lists the data groups, DG1 holds the machine-readable zone, DG2
//! the portrait, DG13 the national data, DG14 and DG15 the keys against cloning, and EF.SOD the signed hashes of them all.
//!
//! | module | what it is for |
//! | --- | --- |
//! | [`com`], [`dg1`], [`dg2`], [`dg13`], [`dg15`] | the files: read and built |
//! | [`sod`] | EF.SOD: what is signed, and how it is put together |
//! | [`trust`] | the country signing certificates that are trusted |
//! | [`authenticity`] | passive authentication (ICAO 9303-11 section 5.1) |
//! | [`active`] | active authentication (ICAO 9303-11 section 6.1) |
//! | [`clones`] | chip authentication, asked by us (section 6.2); EF.CardAccess against DG14 |
//! | [`reader`] | reading a chip: PACE, basic access control, secure messaging |
//!
//! Passive authentication proves that the files were signed by the state and not changed since. It does not prove that
//! they come from the card they were issued to: files can be copied. Active and chip authentication prove that the chip
//! holds a private key whose public half is among the signed files, which no copy does.

pub mod active;
pub mod authenticity;
mod ber;
pub mod clones;
pub mod com;
mod curves;
pub mod dg1;
pub mod dg13;
mod dg14;
pub mod dg15;
pub mod dg2;
mod distinguished;
mod files;
mod identifiers;
pub mod reader;
mod scheme;
mod signed;
pub mod sod;
pub mod tlv;
pub mod trust;

use serde::Serialize;
use thiserror::Error;

pub use active::{ActiveAnswer, Challenge, CloneRefusal, Reading, active_authentication};
pub use authenticity::{Authentic, ChipRefusal, passive_authentication};
pub use com::Com;
pub use dg2::{FaceBlock, Portrait, PortraitFormat, face_block};
pub use dg13::{Dg13, Dg13Field};
pub use files::{ChipFile, ChipFiles, DataGroup};
pub use scheme::SchemeRefusal;
pub use signed::SignedRefusal;
pub use trust::{Imported, MasterListRefusal, RefusedFile, Revocation, TrustError, TrustStore};

use crate::mrz::Td1Error;

/// Why the bytes of a file are not what the file should hold. It never holds the content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ChipFileError {
    /// Longer than any such file is.
    #[error("the file is too large")]
    TooLarge,
    /// Not the objects, tags and lengths that ICAO 9303-10 prescribes.
    #[error("the file does not have the structure of its kind")]
    Structure,
    /// A text that is not UTF-8.
    #[error("the file has text that is not UTF-8")]
    Text,
    /// A field that stands in the file twice.
    #[error("the file has a field twice")]
    Duplicate,
    /// The machine-readable zone inside is refused.
    #[error("the machine-readable zone is refused: {0}")]
    Zone(Td1Error),
    /// The picture is neither JPEG nor JPEG 2000.
    #[error("the portrait is neither JPEG nor JPEG 2000")]
    PictureFormat,
}

#[cfg(test)]
mod tampered;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
