use jiff::ToSpan as _;
use jiff::civil::Date;
use serde_json::{Value, json};

use super::Asked;
use crate::die::Die;

const TOPIC: u64 = 87;
/// Offence, provision of Bộ luật Hình sự 2015, penalty, what is imposed beside it, and how many months until it is cleared.
const CASES: [Case; 4] = [
    Case {
        offence: "Vi phạm quy định về tham gia giao thông đường bộ",
        provision: "Điều 260 khoản 1",
        penalty: "Cải tạo không giam giữ 12 tháng",
        beside: "",
        duty: "Bồi thường 20.000.000 đồng, đã thi hành",
        clears_after: 24,
    },
    Case {
        offence: "Trộm cắp tài sản",
        provision: "Điều 173 khoản 1",
        penalty: "Tù 9 tháng, cho hưởng án treo, thử thách 18 tháng",
        beside: "",
        duty: "Trả lại tài sản, đã thi hành",
        clears_after: 30,
    },
    Case {
        offence: "Đánh bạc",
        provision: "Điều 321 khoản 1",
        penalty: "Phạt tiền 30.000.000 đồng",
        beside: "Tịch thu tang vật",
        duty: "",
        clears_after: 12,
    },
    Case {
        offence: "Vi phạm quy định về kế toán gây hậu quả nghiêm trọng",
        provision: "Điều 221 khoản 1",
        penalty: "Tù 2 năm",
        beside: "Cấm đảm nhiệm chức vụ kế toán trưởng 2 năm",
        duty: "Bồi thường 150.000.000 đồng, đang thi hành",
        clears_after: 60,
    },
];

#[derive(Clone, Copy, Default)]
struct Case {
    offence: &'static str,
    provision: &'static str,
    penalty: &'static str,
    beside: &'static str,
    duty: &'static str,
    clears_after: i64,
}

/// *Lý lịch tư pháp*: all convictions with the day on which each was cleared, and bans (Luật Lý lịch tư pháp 2009, Articles 42 and 43).
pub(super) fn record(asked: &Asked<'_>) -> Option<Value> {
    if asked.age() < 14 || !asked.lives() {
        return None;
    }
    let mut die = asked.die(TOPIC);
    let known = asked.age() >= 22 && die.chance(120);
    // Once long ago, lately, or both.
    let (long_ago, lately) = die.weighted(&[((true, false), 4), ((false, true), 4), ((true, true), 2)]);
    let grown = asked.person.date_of_birth.saturating_add(18.years());
    let early = grown.saturating_add((3 + i64::from(die.small(9))).months());
    let late = asked.on.saturating_sub((2 + i64::from(die.small(9))).months());
    let mut convictions = Vec::new();
    if known && long_ago {
        convictions.push(conviction(&mut die, early, asked.on));
    }
    if known && lately && late > early {
        convictions.push(conviction(&mut die, late, asked.on));
    }
    let banned = known && die.chance(300);
    let ban = banned.then(|| {
        json!({
            "decision": format!("QĐ-TBPS {:02}", 1 + die.small(90)),
            "court": "Tòa án nhân dân khu vực 1 – Hà Nội",
            "positions": "Thành lập, quản lý doanh nghiệp, hợp tác xã",
            "from": late,
            "until": late.saturating_add(3.years()),
        })
    });
    Some(json!({ "convictions": convictions, "bans": ban.into_iter().collect::<Vec<_>>() }))
}

fn conviction(die: &mut Die, judged_on: Date, today: Date) -> Value {
    let case = die.pick(&CASES);
    let cleared = judged_on.saturating_add(case.clears_after.months());
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    json!({
        "judgment": format!("{}/{}/HS-ST", 1 + die.small(300), judged_on.year()),
        "judged_on": judged_on,
        "court": "Tòa án nhân dân khu vực 2 – Hà Nội",
        "offence": case.offence,
        "provision": case.provision,
        "penalty": case.penalty,
        "additional_penalty": some(case.beside),
        "civil_duties": some(case.duty),
        "cleared_on": (cleared <= today).then_some(cleared),
    })
}
