use jiff::ToSpan as _;
use serde_json::{Value, json};

use super::Asked;

const TOPIC: u64 = 86;

/// *Hộ chiếu phổ thông*.
pub(super) fn record(asked: &Asked<'_>) -> Option<Value> {
    let mut die = asked.die(TOPIC);
    if asked.age() < 1 || !die.chance(350) {
        return None;
    }
    let years = if asked.age() < 14 { 5 } else { 10 };
    let issued = asked
        .on
        .saturating_sub(i64::from(die.small(3900)).days())
        .max(asked.person.date_of_birth);
    let expires = issued.saturating_add(years.years());
    Some(json!({
        "number": format!("P9{:07}", asked.person.index % 10_000_000),
        "kind": "P",
        "issued_on": issued,
        "expires_on": expires,
        "issued_by": "Cục Quản lý xuất nhập cảnh",
        "chip": die.chance(700),
        "state": if expires <= asked.on { "expired" } else { "valid" },
    }))
}
