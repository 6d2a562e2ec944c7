//! DG1: the machine-readable zone (ICAO 9303-10 section 4.7.1).

use super::{ChipFileError, tlv};
use crate::mrz::Td1;

const FILE: u16 = 0x61;
const ZONE: u16 = 0x5f1f;

/// Reads the zone out of DG1.
///
/// # Errors
/// [`ChipFileError::Zone`] when the zone inside is refused, [`ChipFileError::Structure`] for anything that is not DG1.
pub fn parse(file: &[u8]) -> Result<Td1, ChipFileError> {
    let zone = tlv::only(FILE, file)
        .and_then(|content| tlv::only(ZONE, content))
        .ok_or(ChipFileError::Structure)?;
    let text = std::str::from_utf8(zone).map_err(|_bytes| ChipFileError::Text)?;
    Td1::parse(text).map_err(ChipFileError::Zone)
}

/// Builds DG1.
pub fn build(zone: &Td1) -> Vec<u8> {
    tlv::write(FILE, &tlv::write(ZONE, zone.to_text().as_bytes()))
}
