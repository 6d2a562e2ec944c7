use ::http::{Method, Request};
use axum::body::Body;
use serde_json::{Value, json};

use crate::accounts::Level;
use crate::testing::{Holder, TestApp};

fn chosen(view: &Value, kind: &str, way: &str) -> (bool, bool) {
    let rows = view["kinds"].as_array().unwrap();
    let row = rows.iter().find(|row| row["kind"] == kind).unwrap();
    let cell = row["ways"]
        .as_array()
        .unwrap()
        .iter()
        .find(|cell| cell["way"] == way)
        .unwrap();
    (cell["chosen"].as_bool().unwrap(), cell["fixed"].as_bool().unwrap())
}

#[tokio::test]
async fn wishes_are_asked_for_what_is_told_and_for_nothing_else() {
    let app = TestApp::start().await;
    let mut holder = holder(&app).await;

    let asked = holder.client.get("/notices/choices").await.json();
    let inbox = holder.client.clone().browser().get("/notices").await.text();

    let kinds: Vec<&str> = asked["kinds"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["kind"].as_str().unwrap())
        .collect();
    assert_eq!(
        kinds,
        ["security", "legal", "progress", "deadline", "document", "greeting"]
    );
    for kind in kinds {
        assert!(inbox.contains(&format!("/notices?kind={kind}")), "{kind}");
    }
    assert!(!inbox.contains("kind=news"), "nobody tells news by notices: {inbox}");
}

async fn holder(app: &TestApp) -> Holder {
    app.holder(app.citizen(), Level::One).await
}

#[tokio::test]
async fn wishes_are_kept_and_what_the_law_wants_cannot_be_switched_off() {
    let app = TestApp::start().await;
    let mut holder = holder(&app).await;

    let usual = holder.client.get("/notices/choices").await.json();
    let wishes =
        json!({ "progress.email": true, "greeting.inbox": false, "lang": "en", "quiet_from": 21, "quiet_to": 6 });
    let said = holder.client.post("/notices/choices", &wishes).await.json();
    let kept = holder.client.get("/notices/choices").await.json();

    assert_eq!(chosen(&usual, "progress", "sms"), (true, false));
    assert_eq!(said, kept);
    assert_eq!(chosen(&kept, "progress", "sms"), (false, false));
    assert_eq!(chosen(&kept, "progress", "email"), (true, false));
    assert_eq!(chosen(&kept, "legal", "sms"), (true, true));
    assert_eq!(chosen(&kept, "security", "inbox"), (true, true));
    assert_eq!(chosen(&kept, "greeting", "inbox"), (false, false));
    assert_eq!(
        (&kept["lang"], &kept["quiet_from"], &kept["quiet_to"]),
        (&json!("en"), &json!(21), &json!(6))
    );
}

#[tokio::test]
async fn a_browser_sends_what_is_ticked_and_comes_back_to_the_page() {
    let app = TestApp::start().await;
    let holder = holder(&app).await;
    let form = Request::builder()
        .method(Method::POST)
        .uri("/notices/choices")
        .header("content-type", "application/x-www-form-urlencoded");

    let mut browser = holder.client.clone().browser();
    let sent = browser
        .send(form, Body::from("deadline.sms=on&lang=vi&quiet_from=22&quiet_to=7"))
        .await;
    let page = browser.get(&sent.location()).await.text();

    assert_eq!(sent.status, 303);
    assert!(
        page.contains("id=\"saved\"") && page.contains("name=\"deadline.sms\" type=\"checkbox\" value=\"on\" checked"),
        "{page}"
    );
}

#[tokio::test]
async fn hours_and_languages_that_are_none_are_refused_by_field() {
    let app = TestApp::start().await;
    let mut holder = holder(&app).await;

    let wrong = json!({ "lang": "fr", "quiet_from": "24", "quiet_to": "-1" });
    let refused = holder.client.post("/notices/choices", &wrong).await;

    assert_eq!(refused.status, 422);
    let fields: Vec<String> = refused.json()["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|error| error["field"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(fields, ["quiet_from", "quiet_to", "lang"]);
}
