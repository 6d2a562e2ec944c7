//! Pictures: identity cards with a scannable QR code and a drawn portrait.
//!
//! The drawing follows what is printed on a card, field by field, and imitates none of its security features. Every
//! card says `MẪU – SPECIMEN` across its ground and at its foot.

mod canvas;
pub(crate) mod mark;
mod portrait;
mod print;

use std::io::Cursor;

use fast_qr::{ECL, QRBuilder, QRCode};
use image::codecs::jpeg::JpegEncoder;
use image::{GrayImage, ImageFormat, Luma, RgbImage};
use jiff::civil::Date;
use thiserror::Error;

use crate::card::{Card, Layout};
use crate::people::Person;
use canvas::{Align, Canvas, Colour, Ellipse, Face, Plate, Polygon, Without};

/// Size of a card in pixels: ID-1 (ISO/IEC 7810), 85.6 mm by 54 mm, at 14 pixels a millimetre.
const WIDTH: u32 = 1200;
const HEIGHT: u32 = 757;
/// Pixels that the QR code on a card may be wide and high: at least four a module for all texts of cards.
const CODE: u32 = 272;
/// Modules of quiet zone around it (ISO/IEC 18004).
const QUIET: u32 = 4;

const INK: Colour = [28, 34, 44];
const FAINT: Colour = [96, 108, 122];
const RED: Colour = [196, 34, 40];
const GOLD: Colour = [250, 206, 60];

/// Why there is no picture.
#[derive(Debug, Error)]
pub enum PictureError {
    /// The text does not fit into a QR code.
    #[error("the text does not fit into a qr code")]
    TooLong,
    /// A built-in font could not be read.
    #[error("a built-in font cannot be read")]
    Font,
    /// The picture could not be encoded.
    #[error("the picture cannot be encoded")]
    Encoding(#[source] image::ImageError),
}

/// The front of a card as PNG. On cards of 2021 the QR code is here.
///
/// # Errors
/// [`PictureError`]; does not happen with people of a nation.
pub fn front(person: &Person, card: &Card) -> Result<Vec<u8>, PictureError> {
    let mut sheet = Sheet::new(card.layout)?;
    sheet.head(card.layout);
    sheet
        .canvas
        .fill(&Plate([54.0, 244.0, 312.0, 412.0], 14.0), [255, 255, 255]);
    sheet.canvas.paste(&portrait::draw(person, card.issued_on), 60, 250);
    if card.layout == Layout::Cccd2021 {
        sheet.code(person, card)?;
    }
    sheet.front_fields(person, card);
    png(&sheet.canvas.pixels)
}

/// The back of a card as PNG. On cards of 2024 the QR code is here.
///
/// # Errors
/// As [`front`].
pub fn back(person: &Person, card: &Card) -> Result<Vec<u8>, PictureError> {
    let mut sheet = Sheet::new(card.layout)?;
    if card.layout == Layout::CanCuoc2024 {
        sheet.code(person, card)?;
    }
    sheet.back_fields(person, card);
    if let Some(zone) = card.zone(person) {
        sheet
            .canvas
            .fill(&Plate([40.0, 500.0, 1120.0, 176.0], 12.0), [252, 252, 250]);
        for (line, at) in zone.lines().iter().zip([552.0, 606.0, 660.0]) {
            sheet.canvas.text(line, (72.0, at), &sheet.mono, INK, Align::Left);
        }
    }
    png(&sheet.canvas.pixels)
}

/// The side of a card that bears the QR code; the front for cards without one.
///
/// # Errors
/// As [`front`].
pub fn code_side(person: &Person, card: &Card) -> Result<Vec<u8>, PictureError> {
    if card.layout == Layout::CanCuoc2024 {
        back(person, card)
    } else {
        front(person, card)
    }
}

/// A QR code alone as PNG, black on white, eight pixels a module, with its quiet zone.
///
/// # Errors
/// [`PictureError::TooLong`] for more than about 2,300 bytes.
pub fn qr_png(text: &str) -> Result<Vec<u8>, PictureError> {
    let code = encode(text)?;
    let side = (modules(&code) + 2 * QUIET) * 8;
    let mut picture = GrayImage::from_pixel(side, side, Luma([255]));
    for (x, y) in dark(&code) {
        for at in 0..64 {
            picture.put_pixel((x + QUIET) * 8 + at % 8, (y + QUIET) * 8 + at / 8, Luma([0]));
        }
    }
    let mut bytes = Cursor::new(Vec::new());
    picture
        .write_to(&mut bytes, ImageFormat::Png)
        .map_err(PictureError::Encoding)?;
    Ok(bytes.into_inner())
}

/// The portrait of a person as they looked on a day: JPEG, 300 by 400 pixels.
///
/// # Errors
/// [`PictureError::Encoding`]; does not happen with people of a nation.
pub fn portrait_jpeg(person: &Person, on: Date) -> Result<Vec<u8>, PictureError> {
    let mut bytes = Vec::new();
    let picture = portrait::draw(person, on);
    JpegEncoder::new_with_quality(&mut bytes, 85)
        .encode_image(&picture)
        .map_err(PictureError::Encoding)?;
    Ok(bytes)
}

/// The print of a finger of a person as PNG, 300 by 400 pixels: 1 to 5 the right hand from the thumb on, 6 to 10 the left.
///
/// # Errors
/// As [`portrait_jpeg`].
pub fn fingerprint_png(person: &Person, finger: u8) -> Result<Vec<u8>, PictureError> {
    png(&print::draw(person, finger))
}

fn png(picture: &RgbImage) -> Result<Vec<u8>, PictureError> {
    let mut bytes = Cursor::new(Vec::new());
    picture
        .write_to(&mut bytes, ImageFormat::Png)
        .map_err(PictureError::Encoding)?;
    Ok(bytes.into_inner())
}

fn encode(text: &str) -> Result<QRCode, PictureError> {
    QRBuilder::new(text)
        .ecl(ECL::M)
        .build()
        .map_err(|_too_long| PictureError::TooLong)
}

fn modules(code: &QRCode) -> u32 {
    u32::try_from(code.size).unwrap_or(0)
}

/// The dark modules of a code.
fn dark(code: &QRCode) -> impl Iterator<Item = (u32, u32)> {
    let rows = code.data.chunks(code.size.max(1)).take(code.size);
    (0..).zip(rows).flat_map(|(y, row)| {
        (0..)
            .zip(row)
            .filter(|(_, module)| module.value())
            .map(move |(x, _)| (x, y))
    })
}

/// A card being drawn, with its fonts.
struct Sheet {
    canvas: Canvas,
    label: Face,
    value: Face,
    strong: Face,
    title: Face,
    mono: Face,
}

impl Sheet {
    fn new(layout: Layout) -> Result<Self, PictureError> {
        let (top, bottom) = match layout {
            Layout::Cmnd => ([238, 244, 232], [214, 228, 206]),
            Layout::Cccd2021 => ([232, 244, 240], [200, 226, 226]),
            Layout::CanCuoc2024 => ([236, 242, 250], [206, 220, 242]),
        };
        let regular = dejavu::sans_condensed::regular();
        let bold = dejavu::sans_condensed::bold();
        let face = |font, size| Face::new(font, size).ok_or(PictureError::Font);
        let mut sheet = Self {
            canvas: Canvas::shaded(WIDTH, HEIGHT, top, bottom),
            label: face(regular, 25.0)?,
            value: face(regular, 34.0)?,
            strong: face(bold, 42.0)?,
            title: face(bold, 40.0)?,
            mono: face(dejavu::sans_mono::bold(), 68.0)?,
        };
        sheet.ground(bottom, &face(bold, 150.0)?);
        Ok(sheet)
    }

    /// Waves, the watermark, and the foot that says what this is.
    fn ground(&mut self, tone: Colour, huge: &Face) {
        let tone = tone.map(|part| part.saturating_sub(12));
        for ring in 0_u16..9 {
            let radius = 120.0 + 70.0 * f32::from(ring);
            let rim = Without(
                Ellipse([1010.0, 420.0], [radius, radius]),
                Ellipse([1010.0, 420.0], [radius - 3.0; 2]),
            );
            self.canvas.tint(&rim, tone, 0.6);
        }
        self.canvas
            .text("MẪU – SPECIMEN", (600.0, 470.0), huge, tone, Align::Centre);
        self.canvas.fill(&Plate([0.0, 700.0, 1200.0, 60.0], 0.0), RED);
        let says = "MẪU – SPECIMEN · dữ liệu tổng hợp, không phải giấy tờ thật · synthetic data";
        self.canvas
            .text(says, (600.0, 738.0), &self.label, [255, 255, 255], Align::Centre);
    }

    /// Emblem, motto and title. The emblem is a star on a disc, not the coat of arms.
    fn head(&mut self, layout: Layout) {
        self.canvas.fill(&Ellipse([130.0, 122.0], [74.0, 74.0]), GOLD);
        self.canvas.fill(&Ellipse([130.0, 122.0], [66.0, 66.0]), RED);
        self.canvas.fill(&Polygon::star([130.0, 122.0], 48.0), GOLD);
        let (vietnamese, english) = match layout {
            Layout::Cmnd => ("GIẤY CHỨNG MINH NHÂN DÂN", ""),
            Layout::Cccd2021 => ("CĂN CƯỚC CÔNG DÂN", "Citizen Identity Card"),
            Layout::CanCuoc2024 => ("CĂN CƯỚC", "Identity Card"),
        };
        let middle = 552.0;
        let lines = [
            ("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", 62.0, &self.value, INK),
            ("Độc lập – Tự do – Hạnh phúc", 100.0, &self.label, INK),
            (vietnamese, 172.0, &self.title, RED),
            (english, 206.0, &self.label, FAINT),
        ];
        for (text, y, face, colour) in lines {
            self.canvas.text(text, (middle, y), face, colour, Align::Centre);
        }
    }

    /// The QR code in the upper right corner.
    fn code(&mut self, person: &Person, card: &Card) -> Result<(), PictureError> {
        let Some(qr) = card.qr(person) else { return Ok(()) };
        let code = encode(&qr.to_text())?;
        let side = modules(&code) + 2 * QUIET;
        let module = CODE / side;
        let (left, top) = (WIDTH - 36 - side * module, 36);
        self.canvas.square(left, top, side * module, [255, 255, 255]);
        for (x, y) in dark(&code) {
            self.canvas.square(
                left + (x + QUIET) * module,
                top + (y + QUIET) * module,
                module,
                [0, 0, 0],
            );
        }
        Ok(())
    }

    fn front_fields(&mut self, person: &Person, card: &Card) {
        let number = match (&person.old_number, card.layout) {
            (Some(old), Layout::Cmnd) => old.as_str(),
            _ => person.number.as_str(),
        };
        // Without origin and residence below, the fields of 2024 have room.
        let step = if card.layout == Layout::CanCuoc2024 { 40.0 } else { 0.0 };
        let (name, birth) = (316.0 + step, 400.0 + 2.0 * step);
        let full_name = person.full_name.to_uppercase();
        self.canvas
            .text("Số / No.", (410.0, 270.0), &self.label, FAINT, Align::Left);
        self.canvas.text(number, (520.0, 272.0), &self.strong, INK, Align::Left);
        self.field(
            "Họ, chữ đệm và tên khai sinh / Full name",
            &full_name,
            (410.0, name),
            true,
        );
        self.field(
            "Ngày sinh / Date of birth",
            &day(person.date_of_birth),
            (410.0, birth),
            false,
        );
        self.field("Giới tính / Sex", person.sex.vietnamese(), (720.0, birth), false);
        self.field("Quốc tịch / Nationality", "Việt Nam", (920.0, birth), false);
        match card.layout {
            Layout::CanCuoc2024 => {}
            Layout::Cmnd | Layout::Cccd2021 => {
                self.field("Quê quán / Place of origin", &person.origin, (410.0, 478.0), false);
                self.field(
                    "Nơi thường trú / Place of residence",
                    &card.address(person),
                    (410.0, 556.0),
                    false,
                );
                self.canvas
                    .text("Có giá trị đến", (60.0, 690.0), &self.label, FAINT, Align::Left);
                self.canvas
                    .text(&until(card), (220.0, 690.0), &self.label, INK, Align::Left);
            }
        }
    }

    fn back_fields(&mut self, person: &Person, card: &Card) {
        match card.layout {
            Layout::CanCuoc2024 => {
                self.field(
                    "Nơi cư trú / Place of residence",
                    &card.address(person),
                    (60.0, 80.0),
                    false,
                );
                self.field(
                    "Nơi đăng ký khai sinh / Place of birth",
                    &person.birthplace,
                    (60.0, 206.0),
                    false,
                );
                self.field("Ngày cấp / Date of issue", &day(card.issued_on), (60.0, 332.0), false);
                self.field("Ngày hết hạn / Date of expiry", &until(card), (420.0, 332.0), false);
                self.canvas.text(
                    &card.issuer().to_uppercase(),
                    (860.0, 440.0),
                    &self.title,
                    INK,
                    Align::Centre,
                );
            }
            Layout::Cmnd | Layout::Cccd2021 => {
                self.field(
                    "Ngày, tháng, năm cấp / Date of issue",
                    &day(card.issued_on),
                    (60.0, 80.0),
                    false,
                );
                self.field("Nơi cấp / Issued by", card.issuer(), (60.0, 180.0), false);
                self.canvas.fill(&Plate([80.0, 280.0, 150.0, 116.0], 18.0), GOLD);
                self.canvas
                    .fill(&Plate([88.0, 288.0, 134.0, 100.0], 12.0), [232, 188, 52]);
                self.field(
                    "Đặc điểm nhận dạng / Personal identification",
                    &person.identifying_mark,
                    (300.0, 300.0),
                    false,
                );
            }
        }
    }

    /// A label with its value below, in as many lines as it needs.
    fn field(&mut self, label: &str, value: &str, (x, y): (f32, f32), strong: bool) {
        self.canvas.text(label, (x, y), &self.label, FAINT, Align::Left);
        let face = if strong { &self.strong } else { &self.value };
        let room = if y < 330.0 && x < 100.0 { 800.0 } else { 1170.0 - x };
        for (line, text) in (0_u16..).zip(face.wrap(value, room)) {
            self.canvas
                .text(&text, (x, y + 40.0 + 38.0 * f32::from(line)), face, INK, Align::Left);
        }
    }
}

fn day(date: Date) -> String {
    format!("{:02}/{:02}/{:04}", date.day(), date.month(), date.year())
}

fn until(card: &Card) -> String {
    card.expires_on.map_or("Không thời hạn".to_owned(), day)
}

#[cfg(test)]
mod tests;
