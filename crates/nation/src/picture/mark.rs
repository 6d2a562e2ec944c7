//! The mark by which the stand-in matcher knows whose synthetic portrait or print it sees: a woven band of 48 cells.
//!
//! It is no biometric feature and hides nowhere: it is drawn on the clothes of every portrait and below every print, and
//! whoever cuts it off has a picture of nobody. So the stand-in is exactly as good as its error model says.

use super::canvas::{Canvas, Colour};
use crate::die::Die;

/// Cells in a row, and rows.
const COLUMNS: u32 = 16;
const ROWS: u32 = 3;
const CELLS: usize = 48;
/// The side of a cell in a portrait of 300 by 400, and the corner of the band.
const SIDE: u32 = 12;
const LEFT: u32 = 54;
const TOP: u32 = 352;

/// Keeps light and dark cells about even, so that a threshold can be found.
const WHITENING: u64 = 0x5a3c_96e1_4b87;
const CHECK: u64 = 0x1_ffff;

/// Whose picture it is: the index of the person and the part of the body (0 the face, 1 to 10 a finger).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Mark {
    pub(crate) person: u64,
    pub(crate) part: u8,
}

impl Mark {
    fn code(self) -> u64 {
        let payload = (self.person & 0x7ff_ffff) << 4 | u64::from(self.part & 0xf);
        (payload << 17 | check(payload)) ^ WHITENING
    }

    fn of_code(code: u64) -> Option<Self> {
        let code = code ^ WHITENING;
        let payload = code >> 17;
        let part = u8::try_from(payload & 0xf).ok()?;
        (code & CHECK == check(payload)).then_some(Self {
            person: payload >> 4,
            part,
        })
    }

    /// Draws the band in two shades.
    pub(super) fn draw(self, canvas: &mut Canvas, dark: Colour, light: Colour) {
        let code = self.code();
        for cell in 0..COLUMNS * ROWS {
            let shade = if code >> cell & 1 == 1 { light } else { dark };
            let (x, y) = (LEFT + cell % COLUMNS * SIDE, TOP + cell / COLUMNS * SIDE);
            canvas.square(x, y, SIDE, shade);
        }
    }

    /// Reads a band, given how light a place of a portrait of 300 by 400 is.
    pub(crate) fn read(light: impl Fn(f32, f32) -> Option<f32>) -> Option<Self> {
        let cells: Vec<f32> = (0..COLUMNS * ROWS).map_while(|cell| cell_light(cell, &light)).collect();
        if cells.len() != CELLS {
            return None;
        }
        let mut sorted = cells.clone();
        sorted.sort_by(f32::total_cmp);
        let mean = |part: &[f32]| part.iter().sum::<f32>() / 12.0;
        let (darkest, lightest) = (mean(sorted.get(..12)?), mean(sorted.get(36..)?));
        if lightest - darkest < 6.0 {
            return None;
        }
        let middle = f32::midpoint(darkest, lightest);
        let code = cells
            .iter()
            .enumerate()
            .filter(|(_, light)| **light > middle)
            .fold(0, |code, (cell, _)| code | 1 << cell);
        Self::of_code(code)
    }
}

/// The mean of the middle of a cell.
fn cell_light(cell: u32, light: impl Fn(f32, f32) -> Option<f32>) -> Option<f32> {
    let corner = |from: u32, at: u32| small(from + at * SIDE);
    let (x, y) = (corner(LEFT, cell % COLUMNS), corner(TOP, cell / COLUMNS));
    let mut sum = 0.0;
    for dx in [4.0, 6.0, 8.0] {
        for dy in [4.0, 6.0, 8.0] {
            sum += light(x + dx, y + dy)?;
        }
    }
    Some(sum / 9.0)
}

fn small(value: u32) -> f32 {
    f32::from(u16::try_from(value).unwrap_or(u16::MAX))
}

fn check(payload: u64) -> u64 {
    Die::new(payload, 97, &[]).next() & CHECK
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_read_as_it_was_drawn_and_a_damaged_one_is_none() {
        let mark = Mark {
            person: 104_000_123,
            part: 7,
        };

        assert_eq!(Mark::of_code(mark.code()), Some(mark));
        let damaged = (0..48).filter_map(|bit| Mark::of_code(mark.code() ^ 1 << bit));
        assert_eq!(damaged.count(), 0);
    }
}
