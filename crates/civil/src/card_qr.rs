//! The text in the QR code of a chip card.
//!
//! It is unsigned plain text, so it proves nothing: it saves typing, and everything in it must be checked against the
//! population database.
//!
//! - 2021 card (*CCCD gắn chip*): seven fields parted by `|`: personal number, old nine-digit number or nothing, full
//!   name, date of birth `ddMMyyyy`, `Nam` or `Nữ`, address, date of issue `ddMMyyyy`.
//! - A variant without the old number (six fields) is described publicly and tolerated.
//! - 2024 card (*thẻ căn cước*, Circular 16/2024/TT-BCA): the same and more. The order of what follows is not public, so
//!   up to five further fields are kept as they are.

use std::fmt;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use thiserror::Error;
use unicode_normalization::UnicodeNormalization;

use crate::personal_number::{Contradiction, PersonalNumber, PersonalNumberError};
use crate::sex::Sex;
use crate::{dates, names};

/// What the QR code of a card says.
///
/// It is personal data: `Debug` shows the masked number alone.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardQr {
    /// The personal number.
    pub number: PersonalNumber,
    /// The number of the old identity card (*chứng minh nhân dân*), nine digits.
    pub old_number: Option<String>,
    /// The name with diacritics, in NFC and single-spaced; case as on the card.
    pub full_name: String,
    /// The date of birth.
    pub date_of_birth: Date,
    /// The sex.
    pub sex: Sex,
    /// Permanent residence (2021) or residence (2024), in NFC and single-spaced.
    pub address: String,
    /// The date of issue of the card.
    pub issued_on: Date,
    /// What stands after the seventh field, uninterpreted.
    #[serde(default)]
    pub extra: Vec<String>,
}

/// Why a text is not the QR text of a card. It never holds the text itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum CardQrError {
    /// More than [`MAX_TEXT`] bytes.
    #[error("the text is longer than a QR code can hold")]
    TooLong,
    /// A QR code, but of something else (a web address, a payment …).
    #[error("this is not the QR code of an identity card")]
    NotACard,
    /// A card has 6 to 12 fields.
    #[error("the QR code has {0} fields where a card has 6 to 12")]
    FieldCount(usize),
    /// One field is not what it must be.
    #[error("field {field:?} is refused: {reason}")]
    Field {
        /// Which field.
        field: CardField,
        /// What is wrong with it.
        reason: FieldReason,
    },
}

/// A field of the QR text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum CardField {
    /// The personal number.
    Number,
    /// The old nine-digit number.
    OldNumber,
    /// The full name.
    FullName,
    /// The date of birth.
    DateOfBirth,
    /// The sex.
    Sex,
    /// The address.
    Address,
    /// The date of issue.
    IssuedOn,
    /// One of the fields after the seventh.
    Extra,
}

/// What is wrong with a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum FieldReason {
    /// It is empty and must not be.
    #[error("it is empty")]
    Empty,
    /// It has characters that steer a terminal or turn the direction of writing.
    #[error("it has control characters")]
    ControlCharacter,
    /// It is not a personal number.
    #[error("{0}")]
    Number(PersonalNumberError),
    /// It is not nine digits.
    #[error("it does not have nine digits")]
    NotNineDigits,
    /// It has characters that no name has.
    #[error("it is not a name")]
    NotAName,
    /// It is not a day of the calendar as `ddMMyyyy`.
    #[error("it is not a date")]
    NotADate,
    /// It is neither `Nam` nor `Nữ`.
    #[error("it is neither Nam nor Nữ")]
    NotASex,
    /// The card was issued before its holder was born.
    #[error("it is before the date of birth")]
    BeforeBirth,
}

/// The bytes that the largest QR code (version 40, level L) can hold.
pub const MAX_TEXT: usize = 2_953;

impl CardQr {
    /// Reads the text of a card's QR code. Text is brought to NFC, spaces to single ones; a line end after it is ignored.
    ///
    /// The number is not compared with sex and date of birth here: see [`CardQr::contradiction`].
    ///
    /// # Errors
    /// [`CardQrError`] says which field is wrong and why.
    pub fn parse(text: &str) -> Result<Self, CardQrError> {
        if text.len() > MAX_TEXT {
            return Err(CardQrError::TooLong);
        }
        let text = text.trim_start_matches('\u{feff}').trim_matches(['\r', '\n']);
        let fields: Vec<&str> = text.split('|').map(str::trim).collect();
        match *fields.as_slice() {
            [] | [_] => Err(CardQrError::NotACard),
            [number, name, birth, sex, address, issued] => read([number, "", name, birth, sex, address, issued], &[]),
            [number, old, name, birth, sex, address, issued, ref extra @ ..] if extra.len() <= 5 => {
                read([number, old, name, birth, sex, address, issued], extra)
            }
            _ => Err(CardQrError::FieldCount(fields.len())),
        }
    }

    /// Writes the text of the 2021 layout, with the extra fields after it.
    ///
    /// A `|` inside a field would part it; it is written as a space.
    pub fn to_text(&self) -> String {
        let mut fields = vec![
            self.number.as_str().to_owned(),
            self.old_number.clone().unwrap_or_default(),
            self.full_name.clone(),
            dates::to_ddmmyyyy(self.date_of_birth),
            self.sex.vietnamese().to_owned(),
            self.address.clone(),
            dates::to_ddmmyyyy(self.issued_on),
        ];
        fields.extend(self.extra.iter().cloned());
        fields
            .iter()
            .map(|field| field.replace('|', " "))
            .collect::<Vec<_>>()
            .join("|")
    }

    /// What of the card's own data its number speaks against.
    pub fn contradiction(&self) -> Option<Contradiction> {
        self.number.contradiction(self.sex, self.date_of_birth)
    }
}

impl fmt::Debug for CardQr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CardQr")
            .field("number", &self.number)
            .finish_non_exhaustive()
    }
}

fn read(fields: [&str; 7], extra: &[&str]) -> Result<CardQr, CardQrError> {
    let [number, old_number, name, birth, sex, address, issued] = fields;
    let number = PersonalNumber::parse(filled(CardField::Number, number)?)
        .map_err(|reason| refused(CardField::Number, FieldReason::Number(reason)))?;
    let full_name = text_of(CardField::FullName, name)?;
    if !names::is_plausible(&full_name) {
        return Err(refused(CardField::FullName, FieldReason::NotAName));
    }
    let date_of_birth = date_of(CardField::DateOfBirth, birth)?;
    let sex = Sex::from_vietnamese(&text_of(CardField::Sex, sex)?);
    let issued_on = date_of(CardField::IssuedOn, issued)?;
    if issued_on < date_of_birth {
        return Err(refused(CardField::IssuedOn, FieldReason::BeforeBirth));
    }
    Ok(CardQr {
        number,
        old_number: old_number_of(old_number)?,
        full_name,
        date_of_birth,
        sex: sex.ok_or(refused(CardField::Sex, FieldReason::NotASex))?,
        address: text_of(CardField::Address, address)?,
        issued_on,
        extra: extra
            .iter()
            .map(|field| clean(CardField::Extra, field))
            .collect::<Result<_, _>>()?,
    })
}

fn old_number_of(text: &str) -> Result<Option<String>, CardQrError> {
    match text.len() {
        0 => Ok(None),
        9 if text.bytes().all(|byte| byte.is_ascii_digit()) => Ok(Some(text.to_owned())),
        _ => Err(refused(CardField::OldNumber, FieldReason::NotNineDigits)),
    }
}

fn date_of(field: CardField, text: &str) -> Result<Date, CardQrError> {
    dates::from_ddmmyyyy(filled(field, text)?).ok_or(refused(field, FieldReason::NotADate))
}

fn text_of(field: CardField, text: &str) -> Result<String, CardQrError> {
    clean(field, filled(field, text)?).map(|text| names::normalise(&text))
}

fn filled(field: CardField, text: &str) -> Result<&str, CardQrError> {
    if text.is_empty() {
        Err(refused(field, FieldReason::Empty))
    } else {
        Ok(text)
    }
}

fn clean(field: CardField, text: &str) -> Result<String, CardQrError> {
    if text.chars().any(steers) {
        Err(refused(field, FieldReason::ControlCharacter))
    } else {
        Ok(text.nfc().collect())
    }
}

/// Control characters, and the invisible ones that reorder or hide text (Unicode TR 36).
fn steers(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

fn refused(field: CardField, reason: FieldReason) -> CardQrError {
    CardQrError::Field { field, reason }
}

#[cfg(test)]
mod tests;
