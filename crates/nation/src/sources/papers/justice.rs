use serde_json::{Value, json};

use super::Asked;

const TOPIC: u64 = 87;

/// *Lý lịch tư pháp*: what certificate no. 1 says (Luật Lý lịch tư pháp 2009, Article 42).
pub(super) fn record(asked: &Asked<'_>) -> Option<Value> {
    if asked.age() < 14 || !asked.lives() {
        return None;
    }
    let convicted = asked.age() >= 20 && asked.die(TOPIC).chance(8);
    let entries = convicted.then(|| {
        json!({
            "offence": "Vi phạm quy định về tham gia giao thông đường bộ",
            "penalty": "Cải tạo không giam giữ 12 tháng",
            "court": "Tòa án nhân dân khu vực",
        })
    });
    Some(json!({
        "convictions": entries.into_iter().collect::<Vec<_>>(),
        "banned_from_enterprises": false,
    }))
}
