//! Finds the faces that this nation draws: a pair of dark pupils in white eyes, level, with skin between and below.
//!
//! It knows nothing of photographs of people: on those it finds no face, or by rare chance a wrong one.

use std::io::Cursor;

use image::imageops::{FilterType, resize};
use image::{ImageReader, Limits, Rgb, RgbImage};

use super::wire::FaceBox;
use crate::picture::mark::Mark;

/// The longest side at which faces are looked for.
const LOOKED_AT: u32 = 480;
/// The largest picture that is read, in pixels along a side.
const LARGEST: u32 = 6000;
/// Between the pupils of a drawn face, where they stand in a portrait of 300 by 400, and the middle and size of the face.
const APART: f32 = 62.0;
const EYES: [f32; 2] = [150.0, 182.0];
const FACE: [f32; 4] = [74.0, 80.0, 152.0, 196.0];
/// So many places that may be eyes are looked at.
const MOST_SPOTS: usize = 3000;

/// A picture of strangers, read.
pub(super) struct Scene {
    picture: RgbImage,
    /// Pixels of the file for one pixel here.
    reduced: f32,
    /// The size of the file's picture.
    pub(super) size: [u32; 2],
    brightest: f32,
}

/// A face: the middle between its pupils, and the arrow from that middle to the left pupil.
#[derive(Clone, Copy)]
pub(super) struct Face {
    middle: [f32; 2],
    arrow: [f32; 2],
}

#[derive(Clone, Copy)]
struct Spot {
    at: [f32; 2],
    scale: f32,
}

impl Scene {
    pub(super) fn read(file: &[u8]) -> Option<Self> {
        let mut limits = Limits::default();
        limits.max_image_width = Some(LARGEST);
        limits.max_image_height = Some(LARGEST);
        let mut reader = ImageReader::new(Cursor::new(file)).with_guessed_format().ok()?;
        reader.limits(limits);
        let full = reader.decode().ok()?.to_rgb8();
        let (wide, high) = full.dimensions();
        let longest = wide.max(high).max(1);
        let side = |side: u32| (side * LOOKED_AT / longest).max(1);
        let picture = resize(&full, side(wide), side(high), FilterType::Triangle);
        let brightest = picture.pixels().copied().map(light).fold(1.0, f32::max);
        Some(Self {
            picture,
            reduced: small(longest) / small(LOOKED_AT),
            size: [wide, high],
            brightest,
        })
    }

    fn at(&self, [x, y]: [f32; 2]) -> Option<Rgb<u8>> {
        self.picture.get_pixel_checked(whole(x)?, whole(y)?).copied()
    }

    fn is_dark(&self, at: [f32; 2]) -> bool {
        self.at(at).is_some_and(|pixel| light(pixel) < 0.45 * self.brightest)
    }

    fn is_white(&self, at: [f32; 2]) -> bool {
        self.at(at)
            .is_some_and(|pixel| light(pixel) > 0.62 * self.brightest && colourful(pixel) < 0.22)
    }

    fn is_skin(&self, at: [f32; 2]) -> bool {
        self.at(at).is_some_and(|pixel| {
            let Rgb([red, green, blue]) = pixel;
            red > green && green > blue && (0.15..0.6).contains(&colourful(pixel))
        })
    }

    /// The faces, from left to right.
    pub(super) fn faces(&self) -> Vec<Face> {
        let spots = self.spots();
        let mut groups: Vec<(Face, f32)> = Vec::new();
        for (at, left) in spots.iter().enumerate() {
            for right in spots.iter().skip(at + 1) {
                let Some(face) = self.face_of(*left, *right) else {
                    continue;
                };
                let near = groups.iter_mut().find(|(other, _)| other.is_near(&face));
                match near {
                    Some((group, count)) => {
                        group.take_in(&face, *count);
                        *count += 1.0;
                    }
                    None => groups.push((face, 1.0)),
                }
            }
        }
        groups.sort_by(|(_, one), (_, other)| other.total_cmp(one));
        let mut faces: Vec<Face> = Vec::new();
        for (face, _) in groups {
            // Rims and brows inside a face are no second one.
            if !faces.iter().any(|stronger| stronger.covers(&face)) {
                faces.push(self.centred(face));
            }
        }
        faces.sort_by(|one, other| one.middle[0].total_cmp(&other.middle[0]));
        faces
    }

    fn spots(&self) -> Vec<Spot> {
        let scales: Vec<f32> = (0..24_u8).map(|step| 0.22 * 1.12_f32.powi(i32::from(step))).collect();
        let mut spots = Vec::new();
        for (column, row, pixel) in self.picture.enumerate_pixels() {
            if light(*pixel) > 0.45 * self.brightest {
                continue;
            }
            let at = [small(column), small(row)];
            spots.extend(
                scales
                    .iter()
                    .filter(|scale| self.is_eye(at, **scale))
                    .map(|scale| Spot { at, scale: *scale }),
            );
        }
        let step = spots.len().div_ceil(MOST_SPOTS).max(1);
        spots.into_iter().step_by(step).collect()
    }

    fn is_eye(&self, [x, y]: [f32; 2], scale: f32) -> bool {
        self.is_white([x - 9.5 * scale, y])
            && self.is_white([x + 9.5 * scale, y])
            && self.is_dark([x - 3.0 * scale, y])
            && self.is_dark([x + 3.0 * scale, y])
            && self.is_skin([x, y + 12.5 * scale])
    }

    fn face_of(&self, one: Spot, other: Spot) -> Option<Face> {
        let (left, right) = if one.at[0] < other.at[0] {
            (one, other)
        } else {
            (other, one)
        };
        let (across, down) = (right.at[0] - left.at[0], right.at[1] - left.at[1]);
        let scale = across.hypot(down) / APART;
        let fits = |spot: Spot| (0.75..1.33).contains(&(spot.scale / scale));
        if down.abs() > 0.3 * across || !fits(left) || !fits(right) {
            return None;
        }
        let face = Face {
            middle: [
                f32::midpoint(left.at[0], right.at[0]),
                f32::midpoint(left.at[1], right.at[1]),
            ],
            arrow: [-across / 2.0, -down / 2.0],
        };
        let skin = [[142.0, 200.0], [106.0, 216.0], [194.0, 216.0]];
        skin.iter()
            .all(|place| self.is_skin(face.place(*place)))
            .then_some(face)
    }

    /// The same face with its pupils at the middle of what is dark around them.
    fn centred(&self, face: Face) -> Face {
        let scale = face.scale();
        let centre = |side: f32| {
            let from = [
                face.middle[0] + side * face.arrow[0],
                face.middle[1] + side * face.arrow[1],
            ];
            let (mut sum, mut count) = ([0.0_f32, 0.0], 0.0_f32);
            for step in 0..225_u16 {
                let (right, down) = (f32::from(step % 15) - 7.0, f32::from(step / 15) - 7.0);
                let place = [from[0] + right * scale, from[1] + down * scale];
                if right.hypot(down) <= 7.0 && self.is_dark(place) {
                    sum = [sum[0] + place[0], sum[1] + place[1]];
                    count += 1.0;
                }
            }
            if count == 0.0 {
                from
            } else {
                [sum[0] / count, sum[1] / count]
            }
        };
        let (left, right) = (centre(1.0), centre(-1.0));
        Face {
            middle: [f32::midpoint(left[0], right[0]), f32::midpoint(left[1], right[1])],
            arrow: [(left[0] - right[0]) / 2.0, (left[1] - right[1]) / 2.0],
        }
    }

    /// Whose face it is, by the mark on the clothes.
    pub(super) fn mark_of(&self, face: &Face) -> Option<Mark> {
        Mark::read(|x, y| self.at(face.place([x, y])).map(light))
    }

    /// Whose print it is: the mark stands where the frame says.
    pub(super) fn mark_of_print(&self) -> Option<Mark> {
        let (wide, high) = self.picture.dimensions();
        let (across, down) = (small(wide) / 300.0, small(high) / 400.0);
        if !(0.96..1.04).contains(&(across / down)) {
            return None;
        }
        Mark::read(|x, y| self.at([x * across, y * down]).map(light))
    }

    pub(super) fn box_of(&self, face: &Face) -> FaceBox {
        let reach = self.reduced * face.scale();
        let [left, top, width, height] = FACE;
        let middle = face.place([left + width / 2.0, top + height / 2.0]);
        let edge = |middle: f32, size: f32| signed(middle * self.reduced - size * reach / 2.0);
        FaceBox {
            left: edge(middle[0], width),
            top: edge(middle[1], height),
            width: whole(width * reach).unwrap_or(0),
            height: whole(height * reach).unwrap_or(0),
            roll: signed((-face.arrow[1]).atan2(-face.arrow[0]).to_degrees()),
        }
    }
}

impl Face {
    fn scale(&self) -> f32 {
        2.0 * self.arrow[0].hypot(self.arrow[1]) / APART
    }

    /// Where a place of a portrait of 300 by 400 lies.
    fn place(&self, [x, y]: [f32; 2]) -> [f32; 2] {
        let right = [-self.arrow[0] * 2.0 / APART, -self.arrow[1] * 2.0 / APART];
        let (across, down) = (x - EYES[0], y - EYES[1]);
        [
            self.middle[0] + across * right[0] - down * right[1],
            self.middle[1] + across * right[1] + down * right[0],
        ]
    }

    fn is_near(&self, other: &Self) -> bool {
        let apart = (self.middle[0] - other.middle[0]).hypot(self.middle[1] - other.middle[1]);
        apart < 40.0 * self.scale().max(other.scale())
    }

    fn covers(&self, other: &Self) -> bool {
        let apart = (self.middle[0] - other.middle[0]).hypot(self.middle[1] - other.middle[1]);
        apart < 100.0 * self.scale()
    }

    /// Becomes the mean of so many faces and one more.
    fn take_in(&mut self, other: &Self, count: f32) {
        let mean = |own: f32, new: f32| (own * count + new) / (count + 1.0);
        self.middle = [
            mean(self.middle[0], other.middle[0]),
            mean(self.middle[1], other.middle[1]),
        ];
        self.arrow = [mean(self.arrow[0], other.arrow[0]), mean(self.arrow[1], other.arrow[1])];
    }
}

fn light(Rgb([red, green, blue]): Rgb<u8>) -> f32 {
    0.299 * f32::from(red) + 0.587 * f32::from(green) + 0.114 * f32::from(blue)
}

/// 0 for grey, 1 for a pure colour.
fn colourful(Rgb(parts): Rgb<u8>) -> f32 {
    let (most, least) = parts
        .iter()
        .fold((0, 255), |(most, least), part| (most.max(*part), least.min(*part)));
    f32::from(most - least.min(most)) / f32::from(most.max(1))
}

fn small(value: u32) -> f32 {
    f32::from(u16::try_from(value).unwrap_or(u16::MAX))
}

#[expect(clippy::cast_possible_truncation, reason = "a float cast saturates")]
fn signed(value: f32) -> i32 {
    value.round() as i32
}

/// The pixel that a coordinate lies in; none left of or above the picture.
fn whole(value: f32) -> Option<u32> {
    u32::try_from(signed(value)).ok()
}
