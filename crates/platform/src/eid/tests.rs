use ::http::StatusCode;
use serde_json::json;

use crate::applications::tests::{PASSCODE, citizen};
use crate::testing::TestApp;

#[tokio::test]
async fn the_card_is_opened_by_the_passcode_each_time_and_the_opening_is_in_the_history() {
    let app = TestApp::start().await;
    let person = app.citizen();
    let mut client = citizen(&app, &person, 2).await;

    app.advance(jiff::SignedDuration::from_secs(1));

    let wrong = client.post("/eid", &json!({ "passcode": "000999" })).await;
    let page = client.clone().browser().form("/eid", &[("passcode", PASSCODE)]).await;
    let closed = client.get("/eid").await;
    let history = client.get("/account/history").await;

    assert_eq!(wrong.at("/type"), "/problems/signin-wrong-passcode");
    assert_eq!(page.status, StatusCode::OK);
    assert!(
        page.text().contains(&person.full_name) && page.text().contains("SPECIMEN"),
        "{}",
        page.text()
    );
    assert_eq!(closed.at("/open"), "false");
    assert!(!closed.text().contains(&person.full_name));
    assert_eq!(history.at("/looks/0/purpose"), "own-data");
}

#[tokio::test]
async fn five_wrong_passcodes_close_the_card_until_the_next_day() {
    let app = TestApp::start().await;
    let mut client = citizen(&app, &app.citizen(), 2).await;
    for _ in 0..5 {
        client.post("/eid", &json!({ "passcode": "000999" })).await;
    }

    let locked = client.post("/eid", &json!({ "passcode": PASSCODE })).await;

    assert_eq!(locked.status, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn without_level_2_there_is_no_card_and_the_page_says_how_to_get_one() {
    let app = TestApp::start().await;
    let mut client = citizen(&app, &app.citizen(), 1).await;

    let answer = client.get("/eid").await;

    insta::assert_snapshot!(answer, @r#"
    403 Forbidden
    {"type":"/problems/eid-level-needed","status":403,"title":"You have no electronic identity card yet","detail":"It is issued with level 2, once that is approved and activated. Please go to any commune police to apply for level 2."}
    "#);
}
