use jiff::ToSpan as _;
use jiff::civil::Date;
use serde_json::{Value, json};

use super::Asked;

const TOPIC: u64 = 83;

/// *Thẻ bảo hiểm y tế*.
pub(super) fn record(asked: &Asked<'_>) -> Option<Value> {
    let mut die = asked.die(TOPIC);
    let child = asked.age() < 6;
    if !asked.lives() || !(child || die.chance(930)) {
        return None;
    }
    let group = match asked.age() {
        ..6 => ("TE", 1, 100),
        6..18 => ("HS", 4, 80),
        18..60 => die.pick(&[("DN", 4, 80), ("GD", 4, 80), ("GB", 4, 80)]),
        _ => ("HT", 3, 95),
    };
    let place = asked.person.number.as_str().get(1..3).unwrap_or("01");
    let from = Date::new(asked.on.year(), 1, 1).unwrap_or(asked.on);
    let five_years = die
        .chance(600)
        .then(|| from.saturating_sub(i64::from(die.small(1800)).days()));
    Some(json!({
        "number": asked.insured_number(),
        "card_code": format!("{}{}{place}{}", group.0, group.1, asked.insured_number()),
        "group": group.0,
        "benefit_level": group.1,
        "benefit_percent": group.2,
        "facility_code": format!("{place}-{:03}", 1 + asked.person.household % 180),
        "facility": format!("Trung tâm Y tế {}", asked.person.permanent_residence.commune.full_name()),
        "valid_from": from,
        "valid_to": Date::new(asked.on.year(), 12, 31).unwrap_or(asked.on),
        "five_years_since": five_years,
        "state": "valid",
    }))
}
