//! DG13: the national data of the 2021 card.
//!
//! `6D { SEQUENCE { INTEGER 1, OID 1.0.10646.1.0.8, SET OF SEQUENCE { INTEGER field, value } } }`, confirmed by three
//! independent public readers. A value is a text, for the parents and the spouse a sequence of texts. Any field may be
//! missing or empty. The second part of the 2024 card (Circular 16/2024/TT-BCA Article 6) has an encoding that is not
//! public: it is not read here.

use std::collections::BTreeMap;
use std::fmt;
use std::fmt::Write as _;

use jiff::civil::Date;
use unicode_normalization::UnicodeNormalization;

use super::{ChipFileError, tlv};
use crate::dates;
use crate::personal_number::PersonalNumber;
use crate::sex::Sex;

/// The fields of DG13 by number, as the chip writes them: dates `dd/MM/yyyy`, sex `Nam` or `Nữ`.
///
/// It is personal data: `Debug` shows only which fields there are.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Dg13(BTreeMap<u8, Vec<String>>);

/// The known fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Dg13Field {
    /// The personal number.
    Number = 1,
    /// Full name with diacritics.
    FullName = 2,
    /// Date of birth, `dd/MM/yyyy`.
    DateOfBirth = 3,
    /// `Nam` or `Nữ`.
    Sex = 4,
    /// *Quốc tịch*.
    Nationality = 5,
    /// *Dân tộc*.
    Ethnicity = 6,
    /// *Tôn giáo*.
    Religion = 7,
    /// *Quê quán*.
    Origin = 8,
    /// *Nơi thường trú*.
    Residence = 9,
    /// *Đặc điểm nhận dạng*.
    IdentifyingMarks = 10,
    /// Date of issue, `dd/MM/yyyy`.
    IssuedOn = 11,
    /// Date of expiry, `dd/MM/yyyy`, or words on a card without expiry.
    ExpiresOn = 12,
    /// Father and mother.
    Parents = 13,
    /// The spouse.
    Spouse = 14,
    /// The nine-digit number of the old card.
    OldNumber = 15,
    /// Sixteen hexadecimal digits whose meaning is not public.
    Sixteen = 16,
}

const FILE: u16 = 0x6d;
const INTEGER: u16 = 0x02;
const OCTET_STRING: u16 = 0x04;
const OBJECT_IDENTIFIER: u16 = 0x06;
const UTF8_STRING: u16 = 0x0c;
const PRINTABLE_STRING: u16 = 0x13;
const SEQUENCE: u16 = 0x30;
const SET: u16 = 0x31;

/// 1.0.10646.1.0.8: Unicode, UTF-8.
const UTF_8: [u8; 6] = [0x28, 0xd3, 0x16, 0x01, 0x00, 0x08];

/// DG13 holds a page of text; no honest file comes near.
const MAX_SIZE: usize = 32 * 1024;

impl Dg13 {
    /// Takes texts by field; those of one field stay in order.
    pub fn new(fields: impl IntoIterator<Item = (Dg13Field, String)>) -> Self {
        let mut all = Self::default();
        for (field, text) in fields {
            all.0.entry(field as u8).or_default().push(text);
        }
        all
    }

    /// Reads DG13. Texts come out in NFC; octets that are not UTF-8 as hexadecimal digits.
    ///
    /// # Errors
    /// [`ChipFileError`]: `TooLarge`, `Structure`, `Text` or `Duplicate`.
    pub fn parse(file: &[u8]) -> Result<Self, ChipFileError> {
        if file.len() > MAX_SIZE {
            return Err(ChipFileError::TooLarge);
        }
        let mut fields = BTreeMap::new();
        for entry in tlv::all(set_of(file).ok_or(ChipFileError::Structure)?) {
            let (number, texts) = read_field(entry.ok_or(ChipFileError::Structure)?)?;
            if fields.insert(number, texts).is_some() {
                return Err(ChipFileError::Duplicate);
            }
        }
        Ok(Self(fields))
    }

    /// Builds DG13, every text as UTF-8.
    pub fn to_bytes(&self) -> Vec<u8> {
        let fields: Vec<u8> = self
            .0
            .iter()
            .flat_map(|(number, texts)| write_field(*number, texts))
            .collect();
        let content = [
            tlv::write(INTEGER, &[1]),
            tlv::write(OBJECT_IDENTIFIER, &UTF_8),
            tlv::write(SET, &fields),
        ];
        tlv::write(FILE, &tlv::write(SEQUENCE, &content.concat()))
    }

    /// The text of a field; `None` when it is missing or empty.
    pub fn text(&self, field: Dg13Field) -> Option<&str> {
        self.texts(field)
            .first()
            .map(String::as_str)
            .filter(|text| !text.is_empty())
    }

    /// All texts of a field: father and mother, in this order, for [`Dg13Field::Parents`].
    pub fn texts(&self, field: Dg13Field) -> &[String] {
        self.0.get(&(field as u8)).map_or(&[], Vec::as_slice)
    }

    /// The personal number, if there is a sound one.
    pub fn number(&self) -> Option<PersonalNumber> {
        PersonalNumber::parse(self.text(Dg13Field::Number)?).ok()
    }

    /// The sex, if there is one.
    pub fn sex(&self) -> Option<Sex> {
        Sex::from_vietnamese(self.text(Dg13Field::Sex)?)
    }

    /// A date field as a date; `None` when it is missing or written in words.
    pub fn date(&self, field: Dg13Field) -> Option<Date> {
        let (day, rest) = self.text(field)?.trim().split_once('/')?;
        let (month, year) = rest.split_once('/')?;
        dates::from_ddmmyyyy(&format!("{day:0>2}{month:0>2}{year}"))
    }
}

impl fmt::Debug for Dg13 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Dg13(fields {:?})", self.0.keys())
    }
}

fn set_of(file: &[u8]) -> Option<&[u8]> {
    let sequence = tlv::only(SEQUENCE, tlv::only(FILE, file)?)?;
    let (version, rest) = tlv::first(sequence)?;
    let (encoding, rest) = tlv::first(rest)?;
    let known = version
        == tlv::Object {
            tag: INTEGER,
            content: &[1],
        }
        && encoding
            == tlv::Object {
                tag: OBJECT_IDENTIFIER,
                content: &UTF_8,
            };
    tlv::only(SET, rest).filter(|_| known)
}

fn read_field(entry: tlv::Object<'_>) -> Result<(u8, Vec<String>), ChipFileError> {
    let parts = (entry.tag == SEQUENCE).then(|| tlv::first(entry.content)).flatten();
    match parts {
        Some((
            tlv::Object {
                tag: INTEGER,
                content: &[number],
            },
            [],
        )) => Ok((number, Vec::new())),
        Some((
            tlv::Object {
                tag: INTEGER,
                content: &[number],
            },
            value,
        )) => match tlv::first(value) {
            Some((value, [])) => texts_of(value).map(|texts| (number, texts)),
            _ => Err(ChipFileError::Structure),
        },
        _ => Err(ChipFileError::Structure),
    }
}

fn texts_of(value: tlv::Object<'_>) -> Result<Vec<String>, ChipFileError> {
    if value.tag != SEQUENCE {
        return text_of(value).map(|text| vec![text]);
    }
    tlv::all(value.content)
        .map(|part| text_of(part.ok_or(ChipFileError::Structure)?))
        .collect()
}

fn text_of(value: tlv::Object<'_>) -> Result<String, ChipFileError> {
    match (value.tag, std::str::from_utf8(value.content)) {
        (UTF8_STRING | PRINTABLE_STRING | OCTET_STRING, Ok(text)) => Ok(text.nfc().collect()),
        (OCTET_STRING, Err(_)) => Ok(hexadecimal(value.content)),
        (UTF8_STRING | PRINTABLE_STRING, Err(_)) => Err(ChipFileError::Text),
        _ => Err(ChipFileError::Structure),
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _infallible = write!(text, "{byte:02X}");
        text
    })
}

fn write_field(number: u8, texts: &[String]) -> Vec<u8> {
    let texts_written: Vec<u8> = texts
        .iter()
        .flat_map(|text| tlv::write(UTF8_STRING, text.nfc().collect::<String>().as_bytes()))
        .collect();
    let nested = matches!(number, 13 | 14) || texts.len() > 1;
    let value = if nested {
        tlv::write(SEQUENCE, &texts_written)
    } else {
        texts_written
    };
    tlv::write(SEQUENCE, &[tlv::write(INTEGER, &[number]), value].concat())
}
