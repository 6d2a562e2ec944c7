//! A drawn fingerprint: ridges around a core, different from finger to finger. It is nobody's.

use image::{Rgb, RgbImage};

use super::canvas::Canvas;
use super::mark::Mark;
use crate::die::Die;
use crate::people::Person;

const WIDTH: u32 = 300;
const HEIGHT: u32 = 400;
/// What a die is thrown for, in this module.
const TOPIC: u64 = 83;

/// The print of a finger (1 to 10).
pub(super) fn draw(person: &Person, finger: u8) -> RgbImage {
    let mut die = Die::new(person.index, TOPIC, &[u64::from(finger)]);
    let mut part = |from: f32, to: f32| from + (to - from) * f32::from(die.small(1000)) / 1000.0;
    let core = [part(125.0, 175.0), part(140.0, 180.0)];
    let (lean, wave, turns) = (part(0.55, 0.9), part(4.0, 14.0), part(1.0, 3.0).round());
    let mut canvas = Canvas::shaded(WIDTH, HEIGHT, [250, 250, 248], [250, 250, 248]);
    for (column, row, pixel) in canvas.pixels.enumerate_pixels_mut() {
        let (right, down) = (small(column) - core[0], small(row) - core[1]);
        let edge = ((small(column) - 150.0) / 128.0).hypot((small(row) - 172.0) / 164.0);
        let reach = right.hypot(down * lean) + wave * (down.atan2(right) * turns).sin();
        let ridge = (reach * std::f32::consts::TAU / 10.0).sin();
        if edge < 1.0 && ridge > -0.1 {
            *pixel = Rgb([68, 66, 72]);
        }
    }
    let mark = Mark {
        person: person.index,
        part: finger,
    };
    mark.draw(&mut canvas, [90, 90, 96], [206, 206, 204]);
    canvas.pixels
}

fn small(value: u32) -> f32 {
    f32::from(u16::try_from(value).unwrap_or(u16::MAX))
}
