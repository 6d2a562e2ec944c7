//! How a list is read.

use std::collections::BTreeSet;

use civil::names;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::stays::guests::{Guest, KnownBy, Typed};
use crate::stays::rules::MOST_GUESTS;

/// The first line of a list, with the mark by which spreadsheets know UTF-8.
pub(super) const TEMPLATE: &str = "\u{feff}Họ và tên,Số giấy tờ,Ngày sinh,Giới tính,Quốc tịch,Từ,Đến\r\n";

/// The longest line that is kept to be shown again, in characters.
const LONGEST_LINE: usize = 300;

/// A line that is not taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::stays) struct Refused {
    /// Its number in the file; the line of the columns is the first.
    pub(in crate::stays) line: usize,
    /// What stands there.
    pub(in crate::stays) text: String,
    /// The sentences that say what is wrong.
    pub(in crate::stays) reasons: Vec<String>,
}

/// Why nothing of a file is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::stays) enum Unread {
    /// It is no text: a spreadsheet in its own format, or in an encoding that is not Unicode.
    NoText,
    /// The first line does not name the columns.
    NoColumns,
    /// It has more guests than one notification takes.
    TooMany,
    /// There is no guest in it.
    Empty,
}

/// Reads a list: the guests, and the lines that are wrong.
///
/// # Errors
/// [`Unread`] if nothing of it can be read.
pub(in crate::stays) fn read(file: &[u8], now: Timestamp) -> Result<(Vec<Guest>, Vec<Refused>), Unread> {
    let text = decode(file).ok_or(Unread::NoText)?;
    let text = text.trim_start_matches('\u{feff}');
    let records = records(text);
    let mut records = records.into_iter().filter(|record| !record.is_blank());
    let columns = Columns::of(&records.next().ok_or(Unread::Empty)?).ok_or(Unread::NoColumns)?;
    let (mut guests, mut refused, mut known) = (Vec::new(), Vec::new(), BTreeSet::new());
    for record in records {
        if guests.len() + refused.len() == MOST_GUESTS {
            return Err(Unread::TooMany);
        }
        let reasons: Vec<&str> = match columns.typed(&record).read(KnownBy::List, now) {
            Ok(guest) if known.insert(guest.mark()) => {
                guests.push(guest);
                continue;
            }
            Ok(_) => vec!["stays-fault-line-twice"],
            Err(faults) => faults.iter().map(|fault| fault.text).collect(),
        };
        refused.push(Refused {
            line: record.line,
            text: record.text(),
            reasons: reasons.into_iter().map(str::to_owned).collect(),
        });
    }
    if guests.is_empty() && refused.is_empty() {
        return Err(Unread::Empty);
    }
    Ok((guests, refused))
}

/// The text of a file: UTF-8, or UTF-16 with its mark, as spreadsheets write "Unicode text".
fn decode(file: &[u8]) -> Option<String> {
    let wide = |bytes: &[u8], unit: fn([u8; 2]) -> u16| {
        let units: Vec<u16> = bytes.as_chunks::<2>().0.iter().copied().map(unit).collect();
        String::from_utf16(&units).ok()
    };
    let text = match file {
        [0xff, 0xfe, rest @ ..] => wide(rest, u16::from_le_bytes)?,
        [0xfe, 0xff, rest @ ..] => wide(rest, u16::from_be_bytes)?,
        _ => String::from_utf8(file.to_vec()).ok()?,
    };
    Some(text).filter(|text| !text.contains('\0'))
}

/// A line of a list, parted into its fields.
struct Record {
    line: usize,
    fields: Vec<String>,
}

impl Record {
    fn is_blank(&self) -> bool {
        self.fields.iter().all(|field| field.trim().is_empty())
    }

    fn text(&self) -> String {
        self.fields.join(", ").chars().take(LONGEST_LINE).collect()
    }
}

/// Parts a text into records: fields stand between commas, semicolons or tabs, whichever the first line has most of; what is in quotation marks is
/// one field.
fn records(text: &str) -> Vec<Record> {
    let first = text.lines().next().unwrap_or_default();
    let separator = [',', ';', '\t']
        .into_iter()
        .max_by_key(|separator| (first.matches(*separator).count(), *separator == ','))
        .unwrap_or(',');
    let mut reading = Reading::default();
    let mut signs = text.chars().peekable();
    while let Some(sign) = signs.next() {
        match sign {
            '"' if reading.quoted && signs.peek() == Some(&'"') => {
                signs.next();
                reading.field.push('"');
            }
            '"' => reading.quoted = !reading.quoted,
            '\n' if reading.quoted => {
                reading.passed += 1;
                reading.field.push(' ');
            }
            '\n' => reading.end_line(),
            sign if sign == separator && !reading.quoted => reading.end_field(),
            '\r' => {}
            sign => reading.field.push(sign),
        }
    }
    reading.end_line();
    reading.records
}

/// Where reading a text stands.
#[derive(Default)]
struct Reading {
    records: Vec<Record>,
    fields: Vec<String>,
    field: String,
    quoted: bool,
    /// How many lines are behind.
    passed: usize,
    /// How many were when the record began.
    begun: usize,
}

impl Reading {
    fn end_field(&mut self) {
        self.fields.push(std::mem::take(&mut self.field));
    }

    fn end_line(&mut self) {
        self.end_field();
        let fields = std::mem::take(&mut self.fields);
        self.records.push(Record {
            line: self.begun + 1,
            fields,
        });
        self.passed += 1;
        self.begun = self.passed;
    }
}

/// Where the columns stand.
struct Columns {
    places: [Option<usize>; 7],
}

/// What the columns are called, in small letters without diacritics; the first four are needed.
const NAMES: [&[&str]; 7] = [
    &["ho va ten", "ho ten", "ten", "full_name", "full name", "name"],
    &[
        "so giay to",
        "so dinh danh",
        "cccd",
        "so cccd",
        "document",
        "document number",
        "id",
    ],
    &["ngay sinh", "date_of_birth", "date of birth", "born"],
    &["gioi tinh", "sex", "gender"],
    &["quoc tich", "nationality"],
    &["tu", "tu ngay", "ngay den", "from", "arrival"],
    &["den", "den ngay", "ngay di", "to", "departure"],
];
const NEEDED: usize = 4;

impl Columns {
    fn of(first: &Record) -> Option<Self> {
        let titles: Vec<String> = first.fields.iter().map(|field| names::fold(field)).collect();
        let place = |known: &[&str]| titles.iter().position(|title| known.contains(&title.as_str()));
        let places = NAMES.map(place);
        let complete = places.iter().take(NEEDED).all(Option::is_some);
        complete.then_some(Self { places })
    }

    fn typed(&self, record: &Record) -> Typed {
        let [full_name, document, date_of_birth, sex, nationality, from, to] = self.places.map(|place| {
            let field = place.and_then(|place| record.fields.get(place));
            field.map(|field| field.trim().to_owned()).unwrap_or_default()
        });
        Typed {
            full_name,
            document,
            date_of_birth,
            sex,
            nationality,
            from,
            to,
        }
    }
}
