use civil::Sex;
use jiff::ToSpan as _;
use jiff::civil::Date;
use serde_json::{Value, json};

use super::super::fates::Child;
use super::Asked;
use crate::people::{Kinship, Life, MaritalStatus, Person};

const TOPIC: u64 = 81;

/// The extracts of birth and marriage, and the relations that follow from them (Luật Hộ tịch 60/2014/QH13).
pub(super) fn record(asked: &Asked<'_>) -> Option<Value> {
    let person = asked.person;
    if asked.age() < 0 {
        return None;
    }
    Some(json!({
        "birth": birth(asked),
        "marriage": marriage(asked),
        "marital_status": person.marital_status,
        "death": person.died_on.filter(|day| *day <= asked.on).map(|day| json!({ "died_on": day })),
        "relations": relations(asked),
    }))
}

fn birth(asked: &Asked<'_>) -> Value {
    let person = asked.person;
    let parent = |kind| {
        let index = person.related(kind).next()?;
        asked.nation.name(index)
    };
    json!({
        "number": format!("{}/{}", 1 + person.index % 480, person.date_of_birth.year()),
        "registered_on": person.date_of_birth.saturating_add(20.days()),
        "place": person.birthplace,
        "father": parent(Kinship::Father),
        "mother": parent(Kinship::Mother),
    })
}

fn marriage(asked: &Asked<'_>) -> Option<Value> {
    let spouse = asked.person.related(Kinship::Spouse).next()?;
    let mut die = asked.die(TOPIC);
    let first = asked.person.related(Kinship::Child).min();
    let child = first.and_then(|index| asked.nation.person(index));
    let before = child.map_or(asked.on, |child| child.date_of_birth);
    let day = before.saturating_sub(i64::from(400 + die.small(700)).days());
    Some(json!({
        "number": format!("{}/{}", 1 + asked.person.index % 230, day.year()),
        "registered_on": day,
        "spouse": asked.nation.name(spouse),
        "place": asked.person.birthplace,
    }))
}

fn relations(asked: &Asked<'_>) -> Vec<Value> {
    let known = asked.person.relations.iter();
    let mut told: Vec<Value> = known
        .filter_map(|relation| Some((relation.kind, asked.nation.person(relation.index)?)))
        .map(|(kind, other)| relation(asked, kind, &other))
        .collect();
    told.extend(
        asked
            .fate
            .child_on
            .filter(|day| *day <= asked.on)
            .and_then(|day| born(asked, day)),
    );
    told.extend(asked.children.iter().map(registered));
    told
}

/// A child whose birth was registered since.
fn registered(child: &Child) -> Value {
    json!({
        "relation": Kinship::Child,
        "personal_number": child.number,
        "full_name": child.full_name,
        "date_of_birth": child.born,
        "sex": child.sex,
        "alive": true,
        "incapable": false,
        "custody": "agreed",
    })
}

fn relation(asked: &Asked<'_>, kind: Kinship, other: &Person) -> Value {
    json!({
        "relation": kind,
        "personal_number": other.number,
        "full_name": other.full_name,
        "date_of_birth": other.date_of_birth,
        "sex": other.sex,
        "alive": other.life(asked.on) != Life::Dead,
        "incapable": other.incapable,
        "custody": custody(asked, kind, other),
    })
}

/// Who acts for a minor: `contested` while divorced parents are before a court.
fn custody(asked: &Asked<'_>, kind: Kinship, other: &Person) -> Option<&'static str> {
    let minor = matches!(kind, Kinship::Child | Kinship::Represented) && other.age(asked.on) < 18;
    let divorced = asked.person.marital_status == Some(MaritalStatus::Divorced);
    // Both parents draw the same: by the child.
    let contested = divorced && other.index.is_multiple_of(3);
    minor.then_some(if contested { "contested" } else { "agreed" })
}

fn born(asked: &Asked<'_>, day: Date) -> Option<Value> {
    let number = super::newborn(asked.person, day, Sex::Male, 0)?;
    let surname = asked.person.full_name.split(' ').next().unwrap_or("Nguyễn");
    Some(json!({
        "relation": Kinship::Child,
        "personal_number": number,
        "full_name": format!("{surname} Bình An"),
        "date_of_birth": day,
        "sex": "male",
        "alive": true,
        "incapable": false,
        "custody": "agreed",
    }))
}
