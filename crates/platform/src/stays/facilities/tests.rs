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

#[tokio::test]
async fn who_scans_the_code_of_a_hotel_is_offered_it_first_as_its_clerk_and_sent_to_its_desk_as_a_guest() {
    let app = TestApp::start().await;
    let (visitor, clerk) = (app.citizens().next().unwrap(), app.citizens().nth(1).unwrap());
    let mut clerk_client = citizen(&app, &clerk, 1).await;
    let mut guest = citizen(&app, &visitor, 1).await;
    let mut officer = desk_officer(&app).await;
    hotel(&app, &mut officer, "Khách sạn An Bình", &clerk).await;
    let id = hotel(&app, &mut officer, "Khách sạn Hoa Sen", &clerk).await;
    let code = format!("/stays/new?facility={id}");

    let offered = clerk_client.get(&code).await;
    let seen = guest.get(&code).await;
    let page = guest.clone().browser().get(&code).await.text();
    let plain = guest.clone().browser().get("/stays/new").await.text();
    let closing = format!("/officers/stays/facilities/{id}/closing");
    officer.post(&closing, &json!({})).await;
    let closed = guest.clone().browser().get(&code).await.text();

    assert_eq!(offered.at("/facilities/0/name"), "Khách sạn Hoa Sen", "{offered}");
    assert_eq!(offered.at("/facilities/1/name"), "Khách sạn An Bình");
    assert_eq!(offered.at("/asked"), "null");
    assert_eq!(seen.at("/asked/name"), "Khách sạn Hoa Sen", "{seen}");
    assert_eq!(seen.at("/facilities"), "[]");
    assert!(
        page.contains("<h2 id=\"asked-name\">Khách sạn Hoa Sen</h2>") && page.contains(r#"id="asked-code""#),
        "{page}"
    );
    assert!(
        !plain.contains(r#"id="asked""#) && closed.contains(r#"id="asked-closed""#),
        "{closed}"
    );
    app.run_jobs().await;
}
