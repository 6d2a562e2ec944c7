//! A small drawing surface: shapes by their signed distance, and text.

use ab_glyph::{Font, FontRef, GlyphId, PxScale, ScaleFont, point};
use image::{Rgb, RgbImage};

/// A colour, red, green, blue.
pub(super) type Colour = [u8; 3];

/// Distance from a shape's edge in pixels: negative inside.
pub(super) trait Shape {
    /// The rectangle outside which nothing is drawn: left, top, right, bottom.
    fn bounds(&self) -> [f32; 4];
    fn distance(&self, x: f32, y: f32) -> f32;
}

/// Where a text stands relative to its point.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Align {
    Left,
    Centre,
}

/// A picture in the making.
pub(super) struct Canvas {
    pub(super) pixels: RgbImage,
}

impl Canvas {
    /// A picture shaded from one colour at the top to another at the bottom.
    pub(super) fn shaded(width: u32, height: u32, top: Colour, bottom: Colour) -> Self {
        let pixels = RgbImage::from_fn(width, height, |_, y| {
            let part = narrow(y) / narrow(height.max(1));
            Rgb(blend(top, bottom, part))
        });
        Self { pixels }
    }

    /// Fills a shape, smooth at its edge.
    pub(super) fn fill(&mut self, shape: &impl Shape, colour: Colour) {
        self.tint(shape, colour, 1.0);
    }

    /// Fills a shape so that `opacity` of the colour (0 to 1) lies over what is there.
    pub(super) fn tint(&mut self, shape: &impl Shape, colour: Colour, opacity: f32) {
        let [left, top, right, bottom] = shape.bounds();
        for y in whole(top - 1.0)..whole(bottom + 2.0).min(self.pixels.height()) {
            for x in whole(left - 1.0)..whole(right + 2.0).min(self.pixels.width()) {
                let cover = (0.5 - shape.distance(narrow(x) + 0.5, narrow(y) + 0.5)).clamp(0.0, 1.0);
                self.mix(x, y, colour, cover * opacity);
            }
        }
    }

    /// Fills a rectangle of whole pixels.
    pub(super) fn square(&mut self, left: u32, top: u32, size: u32, colour: Colour) {
        for y in top..(top + size).min(self.pixels.height()) {
            for x in left..(left + size).min(self.pixels.width()) {
                self.pixels.put_pixel(x, y, Rgb(colour));
            }
        }
    }

    /// Puts a picture on this one.
    pub(super) fn paste(&mut self, picture: &RgbImage, left: u32, top: u32) {
        for (x, y, pixel) in picture.enumerate_pixels() {
            if let Some(under) = self.pixels.get_pixel_mut_checked(left + x, top + y) {
                *under = *pixel;
            }
        }
    }

    /// Writes a line of text; `at` is a point of its base line. Answers the width.
    pub(super) fn text(&mut self, text: &str, at: (f32, f32), font: &Face, colour: Colour, align: Align) -> f32 {
        let width = font.width(text);
        let left = if align == Align::Centre {
            at.0 - width / 2.0
        } else {
            at.0
        };
        font.glyphs(text, |glyph, advance| {
            let outlined = font
                .font
                .outline_glyph(glyph.with_scale_and_position(font.scale, point(left + advance, at.1)));
            let Some(outlined) = outlined else { return };
            let corner = outlined.px_bounds().min;
            outlined.draw(|x, y, cover| {
                let (x, y) = (corner.x + narrow(x), corner.y + narrow(y));
                if x >= 0.0 && y >= 0.0 {
                    self.mix(whole(x), whole(y), colour, cover);
                }
            });
        });
        width
    }

    fn mix(&mut self, x: u32, y: u32, colour: Colour, cover: f32) {
        if cover <= 0.0 {
            return;
        }
        if let Some(pixel) = self.pixels.get_pixel_mut_checked(x, y) {
            pixel.0 = blend(pixel.0, colour, cover.min(1.0));
        }
    }
}

/// A font at a size in pixels.
pub(super) struct Face {
    font: FontRef<'static>,
    scale: PxScale,
}

impl Face {
    /// `None` for bytes that are no font.
    pub(super) fn new(font: &'static [u8], size: f32) -> Option<Self> {
        Some(Self {
            font: FontRef::try_from_slice(font).ok()?,
            scale: PxScale::from(size),
        })
    }

    /// How wide a text is, in pixels.
    pub(super) fn width(&self, text: &str) -> f32 {
        self.glyphs(text, |_, _| {})
    }

    /// A text in lines that are not wider than so many pixels.
    pub(super) fn wrap(&self, text: &str, width: f32) -> Vec<String> {
        let mut lines = vec![String::new()];
        for word in text.split(' ') {
            let Some(line) = lines.last_mut() else { continue };
            let longer = if line.is_empty() {
                word.to_owned()
            } else {
                format!("{line} {word}")
            };
            if line.is_empty() || self.width(&longer) <= width {
                *line = longer;
            } else {
                lines.push(word.to_owned());
            }
        }
        lines
    }

    /// Each glyph with its distance from the start; answers the whole width.
    fn glyphs(&self, text: &str, mut each: impl FnMut(GlyphId, f32)) -> f32 {
        let scaled = self.font.as_scaled(self.scale);
        let (mut advance, mut before) = (0.0, None);
        for letter in text.chars() {
            let glyph = scaled.glyph_id(letter);
            advance += before.map_or(0.0, |before| scaled.kern(before, glyph));
            each(glyph, advance);
            advance += scaled.h_advance(glyph);
            before = Some(glyph);
        }
        advance
    }
}

/// An ellipse by centre and radii.
pub(super) struct Ellipse(pub(super) [f32; 2], pub(super) [f32; 2]);

impl Shape for Ellipse {
    fn bounds(&self) -> [f32; 4] {
        let Self([x, y], [a, b]) = self;
        [x - a, y - b, x + a, y + b]
    }

    fn distance(&self, x: f32, y: f32) -> f32 {
        let Self([cx, cy], [a, b]) = self;
        let (dx, dy) = (x - cx, y - cy);
        let near = (dx / a).hypot(dy / b);
        let slope = (dx / (a * a)).hypot(dy / (b * b));
        if slope == 0.0 {
            -a.min(*b)
        } else {
            near * (near - 1.0) / slope
        }
    }
}

/// A rectangle (left, top, width, height) with round corners.
pub(super) struct Plate(pub(super) [f32; 4], pub(super) f32);

impl Shape for Plate {
    fn bounds(&self) -> [f32; 4] {
        let Self([left, top, width, height], _) = self;
        [*left, *top, left + width, top + height]
    }

    fn distance(&self, x: f32, y: f32) -> f32 {
        let Self([left, top, width, height], round) = self;
        let dx = (x - left - width / 2.0).abs() - width / 2.0 + round;
        let dy = (y - top - height / 2.0).abs() - height / 2.0 + round;
        dx.max(0.0).hypot(dy.max(0.0)) + dx.max(dy).min(0.0) - round
    }
}

/// A line with round ends: from, to, thickness.
pub(super) struct Stroke(pub(super) [f32; 2], pub(super) [f32; 2], pub(super) f32);

impl Shape for Stroke {
    fn bounds(&self) -> [f32; 4] {
        let Self([ax, ay], [bx, by], wide) = self;
        [
            ax.min(*bx) - wide,
            ay.min(*by) - wide,
            ax.max(*bx) + wide,
            ay.max(*by) + wide,
        ]
    }

    fn distance(&self, x: f32, y: f32) -> f32 {
        let Self([ax, ay], [bx, by], wide) = self;
        let (px, py, lx, ly) = (x - ax, y - ay, bx - ax, by - ay);
        let along = ((px * lx + py * ly) / (lx * lx + ly * ly).max(f32::EPSILON)).clamp(0.0, 1.0);
        (px - lx * along).hypot(py - ly * along) - wide / 2.0
    }
}

/// A polygon by its corners.
pub(super) struct Polygon(pub(super) Vec<[f32; 2]>);

impl Polygon {
    /// A star with five points.
    pub(super) fn star([x, y]: [f32; 2], radius: f32) -> Self {
        let corner = |at: u8| {
            let angle = f32::from(at) * std::f32::consts::PI / 5.0;
            let reach = if at.is_multiple_of(2) { radius } else { radius * 0.382 };
            [x + reach * angle.sin(), y - reach * angle.cos()]
        };
        Self((0..10).map(corner).collect())
    }
}

impl Shape for Polygon {
    fn bounds(&self) -> [f32; 4] {
        self.0.iter().fold(
            [f32::MAX, f32::MAX, f32::MIN, f32::MIN],
            |[left, top, right, bottom], [x, y]| [left.min(*x), top.min(*y), right.max(*x), bottom.max(*y)],
        )
    }

    fn distance(&self, x: f32, y: f32) -> f32 {
        let next = self.0.iter().cycle().skip(1);
        let (mut near, mut inside) = (f32::MAX, false);
        for ([ax, ay], [bx, by]) in self.0.iter().zip(next) {
            near = near.min(Stroke([*ax, *ay], [*bx, *by], 0.0).distance(x, y));
            if (ay > &y) != (by > &y) && x < (bx - ax) * (y - ay) / (by - ay) + ax {
                inside = !inside;
            }
        }
        if inside { -near } else { near }
    }
}

/// What lies in the first shape and not in the second.
pub(super) struct Without<A, B>(pub(super) A, pub(super) B);

impl<A: Shape, B: Shape> Shape for Without<A, B> {
    fn bounds(&self) -> [f32; 4] {
        self.0.bounds()
    }

    fn distance(&self, x: f32, y: f32) -> f32 {
        self.0.distance(x, y).max(-self.1.distance(x, y))
    }
}

/// What lies in both shapes.
pub(super) struct Within<A, B>(pub(super) A, pub(super) B);

impl<A: Shape, B: Shape> Shape for Within<A, B> {
    fn bounds(&self) -> [f32; 4] {
        self.0.bounds()
    }

    fn distance(&self, x: f32, y: f32) -> f32 {
        self.0.distance(x, y).max(self.1.distance(x, y))
    }
}

fn blend(under: Colour, over: Colour, part: f32) -> Colour {
    let [r, g, b] = under;
    let [or, og, ob] = over;
    [(r, or), (g, og), (b, ob)]
        .map(|(under, over)| byte(f32::from(under) + (f32::from(over) - f32::from(under)) * part))
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the value is clamped to a byte"
)]
fn byte(value: f32) -> u8 {
    value.round().clamp(0.0, 255.0) as u8
}

/// The pixel that a coordinate lies in; 0 for those left of the picture.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a float cast saturates"
)]
fn whole(value: f32) -> u32 {
    value.max(0.0) as u32
}

/// A pixel's number as a coordinate; pictures are far smaller than 65 536 pixels.
fn narrow(value: u32) -> f32 {
    f32::from(u16::try_from(value).unwrap_or(u16::MAX))
}
