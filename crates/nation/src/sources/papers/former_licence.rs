use jiff::ToSpan as _;
use serde_json::{Value, json};

use super::Asked;
use crate::licence;

const TOPIC: u64 = 88;
/// The year in which licences were kept elsewhere for the last time.
const LAST_YEAR: i16 = 2024;

/// The licence as the former register keeps it: a third of those of its time are still in it. As a rule it says what the
/// driving-licence database says; what befell some is that it says otherwise.
pub(super) fn record(asked: &Asked<'_>) -> Option<Value> {
    let licence = licence::licence(asked.nation, asked.person, asked.on)?;
    let is_kept = licence.issued_on.year() <= LAST_YEAR && asked.die(TOPIC).chance(333);
    let differs = asked.fate.licence_in_two;
    if !is_kept && !differs {
        return None;
    }
    let classes: Vec<Value> = licence
        .classes
        .iter()
        .map(|class| {
            let name = if differs { former(class.name) } else { class.name };
            let longer = class
                .expires_on
                .map(|day| day.saturating_add(i16::from(differs).years()));
            json!({ "name": name, "issued_on": class.issued_on, "expires_on": longer })
        })
        .collect();
    Some(json!({
        "number": licence.number,
        "full_name": asked.person.full_name,
        "date_of_birth": asked.person.date_of_birth,
        "nationality": "Việt Nam",
        "address": asked.person.permanent_residence.text(),
        "classes": classes,
        "issued_on": licence.issued_on,
        "issued_by": if differs { "Sở Giao thông vận tải" } else { licence.issued_by },
        "points": licence.points,
        "state": "valid",
    }))
}

/// The class that came nearest before 2025.
fn former(name: &str) -> &str {
    match name {
        "A" => "A2",
        "B" => "B2",
        "C1" => "C",
        "D2" | "D" => "E",
        "CE" => "FC",
        other => other,
    }
}
