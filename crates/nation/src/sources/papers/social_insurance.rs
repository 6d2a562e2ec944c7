use jiff::ToSpan as _;
use jiff::civil::Date;
use serde_json::{Value, json};

use super::Asked;

const TOPIC: u64 = 84;
const EMPLOYERS: [&str; 6] = [
    "Công ty TNHH May Hoa Sen",
    "Công ty CP Cơ khí Sao Vàng",
    "Trường THCS Lúa Vàng",
    "Bệnh viện đa khoa Tre Xanh",
    "Công ty CP Phần mềm Đồi Thông",
    "Hợp tác xã Sông Xanh",
];

/// *Quá trình tham gia bảo hiểm xã hội*: periods without gaps inside, with the wage they were paid on.
pub(super) fn record(asked: &Asked<'_>) -> Option<Value> {
    let mut die = asked.die(TOPIC);
    if !(19..75).contains(&asked.age()) || !asked.lives() || !die.chance(600) {
        return None;
    }
    let begun = asked
        .person
        .date_of_birth
        .saturating_add((19 + i64::from(die.small(4))).years());
    let mut from = begun.first_of_month().max(Date::constant(1995, 1, 1));
    let pension = asked.person.date_of_birth.saturating_add(61.years());
    let end = asked.on.min(pension);
    let mut wage: i64 = 2_800_000 + i64::from(die.small(2000)) * 1000;
    let mut periods = Vec::new();
    while from < end && periods.len() < 8 {
        let until = from.saturating_add(i64::from(14 + die.small(60)).months());
        let current = until >= end;
        periods.push(json!({
            "from": from,
            "to": if current { Value::Null } else { json!(until.saturating_sub(1.day())) },
            "employer": die.pick(&EMPLOYERS),
            "position": die.pick(&["Nhân viên", "Công nhân", "Kỹ thuật viên", "Giáo viên", "Tổ trưởng"]),
            "wage_base": wage,
            "scheme": "compulsory",
        }));
        wage += wage * (8 + i64::from(die.small(25))) / 100;
        from = until.saturating_add(i64::from(die.small(4)).months());
    }
    Some(json!({
        "number": asked.insured_number(),
        "agency": "Bảo hiểm xã hội cơ sở",
        "periods": periods,
        "state": if end < asked.on { "pension" } else { "contributing" },
    }))
}
