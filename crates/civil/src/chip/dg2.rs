//! DG2: the portrait (ICAO 9303-10 section 4.7.2, ISO/IEC 19794-5:2005).

use std::fmt;

use super::{ChipFile, ChipFileError, tlv};

/// The portrait of the chip: the first face of its first record. `Debug` shows only format and size.
#[derive(Clone, PartialEq, Eq)]
pub struct Portrait {
    /// What the image bytes are.
    pub format: PortraitFormat,
    /// Width in pixels, as the record says.
    pub width: u16,
    /// Height in pixels, as the record says.
    pub height: u16,
    /// The picture file as it stands on the chip. It comes from outside: decode it with limits.
    pub image: Vec<u8>,
}

/// The two formats of ISO/IEC 19794-5.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PortraitFormat {
    /// JPEG.
    Jpeg,
    /// JPEG 2000, as file or bare code stream.
    Jpeg2000,
}

const FILE: u16 = 0x75;
const GROUP: u16 = 0x7f61;
const COUNT: u16 = 0x02;
const TEMPLATE: u16 = 0x7f60;
const HEADER: u16 = 0xa1;
const RECORD: u16 = 0x5f2e;
const CONSTRUCTED_RECORD: u16 = 0x7f2e;

/// Type of biometric: facial features; owner and type of format: ISO/IEC JTC 1/SC 37, 8 (ICAO 9303-10 table 43).
const HEADER_CONTENT: [u8; 14] = [0x80, 2, 1, 1, 0x81, 1, 2, 0x87, 2, 1, 1, 0x88, 2, 0];

/// `FAC`, version `010`, as ISO/IEC 19794-5 section 5.4 begins.
const MAGIC: &[u8; 8] = b"FAC\x00010\x00";
const RECORD_HEADER: usize = 14;
const FACE_HEADER: usize = 20;
const FEATURE_POINT: usize = 8;
const IMAGE_HEADER: usize = 12;

impl Portrait {
    /// Reads the portrait out of DG2.
    ///
    /// # Errors
    /// [`ChipFileError::PictureFormat`] when the picture is of neither format, [`ChipFileError::Structure`] for anything
    /// that is not DG2, [`ChipFileError::TooLarge`] above [`ChipFile::MAX_SIZE`].
    pub fn parse(file: &[u8]) -> Result<Self, ChipFileError> {
        if file.len() > ChipFile::MAX_SIZE {
            return Err(ChipFileError::TooLarge);
        }
        let (header, image) = record_of(file).and_then(image_of).ok_or(ChipFileError::Structure)?;
        let &[_, _, w1, w2, h1, h2, ..] = header else {
            return Err(ChipFileError::Structure);
        };
        Ok(Self {
            format: PortraitFormat::of(image).ok_or(ChipFileError::PictureFormat)?,
            width: u16::from_be_bytes([w1, w2]),
            height: u16::from_be_bytes([h1, h2]),
            image: image.to_vec(),
        })
    }

    /// Builds DG2 with this one portrait.
    pub fn to_dg2(&self) -> Vec<u8> {
        let face_length = FACE_HEADER + IMAGE_HEADER + self.image.len();
        let data_type = u8::from(self.format == PortraitFormat::Jpeg2000);
        let mut record = MAGIC.to_vec();
        record.extend(four_bytes(RECORD_HEADER + face_length));
        record.extend([0, 1]);
        record.extend(four_bytes(face_length));
        record.extend([0; FACE_HEADER - 4]);
        // Full frontal, the data type, the size, 24-bit RGB, and nothing said of the camera.
        record.extend([1, data_type]);
        record.extend(self.width.to_be_bytes());
        record.extend(self.height.to_be_bytes());
        record.extend([1, 0, 0, 0, 0, 0]);
        record.extend(&self.image);
        let header = [&HEADER_CONTENT[..], &[8]].concat();
        let template = [tlv::write(HEADER, &header), tlv::write(RECORD, &record)].concat();
        let group = [tlv::write(COUNT, &[1]), tlv::write(TEMPLATE, &template)].concat();
        tlv::write(FILE, &tlv::write(GROUP, &group))
    }
}

impl PortraitFormat {
    /// What picture bytes are by their first bytes, whatever a record says of them.
    pub fn of(image: &[u8]) -> Option<Self> {
        if image.starts_with(&[0xff, 0xd8, 0xff]) {
            Some(Self::Jpeg)
        } else if image.starts_with(b"\0\0\0\x0cjP  ") || image.starts_with(&[0xff, 0x4f, 0xff, 0x51]) {
            Some(Self::Jpeg2000)
        } else {
            None
        }
    }

    /// The media type: `image/jpeg` or `image/jp2`.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Jpeg2000 => "image/jp2",
        }
    }
}

impl fmt::Debug for Portrait {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Portrait({:?}, {} × {}, {} bytes)",
            self.format,
            self.width,
            self.height,
            self.image.len()
        )
    }
}

fn record_of(file: &[u8]) -> Option<&[u8]> {
    let group = tlv::only(GROUP, tlv::only(FILE, file)?)?;
    let template = tlv::find(TEMPLATE, group)?;
    tlv::find(RECORD, template).or_else(|| tlv::find(CONSTRUCTED_RECORD, template))
}

/// The image header and the picture of the first face of a facial record.
fn image_of(record: &[u8]) -> Option<(&[u8], &[u8])> {
    let (header, faces) = record.split_at_checked(RECORD_HEADER)?;
    let length = faces.first_chunk::<4>().map(|bytes| u32::from_be_bytes(*bytes))?;
    let face = faces
        .get(..usize::try_from(length).ok()?)
        .filter(|_| header.starts_with(MAGIC))?;
    let points = u16::from_be_bytes([*face.get(4)?, *face.get(5)?]);
    let at = FACE_HEADER + usize::from(points) * FEATURE_POINT;
    face.get(at..)?.split_at_checked(IMAGE_HEADER)
}

/// A length that [`ChipFile::MAX_SIZE`] keeps far from four bytes' end.
fn four_bytes(length: usize) -> [u8; 4] {
    u32::try_from(length).unwrap_or(u32::MAX).to_be_bytes()
}
