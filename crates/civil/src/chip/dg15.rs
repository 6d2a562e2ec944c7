//! DG15: the public key of active authentication (ICAO 9303-10 section 4.7.15).

use der::{Decode, Encode};
use x509_cert::spki::SubjectPublicKeyInfoOwned;

use super::{ChipFile, ChipFileError, tlv};

const FILE: u16 = 0x6f;

/// Reads the key out of DG15.
///
/// # Errors
/// [`ChipFileError::Structure`] for anything that is not DG15, [`ChipFileError::TooLarge`] above [`ChipFile::MAX_SIZE`].
pub(super) fn parse(file: &[u8]) -> Result<SubjectPublicKeyInfoOwned, ChipFileError> {
    if file.len() > ChipFile::MAX_SIZE {
        return Err(ChipFileError::TooLarge);
    }
    tlv::only(FILE, file)
        .filter(|key| tlv::is_modest(key))
        .and_then(|key| SubjectPublicKeyInfoOwned::from_der(key).ok())
        .ok_or(ChipFileError::Structure)
}

/// Builds DG15 from a `SubjectPublicKeyInfo` in DER.
///
/// # Errors
/// [`ChipFileError::Structure`] when that is none.
pub fn build(key: &[u8]) -> Result<Vec<u8>, ChipFileError> {
    let key = SubjectPublicKeyInfoOwned::from_der(key).and_then(|key| key.to_der());
    key.map(|key| tlv::write(FILE, &key))
        .map_err(|_error| ChipFileError::Structure)
}
