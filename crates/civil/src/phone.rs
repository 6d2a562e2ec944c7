//! Vietnamese mobile numbers.

use std::fmt;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// A mobile number of Viet Nam: nine digits after the country code 84.
///
/// It is personal data: `Debug` shows the masked form. In JSON it is its E.164 string.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Phone(String);

/// Why a text is not a Vietnamese mobile number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum PhoneError {
    /// Nothing was given.
    #[error("the phone number is empty")]
    Empty,
    /// Something other than digits and the usual separators is in it.
    #[error("the phone number has characters other than digits")]
    NotDigits,
    /// Another country's code.
    #[error("the phone number is of another country")]
    Foreign,
    /// Too few or too many digits.
    #[error("a mobile number has ten digits, the first of them 0")]
    Length,
    /// An eleven-digit number `01…`, replaced by ten digits in 2018.
    #[error("the phone number is an old one of eleven digits")]
    OldElevenDigits,
    /// `02…`: a landline, which cannot receive messages.
    #[error("the phone number is a landline")]
    Landline,
    /// No mobile network has this prefix.
    #[error("the phone number is not one of a mobile network")]
    NotMobile,
}

/// Longest text that is looked at: digits with generous separators.
const MAX_TEXT: usize = 40;

impl Phone {
    /// Reads `0912345678`, `+84 912 345 678`, `84912345678`, `0084…`, with spaces, dots, hyphens and brackets.
    ///
    /// # Errors
    /// [`PhoneError`] says what is wrong, without the text itself.
    pub fn parse(text: &str) -> Result<Self, PhoneError> {
        if text.len() > MAX_TEXT {
            return Err(PhoneError::Length);
        }
        let compact: String = text
            .chars()
            .filter(|c| !c.is_whitespace() && !".-()".contains(*c))
            .collect();
        if compact.is_empty() {
            return Err(PhoneError::Empty);
        }
        let digits = compact.strip_prefix('+').unwrap_or(&compact);
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(PhoneError::NotDigits);
        }
        let subscriber = subscriber(&compact, digits)?;
        check(subscriber)?;
        Ok(Self(subscriber.to_owned()))
    }

    /// International form, `+84912345678` (ITU-T E.164).
    pub fn e164(&self) -> String {
        format!("+84{}", self.0)
    }

    /// National form, `0912345678`.
    pub fn national(&self) -> String {
        format!("0{}", self.0)
    }

    /// The form for screens and logs: `091****678`.
    pub fn masked(&self) -> String {
        let (head, tail) = (self.0.get(..2).unwrap_or(""), self.0.get(6..).unwrap_or(""));
        format!("0{head}****{tail}")
    }
}

/// Cuts off the country code or the trunk zero.
fn subscriber<'a>(compact: &str, digits: &'a str) -> Result<&'a str, PhoneError> {
    let international = compact.starts_with('+');
    if let Some(rest) = digits.strip_prefix("00").filter(|_| !international) {
        return rest.strip_prefix("84").map(without_zero).ok_or(PhoneError::Foreign);
    }
    match digits.strip_prefix("84") {
        Some(rest) if international => Ok(without_zero(rest)),
        Some(rest) if digits.len() >= 11 => Ok(without_zero(rest)),
        _ if international => Err(PhoneError::Foreign),
        _ => digits.strip_prefix('0').ok_or(PhoneError::Length),
    }
}

/// People write `+84 0912…` too.
fn without_zero(digits: &str) -> &str {
    digits.strip_prefix('0').unwrap_or(digits)
}

fn check(subscriber: &str) -> Result<(), PhoneError> {
    match (subscriber.as_bytes().first(), subscriber.len()) {
        (Some(b'2'), 8..=10) => Err(PhoneError::Landline),
        (Some(b'1'), 10) => Err(PhoneError::OldElevenDigits),
        (Some(b'3' | b'5' | b'7' | b'8' | b'9'), 9) => Ok(()),
        (_, 9) => Err(PhoneError::NotMobile),
        _ => Err(PhoneError::Length),
    }
}

impl fmt::Debug for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Phone({})", self.masked())
    }
}

impl TryFrom<String> for Phone {
    type Error = PhoneError;

    fn try_from(text: String) -> Result<Self, PhoneError> {
        Self::parse(&text)
    }
}

impl From<Phone> for String {
    fn from(phone: Phone) -> Self {
        phone.e164()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_number_is_read_as_people_write_it() {
        for text in [
            "0912345678",
            "+84912345678",
            "84912345678",
            "0084912345678",
            " 0912 345 678 ",
            "0912.345.678",
            "(+84) 912-345-678",
            "+84 0912 345 678",
        ] {
            assert_eq!(Phone::parse(text).unwrap().e164(), "+84912345678", "{text}");
        }
    }

    #[test]
    fn a_text_that_is_not_a_mobile_number_is_refused_by_reason() {
        for (text, reason) in [
            ("", PhoneError::Empty),
            (" - ", PhoneError::Empty),
            ("+", PhoneError::NotDigits),
            ("09123x5678", PhoneError::NotDigits),
            ("+1 202 555 0100", PhoneError::Foreign),
            ("001 202 555 0100", PhoneError::Foreign),
            ("091234567", PhoneError::Length),
            ("09123456789", PhoneError::Length),
            ("912345678", PhoneError::Length),
            ("01234567890", PhoneError::OldElevenDigits),
            ("02438123456", PhoneError::Landline),
            ("0412345678", PhoneError::NotMobile),
        ] {
            assert_eq!(Phone::parse(text).unwrap_err(), reason, "{text}");
        }
    }

    #[test]
    fn a_number_does_not_leak_when_it_is_printed() {
        let phone = Phone::parse("0912345678").unwrap();

        assert_eq!(format!("{phone:?}"), "Phone(091****678)");
        assert_eq!(phone.national(), "0912345678");
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "[0-9+ .()-]{0,20}|\\PC*") {
            if let Ok(phone) = Phone::parse(&text) {
                prop_assert_eq!(&Phone::parse(&phone.e164()).unwrap(), &phone);
                prop_assert_eq!(&Phone::parse(&phone.national()).unwrap(), &phone);
            }
        }
    }
}
