//! Driving licences (*giấy phép lái xe*): a pure function of the person, like everything here.
//!
//! Synthetic numbers begin with `9`, which no province has.

use jiff::ToSpan as _;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::die::Die;
use crate::people::{Life, Nation, Person};

/// What the dice are thrown for.
const TOPIC: u64 = 71;

/// A licence as it is on a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Licence {
    /// Twelve digits.
    pub number: String,
    /// What may be driven, the first class first.
    pub classes: Vec<Class>,
    /// *Ngày cấp*: the newest of the classes'.
    pub issued_on: Date,
    /// *Nơi cấp*.
    pub issued_by: &'static str,
    /// The points left of 12 (Luật 36/2024/QH15, article 58).
    pub points: u8,
    /// What it is worth.
    pub state: LicenceState,
}

/// A class (*hạng*, Luật 36/2024/QH15, article 57).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Class {
    /// `A1`, `B`, `D2`, …
    pub name: &'static str,
    /// Since when.
    pub issued_on: Date,
    /// The last day; `None` for A1, A and B1.
    pub expires_on: Option<Date>,
}

/// What a licence is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LicenceState {
    /// It can be used, as far as its classes are in time.
    Valid,
    /// Held by the traffic police (*tạm giữ*).
    Held,
    /// The right to drive was taken (*tước quyền sử dụng*).
    Revoked,
}

/// The licence of a person, as it is on a day; most grown-ups have one for motorcycles.
pub fn licence(nation: &Nation, person: &Person, on: Date) -> Option<Licence> {
    if person.life(on) != Life::Alive || person.incapable {
        return None;
    }
    let mut die = Die::new(nation.seed(), TOPIC, &[person.index]);
    let motorcycle = die.chance(750).then(|| if die.chance(150) { "A" } else { "A1" });
    let car = die
        .chance(300)
        .then(|| die.weighted(&[("B", 80), ("C1", 8), ("C", 5), ("D2", 3), ("D", 2), ("CE", 2)]));
    let drawn = [(motorcycle, 18), (car, 21)].map(|(class, from)| {
        let after = i64::from(die.small(3000));
        let day = birthday(person.date_of_birth, from)?.checked_add(after.days()).ok()?;
        class
            .filter(|_| day <= on)
            .map(|name| class_of(name, day, on, die.chance(30)))
    });
    let classes: Vec<Class> = drawn.into_iter().flatten().collect();
    let issued_on = classes.iter().map(|class| class.issued_on).max()?;
    let points = if die.chance(900) {
        12
    } else {
        12 - u8::try_from(die.below(10)).unwrap_or(0)
    };
    let state = die.weighted(&[
        (None, 985),
        (Some(LicenceState::Held), 10),
        (Some(LicenceState::Revoked), 5),
    ]);
    Some(Licence {
        number: format!("9{:011}", person.index),
        classes,
        issued_on,
        issued_by: "Cục Cảnh sát giao thông",
        points,
        state: state.unwrap_or(LicenceState::Valid),
    })
}

/// A class first granted on a day; renewed each time that it ended, unless the holder forgets.
fn class_of(name: &'static str, first: Date, on: Date, forgets: bool) -> Class {
    let years: i16 = match name {
        "A1" | "A" | "B1" => {
            return Class {
                name,
                issued_on: first,
                expires_on: None,
            };
        }
        "B" | "C1" => 10,
        _ => 5,
    };
    let end = |from: Date| from.checked_add(years.years()).unwrap_or(Date::MAX);
    let mut issued_on = first;
    while !forgets && end(issued_on) <= on {
        issued_on = end(issued_on);
    }
    Class {
        name,
        issued_on,
        expires_on: Some(end(issued_on)),
    }
}

fn birthday(born: Date, age: i16) -> Option<Date> {
    born.checked_add(age.years()).ok()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    const TODAY: Date = date(2026, 11, 23);

    #[test]
    fn licences_are_those_of_grown_ups_and_end_as_the_law_says() {
        let nation = Nation::new(1, 2000);
        let people: Vec<Person> = (0..2000).filter_map(|index| nation.person(index)).collect();

        let licences: Vec<(&Person, Licence)> = people
            .iter()
            .filter_map(|person| Some((person, licence(&nation, person, TODAY)?)))
            .collect();

        assert!((600..1600).contains(&licences.len()), "{}", licences.len());
        for (person, licence) in &licences {
            assert!(person.age(TODAY) >= 18 && !licence.classes.is_empty());
            assert_eq!(licence.number.len(), 12);
            for class in &licence.classes {
                assert_eq!(class.expires_on.is_none(), ["A1", "A", "B1"].contains(&class.name));
                assert!(class.issued_on <= TODAY);
            }
        }
        assert!(licences.iter().any(|(_, licence)| licence.state == LicenceState::Held));
    }

    #[test]
    fn a_licence_is_the_same_each_time_it_is_asked_for() {
        let nation = Nation::new(1, 2000);
        let person = nation.person(7).unwrap();

        assert_eq!(licence(&nation, &person, TODAY), licence(&nation, &person, TODAY));
    }
}
