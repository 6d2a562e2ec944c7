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

/// The biometric data block of DG2 as it stands there, with what it is: for whoever compares faces.
///
/// # Errors
/// As [`Portrait::parse`].
pub fn face_block(file: &[u8]) -> Result<(FaceBlock, &[u8]), ChipFileError> {
    if file.len() > ChipFile::MAX_SIZE {
        return Err(ChipFileError::TooLarge);
    }
    let block = record_of(file).ok_or(ChipFileError::Structure)?;
    if block.starts_with(MAGIC) {
        Ok((FaceBlock::Iso19794, block))
    } else if block.first() == Some(&EXTENSIBLE) || block.first() == Some(&FACE_IMAGE_DATA) {
        Ok((FaceBlock::Iso39794, block))
    } else {
        Err(ChipFileError::Structure)
    }
}

/// The two generations of biometric data blocks for faces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaceBlock {
    /// ISO/IEC 19794-5:2005.
    Iso19794,
    /// ISO/IEC 39794-5:2019: recognised and carried, not read here.
    Iso39794,
}

/// How a block of ISO/IEC 39794-5 begins: the wrapper that ICAO 9303-10 sets around it, or `FaceImageDataBlock` itself.
const EXTENSIBLE: u8 = 0xa1;
const FACE_IMAGE_DATA: u8 = 0x65;

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

/// The most bytes of a facial record that travels alone: a camera's portrait is larger than a chip's.
const MAX_RECORD: usize = 1024 * 1024;

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
        Self::of_record(record_of(file).ok_or(ChipFileError::Structure)?)
    }

    /// Reads the portrait out of a facial record (ISO/IEC 19794-5:2005), as it stands inside DG2 or travels alone.
    ///
    /// # Errors
    /// As [`Portrait::parse`].
    pub fn of_record(record: &[u8]) -> Result<Self, ChipFileError> {
        if record.len() > MAX_RECORD {
            return Err(ChipFileError::TooLarge);
        }
        let (header, image) = image_of(record).ok_or(ChipFileError::Structure)?;
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
        let header = [&HEADER_CONTENT[..], &[8]].concat();
        let template = [tlv::write(HEADER, &header), tlv::write(RECORD, &self.to_record())].concat();
        let group = [tlv::write(COUNT, &[1]), tlv::write(TEMPLATE, &template)].concat();
        tlv::write(FILE, &tlv::write(GROUP, &group))
    }

    /// Builds the facial record of this one portrait (ISO/IEC 19794-5:2005).
    pub fn to_record(&self) -> Vec<u8> {
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
        record
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

    /// Width and height of a JPEG 2000 picture, as its own header says (ISO/IEC 15444-1 annex A.5.1 and I.5.3.1). It is
    /// measured, never decoded here. `None` for anything else.
    pub fn size_of_jpeg_2000(image: &[u8]) -> Option<(u32, u32)> {
        let number = |bytes: &[u8], at: usize| -> Option<u32> {
            bytes
                .get(at..)?
                .first_chunk::<4>()
                .map(|four| u32::from_be_bytes(*four))
        };
        if image.starts_with(&[0xff, 0x4f, 0xff, 0x51]) {
            let width = number(image, 8)?.checked_sub(number(image, 16)?)?;
            return Some((width, number(image, 12)?.checked_sub(number(image, 20)?)?));
        }
        let mut rest = image;
        while let (Some(length), Some(kind)) = (number(rest, 0), rest.get(4..8)) {
            // The header box holds the image header first: its length, `ihdr`, height, width.
            if kind == b"jp2h" {
                return Some((number(rest, 20)?, number(rest, 16)?));
            }
            rest = rest.get(usize::try_from(length).ok().filter(|length| *length >= 8)?..)?;
        }
        None
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

#[cfg(test)]
mod tests {
    use super::*;

    fn portrait(image: &[u8]) -> Portrait {
        Portrait {
            format: PortraitFormat::of(image).unwrap(),
            width: 300,
            height: 400,
            image: image.to_vec(),
        }
    }

    #[test]
    fn a_jpeg_2000_portrait_is_recognised_measured_and_carried() {
        let boxed = [
            &b"\0\0\0\x0cjP  \r\n\x87\n\0\0\0\x14ftypjp2 \0\0\0\0jp2 \0\0\0\x2djp2h\0\0\0\x16ihdr"[..],
            &[0, 0, 2, 128, 0, 0, 1, 224],
        ]
        .concat();
        let bare = [
            &[0xff, 0x4f, 0xff, 0x51, 0, 41, 0, 0][..],
            &[0, 0, 1, 244, 0, 0, 2, 88, 0, 0, 0, 20, 0, 0, 0, 0],
        ]
        .concat();

        let read = Portrait::parse(&portrait(&boxed).to_dg2()).unwrap();

        assert_eq!(read, portrait(&boxed));
        assert_eq!(read.format.media_type(), "image/jp2");
        assert_eq!(PortraitFormat::size_of_jpeg_2000(&boxed), Some((480, 640)));
        assert_eq!(PortraitFormat::size_of_jpeg_2000(&bare), Some((480, 600)));
        for end in 0..boxed.len() {
            assert_eq!(PortraitFormat::size_of_jpeg_2000(&boxed[..end]), None);
        }
    }

    #[test]
    fn the_data_block_of_a_portrait_says_which_generation_it_is() {
        let file = portrait(&[0xff, 0xd8, 0xff, 0xe0]).to_dg2();
        let newer = tlv::write(CONSTRUCTED_RECORD, &[0xa1, 2, 0x65, 0]);
        let template = [tlv::write(HEADER, &HEADER_CONTENT), newer].concat();
        let group = [tlv::write(COUNT, &[1]), tlv::write(TEMPLATE, &template)].concat();
        let newer = tlv::write(FILE, &tlv::write(GROUP, &group));

        assert_eq!(face_block(&file).map(|(kind, _)| kind), Ok(FaceBlock::Iso19794));
        assert_eq!(face_block(&newer), Ok((FaceBlock::Iso39794, &[0xa1, 2, 0x65, 0][..])));
        assert_eq!(face_block(&[]), Err(ChipFileError::Structure));
    }
}
