//! What the sources beside population, ID card and driving licence say of a person on a day: each a pure function of the person.
//!
//! The shapes are those of `docs/sources/*.openapi.json`; a test compares.

use civil::{PersonalNumber, Sex};
use jiff::civil::Date;
use serde_json::Value;

use super::dwellings::Absence;
use super::fates::{Child, Fate};
use super::faults::Source;
use crate::die::Die;
use crate::people::{Life, Nation, Person};

mod civil_status;
mod former_licence;
mod health_insurance;
mod health_record;
mod justice;
mod passport;
mod residence;
mod social_insurance;
mod tax;
mod vehicle;

/// What a record is drawn from.
pub(super) struct Asked<'a> {
    pub(super) nation: &'a Nation,
    pub(super) person: &'a Person,
    pub(super) fate: Fate,
    pub(super) children: Vec<Child>,
    pub(super) absent: Option<Absence>,
    pub(super) on: Date,
}

impl Asked<'_> {
    /// A die for this person alone.
    fn die(&self, topic: u64) -> Die {
        Die::new(self.nation.seed(), topic, &[self.person.index])
    }

    fn age(&self) -> i16 {
        self.person.age(self.on)
    }

    fn lives(&self) -> bool {
        self.person.life(self.on) == Life::Alive
    }

    /// *Số sổ bảo hiểm xã hội*: ten digits.
    fn insured_number(&self) -> String {
        format!("9{:09}", self.person.index % 1_000_000_000)
    }
}

/// The record of a source; nothing for a source of another wire, and where it keeps nothing of the person.
pub(super) fn record(source: Source, asked: &Asked<'_>) -> Option<Value> {
    match source {
        Source::FormerLicence => former_licence::record(asked),
        Source::Residence => residence::record(asked),
        Source::CivilStatus => civil_status::record(asked),
        Source::Vehicle => vehicle::record(asked),
        Source::HealthInsurance => health_insurance::record(asked),
        Source::SocialInsurance => social_insurance::record(asked),
        Source::Tax => tax::record(asked),
        Source::Passport => passport::record(asked),
        Source::Justice => justice::record(asked),
        Source::HealthRecord => health_record::record(asked),
        Source::Population | Source::IdCard | Source::Matcher | Source::DrivingLicence => None,
    }
}

/// Whose paper bears a number that is printed on it: the index of the person.
pub(super) fn find(source: Source, printed: &str) -> Option<u64> {
    match source {
        Source::Vehicle => vehicle::owner(printed),
        // Synthetic numbers of both are a `9` and the index.
        Source::HealthInsurance | Source::DrivingLicence => printed.strip_prefix('9')?.parse().ok(),
        _ => None,
    }
}

/// The number of a child born after the nation was made; its six last digits begin with `8`.
pub(super) fn newborn(parent: &Person, on: Date, sex: Sex, turn: u64) -> Option<PersonalNumber> {
    let place = parent.number.as_str().get(..3)?;
    let century = if sex == Sex::Female { 3 } else { 2 };
    let serial = (parent.index + turn * 7919) % 100_000;
    PersonalNumber::parse(&format!("{place}{century}{:02}8{serial:05}", on.year() % 100)).ok()
}
