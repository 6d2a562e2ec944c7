use jiff::civil::date;

use super::Paper;
use super::traffic::class_meaning;
use crate::documents::rules::Badge;
use crate::registries::{Period, SocialInsurance};

const TODAY: jiff::civil::Date = date(2026, 11, 23);

#[test]
fn what_is_near_its_end_is_red_and_so_is_what_is_past() {
    let badge = |last| {
        let badge = Badge::until(last, TODAY);
        (badge.tone, badge.state)
    };

    assert_eq!(badge(Some(date(2026, 11, 22))), ("bad", "expired"));
    assert_eq!(badge(Some(date(2026, 11, 23))), ("bad", "near-end"));
    assert_eq!(badge(Some(date(2026, 12, 23))), ("bad", "near-end"));
    assert_eq!(badge(Some(date(2026, 12, 24))), ("good", "until"));
    assert_eq!(badge(None), ("good", "without-end"));
}

#[test]
fn every_class_of_both_laws_has_a_meaning() {
    let now = [
        "A1", "A", "B1", "B", "C1", "C", "D1", "D2", "D", "BE", "C1E", "CE", "D1E", "D2E", "DE",
    ];
    let former = ["A2", "A3", "A4", "B2", "E", "FB2", "FC", "FD", "FE"];

    assert!(
        now.iter()
            .all(|class| !["other", "class-former"].contains(&class_meaning(class)))
    );
    assert!(former.iter().all(|class| class_meaning(class) == "class-former"));
}

#[test]
fn the_chart_stands_periods_side_by_side_as_high_as_the_wage() {
    let period = |from, to, wage_base| Period {
        from,
        to,
        employer: "Công ty A".to_owned(),
        position: "Nhân viên".to_owned(),
        wage_base,
        scheme: "compulsory".to_owned(),
    };
    let insurance = SocialInsurance {
        number: "9000000001".to_owned(),
        agency: "Bảo hiểm xã hội cơ sở".to_owned(),
        periods: vec![
            period(date(2022, 11, 23), Some(date(2024, 11, 22)), 5_000_000),
            period(date(2024, 11, 23), None, 10_000_000),
        ],
        state: "contributing".to_owned(),
    };

    let content = insurance.content(TODAY);

    let chart: Vec<(f64, f64, f64)> = content.chart.iter().map(|bar| (bar.x, bar.width, bar.height)).collect();
    assert_eq!(chart, [(0.0, 49.9, 50.0), (50.0, 50.0, 100.0)]);
    assert_eq!(content.chart.first().unwrap().label, "Công ty A: 5.000.000 đ");
}
