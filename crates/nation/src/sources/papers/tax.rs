use jiff::ToSpan as _;
use jiff::civil::Date;
use serde_json::{Value, json};

use super::Asked;

const TOPIC: u64 = 85;

/// *Mã số thuế*: the personal number since 1/7/2025 (Thông tư 86/2024/TT-BTC); the former code of ten digits beside it.
pub(super) fn record(asked: &Asked<'_>) -> Option<Value> {
    let mut die = asked.die(TOPIC);
    if asked.age() < 18 || !asked.lives() || !die.chance(800) {
        return None;
    }
    let since = asked
        .person
        .date_of_birth
        .saturating_add((18 + i64::from(die.small(6))).years());
    Some(json!({
        "code": asked.person.number,
        "former_code": die.chance(850).then(|| format!("8{:09}", asked.person.index % 1_000_000_000)),
        "registered_on": since.max(Date::constant(2008, 1, 1)).min(asked.on),
        "authority": format!("Thuế cơ sở {}", 1 + asked.person.household % 25),
        "state": "active",
    }))
}
