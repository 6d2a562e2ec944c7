//! A finger image record (ISO/IEC 19794-4:2005) with one view of one finger, as it travels to whoever compares fingers.

use thiserror::Error;

/// Which finger, by the codes of ISO/IEC 19794-4 table 6: 1 to 5 the right hand from the thumb on, 6 to 10 the left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Finger(u8);

impl Finger {
    /// The right index finger, which the counter takes.
    pub const RIGHT_INDEX: Self = Self(2);
    /// The left index finger, which the counter takes.
    pub const LEFT_INDEX: Self = Self(7);

    /// The finger of a code; `None` outside 1 to 10.
    pub fn new(code: u8) -> Option<Self> {
        (1..=10).contains(&code).then_some(Self(code))
    }

    /// Its code.
    pub fn code(self) -> u8 {
        self.0
    }
}

/// How the picture of a finger is compressed (table 3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FingerFormat {
    /// Wavelet scalar quantisation, as police systems keep prints.
    Wsq,
    /// JPEG.
    Jpeg,
    /// PNG.
    Png,
}

/// One picture of one finger.
#[derive(Clone, PartialEq, Eq)]
pub struct FingerImage {
    /// Which finger.
    pub finger: Finger,
    /// What the picture is.
    pub format: FingerFormat,
    /// Width in pixels.
    pub width: u16,
    /// Height in pixels.
    pub height: u16,
    /// The picture file.
    pub image: Vec<u8>,
}

/// Why bytes are no finger image record that is read here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum FingerError {
    /// Larger than [`FingerImage::MAX_SIZE`].
    #[error("the record is too large")]
    TooLarge,
    /// Not such a record.
    #[error("not a finger image record")]
    Structure,
    /// Compressed in a way that is not read.
    #[error("a compression that is not read")]
    Format,
}

/// `FIR`, version `010`.
const MAGIC: &[u8; 8] = b"FIR\x00010\x00";
const RECORD_HEADER: usize = 32;
const VIEW_HEADER: usize = 14;
/// Live-scan plain.
const IMPRESSION: u8 = 0;

impl FingerImage {
    /// The most bytes that a record may have.
    pub const MAX_SIZE: usize = 1024 * 1024;

    /// Builds the record. The resolution is said to be 500 pixels an inch, at which scanners take prints.
    pub fn to_record(&self) -> Vec<u8> {
        let view = VIEW_HEADER + self.image.len();
        let mut record = MAGIC.to_vec();
        record.extend([0, 0]);
        record.extend(four_bytes(RECORD_HEADER + view));
        record.extend([0, 0, 0, 31, 1, 1]);
        (0..4).for_each(|_| record.extend(500_u16.to_be_bytes()));
        record.extend([8, self.format.code(), 0, 0]);
        record.extend(four_bytes(view));
        record.extend([self.finger.0, 1, 1, 254, IMPRESSION]);
        record.extend(self.width.to_be_bytes());
        record.extend(self.height.to_be_bytes());
        record.push(0);
        record.extend(&self.image);
        record
    }

    /// Reads the first view of a record.
    ///
    /// # Errors
    /// [`FingerError`].
    pub fn of_record(record: &[u8]) -> Result<Self, FingerError> {
        if record.len() > Self::MAX_SIZE {
            return Err(FingerError::TooLarge);
        }
        let (header, views) = record
            .split_at_checked(RECORD_HEADER)
            .filter(|(header, _)| header.starts_with(MAGIC))
            .ok_or(FingerError::Structure)?;
        let format = header.get(29).copied().and_then(FingerFormat::of_code);
        Self::of_view(views, format.ok_or(FingerError::Format)?).ok_or(FingerError::Structure)
    }

    fn of_view(views: &[u8], format: FingerFormat) -> Option<Self> {
        let length = u32::from_be_bytes(*views.first_chunk::<4>()?);
        let view = views.get(..usize::try_from(length).ok()?)?;
        let &[_, _, _, _, finger, _, _, _, _, w1, w2, h1, h2, _] = view.first_chunk::<VIEW_HEADER>()?;
        Some(Self {
            finger: Finger::new(finger)?,
            format,
            width: u16::from_be_bytes([w1, w2]),
            height: u16::from_be_bytes([h1, h2]),
            image: view.get(VIEW_HEADER..)?.to_vec(),
        })
    }
}

impl FingerFormat {
    fn code(self) -> u8 {
        match self {
            Self::Wsq => 2,
            Self::Jpeg => 3,
            Self::Png => 5,
        }
    }

    fn of_code(code: u8) -> Option<Self> {
        [Self::Wsq, Self::Jpeg, Self::Png]
            .into_iter()
            .find(|format| format.code() == code)
    }

    /// What picture bytes are by their first bytes.
    pub fn of(image: &[u8]) -> Option<Self> {
        if image.starts_with(&[0xff, 0xd8, 0xff]) {
            Some(Self::Jpeg)
        } else if image.starts_with(&[0x89, b'P', b'N', b'G']) {
            Some(Self::Png)
        } else if image.starts_with(&[0xff, 0xa0]) {
            Some(Self::Wsq)
        } else {
            None
        }
    }
}

impl std::fmt::Debug for FingerImage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            finger,
            format,
            width,
            height,
            image,
        } = self;
        write!(
            f,
            "FingerImage({}, {format:?}, {width} × {height}, {} bytes)",
            finger.0,
            image.len()
        )
    }
}

/// A length that [`FingerImage::MAX_SIZE`] keeps far from four bytes' end.
fn four_bytes(length: usize) -> [u8; 4] {
    u32::try_from(length).unwrap_or(u32::MAX).to_be_bytes()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn image() -> FingerImage {
        FingerImage {
            finger: Finger::LEFT_INDEX,
            format: FingerFormat::Png,
            width: 300,
            height: 400,
            image: vec![0x89, b'P', b'N', b'G', 1, 2, 3],
        }
    }

    #[test]
    fn a_record_of_a_finger_is_read_as_it_was_written() {
        let record = image().to_record();

        assert_eq!(record.len(), 32 + 14 + 7);
        assert_eq!(record.get(8..14), Some(&[0, 0, 0, 0, 0, 53][..]));
        assert_eq!(FingerImage::of_record(&record), Ok(image()));
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_reader_of_fingers_panic(mut bytes in proptest::collection::vec(any::<u8>(), 0..80), magic: bool) {
            if magic {
                bytes.splice(0..bytes.len().min(8), *MAGIC);
            }
            let _ = FingerImage::of_record(&bytes);
        }
    }
}
