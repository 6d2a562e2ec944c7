use serde_json::{Value, json};

use super::Asked;
use crate::sources::records;

/// *Thông tin cư trú* (Luật Căn cước 26/2023/QH15, Article 9 items 16–23).
pub(super) fn record(asked: &Asked<'_>) -> Option<Value> {
    let known = records::person(asked.nation, asked.person, asked.on);
    let head = known.household.first();
    known.permanent_residence.as_ref()?;
    Some(json!({
        "permanent": known.permanent_residence,
        "temporary": known.temporary_residence,
        "current": known.current_residence,
        "absent": asked.absent,
        "file": known.residence_file,
        "head": head.map(|head| json!({ "personal_number": head.personal_number, "full_name": head.full_name })),
        "relation_to_head": known.relation_to_head,
        "members": known.household,
        "police": known.permanent_residence.as_ref().map(|home| format!("Công an {}", home.text.rsplit(", ").nth(1).unwrap_or(""))),
    }))
}
