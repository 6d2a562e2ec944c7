use jiff::SignedDuration;
use serde_json::json;

use super::*;
use crate::applications::tests::{citizen, decide, officer, officer_of, send_level_1};
use crate::officers::Role;
use crate::testing::TestApp;

#[tokio::test]
async fn decisions_are_counted_in_time_and_late_for_their_unit() {
    let app = TestApp::start().await;
    let mut people = app.citizens();
    let mut homes = Vec::new();
    for late in [false, true] {
        let person = people.next().unwrap();
        let mut client = citizen(&app, &person, 0).await;
        let id = send_level_1(&app, &person, &mut client).await;
        if late {
            app.advance(SignedDuration::from_hours(96));
        }
        app.run_jobs().await;
        let mut reviewer = officer(&app, "xetduyet", Role::Reviewer).await;
        decide(&mut reviewer, &id, &json!({ "decision": "approve" })).await;
        let found = app
            .db
            .read(move |conn| store::by_unit(conn, "2026-11", ("", "")))
            .await
            .unwrap();
        homes.extend(found.into_iter().map(|figure| figure.place));
    }
    app.run_jobs().await;
    let mut ministry = officer(&app, "bo", Role::Ministry).await;
    let mut chief = officer_of(&app, "chihuy", Role::Chief, &homes[0]).await;

    let all = ministry.get("/officers/figures").await;
    let own = chief.get("/officers/figures").await;
    let refused = officer(&app, "tiepnhan", Role::Counter)
        .await
        .get("/officers/figures")
        .await
        .at("/type");

    assert_eq!(
        (all.at("/total/in_time"), all.at("/total/late")),
        ("1".to_owned(), "1".to_owned()),
        "{all}"
    );
    assert_eq!(all.at("/total/share"), "50,0 %");
    assert!(
        own.json()["rows"]
            .as_array()
            .unwrap()
            .iter()
            .all(|row| row["place"] == homes[0].as_str()),
        "{own}"
    );
    assert_eq!(refused, "/problems/officers-other-role");
}

#[tokio::test]
async fn the_public_page_tells_months_that_are_over_and_withholds_small_numbers() {
    let app = TestApp::start().await;
    let counted = |unit: &str, month: &str| Counted {
        unit: unit.to_owned(),
        province: officers::province(unit),
        level: Level::One,
        month: month.to_owned(),
        in_time: true,
    };
    let (hanoi, hcmc) = (counted("00070", "2026-10"), counted("27259", "2026-10"));
    let now = counted("00070", "2026-11");
    app.db
        .write(move |tx| {
            for _ in 0..12 {
                count(tx, &hanoi)?;
                count(tx, &now)?;
            }
            count(tx, &hcmc)
        })
        .await
        .unwrap();

    let mut anybody = app.client();
    let page = anybody.get("/on-time").await;
    let html = anybody.clone().browser().get("/on-time").await.text();
    let other_month = anybody.get("/on-time?month=2026-09").await;
    let this_month = anybody.get("/on-time?month=2026-11").await;
    let nonsense = anybody.get("/on-time?month=';--").await;

    assert_eq!(page.at("/total/in_time"), "13", "{page}");
    assert_eq!(
        (page.at("/rows/0/in_time"), page.at("/rows/1/in_time")),
        ("null".to_owned(), "null".to_owned())
    );
    assert!(html.contains(r#"id="small""#), "{html}");
    assert_eq!(other_month.at("/rows"), "[]");
    assert_eq!(nonsense.at("/month"), "2026-10");
    assert_eq!(
        (this_month.at("/month"), this_month.at("/months")),
        ("2026-10".to_owned(), r#"["2026-10"]"#.to_owned()),
        "this month is not over"
    );
}
