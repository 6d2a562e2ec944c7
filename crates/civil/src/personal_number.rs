//! The personal identification number, *số định danh cá nhân*.
//!
//! Twelve digits `PPP G YY RRRRRR`: place of birth registration, century and sex, last two digits of the birth year,
//! six random digits (Decree 137/2015/NĐ-CP Article 13, Circular 59/2021/TT-BCA Article 4). There is **no check digit**:
//! a number can only be checked for structure and for agreement with the data declared beside it.
//!
//! A number can be cancelled and another be set (Luật Căn cước 26/2023/QH15 Article 12), so it is an attribute of a
//! person with a history, never a key.

mod birth_places;

use std::fmt;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::sex::Sex;
pub use birth_places::{BirthPlaceCode, CountryCodes, CountryCodesError, PROVINCES};

/// A personal number of sound structure.
///
/// It is personal data: `Debug` shows the masked form, there is no `Display`, and the digits leave by
/// [`PersonalNumber::as_str`] alone. In JSON it is its string.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PersonalNumber {
    digits: String,
    place: BirthPlaceCode,
    century_and_sex: u8,
    year_of_century: u8,
}

/// Why a text is not a personal number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum PersonalNumberError {
    /// Something other than the digits 0–9 is in it.
    #[error("the personal number has characters other than digits")]
    NotDigits,
    /// Nine digits: that is an old *chứng minh nhân dân*, no longer valid since 1/1/2025 (Luật Căn cước Article 46).
    #[error("nine digits are an old identity card number, not a personal number")]
    OldIdentityCard,
    /// Not twelve digits.
    #[error("the personal number does not have twelve digits")]
    Length,
    /// The first three digits name no province, and no country either.
    #[error("the first three digits of the personal number name no place")]
    UnknownPlace,
    /// A number was to be composed for a birth year or a serial number outside the system.
    #[error("the birth year or the serial number is out of range")]
    OutOfRange,
}

/// Which declared datum a personal number speaks against.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Contradiction {
    /// The fourth digit says the other sex.
    Sex,
    /// The fourth to sixth digit say another year of birth.
    BirthYear,
    /// Both.
    SexAndBirthYear,
}

impl PersonalNumber {
    /// Reads exactly twelve digits, nothing before, between or after.
    ///
    /// # Errors
    /// [`PersonalNumberError`] says what is wrong, without the text itself.
    pub fn parse(text: &str) -> Result<Self, PersonalNumberError> {
        if !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(PersonalNumberError::NotDigits);
        }
        let digits: &[u8; 12] = match text.len() {
            9 => return Err(PersonalNumberError::OldIdentityCard),
            _ => text.as_bytes().as_array().ok_or(PersonalNumberError::Length)?,
        };
        let [p1, p2, p3, century_and_sex, y1, y2, ..] = digits.map(|byte| byte - b'0');
        let place = u16::from(p1) * 100 + u16::from(p2) * 10 + u16::from(p3);
        Ok(Self {
            digits: text.to_owned(),
            place: BirthPlaceCode::new(place).ok_or(PersonalNumberError::UnknownPlace)?,
            century_and_sex,
            year_of_century: y1 * 10 + y2,
        })
    }

    /// Puts a number together; `serial` is the six last digits.
    ///
    /// # Errors
    /// [`PersonalNumberError::OutOfRange`] for a year outside 1900–2399 or a serial number above 999 999.
    pub fn compose(place: BirthPlaceCode, sex: Sex, birth_year: i16, serial: u32) -> Result<Self, PersonalNumberError> {
        if !(1900..2400).contains(&birth_year) || serial > 999_999 {
            return Err(PersonalNumberError::OutOfRange);
        }
        let century_and_sex = (birth_year - 1900) / 100 * 2 + i16::from(sex == Sex::Female);
        Self::parse(&format!("{place}{century_and_sex}{:02}{serial:06}", birth_year % 100))
    }

    /// The twelve digits.
    pub fn as_str(&self) -> &str {
        &self.digits
    }

    /// Where the birth was registered.
    pub fn birth_province(&self) -> BirthPlaceCode {
        self.place
    }

    /// The sex that the fourth digit says: even is male (Circular 07/2016/TT-BCA, Annex III).
    pub fn sex(&self) -> Sex {
        if self.century_and_sex.is_multiple_of(2) {
            Sex::Male
        } else {
            Sex::Female
        }
    }

    /// The full year of birth, 1900–2399.
    pub fn birth_year(&self) -> i16 {
        1900 + i16::from(self.century_and_sex / 2) * 100 + i16::from(self.year_of_century)
    }

    /// The number as screens show it: the middle eight digits hidden, `00********01`.
    pub fn masked(&self) -> String {
        let (head, tail) = (self.digits.get(..2).unwrap_or(""), self.digits.get(10..).unwrap_or(""));
        format!("{head}********{tail}")
    }

    /// What of the declared data the number speaks against, if anything.
    pub fn contradiction(&self, sex: Sex, date_of_birth: Date) -> Option<Contradiction> {
        match (self.sex() == sex, self.birth_year() == date_of_birth.year()) {
            (true, true) => None,
            (false, true) => Some(Contradiction::Sex),
            (true, false) => Some(Contradiction::BirthYear),
            (false, false) => Some(Contradiction::SexAndBirthYear),
        }
    }
}

impl fmt::Debug for PersonalNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PersonalNumber({})", self.masked())
    }
}

impl TryFrom<String> for PersonalNumber {
    type Error = PersonalNumberError;

    fn try_from(text: String) -> Result<Self, PersonalNumberError> {
        Self::parse(&text)
    }
}

impl From<PersonalNumber> for String {
    fn from(number: PersonalNumber) -> Self {
        number.digits
    }
}

#[cfg(test)]
mod tests;
