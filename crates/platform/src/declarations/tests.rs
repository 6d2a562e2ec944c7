use ::http::StatusCode;
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::accounts::Level;
use crate::applications::tests::officer_of;
use crate::officers::Role;
use crate::testing::{Answer, Holder, TestApp};

async fn holder(app: &TestApp) -> Holder {
    app.holder(app.citizen(), Level::One).await
}

fn well() -> Value {
    json!({ "contact": "no", "pledge": "yes" })
}

fn journey() -> Value {
    json!({ "from": "00070", "to": "00004", "on": "2026-11-24", "means": "car", "plate": "30A-123.45", "people": 3, "reason": "family", "pledge": "yes" })
}

async fn judged(app: &TestApp, code: &str) -> Answer {
    app.client()
        .post("/declarations/checkpoint", &json!({ "code": code }))
        .await
}

fn fields(answer: &Answer) -> Vec<String> {
    let errors = answer.json()["errors"].as_array().cloned().unwrap_or_default();
    errors
        .iter()
        .map(|error| error["field"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn a_slip_is_judged_at_the_checkpoint_until_it_is_withdrawn_replaced_or_over() {
    let app = TestApp::start().await;
    let mut holder = holder(&app).await;

    let first = holder.client.post("/declarations/health", &well()).await;
    let good = judged(&app, &first.at("/code")).await;
    let second = holder.client.post("/declarations/health", &well()).await;
    let replaced = judged(&app, &first.at("/code")).await;
    let withdraw = format!("/declarations/{}/withdraw", second.at("/declaration"));
    let taken_back = holder.client.post(&withdraw, &json!({})).await;
    let withdrawn = judged(&app, &second.at("/code")).await;
    let third = holder.client.post("/declarations/health", &well()).await;
    app.advance(SignedDuration::from_hours(73));
    let over = judged(&app, &third.at("/code")).await;

    assert_eq!(good.at("/outcome"), "accept", "{good}");
    assert_eq!(good.at("/slip/name"), holder.citizen.full_name);
    assert!(
        !good.text().contains(holder.citizen.number.as_str()),
        "the whole number is not told"
    );
    assert_eq!(replaced.at("/reason"), "withdrawn");
    assert_eq!(taken_back.at("/standing"), "withdrawn");
    assert_eq!(withdrawn.at("/reason"), "withdrawn");
    assert_eq!(over.at("/reason"), "expired");
}

#[tokio::test]
async fn a_forged_slip_and_another_code_are_refused_by_name() {
    let app = TestApp::start().await;
    let mut holder = holder(&app).await;

    let ill = json!({ "symptoms": ["fever", "rash"], "contact": "yes", "pledge": "yes" });
    let ill = holder.client.post("/declarations/health", &ill).await.at("/code");
    let well = holder.client.post("/declarations/health", &well()).await.at("/code");
    let (one, other): (Vec<&str>, Vec<&str>) = (ill.split('.').collect(), well.split('.').collect());
    let swapped = judged(&app, &format!("{}.{}.{}", one[0], other[1], one[2])).await;
    let foreign = judged(&app, "https://evil.example/#hello").await;
    let nothing = judged(&app, " ").await;

    assert_eq!(swapped.at("/reason"), "forged");
    assert_eq!(swapped.at("/slip"), "null");
    assert_eq!(foreign.at("/reason"), "unknown");
    assert_eq!(fields(&nothing), ["code"]);
}

#[tokio::test]
async fn symptoms_ask_for_attention_and_an_inspector_who_scans_is_in_the_history() {
    let app = TestApp::start().await;
    let mut holder = holder(&app).await;
    let mut inspector = officer_of(&app, "thanhtra", Role::Inspector, "01").await;

    let ill = json!({ "symptoms": "fever", "contact": "no", "pledge": "yes" });
    let slip = holder.client.post("/declarations/health", &ill).await;
    let before = holder.client.get("/account/history").await.text();
    judged(&app, &slip.at("/code")).await;
    let scanned = inspector
        .post("/declarations/checkpoint", &json!({ "code": slip.at("/code") }))
        .await;
    let after = holder.client.get("/account/history").await.text();

    assert_eq!(scanned.at("/outcome"), "caution", "{scanned}");
    assert!(
        !scanned.text().contains("fever"),
        "what was declared stays with its holder"
    );
    assert!(
        !before.contains("\"purpose\":\"checkpoint\"") && after.contains("\"purpose\":\"checkpoint\""),
        "{after}"
    );
}

#[tokio::test]
async fn a_movement_says_from_where_to_where_and_counts_until_after_the_day() {
    let app = TestApp::start().await;
    let mut holder = holder(&app).await;
    let home = holder.citizen.permanent_residence.commune.code;

    let form = holder.client.get("/declarations/movement?to_province=01").await;
    let slip = holder.client.post("/declarations/movement", &journey()).await;
    let judged = judged(&app, &slip.at("/code")).await;
    let page = holder
        .client
        .clone()
        .browser()
        .get(&format!("/declarations/{}", slip.at("/declaration")))
        .await
        .text();

    assert_eq!(form.at("/typed/from"), home, "what the state knows is filled in");
    assert_eq!(slip.at("/valid_until"), "2026-11-26T16:59:59.999999Z", "{slip}");
    assert_eq!(judged.at("/slip/way/from"), "Phường Hoàn Kiếm, Thành phố Hà Nội");
    assert_eq!(judged.at("/slip/way/people"), "3");
    assert!(page.contains("id=\"slip-code\"") && page.contains("data:image/svg+xml"));
}

#[tokio::test]
async fn a_wrong_form_is_refused_by_field_with_what_was_typed() {
    let app = TestApp::start().await;
    let mut holder = holder(&app).await;

    let health = holder
        .client
        .post("/declarations/health", &json!({ "symptoms": "hunger" }))
        .await;
    let wrong = json!({ "from": "00070", "to": "00070", "on": "2026-11-22", "people": 0, "means": "broom", "reason": "'; DROP TABLE" });
    let movement = holder.client.post("/declarations/movement", &wrong).await;
    let typed = [
        ("from", "00070"),
        ("to", "00004"),
        ("plate", "29B-🚗"),
        ("on", "2026-11-24"),
    ];
    let page = holder
        .client
        .clone()
        .browser()
        .upload("/declarations/movement", &typed, &[])
        .await;
    let mut stranger = app.holder(app.citizens().nth(1).unwrap(), Level::Zero).await;
    let level = stranger.client.get("/declarations").await;

    assert_eq!(fields(&health), ["symptoms", "contact", "pledge"]);
    assert_eq!(fields(&movement), ["to", "on", "people", "means", "reason", "pledge"]);
    assert!(
        page.text().contains("29B-🚗") && page.text().contains("id=\"means-fault\""),
        "{page}"
    );
    assert_eq!(level.at("/type"), "/problems/declarations-level-needed");
    assert_eq!(level.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn nobody_else_sees_a_declaration_and_the_checkpoint_is_open_to_all() {
    let app = TestApp::start().await;
    let mut holder = holder(&app).await;
    let mut other = app.holder(app.citizens().nth(1).unwrap(), Level::One).await;

    let slip = holder.client.post("/declarations/health", &well()).await;
    let path = format!("/declarations/{}", slip.at("/declaration"));
    let foreign = other.client.get(&path).await;
    let withdrawn = other.client.post(&format!("{path}/withdraw"), &json!({})).await;
    let still = holder.client.get(&path).await;
    let page = app.client().browser().get("/declarations/checkpoint").await;
    let worker = app.client().get("/declarations/checkpoint/worker.js").await;

    assert_eq!(foreign.status, StatusCode::NOT_FOUND);
    assert_eq!(withdrawn.status, StatusCode::NOT_FOUND);
    assert_eq!(still.at("/standing"), "valid");
    assert!(page.text().contains("id=\"judge-form\""));
    assert_eq!(worker.headers["service-worker-allowed"], "/declarations/checkpoint");
    assert!(worker.text().contains("/assets/checkpoint.js"));
}
