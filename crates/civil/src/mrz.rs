//! The machine-readable zone of a card: ICAO 9303 TD1, three lines of thirty characters.
//!
//! National rules, confirmed on published samples: the document number is the last nine digits of the personal number,
//! the optional data of line 1 hold all twelve, two fillers and a check digit of their own (which ICAO does not ask
//! for), and a card without expiry prints `991231`.

use std::fmt;

use jiff::civil::{Date, date};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::personal_number::{PersonalNumber, PersonalNumberError};
use crate::sex::Sex;
use crate::{dates, names};

/// The content of a Vietnamese TD1 zone.
///
/// The zone writes two digits of the birth year; the century is that of the personal number. It is personal data: `Debug`
/// shows the masked number alone.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Td1 {
    /// The personal number, from the optional data of line 1.
    pub number: PersonalNumber,
    /// The date of birth.
    pub date_of_birth: Date,
    /// The sex.
    pub sex: Sex,
    /// The last day of validity; `None` for a card without expiry.
    pub expires_on: Option<Date>,
    /// Surname in capital Latin letters.
    pub surname: String,
    /// The other names in capital Latin letters, single-spaced; may be cut off at the end of the line.
    pub given_names: String,
}

/// Why a text is not the zone of a Vietnamese card. It never holds the text itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Td1Error {
    /// Not three lines of thirty characters.
    #[error("the zone does not have three lines of thirty characters")]
    Length,
    /// A character other than `A`–`Z`, `0`–`9` and `<`.
    #[error("the zone has a character that does not belong in it")]
    Character,
    /// Line 1 does not begin with `IDVNM`, or the nationality is not `VNM`.
    #[error("the zone is not of a vietnamese identity card")]
    NotVietnamese,
    /// A check digit does not fit its field: misread, or tampered with.
    #[error("the check digit of {0:?} is wrong")]
    CheckDigit(Td1Field),
    /// The optional data are not a personal number with its two fillers.
    #[error("the optional data are not a personal number: {0}")]
    Number(PersonalNumberError),
    /// The document number is not the end of the personal number.
    #[error("the document number is not the end of the personal number")]
    NumbersDiffer,
    /// Not a day of the calendar.
    #[error("{0:?} is not a date")]
    Date(Td1Field),
    /// Neither `M` nor `F`.
    #[error("the sex is neither M nor F")]
    Sex,
    /// The name is empty or has digits in it.
    #[error("the name line is not a name")]
    Name,
}

/// What a check digit or a date belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Td1Field {
    /// The document number (last nine digits of the personal number).
    DocumentNumber,
    /// The personal number in the optional data.
    PersonalNumber,
    /// The date of birth.
    DateOfBirth,
    /// The date of expiry.
    ExpiresOn,
    /// All of it.
    Composite,
}

const LINE: usize = 30;

/// Printed on cards that do not expire.
const NO_EXPIRY: &str = "991231";

impl Td1 {
    /// Takes over what a card prints; the name is transliterated, its first word is the surname.
    pub fn new(
        number: PersonalNumber,
        full_name: &str,
        date_of_birth: Date,
        sex: Sex,
        expires_on: Option<Date>,
    ) -> Self {
        let latin = names::ascii_upper(full_name);
        let (surname, given_names) = latin.split_once(' ').unwrap_or((&latin, ""));
        let (surname, given_names) = (surname.to_owned(), given_names.to_owned());
        Self {
            number,
            date_of_birth,
            sex,
            expires_on,
            surname,
            given_names,
        }
    }

    /// What opens the chip (ICAO 9303-11 section 4.3.2): document number, date of birth and last day, each with its check
    /// digit.
    pub fn access_information(&self) -> String {
        let [first, second, _] = self.lines();
        [cut(&first, 5, 15), cut(&second, 0, 7), cut(&second, 8, 15)].concat()
    }

    /// Reads the three lines, with or without line ends between them (the chip stores them without).
    ///
    /// # Errors
    /// [`Td1Error`] says what is wrong. All five check digits are verified, and the number against itself.
    pub fn parse(text: &str) -> Result<Self, Td1Error> {
        let compact: String = text
            .chars()
            .filter(|c| !c.is_ascii_whitespace())
            .take(3 * LINE + 1)
            .collect();
        if !compact
            .bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'<')
        {
            return Err(Td1Error::Character);
        }
        let (first, rest) = compact.split_at_checked(LINE).ok_or(Td1Error::Length)?;
        let (second, third) = rest.split_at_checked(LINE).ok_or(Td1Error::Length)?;
        if third.len() != LINE {
            return Err(Td1Error::Length);
        }
        if cut(first, 0, 5) != "IDVNM" || cut(second, 15, 18) != "VNM" {
            return Err(Td1Error::NotVietnamese);
        }
        verify(first, second)?;
        read(first, second, third)
    }

    /// The three lines, each thirty characters.
    pub fn lines(&self) -> [String; 3] {
        let number = self.number.as_str();
        let document = cut(number, 3, 12);
        let first = format!(
            "IDVNM{document}{}{number}<<{}",
            check_digit(document),
            check_digit(number)
        );
        let birth = dates::to_yymmdd(self.date_of_birth);
        let expiry = self.expires_on.map_or(NO_EXPIRY.to_owned(), dates::to_yymmdd);
        let second = format!(
            "{birth}{}{}{expiry}{}VNM<<<<<<<<<<<",
            check_digit(&birth),
            self.sex.letter(),
            check_digit(&expiry),
        );
        let composite = check_digit(&composite_of(&first, &second));
        [first, format!("{second}{composite}"), self.name_line()]
    }

    /// The ninety characters without line ends, as data group 1 of the chip stores them.
    pub fn to_text(&self) -> String {
        self.lines().concat()
    }

    /// ICAO 9303-5 section 4.2.3: a name that does not fit is cut, and then ends in a letter.
    fn name_line(&self) -> String {
        let full = format!("{}<<{}", self.surname, self.given_names).replace(' ', "<");
        let mut line: Vec<char> = full.trim_end_matches('<').chars().collect();
        if line.len() > LINE && line.get(LINE - 1) == Some(&'<') {
            let letter = line.iter().take(LINE).rposition(|c| *c != '<').unwrap_or(0);
            line.remove(letter);
        }
        line.resize(LINE, '<');
        line.into_iter().collect()
    }
}

impl fmt::Debug for Td1 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Td1")
            .field("number", &self.number)
            .finish_non_exhaustive()
    }
}

/// Check digit of ICAO 9303-3 section 4.9: weights 7, 3, 1; `A` is 10, `<` is 0.
pub fn check_digit(field: &str) -> char {
    let weighted = |(byte, weight): (u8, u32)| weight * char::from(byte).to_digit(36).unwrap_or(0);
    let sum: u32 = field.bytes().zip([7, 3, 1].into_iter().cycle()).map(weighted).sum();
    char::from_digit(sum % 10, 10).unwrap_or('0')
}

fn verify(first: &str, second: &str) -> Result<(), Td1Error> {
    let composite = composite_of(first, second);
    for (field, text, digit) in [
        (Td1Field::DocumentNumber, cut(first, 5, 14), cut(first, 14, 15)),
        (Td1Field::PersonalNumber, cut(first, 15, 27), cut(first, 29, 30)),
        (Td1Field::DateOfBirth, cut(second, 0, 6), cut(second, 6, 7)),
        (Td1Field::ExpiresOn, cut(second, 8, 14), cut(second, 14, 15)),
        (Td1Field::Composite, &composite, cut(second, 29, 30)),
    ] {
        if !digit.starts_with(check_digit(text)) {
            return Err(Td1Error::CheckDigit(field));
        }
    }
    Ok(())
}

fn read(first: &str, second: &str, third: &str) -> Result<Td1, Td1Error> {
    let number = PersonalNumber::parse(cut(first, 15, 27)).map_err(Td1Error::Number)?;
    if cut(first, 27, 29) != "<<" {
        return Err(Td1Error::Number(PersonalNumberError::Length));
    }
    if !number.as_str().ends_with(cut(first, 5, 14)) {
        return Err(Td1Error::NumbersDiffer);
    }
    let century = number.birth_year() / 100 * 100;
    let birth = dates::from_yymmdd(cut(second, 0, 6), century).ok_or(Td1Error::Date(Td1Field::DateOfBirth))?;
    let sex = [Sex::Male, Sex::Female]
        .into_iter()
        .find(|sex| cut(second, 7, 8).starts_with(sex.letter()));
    let (surname, given_names) = name_of(third)?;
    Ok(Td1 {
        number,
        date_of_birth: birth,
        sex: sex.ok_or(Td1Error::Sex)?,
        expires_on: expiry_of(cut(second, 8, 14))?,
        surname,
        given_names,
    })
}

fn expiry_of(text: &str) -> Result<Option<Date>, Td1Error> {
    let expires = dates::from_yymmdd(text, 2000).ok_or(Td1Error::Date(Td1Field::ExpiresOn))?;
    Ok((expires != date(2099, 12, 31)).then_some(expires))
}

fn name_of(line: &str) -> Result<(String, String), Td1Error> {
    let line = line.trim_end_matches('<');
    let (surname, given) = line.split_once("<<").unwrap_or((line, ""));
    let words = |text: &str| text.split('<').collect::<Vec<_>>().join(" ");
    let sound = |text: &str| {
        text.split('<')
            .all(|word| !word.is_empty() && word.bytes().all(|b| b.is_ascii_uppercase()))
    };
    if sound(surname) && (given.is_empty() || sound(given)) {
        Ok((words(surname), words(given)))
    } else {
        Err(Td1Error::Name)
    }
}

/// ICAO 9303-5 section 4.2.4: line 1 from the sixth character, and three parts of line 2.
fn composite_of(first: &str, second: &str) -> String {
    [
        cut(first, 5, 30),
        cut(second, 0, 7),
        cut(second, 8, 15),
        cut(second, 18, 29),
    ]
    .concat()
}

/// A part of a line that is known to be ASCII; nothing where the line is too short.
fn cut(line: &str, from: usize, to: usize) -> &str {
    line.get(from..to).unwrap_or("")
}

#[cfg(test)]
mod tests;
