//! A video for the browser's camera.

use std::iter;

use image::imageops::{FilterType, overlay, resize};
use image::{DynamicImage, Rgb, RgbImage};

/// The size of a camera's picture.
#[derive(Clone, Copy, Debug)]
pub enum Frame {
    /// 640 × 480
    Small,
    /// 1280 × 720
    Wide,
}

/// What stands around the picture.
const TABLE: Rgb<u8> = Rgb([150, 150, 150]);

/// A video (YUV4MPEG2, 4:2:0, full range, ten frames a second) of a picture that lies still in the middle of the frame.
///
/// The picture is made to fit with a margin; it keeps its proportions.
pub fn y4m(picture: &DynamicImage, frame: Frame, frames: usize) -> Vec<u8> {
    let (width, height) = frame.size();
    let fitted = picture
        .resize(width * 9 / 10, height * 9 / 10, FilterType::Triangle)
        .to_rgb8();
    let mut scene = RgbImage::from_pixel(width, height, TABLE);
    let (left, top) = ((width - fitted.width()) / 2, (height - fitted.height()) / 2);
    overlay(&mut scene, &fitted, left.into(), top.into());

    let halved = resize(&scene, width / 2, height / 2, FilterType::Triangle);
    let planes = iter::empty()
        .chain(scene.pixels().map(|pixel| mix(*pixel, [77, 150, 29], 0)))
        .chain(halved.pixels().map(|pixel| mix(*pixel, [-43, -85, 128], 128)))
        .chain(halved.pixels().map(|pixel| mix(*pixel, [128, -107, -21], 128)));
    let mut one = b"FRAME\n".to_vec();
    one.extend(planes);
    let mut video = format!("YUV4MPEG2 W{width} H{height} F10:1 Ip A1:1 C420jpeg\n").into_bytes();
    video.extend(iter::repeat_n(one, frames).flatten());
    video
}

impl Frame {
    fn size(self) -> (u32, u32) {
        match self {
            Frame::Small => (640, 480),
            Frame::Wide => (1280, 720),
        }
    }
}

/// One sample of a plane: the weights are in 1/256 (ITU-T T.871, clause 7).
fn mix(pixel: Rgb<u8>, weights: [i32; 3], base: i32) -> u8 {
    let sum: i32 = pixel
        .0
        .iter()
        .zip(weights)
        .map(|(value, weight)| i32::from(*value) * weight)
        .sum();
    u8::try_from((base + (sum + 128).div_euclid(256)).clamp(0, 255)).unwrap_or(u8::MAX)
}
