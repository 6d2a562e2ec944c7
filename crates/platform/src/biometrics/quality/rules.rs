//! Measures of a portrait, and the advice that follows from them.

use image::DynamicImage;
use image::imageops::FilterType;
use serde::{Deserialize, Serialize};

/// The longest side at which sharpness is measured, so that it does not depend on the camera.
const MEASURED_AT: u32 = 480;

/// A face is to be so high, in per cent of the picture's height.
const LOWEST_FACE: u32 = 30;
const HIGHEST_FACE: u32 = 78;
/// The middle of the face may be so far from the middle of the picture, in per cent of its side.
const MOST_ASIDE: u32 = 14;
/// The head may lean so far, in degrees.
const MOST_LEANING: u32 = 12;
/// The fewest pixels between chin and forehead.
const FEWEST_PIXELS: u32 = 140;
/// The least mean of the strongest edges: below it nothing has an edge.
const LEAST_SHARP: u32 = 30;
/// The bounds of the mean light, 0 to 255, and the least spread.
const DARKEST: u32 = 70;
const BRIGHTEST: u32 = 238;
const LEAST_CONTRAST: u32 = 18;

/// Where a face is, in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FaceBox {
    /// Left edge.
    pub left: i32,
    /// Upper edge.
    pub top: i32,
    /// Width.
    pub width: u32,
    /// Height.
    pub height: u32,
    /// How far the head leans, in degrees.
    pub roll: i32,
}

/// What was measured of a portrait.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Measured {
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// Mean light, 0 to 255.
    pub light: u32,
    /// Spread of the light, 0 to 127.
    pub contrast: u32,
    /// How strong the strongest edges are, 0 to 255.
    pub sharpness: u32,
    /// The faces that were found.
    pub faces: Vec<FaceBox>,
}

/// What to do better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Advice {
    /// No face was found.
    NoFace,
    /// More than one person is in the picture.
    TwoFaces,
    /// The picture is not of somebody who is there.
    NotLive,
    /// More light.
    Darker,
    /// Less light.
    Brighter,
    /// The picture is pale: light or lens.
    Pale,
    /// Keep still, clean the lens.
    Blurred,
    /// Come closer.
    Closer,
    /// Go back a little.
    Farther,
    /// Bring the face to the middle.
    Aside,
    /// Hold the head straight.
    Leaning,
}

impl Advice {
    /// The last part of its sentence.
    pub fn word(self) -> &'static str {
        match self {
            Advice::NoFace => "no-face",
            Advice::TwoFaces => "two-faces",
            Advice::NotLive => "not-live",
            Advice::Darker => "darker",
            Advice::Brighter => "brighter",
            Advice::Pale => "pale",
            Advice::Blurred => "blurred",
            Advice::Closer => "closer",
            Advice::Farther => "farther",
            Advice::Aside => "aside",
            Advice::Leaning => "leaning",
        }
    }

    /// Its whole sentence.
    pub fn text(self) -> &'static str {
        match self {
            Advice::NoFace => "biometrics-advice-no-face",
            Advice::TwoFaces => "biometrics-advice-two-faces",
            Advice::NotLive => "biometrics-advice-not-live",
            Advice::Darker => "biometrics-advice-darker",
            Advice::Brighter => "biometrics-advice-brighter",
            Advice::Pale => "biometrics-advice-pale",
            Advice::Blurred => "biometrics-advice-blurred",
            Advice::Closer => "biometrics-advice-closer",
            Advice::Farther => "biometrics-advice-farther",
            Advice::Aside => "biometrics-advice-aside",
            Advice::Leaning => "biometrics-advice-leaning",
        }
    }
}

impl Measured {
    pub(super) fn size(&self) -> (u32, u32) {
        (self.width, self.height)
    }

    pub(super) fn with_faces(mut self, faces: &[FaceBox]) -> Self {
        self.faces = faces.to_vec();
        self
    }
}

/// Measures size, light and sharpness; finds no faces.
pub(super) fn measure(picture: &DynamicImage) -> Measured {
    let (width, height) = (picture.width(), picture.height());
    let grey = picture
        .resize(MEASURED_AT, MEASURED_AT, FilterType::Triangle)
        .to_luma8();
    let count = u64::from(grey.width()) * u64::from(grey.height());
    let (sum, squares) = grey.as_raw().iter().fold((0_u64, 0_u64), |(sum, squares), light| {
        let light = u64::from(*light);
        (sum + light, squares + light * light)
    });
    let mean = sum / count.max(1);
    let variance = (squares / count.max(1)).saturating_sub(mean * mean);
    Measured {
        width,
        height,
        light: small(mean),
        contrast: small(variance.isqrt()),
        sharpness: sharpness(&grey),
        faces: Vec::new(),
    }
}

/// The mean of the strongest differences between pixels two apart: one in two hundred.
fn sharpness(grey: &image::GrayImage) -> u32 {
    let mut counts = [0_u64; 256];
    let (mut number, wide) = (0_u64, usize::try_from(grey.width()).unwrap_or(1).max(1));
    for row in grey.as_raw().chunks(wide) {
        for three in row.windows(3) {
            if let (Some(one), Some(other)) = (three.first(), three.last())
                && let Some(count) = counts.get_mut(usize::from(one.abs_diff(*other)))
            {
                *count += 1;
                number += 1;
            }
        }
    }
    let wanted = number / 200 + 1;
    let (mut taken, mut sum) = (0_u64, 0_u64);
    for (strength, count) in (0_u64..).zip(counts).collect::<Vec<_>>().into_iter().rev() {
        let more = count.min(wanted - taken);
        taken += more;
        sum += more * strength;
        if taken == wanted {
            break;
        }
    }
    small(sum / wanted)
}

fn small(value: u64) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}

/// What to do better, the most important first.
pub(super) fn advise(measured: &Measured, not_live: bool) -> Vec<Advice> {
    let mut advice = Vec::new();
    let mut when = |wrong: bool, say: Advice| {
        if wrong {
            advice.push(say);
        }
    };
    when(measured.light < DARKEST, Advice::Darker);
    when(measured.light > BRIGHTEST, Advice::Brighter);
    when(measured.contrast < LEAST_CONTRAST, Advice::Pale);
    when(measured.sharpness < LEAST_SHARP, Advice::Blurred);
    when(not_live, Advice::NotLive);
    match measured.faces.as_slice() {
        [] => when(true, Advice::NoFace),
        [face] => {
            let share = face.height * 100 / measured.height.max(1);
            when(share < LOWEST_FACE || face.height < FEWEST_PIXELS, Advice::Closer);
            when(share > HIGHEST_FACE, Advice::Farther);
            let aside = |from: i32, size: u32, side: u32| {
                let middle = i64::from(from) * 2 + i64::from(size);
                middle.abs_diff(i64::from(side)) * 50 / u64::from(side.max(1)) > u64::from(MOST_ASIDE)
            };
            let off = aside(face.left, face.width, measured.width) || aside(face.top, face.height, measured.height);
            when(off, Advice::Aside);
            when(face.roll.unsigned_abs() > MOST_LEANING, Advice::Leaning);
        }
        _ => when(true, Advice::TwoFaces),
    }
    advice
}
