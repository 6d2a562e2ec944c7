use ::http::StatusCode;
use jiff::SignedDuration;
use serde_json::json;

use crate::applications::tests::PASSCODE;
use crate::documents::tests::{adult, opened};
use crate::testing::TestApp;

const PAGE: &str = "/documents/handovers";

#[tokio::test]
async fn papers_are_chosen_for_one_receiver_and_the_passcode_makes_the_code() {
    let app = TestApp::start().await;
    let person = adult(&app).await;
    let mut client = opened(&app, &person).await;

    let all = client.get(PAGE).await.json();
    let offered = client
        .get(&format!("{PAGE}?purpose=traffic&paper=vehicles"))
        .await
        .json();
    let chosen = json!({ "purpose": "traffic", "paper-vehicles": "yes", "passcode": PASSCODE });
    let made = client.post(PAGE, &chosen).await;
    let page = client
        .clone()
        .browser()
        .get(&format!("{PAGE}/{}", made.at("/id")))
        .await;

    assert_eq!(all["purposes"].as_array().unwrap().len(), 6, "{all}");
    assert_eq!(
        offered["purposes"],
        json!(["traffic"]),
        "only who may see the paper: {offered}"
    );
    let ticked: Vec<(&str, bool)> = offered["papers"]
        .as_array()
        .unwrap()
        .iter()
        .map(|offer| (offer["kind"].as_str().unwrap(), offer["ticked"] == true))
        .collect();
    assert_eq!(
        ticked,
        [("personal", false), ("driving-licence", false), ("vehicles", true)]
    );
    assert_eq!(made.at("/state"), "open", "{made}");
    assert!(
        made.at("/link")
            .ends_with(&format!("/inspection/papers/{}", made.at("/id")))
    );
    assert!(page.text().contains("handover-code") && page.text().contains("data:image/svg+xml"));
}

#[tokio::test]
async fn what_cannot_be_shown_is_refused_with_the_reason() {
    let app = TestApp::start().await;
    let person = adult(&app).await;
    let mut client = opened(&app, &person).await;
    client.post("/documents/vehicles/removal", &json!({})).await;

    let none = client
        .post(PAGE, &json!({ "purpose": "hotel", "passcode": PASSCODE }))
        .await;
    let not_theirs = json!({ "purpose": "hotel", "paper-vehicles": "yes", "passcode": PASSCODE });
    let not_theirs = client.post(PAGE, &not_theirs).await;
    let taken_out = json!({ "purpose": "traffic", "paper-vehicles": "yes", "passcode": PASSCODE });
    let taken_out = client.post(PAGE, &taken_out).await;
    let nobody = client
        .post(PAGE, &json!({ "purpose": "school", "passcode": PASSCODE }))
        .await;
    let wrong = json!({ "purpose": "hotel", "paper-personal": "yes", "passcode": "000999" });
    let wrong = client.post(PAGE, &wrong).await;
    let stranger = opened(
        &app,
        &app.citizens().find(|other| other.number != person.number).unwrap(),
    )
    .await
    .get(&format!("{PAGE}/00000000000000000000000000000000"))
    .await;

    for refused in [&none, &not_theirs, &taken_out] {
        assert_eq!(refused.at("/errors/0/field"), "papers", "{refused}");
    }
    assert_eq!(nobody.at("/errors/0/field"), "purpose");
    assert_eq!(wrong.at("/type"), "/problems/signin-wrong-passcode");
    assert_eq!(stranger.status, StatusCode::NOT_FOUND);
    assert_eq!(client.get(PAGE).await.json()["handovers"], json!([]));
}

#[tokio::test]
async fn a_code_is_taken_back_and_ends_by_itself() {
    let app = TestApp::start().await;
    let person = adult(&app).await;
    let mut client = opened(&app, &person).await;
    let choice = json!({ "purpose": "hotel", "paper-personal": "yes", "passcode": PASSCODE });

    let first = client.post(PAGE, &choice).await.at("/id");
    let ended = client.post(&format!("{PAGE}/{first}/end"), &json!({})).await;
    let twice = client.post(&format!("{PAGE}/{first}/end"), &json!({})).await;
    let second = client.post(PAGE, &choice).await.at("/id");
    app.advance(SignedDuration::from_secs(301));
    let over = client.get(&format!("{PAGE}/{second}")).await;

    assert_eq!(
        (ended.at("/state"), ended.at("/code")),
        ("ended".to_owned(), String::new())
    );
    assert_eq!(twice.at("/type"), "/problems/documents-handover-over");
    assert_eq!(
        (over.at("/state"), over.at("/link")),
        ("over".to_owned(), String::new())
    );
}
