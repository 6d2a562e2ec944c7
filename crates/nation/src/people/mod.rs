//! The people: a hundred million of them, computed when asked for.
//!
//! [`Nation::person`] is a pure function of the seed and an index, [`Nation::find`] its inverse by personal number; neither
//! stores anything. Fourteen neighbouring indices are one family of three generations, which lives in two to four
//! households.
//!
//! # How a synthetic person is known
//!
//! Nobody here exists. There is no range of personal numbers that the authorities leave free, so the marks are these:
//!
//! - personal numbers: the first of the six random digits is always `9`;
//! - old nine-digit numbers: the first digit is `9`, which no province ever had;
//! - phones: `051`, `053`, `054` and `057`, prefixes of no network (unique for the first 40 million people);
//! - e-mail: the domain `thu.example` (RFC 2606);
//! - names, streets, hamlets, old communes and districts: combinations from short lists;
//! - cards: `MẪU – SPECIMEN` across the picture, and a chip signed by a test authority.
//!
//! # Days
//!
//! Everything that has happened lies before [`REFERENCE_DAY`]; what a state is on a later day (a card that expires, a
//! child that comes of age) is asked with that day.

mod family;
mod households;
mod names;
mod numbers;
mod person;
mod places;

use std::sync::Arc;

use civil::{PersonalNumber, Phone};
use jiff::ToSpan;
use jiff::civil::Date;

use crate::card;
use crate::die::Die;
use family::{Births, Family};
use numbers::{Seat, Slots};

pub(crate) use family::Member;
pub use households::{Household, HouseholdMember};
pub use person::{Kinship, Life, MaritalStatus, Person, Relation, Stay};
pub use places::Address;

/// The last day of the nation's recorded history is the day before this one.
pub const REFERENCE_DAY: Date = Date::constant(2026, 1, 1);

/// What a die is thrown for, in this module.
mod topic {
    pub(super) const LIFE: u64 = 41;
    pub(super) const BELIEF: u64 = 42;
    pub(super) const COUPLE: u64 = 43;
}

/// A synthetic nation; cheap to clone.
#[derive(Clone, Debug)]
pub struct Nation {
    seed: u64,
    people: u64,
    slots: Arc<Slots>,
}

impl Nation {
    /// The largest number of people a nation can have: 104 328 000.
    pub const LARGEST: u64 = numbers::LARGEST;

    /// A nation of about so many people: rounded up to whole families of 14, and between 14 and [`Nation::LARGEST`].
    pub fn new(seed: u64, people: u64) -> Self {
        let people = people
            .clamp(1, Self::LARGEST)
            .next_multiple_of(family::SIZE)
            .min(Self::LARGEST);
        Self {
            seed,
            people,
            slots: Arc::new(Slots::new(seed)),
        }
    }

    /// The seed that everything follows from.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// How many people there are.
    pub fn people(&self) -> u64 {
        self.people
    }

    /// The person at an index below [`Nation::people`]; a few microseconds.
    pub fn person(&self, index: u64) -> Option<Person> {
        if index >= self.people {
            return None;
        }
        let seat = Seat::of(index);
        let births = Births::new(self.seed, seat.slot, seat.round);
        let family = Family::new(self.seed, seat, &births);
        self.describe(seat, &births, &family)
    }

    /// The index of the person who has a number; costs less than [`Nation::person`].
    pub fn find(&self, number: &PersonalNumber) -> Option<u64> {
        let seat = self.slots.seat(number)?;
        Some(seat.index()).filter(|index| *index < self.people)
    }

    /// The person who has a number.
    pub fn person_with(&self, number: &PersonalNumber) -> Option<Person> {
        self.person(self.find(number)?)
    }

    /// A household: head and members who are alive and in the country on the reference day; `None` for a number that no
    /// person has.
    pub fn household(&self, number: u64) -> Option<Household> {
        let first = (number / households::PER_FAMILY).checked_mul(family::SIZE)?;
        let seat = Some(Seat::of(first)).filter(|_| first < self.people)?;
        let births = Births::new(self.seed, seat.slot, seat.round);
        let family = Family::new(self.seed, seat, &births);
        Some(households::Division::new(self.seed, &family).household(number))
    }

    /// The full name of the person at an index, cheaper than the person.
    pub fn name(&self, index: u64) -> Option<String> {
        let seat = Some(Seat::of(index)).filter(|_| index < self.people)?;
        let sex = Births::new(self.seed, seat.slot, seat.round).sex(seat.position);
        Some(names::full(self.seed, index / family::SIZE, seat.position, sex))
    }

    fn describe(&self, seat: Seat, births: &Births, family: &Family) -> Option<Person> {
        let index = seat.index();
        let at = seat.position;
        let member = family.member(at)?;
        let division = households::Division::new(self.seed, family);
        let household = division.of(at);
        let province = self.slots.province(seat.slot);
        let mut life = Die::new(self.seed, topic::LIFE, &[index]);
        let full_name = names::full(self.seed, family.number, at, member.sex);
        let old_number = (member.born.year() < 2002 && life.chance(850)).then(|| old_number(index));
        let cards = card::history(
            &mut Die::new(self.seed, card::TOPIC, &[index]),
            member,
            old_number.is_some(),
        );
        let alive = member.died.is_none();
        let (ethnicity, religion) = self.beliefs(family.number, province);

        Some(Person {
            number: self.slots.number(seat, births)?,
            date_of_birth: member.born,
            sex: member.sex,
            birthplace: places::origin(self.seed, family.number * 100 + at, self.slots.birth_province(seat)),
            origin: self.origin(seat, family.number),
            ethnicity,
            religion,
            blood_group: life.weighted(&[("O", 43), ("B", 30), ("A", 21), ("AB", 6)]),
            identifying_mark: mark(&mut life),
            marital_status: self.marital_status(family, at),
            permanent_residence: places::home(self.seed, household, province, division.moved(household))?,
            temporary_residence: self.stay(index, member, &mut life),
            household,
            relations: self.relations(family, at),
            phone: (alive && member.age() >= 12).then(|| phone(index)).flatten(),
            email: (alive && member.age() >= 16 && life.chance(600)).then(|| email(&full_name, index)),
            died_on: member.died,
            missing_since: member.missing,
            emigrated_on: member.emigrated,
            incapable: member.incapable,
            index,
            old_number,
            full_name,
            cards,
        })
    }

    /// The origin of a person is the father's, and his father's.
    fn origin(&self, seat: Seat, family: u64) -> String {
        let mut root = seat.position;
        while let Some([father, _]) = family::parents(root) {
            root = father;
        }
        places::origin(
            self.seed,
            family * 100 + 50 + root,
            self.slots.birth_province(Seat { position: root, ..seat }),
        )
    }

    fn beliefs(&self, family: u64, province: u16) -> (&'static str, &'static str) {
        let mut die = Die::new(self.seed, topic::BELIEF, &[family]);
        let own: &[(&str, u64)] = match province {
            2 | 4 | 6 | 8 | 10 | 15 | 20 => &[("Kinh", 35), ("Tày", 30), ("Nùng", 15), ("Dao", 10), ("Mông", 10)],
            11 | 12 | 14 | 17 => &[("Kinh", 30), ("Thái", 30), ("Mường", 25), ("Mông", 15)],
            62 | 64 | 66 | 67 => &[("Kinh", 65), ("Gia Rai", 15), ("Ê Đê", 15), ("Ba Na", 5)],
            84 | 94 => &[("Kinh", 68), ("Khmer", 32)],
            _ => &[("Kinh", 985), ("Hoa", 15)],
        };
        let religions = [
            ("Không", 86),
            ("Phật giáo", 6),
            ("Công giáo", 6),
            ("Cao Đài", 1),
            ("Tin Lành", 1),
        ];
        (die.weighted(own), die.weighted(&religions))
    }

    fn divorced(&self, family: u64, at: u64) -> bool {
        (4..8).contains(&at) && Die::new(self.seed, topic::COUPLE, &[family, at / 2]).chance(80)
    }

    fn marital_status(&self, family: &Family, at: u64) -> Option<MaritalStatus> {
        let person = family.member(at)?;
        let Some(spouse) = family::spouse(at).and_then(|spouse| family.member(spouse)) else {
            return (person.age() < 30).then_some(MaritalStatus::Single);
        };
        let widowed = spouse.died.is_some_and(|day| person.died.is_none_or(|own| day < own));
        Some(match (self.divorced(family.number, at), widowed) {
            (true, _) => MaritalStatus::Divorced,
            (false, true) => MaritalStatus::Widowed,
            (false, false) => MaritalStatus::Married,
        })
    }

    fn relations(&self, family: &Family, at: u64) -> Vec<Relation> {
        let first = family.number * family::SIZE;
        let relation = |kind, position: u64| Relation {
            kind,
            index: first + position,
        };
        let parents = family::parents(at);
        let father = parents.map(|[father, _]| relation(Kinship::Father, father));
        let mother = parents.map(|[_, mother]| relation(Kinship::Mother, mother));
        let together = family::spouse(at).filter(|_| !self.divorced(family.number, at));
        let spouse = together.map(|spouse| relation(Kinship::Spouse, spouse));
        let children = family::children(at).map(|child| relation(Kinship::Child, child));
        let acting = family
            .guardians(at)
            .into_iter()
            .map(|other| relation(Kinship::LegalRepresentative, other));
        let wards = (0..family::SIZE).filter(|other| family.guardians(*other).contains(&at));
        let wards = wards.map(|other| relation(Kinship::Represented, other));
        father
            .into_iter()
            .chain(mother)
            .chain(spouse)
            .chain(children)
            .chain(acting)
            .chain(wards)
            .collect()
    }

    /// A quarter of the young adults stay elsewhere for work or studies.
    fn stay(&self, index: u64, member: &Member, die: &mut Die) -> Option<Stay> {
        if !member.is_present() || !(18..32).contains(&member.age()) || !die.chance(250) {
            return None;
        }
        let address = places::home(self.seed, u64::MAX - index, 1, true)?;
        let from = REFERENCE_DAY.saturating_sub(i64::from(die.small(300)).days());
        Some(Stay {
            address,
            from,
            to: from.saturating_add(2.years()),
        })
    }
}

/// Completed years between two days.
pub(crate) fn age(born: Date, on: Date) -> i16 {
    on.year() - born.year() - i16::from((on.month(), on.day()) < (born.month(), born.day()))
}

/// One permutation of the eight-digit numbers, behind the mark `9`.
fn old_number(index: u64) -> String {
    format!("9{:08}", (index % 100_000_000 * 61_803_399 + 27_182_818) % 100_000_000)
}

/// A mole or a small scar, as the cards of 2021 describe it.
fn mark(die: &mut Die) -> String {
    let what = die.pick(&["Nốt ruồi", "Sẹo chấm", "Tàn nhang"]);
    let place = die.pick(&["đuôi mắt", "cánh mũi", "mép", "lông mày", "gò má"]);
    let (way, side) = (die.pick(&["trên", "dưới"]), die.pick(&["trái", "phải"]));
    format!("{what} cách {} cm {way} {place} {side}", 1 + die.below(4))
}

fn phone(index: u64) -> Option<Phone> {
    let prefix = ["051", "053", "054", "057"].get(usize::try_from(index % 4).ok()?)?;
    let line = (index / 4 % 10_000_000 * 6_180_339 + 2_718_281) % 10_000_000;
    Phone::parse(&format!("{prefix}{line:07}")).ok()
}

fn email(full_name: &str, index: u64) -> String {
    format!(
        "{}.{index}@thu.example",
        civil::names::fold(full_name).replace(' ', ".")
    )
}

#[cfg(test)]
mod tests;
