//! A drawn face: friendly, flat, and different from person to person. It is nobody's.

use civil::Sex;
use image::RgbImage;
use jiff::civil::Date;

use super::canvas::{Canvas, Colour, Ellipse, Plate, Polygon, Stroke, Within, Without};
use super::mark::Mark;
use crate::die::Die;
use crate::people::Person;

/// Size of a portrait, three by four.
pub(super) const WIDTH: u32 = 300;
pub(super) const HEIGHT: u32 = 400;

/// What a die is thrown for, in this module.
const TOPIC: u64 = 71;

const SKINS: [Colour; 5] = [
    [244, 208, 177],
    [236, 193, 158],
    [226, 180, 142],
    [214, 165, 126],
    [198, 148, 110],
];
const CLOTHES: [Colour; 8] = [
    [46, 84, 135],
    [122, 52, 62],
    [52, 104, 92],
    [88, 78, 130],
    [70, 76, 88],
    [176, 122, 62],
    [38, 110, 140],
    [140, 70, 110],
];
const INK: Colour = [52, 40, 38];

/// The looks of a person, drawn once by index.
struct Looks {
    skin: Colour,
    hair: Colour,
    clothes: Colour,
    hair_style: u64,
    collar: u64,
    face: f32,
    eyes: f32,
    brow: f32,
    mouth: f32,
    glasses: bool,
    beard: bool,
    female: bool,
    age: i16,
}

/// The portrait of a person, aged as on a day (of the card).
pub(super) fn draw(person: &Person, on: Date) -> RgbImage {
    let looks = Looks::of(person, on);
    let mut canvas = Canvas::shaded(WIDTH, HEIGHT, [222, 233, 241], [196, 213, 226]);
    looks.back_hair(&mut canvas);
    looks.body(&mut canvas);
    looks.head(&mut canvas);
    looks.features(&mut canvas);
    looks.front_hair(&mut canvas);
    let mark = Mark {
        person: person.index,
        part: 0,
    };
    mark.draw(&mut canvas, darker(looks.clothes, 24), lighter(looks.clothes, 40));
    canvas.pixels
}

impl Looks {
    fn of(person: &Person, on: Date) -> Self {
        let mut die = Die::new(
            person.index,
            TOPIC,
            &[u64::from(person.date_of_birth.day().unsigned_abs())],
        );
        let age = person.age(on);
        let female = person.sex == Sex::Female;
        let mut part = |from: f32, to: f32| from + (to - from) * f32::from(die.small(1000)) / 1000.0;
        let (face, eyes, brow, mouth) = (part(0.94, 1.08), part(0.9, 1.15), part(-3.0, 4.0), part(0.8, 1.2));
        let dark = die.pick(&[[36, 30, 30], [52, 38, 32], [28, 26, 34]]);
        let hair = match age {
            ..50 => dark,
            50..65 => [104, 98, 96],
            _ => [198, 196, 194],
        };
        Self {
            skin: die.pick(&SKINS),
            hair,
            clothes: die.pick(&CLOTHES),
            hair_style: die.below(4),
            collar: die.below(3),
            face,
            eyes,
            brow,
            mouth,
            glasses: die.chance(if age >= 50 { 450 } else { 220 }),
            beard: !female && age >= 30 && die.chance(180),
            female,
            age,
        }
    }

    /// Half the width of the face, and where its middle lies.
    fn oval(&self) -> ([f32; 2], [f32; 2]) {
        let size = if self.age < 13 { 0.94 } else { 1.0 };
        ([150.0, 178.0], [76.0 * self.face * size, 98.0 * size])
    }

    fn back_hair(&self, canvas: &mut Canvas) {
        let ([x, y], [a, b]) = self.oval();
        if self.female && self.hair_style != 3 {
            let long = if self.hair_style == 0 { 60.0 } else { 150.0 };
            let flow = Plate([x - a - 20.0, y - 70.0, 2.0 * a + 40.0, 120.0 + long], 60.0);
            canvas.fill(&flow, self.hair);
        }
        if self.female && self.hair_style == 3 {
            canvas.fill(&Ellipse([x, y - b - 16.0], [36.0, 32.0]), self.hair);
        }
    }

    fn body(&self, canvas: &mut Canvas) {
        let shadow = darker(self.skin, 26);
        canvas.fill(&Ellipse([150.0, 412.0], [132.0, 112.0]), self.clothes);
        canvas.fill(&Plate([122.0, 250.0, 56.0, 78.0], 26.0), shadow);
        match self.collar {
            0 => {
                canvas.fill(
                    &Polygon(vec![[118.0, 296.0], [150.0, 352.0], [96.0, 336.0]]),
                    [246, 246, 244],
                );
                canvas.fill(
                    &Polygon(vec![[182.0, 296.0], [150.0, 352.0], [204.0, 336.0]]),
                    [246, 246, 244],
                );
            }
            1 => canvas.fill(&Ellipse([150.0, 304.0], [34.0, 24.0]), shadow),
            _ => {
                canvas.fill(&Plate([114.0, 292.0, 72.0, 24.0], 10.0), darker(self.clothes, 22));
                canvas.fill(&Stroke([150.0, 316.0], [150.0, 400.0], 3.0), darker(self.clothes, 30));
            }
        }
    }

    fn head(&self, canvas: &mut Canvas) {
        let (centre, radii) = self.oval();
        let ([x, y], [a, b]) = (centre, radii);
        for side in [-1.0, 1.0] {
            canvas.fill(
                &Ellipse([x + side * (a - 1.0), y + 8.0], [12.0, 20.0]),
                darker(self.skin, 14),
            );
        }
        canvas.fill(&Ellipse(centre, radii), self.skin);
        if self.beard {
            let jaw = Within(Ellipse(centre, radii), Plate([x - a, y + 44.0, 2.0 * a, b], 0.0));
            canvas.tint(&Without(jaw, Ellipse([x, y + 40.0], [a * 0.74, 30.0])), self.hair, 0.5);
        }
        for side in [-1.0, 1.0] {
            canvas.tint(
                &Ellipse([x + side * 44.0, y + 38.0], [17.0, 12.0]),
                [232, 120, 110],
                0.22,
            );
        }
    }

    fn features(&self, canvas: &mut Canvas) {
        let ([x, y], _) = self.oval();
        let brow = if self.female { 4.5 } else { 7.0 };
        for side in [-1.0, 1.0] {
            let eye = x + side * 31.0;
            canvas.fill(
                &Ellipse([eye, y + 4.0], [13.0 * self.eyes, 7.5 * self.eyes]),
                [252, 252, 252],
            );
            canvas.fill(&Ellipse([eye, y + 4.0], [6.4, 6.8]), INK);
            canvas.fill(&Ellipse([eye + 2.0, y + 2.0], [1.9, 1.9]), [255, 255, 255]);
            let lid = [
                [eye - 13.0 * self.eyes, y + 1.0],
                [eye, y - 5.0],
                [eye + 13.0 * self.eyes, y + 1.0],
            ];
            line(canvas, &lid, 3.0, INK);
            let arch = [
                [eye - 17.0, y - 17.0],
                [eye, y - 23.0 - self.brow],
                [eye + 17.0, y - 17.0],
            ];
            line(canvas, &arch, brow, self.hair);
            if self.glasses {
                let rim = Without(
                    Ellipse([eye, y + 4.0], [23.0, 19.0]),
                    Ellipse([eye, y + 4.0], [20.0, 16.0]),
                );
                canvas.fill(&rim, [70, 62, 66]);
            }
            if self.age >= 55 {
                let at = x + side * 52.0;
                line(
                    canvas,
                    &[[at, y + 10.0], [at + side * 9.0, y + 14.0]],
                    2.0,
                    darker(self.skin, 40),
                );
                line(
                    canvas,
                    &[[x + side * 26.0, y + 36.0], [x + side * 33.0, y + 52.0]],
                    2.0,
                    darker(self.skin, 34),
                );
            }
        }
        if self.glasses {
            canvas.fill(&Stroke([x - 9.0, y + 2.0], [x + 9.0, y + 2.0], 3.0), [70, 62, 66]);
        }
        line(
            canvas,
            &[[x + 2.0, y + 8.0], [x + 8.0, y + 32.0], [x - 4.0, y + 34.0]],
            3.0,
            darker(self.skin, 38),
        );
        let lips = if self.female { [196, 84, 88] } else { [176, 98, 88] };
        let smile = 20.0 * self.mouth;
        let mouth = Ellipse([x, y + 54.0], [smile, 12.0]);
        canvas.fill(&Without(mouth, Plate([x - 40.0, y + 34.0, 80.0, 21.0], 0.0)), lips);
    }

    fn front_hair(&self, canvas: &mut Canvas) {
        let ([x, y], [a, b]) = self.oval();
        let scalp = Ellipse([x, y - 14.0], [a + 11.0, b + 4.0]);
        let (dx, height) = match (self.female, self.hair_style) {
            (true, 0) => (0.0, b * 0.66),
            (true, 1) => (-34.0, b * 0.78),
            (true, _) => (26.0, b * 0.84),
            (false, 0) => (-20.0, b * 0.84),
            (false, 1) => (24.0, b * 0.88),
            (false, 2) => (0.0, b * 0.92),
            (false, _) => (0.0, b * 0.78),
        };
        let brow = Ellipse([x + dx, y + 24.0], [a * 1.02 + dx.abs() * 0.55, height]);
        let above = if self.female { y + 30.0 } else { y - 2.0 };
        let top = Within(scalp, Plate([0.0, 0.0, 300.0, above], 0.0));
        canvas.fill(&Without(top, brow), self.hair);
        if !self.female && self.hair_style == 2 {
            canvas.fill(&Ellipse([x + 12.0, y - b - 8.0], [a * 0.7, 20.0]), self.hair);
        }
    }
}

fn line(canvas: &mut Canvas, points: &[[f32; 2]], wide: f32, colour: Colour) {
    for pair in points.windows(2) {
        if let [from, to] = pair {
            canvas.fill(&Stroke(*from, *to, wide), colour);
        }
    }
}

fn darker(colour: Colour, by: u8) -> Colour {
    colour.map(|part| part.saturating_sub(by))
}

fn lighter(colour: Colour, by: u8) -> Colour {
    colour.map(|part| part.saturating_add(by))
}
