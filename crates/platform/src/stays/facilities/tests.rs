use jiff::SignedDuration;
use serde_json::json;

use crate::applications::tests::citizen;
use crate::stays::tests::{add, desk_officer, draft, guest, hotel, tell};
use crate::testing::TestApp;

#[tokio::test]
async fn the_desk_counts_who_arrived_today_whatever_month_it_looks_at() {
    let app = TestApp::start().await;
    let (visitor, clerk) = (app.citizens().next().unwrap(), app.citizens().nth(1).unwrap());
    let mut teller = citizen(&app, &clerk, 1).await;
    let mut officer = desk_officer(&app).await;
    let id = hotel(&app, &mut officer, "Khách sạn Hoa Sen", &clerk).await;
    let desk = format!("/stays/facilities/{id}");
    let draft = draft(&mut teller, &json!({ "facility": id })).await;
    add(&mut teller, &draft, &guest(&visitor)).await;
    tell(&mut teller, &draft, "2026-11-23T08:30", "2026-11-25T12:00", "tourism").await;

    let all = teller.get(&desk).await;
    let october = teller.get(&format!("{desk}?month=2026-10")).await;
    app.advance(SignedDuration::from_hours(24));
    app.run_jobs().await;
    let mut teller = citizen(&app, &clerk, 1).await;
    let tomorrow = teller.get(&desk).await;

    assert_eq!(all.at("/arrived_today"), "1", "{all}");
    assert_eq!(october.at("/told"), "[]", "{october}");
    assert_eq!(october.at("/arrived_today"), "1");
    assert_eq!(tomorrow.at("/arrived_today"), "0", "{tomorrow}");
    app.run_jobs().await;
}
