//! The letters of a paper: `DejaVu`, which has all of Vietnamese and may be embedded.

use ab_glyph::{Font as _, FontRef};
use krilla::text::Font;

/// How letters look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Face {
    /// As they are.
    Plain,
    /// Heavy.
    Bold,
}

/// What stands for a letter that the font does not have.
const UNKNOWN: char = '\u{fffd}';

/// Both faces: for measuring, and for embedding.
pub(super) struct Faces {
    plain: (FontRef<'static>, Font),
    bold: (FontRef<'static>, Font),
}

impl Faces {
    /// `None` if they cannot be read.
    pub(super) fn load() -> Option<Self> {
        let face = |bytes: &'static [u8]| {
            let measured = FontRef::try_from_slice(bytes).ok()?;
            Some((measured, Font::new(bytes.into(), 0)?))
        };
        Some(Self {
            plain: face(dejavu::sans::regular())?,
            bold: face(dejavu::sans::bold())?,
        })
    }

    fn of(&self, face: Face) -> &(FontRef<'static>, Font) {
        match face {
            Face::Plain => &self.plain,
            Face::Bold => &self.bold,
        }
    }

    pub(super) fn font(&self, face: Face) -> Font {
        self.of(face).1.clone()
    }

    /// The number of a letter's glyph, and how far it leads, in ems.
    pub(super) fn glyph(&self, face: Face, letter: char) -> (u32, f32) {
        let font = &self.of(face).0;
        let glyph = font.glyph_id(letter);
        let whole = font.units_per_em().unwrap_or(1000.0);
        (glyph.0.into(), font.h_advance_unscaled(glyph) / whole)
    }

    /// How wide a text is, in ems.
    pub(super) fn width(&self, face: Face, text: &str) -> f32 {
        text.chars().map(|letter| self.glyph(face, letter).1).sum()
    }

    /// The text with a sign in the place of each letter that cannot be written, and a space in that of each control character.
    pub(super) fn clean(&self, face: Face, text: &str) -> String {
        let own = '\u{e000}'..='\u{f8ff}';
        let written = |letter: char| match letter {
            letter if letter.is_control() => ' ',
            letter if own.contains(&letter) || self.glyph(face, letter).0 == 0 => UNKNOWN,
            letter => letter,
        };
        text.chars().map(written).collect()
    }
}
