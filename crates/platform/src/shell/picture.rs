//! Pictures of strangers: decoded with limits, turned upright, and made anew without whatever else the file held.

use std::io::Cursor;

use image::codecs::jpeg::JpegEncoder;
use image::imageops::FilterType;
use image::{DynamicImage, ImageDecoder as _, ImageReader, Limits};

/// The longest side that is decoded, in pixels.
const LONGEST_SIDE: u32 = 10_000;
/// The most pixels that are decoded: a small file can claim many.
const MOST_PIXELS: u64 = 50_000_000;
/// The most memory that decoding may take, in bytes.
const MOST_MEMORY: u64 = 256 * 1024 * 1024;

/// Why a picture is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PictureRefusal {
    /// Neither JPEG nor PNG, or damaged.
    #[error("not a picture that can be read")]
    Unreadable,
    /// It would take too much memory.
    #[error("a picture of too many pixels")]
    TooLarge,
    /// Fewer pixels than are needed.
    #[error("a picture of too few pixels")]
    TooSmall,
    /// Hardly any light.
    #[error("a picture that is too dark")]
    TooDark,
    /// Hardly anything but light.
    #[error("a picture that is too bright")]
    TooBright,
    /// Nothing to be seen on it.
    #[error("a picture of one colour")]
    Blank,
}

/// Decodes a JPEG or PNG file and turns it upright as its camera noted.
///
/// Takes time and memory: call it in the workshop.
///
/// # Errors
/// [`PictureRefusal::Unreadable`] or [`PictureRefusal::TooLarge`]. The work is bounded whatever the bytes are.
pub fn decode(file: &[u8]) -> Result<DynamicImage, PictureRefusal> {
    let unreadable = |_error| PictureRefusal::Unreadable;
    let mut limits = Limits::default();
    limits.max_image_width = Some(LONGEST_SIDE);
    limits.max_image_height = Some(LONGEST_SIDE);
    limits.max_alloc = Some(MOST_MEMORY);
    let mut reader = ImageReader::new(Cursor::new(file))
        .with_guessed_format()
        .map_err(|_error| PictureRefusal::Unreadable)?;
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(|error| of_limits(&error))?;
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > MOST_PIXELS {
        return Err(PictureRefusal::TooLarge);
    }
    let orientation = decoder.orientation().map_err(unreadable)?;
    let mut picture = DynamicImage::from_decoder(decoder).map_err(|error| of_limits(&error))?;
    picture.apply_orientation(orientation);
    Ok(picture)
}

fn of_limits(error: &image::ImageError) -> PictureRefusal {
    match error {
        image::ImageError::Limits(_) => PictureRefusal::TooLarge,
        _ => PictureRefusal::Unreadable,
    }
}

/// What a picture must be like, and how large it is kept.
#[derive(Clone, Copy, Debug)]
pub struct Wanted {
    /// The fewest pixels along the shorter side.
    pub shortest: u32,
    /// The most pixels along the longer side, to which a larger one is brought.
    pub longest: u32,
}

/// A picture made anew as JPEG: upright, of bounded size, without metadata. Call it in the workshop.
///
/// # Errors
/// [`PictureRefusal`] with the first thing that is wrong with it.
pub fn renew(file: &[u8], wanted: Wanted) -> Result<Vec<u8>, PictureRefusal> {
    let picture = decode(file)?;
    if picture.width().min(picture.height()) < wanted.shortest {
        return Err(PictureRefusal::TooSmall);
    }
    let picture = if picture.width().max(picture.height()) > wanted.longest {
        picture.resize(wanted.longest, wanted.longest, FilterType::Triangle)
    } else {
        picture
    };
    check_light(&picture)?;
    let mut jpeg = Vec::new();
    JpegEncoder::new_with_quality(&mut jpeg, 88)
        .encode_image(&picture.to_rgb8())
        .map_err(|_error| PictureRefusal::Unreadable)?;
    Ok(jpeg)
}

/// A picture made anew in its own format, upright, of bounded size, and without whatever else the file held; with its media type. Call it in the workshop.
///
/// # Errors
/// [`PictureRefusal::Unreadable`] or [`PictureRefusal::TooLarge`].
pub fn bare(file: &[u8], longest: u32) -> Result<(Vec<u8>, &'static str), PictureRefusal> {
    let picture = decode(file)?;
    let picture = if picture.width().max(picture.height()) > longest {
        picture.resize(longest, longest, FilterType::Triangle)
    } else {
        picture
    };
    let mut bare = Cursor::new(Vec::new());
    let (written, media_type) = if file.starts_with(b"\x89PNG") {
        (picture.write_to(&mut bare, image::ImageFormat::Png), "image/png")
    } else {
        let rgb = DynamicImage::ImageRgb8(picture.into_rgb8());
        (
            rgb.write_with_encoder(JpegEncoder::new_with_quality(&mut bare, 88)),
            "image/jpeg",
        )
    };
    written.map_err(|_error| PictureRefusal::Unreadable)?;
    Ok((bare.into_inner(), media_type))
}

/// Mean and spread of the brightness, 0 to 255.
fn check_light(picture: &DynamicImage) -> Result<(), PictureRefusal> {
    let grey = picture.to_luma8();
    let count = i64::try_from(grey.as_raw().len()).unwrap_or(i64::MAX).max(1);
    let (sum, squares) = grey.as_raw().iter().fold((0_i64, 0_i64), |(sum, squares), &light| {
        let light = i64::from(light);
        (sum + light, squares + light * light)
    });
    let mean = sum / count;
    let variance = squares / count - mean * mean;
    match (mean, variance) {
        (_, ..16) => Err(PictureRefusal::Blank),
        (..30, _) => Err(PictureRefusal::TooDark),
        (241.., _) => Err(PictureRefusal::TooBright),
        _ => Ok(()),
    }
}

/// Width and height of a picture file in pixels; `None` where it is none.
pub fn size(file: &[u8]) -> Option<(u32, u32)> {
    let reader = ImageReader::new(Cursor::new(file)).with_guessed_format().ok()?;
    reader.into_dimensions().ok()
}

#[cfg(test)]
mod tests {
    use image::{GrayImage, ImageFormat, Luma};
    use proptest::prelude::*;

    use super::*;

    const WANTED: Wanted = Wanted {
        shortest: 100,
        longest: 400,
    };

    fn png(width: u32, height: u32, light: impl Fn(u32) -> u8) -> Vec<u8> {
        let picture = GrayImage::from_fn(width, height, |x, _| Luma([light(x)]));
        let mut file = Cursor::new(Vec::new());
        picture.write_to(&mut file, ImageFormat::Png).unwrap();
        file.into_inner()
    }

    fn striped(x: u32) -> u8 {
        if x % 8 < 4 { 60 } else { 200 }
    }

    #[test]
    fn a_large_picture_is_brought_to_size() {
        let file = renew(&png(1200, 800, striped), WANTED).unwrap();

        let renewed = decode(&file).unwrap();
        assert_eq!((renewed.width(), renewed.height()), (400, 267));
    }

    #[test]
    fn what_is_wrong_with_a_picture_is_named() {
        for (file, refusal) in [
            (b"not a picture".to_vec(), PictureRefusal::Unreadable),
            (png(90, 400, striped), PictureRefusal::TooSmall),
            (png(200, 200, |_| 128), PictureRefusal::Blank),
            (
                png(200, 200, |x| if x % 8 == 0 { 90 } else { 2 }),
                PictureRefusal::TooDark,
            ),
            (
                png(200, 200, |x| if x % 8 == 0 { 150 } else { 255 }),
                PictureRefusal::TooBright,
            ),
        ] {
            assert_eq!(renew(&file, WANTED), Err(refusal));
        }
    }

    #[test]
    fn a_decompression_bomb_is_refused_by_what_it_claims() {
        let flat = png(9_900, 9_900, |_| 0);

        assert!(flat.len() < 1_000_000);
        assert_eq!(decode(&flat).map(|_| ()), Err(PictureRefusal::TooLarge));
    }

    proptest! {
        #[test]
        fn no_damage_makes_it_panic(at in 0_usize..2000, byte: u8, end in 0_usize..2000) {
            let mut file = png(120, 120, striped);
            let at = at % file.len();
            file[at] = byte;
            file.truncate(file.len() - end % file.len());

            let _ = renew(&file, WANTED);
        }
    }
}
