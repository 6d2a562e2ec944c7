//! For whom somebody may act, and until when: no I/O.

use civil::PersonalNumber;
use jiff::ToSpan as _;
use jiff::civil::Date;
use serde::Serialize;

use crate::registries::{CivilStatus, Custody, Relation};

/// At this age a child holds the own account (Decree 69/2024/NĐ-CP, article 7).
const OWN_ACCOUNT: i16 = 14;
/// At this age nobody represents a person any more (Bộ luật Dân sự 2015, article 20).
const OF_AGE: i16 = 18;

/// Somebody who depends on the holder, by the civil-status database.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Dependant {
    #[serde(rename = "personal_number")]
    pub(crate) number: PersonalNumber,
    pub(crate) full_name: String,
    pub(crate) date_of_birth: Date,
    /// `child` or `represented`, as the source has verified it.
    pub(super) relation: &'static str,
    pub(super) standing: Standing,
    /// The first day on which the holder cannot act in the wallet any more.
    pub(super) acts_until: Option<Date>,
    /// The first day on which the person is of age.
    pub(super) of_age_on: Option<Date>,
}

/// What the holder may do for a dependant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Standing {
    /// A child under 14: the holder sees the papers.
    Child,
    /// From 14 to 18: the child has the own wallet.
    Minor,
    /// A grown-up without capacity: the holder sees the papers.
    Ward,
    /// Who acts is before a court: nobody sees the papers.
    Contested,
}

impl Standing {
    /// The last part of its sentence.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Child => "child",
            Self::Minor => "minor",
            Self::Ward => "ward",
            Self::Contested => "contested",
        }
    }

    /// Whether the holder sees the papers.
    pub(super) fn acts(self) -> bool {
        matches!(self, Self::Child | Self::Ward)
    }
}

/// Everybody who depends on the holder on a day, the eldest first.
pub(super) fn dependants(known: &CivilStatus, today: Date) -> Vec<Dependant> {
    let mut found: Vec<Dependant> = Vec::new();
    for relation in &known.relations {
        if let Some(dependant) = dependant(relation, today)
            && found.iter().all(|other| other.number != dependant.number)
        {
            found.push(dependant);
        }
    }
    found.sort_by_key(|dependant| dependant.date_of_birth);
    found
}

fn dependant(relation: &Relation, today: Date) -> Option<Dependant> {
    let kind = match relation.relation.as_str() {
        "child" => "child",
        "represented" => "represented",
        _ => return None,
    };
    let birthday = |age: i16| relation.date_of_birth.saturating_add(age.years());
    let (fourteen, of_age) = (birthday(OWN_ACCOUNT), birthday(OF_AGE));
    let standing = if relation.custody == Some(Custody::Contested) && today < of_age {
        Standing::Contested
    } else if today < fourteen {
        Standing::Child
    } else if today < of_age {
        Standing::Minor
    } else if relation.incapable && kind == "represented" {
        Standing::Ward
    } else {
        return None;
    };
    let minor = today < of_age;
    relation.alive.then(|| Dependant {
        number: relation.number.clone(),
        full_name: relation.full_name.clone(),
        date_of_birth: relation.date_of_birth,
        relation: kind,
        standing,
        acts_until: (standing == Standing::Child).then_some(fourteen),
        of_age_on: minor.then_some(of_age),
    })
}

#[cfg(test)]
mod tests {
    use civil::Sex;
    use jiff::civil::date;

    use super::*;

    fn relation(kind: &str, born: Date) -> Relation {
        Relation {
            relation: kind.to_owned(),
            number: PersonalNumber::parse("001212912345").unwrap(),
            full_name: "Nguyễn Bình An".to_owned(),
            date_of_birth: born,
            sex: Sex::Male,
            alive: true,
            incapable: false,
            custody: Some(Custody::Agreed),
        }
    }

    fn standing(relation: Relation, today: Date) -> Option<Standing> {
        let known = CivilStatus {
            birth: None,
            marriage: None,
            marital_status: None,
            relations: vec![relation],
        };
        dependants(&known, today).first().map(|dependant| dependant.standing)
    }

    #[test]
    fn acting_ends_on_the_fourteenth_birthday_and_the_relation_on_the_eighteenth() {
        let born = date(2012, 11, 24);
        let on = |day| standing(relation("child", born), day);

        assert_eq!(on(date(2026, 11, 23)), Some(Standing::Child));
        assert_eq!(on(date(2026, 11, 24)), Some(Standing::Minor));
        assert_eq!(on(date(2030, 11, 23)), Some(Standing::Minor));
        assert_eq!(on(date(2030, 11, 24)), None);
    }

    #[test]
    fn a_ward_is_acted_for_and_a_contested_or_a_dead_child_is_not() {
        let today = date(2026, 11, 23);
        let ward = Relation {
            incapable: true,
            ..relation("represented", date(1980, 1, 1))
        };
        let contested = Relation {
            custody: Some(Custody::Contested),
            ..relation("child", date(2020, 1, 1))
        };
        let dead = Relation {
            alive: false,
            ..relation("child", date(2020, 1, 1))
        };

        assert_eq!(standing(ward, today), Some(Standing::Ward));
        assert_eq!(standing(contested, today), Some(Standing::Contested));
        assert_eq!(standing(dead, today), None);
        assert_eq!(standing(relation("father", date(1960, 1, 1)), today), None);
    }
}
