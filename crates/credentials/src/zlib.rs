//! ZLIB (RFC 1950) of strangers, inflated within bounds.

use std::io::{Read as _, Write as _};

use flate2::Compression;
use flate2::bufread::ZlibDecoder;
use flate2::write::ZlibEncoder;

/// The bytes are not one whole ZLIB stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ZlibError {
    /// Not ZLIB, cut off, corrupt, or followed by further bytes.
    #[error("not a ZLIB stream")]
    Malformed,
    /// It would inflate to more than may be.
    #[error("compressed data is too large")]
    TooLarge,
}

/// Compresses as far as it goes.
pub(crate) fn deflate(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    // The one error there is comes from the writer, and memory takes everything.
    encoder.write_all(bytes).ok();
    encoder.finish().unwrap_or_default()
}

/// Inflates to at most `max` bytes; no more than that is ever held.
pub(crate) fn inflate(bytes: &[u8], max: usize) -> Result<Vec<u8>, ZlibError> {
    let mut decoder = ZlibDecoder::new(bytes);
    let mut inflated = Vec::new();
    let limit = u64::try_from(max).unwrap_or(u64::MAX).saturating_add(1);
    decoder
        .by_ref()
        .take(limit)
        .read_to_end(&mut inflated)
        .ok()
        .ok_or(ZlibError::Malformed)?;
    if inflated.len() > max {
        return Err(ZlibError::TooLarge);
    }
    if decoder.into_inner().is_empty() {
        Ok(inflated)
    } else {
        Err(ZlibError::Malformed)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_bomb_is_refused_before_it_goes_off() {
        let bomb = deflate(&vec![0; 50_000_000]);
        assert!(bomb.len() < 60_000);

        assert_eq!(inflate(&bomb, 1000), Err(ZlibError::TooLarge));
    }

    #[test]
    fn a_stream_that_is_cut_off_corrupt_or_followed_by_more_is_refused() {
        let whole = deflate(b"whole");

        assert_eq!(inflate(&whole, 5), Ok(b"whole".to_vec()));
        assert_eq!(inflate(&whole, 4), Err(ZlibError::TooLarge));
        for end in 0..whole.len() {
            assert_eq!(inflate(&whole[..end], 1000), Err(ZlibError::Malformed), "{end}");
        }
        assert_eq!(inflate(&[&whole[..], &[0]].concat(), 1000), Err(ZlibError::Malformed));
        let mut corrupt = whole.clone();
        *corrupt.last_mut().unwrap() ^= 1;
        assert_eq!(inflate(&corrupt, 1000), Err(ZlibError::Malformed));
    }

    proptest! {
        #[test]
        fn bytes_survive(bytes: Vec<u8>) {
            prop_assert_eq!(inflate(&deflate(&bytes), bytes.len()), Ok(bytes));
        }

        #[test]
        fn any_bytes_are_answered(bytes: Vec<u8>) {
            let _ = inflate(&bytes, 10_000);
        }
    }
}
