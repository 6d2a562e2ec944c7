//! From the record of a source to the paper on a page, for each kind. No I/O.

use jiff::civil::Date;

use super::rules::{Badge, Content, Field, Part};
use crate::registries::Residence;

mod health;
mod identity;
mod traffic;
mod welfare;

pub(super) use traffic::in_two;

#[cfg(test)]
mod tests;

/// A record that is shown as a paper.
pub(super) trait Paper {
    /// The paper on a day.
    fn content(&self, today: Date) -> Content;
}

/// A field that may be missing.
fn maybe(name: &'static str, text: Option<&String>) -> Option<Field> {
    text.map(|text| Field::text(name, text.as_str()))
}

/// An address with its units of today, and the former ones beside it.
fn address(name: &'static str, residence: &Residence) -> Field {
    Field::text(name, residence.text.as_str()).formerly(residence.former_text.as_deref())
}

fn part(name: &'static str, title: impl Into<String>, badge: Option<Badge>, fields: Vec<Field>) -> Part {
    Part {
        name,
        title: title.into(),
        badge,
        fields,
    }
}
