//! What templates may call: sentences, dates, the faults of a form.
#![expect(
    missing_docs,
    clippy::missing_errors_doc,
    clippy::inline_always,
    reason = "the attribute that makes a filter writes such code"
)]

use std::fmt::Display;

use jiff::Timestamp;
use jiff::civil::Date;

use super::scene::Scene;
use super::texts::Lang;
use super::toll::Shown;

fn of(values: &dyn askama::Values) -> askama::Result<&Scene> {
    askama::get_value::<Scene>(values, "scene")
}

/// The surroundings of the page: `{% let scene = ""|scene %}`.
#[askama::filter_fn]
pub fn scene(_: &str, values: &dyn askama::Values) -> askama::Result<Scene> {
    of(values).cloned()
}

/// A sentence: `{{ "signin-title"|say }}`.
#[askama::filter_fn]
pub fn say(id: impl Display, values: &dyn askama::Values) -> askama::Result<String> {
    Ok(of(values)?.say(&id.to_string(), &[]))
}

/// A sentence with a value: `{{ "signin-welcome"|say_with("name", self.name) }}`.
#[askama::filter_fn]
pub fn say_with<V: Display>(
    id: impl Display,
    values: &dyn askama::Values,
    name: &'static str,
    value: V,
) -> askama::Result<String> {
    Ok(of(values)?.say(&id.to_string(), &[(name, value.to_string().into())]))
}

/// What is wrong with a field of the form, or nothing.
#[askama::filter_fn]
pub fn fault(field: impl Display, values: &dyn askama::Values) -> askama::Result<String> {
    Ok(of(values)?.fault(&field.to_string()).unwrap_or_default())
}

/// The puzzle that a form pays with, where a toll is asked: `{% let toll = ""|toll %}`.
#[askama::filter_fn]
pub fn toll(_: &str, values: &dyn askama::Values) -> askama::Result<Option<Shown>> {
    Ok(of(values)?.toll.clone().filter(|toll| toll.bits > 0))
}

/// A date as people in Viet Nam write it: 22/11/2026.
#[askama::filter_fn]
pub fn day(date: &Date, _: &dyn askama::Values) -> askama::Result<String> {
    Ok(date.strftime("%d/%m/%Y").to_string())
}

/// A number with its digits in groups, as the language of the page writes them: 200.000, 200,000.
#[askama::filter_fn]
pub fn amount(number: impl Display, values: &dyn askama::Values) -> askama::Result<String> {
    Ok(grouped(&number.to_string(), of(values)?.lang))
}

fn grouped(digits: &str, lang: Lang) -> String {
    let mark = match lang {
        Lang::Vi => '.',
        Lang::En => ',',
    };
    let mut grouped = String::new();
    for (digit, left) in digits.chars().zip((0..digits.len()).rev()) {
        grouped.push(digit);
        if left > 0 && left % 3 == 0 && digit.is_ascii_digit() {
            grouped.push(mark);
        }
    }
    grouped
}

/// An instant on the clock of Viet Nam: 14:05 22/11/2026.
#[askama::filter_fn]
pub fn moment(instant: &Timestamp, _: &dyn askama::Values) -> askama::Result<String> {
    Ok(jiff::tz::Offset::constant(7)
        .to_datetime(*instant)
        .strftime("%H:%M %d/%m/%Y")
        .to_string())
}

#[cfg(test)]
mod tests {
    use super::{Lang, grouped};

    #[test]
    fn digits_stand_in_groups_as_the_language_writes_them() {
        let cases = [
            ("0", "0", "0"),
            ("999", "999", "999"),
            ("1000", "1.000", "1,000"),
            ("200000", "200.000", "200,000"),
            ("-200000", "-200.000", "-200,000"),
            ("100000000", "100.000.000", "100,000,000"),
        ];

        for (digits, vi, en) in cases {
            assert_eq!(
                (grouped(digits, Lang::Vi).as_str(), grouped(digits, Lang::En).as_str()),
                (vi, en)
            );
        }
    }
}
