use ::http::{Request, StatusCode, header};
use axum::body::Body;
use crypto::message::Headers;
use serde_json::{Value, json};

use super::{store, trial};
use crate::accounts::Level;
use crate::testing::{Answer, Holder, TestApp};

/// The platform with a fee for CT07, and the folder that says so.
async fn with_fee() -> (TestApp, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let ours = include_str!("../procedures/catalogue/ct07/procedure.toml");
    let charged = ours.replacen(
        "consents = [\"share\"]",
        "consents = [\"share\"]\nfee = [{ group = \"standard\", amount = 15000 }]",
        1,
    );
    std::fs::write(folder.path().join("ct07.toml"), charged).unwrap();
    let descriptions = Some(folder.path().to_owned());
    let app = TestApp::start_with(|config| config.procedures.descriptions = descriptions).await;
    (app, folder)
}

/// A dossier that waits for its fee: its address and that of its order.
async fn unpaid(holder: &mut Holder) -> (String, String) {
    let opened = holder.client.post("/procedures/ct07", &json!({ "whom": "self" })).await;
    let draft = format!("/procedures/drafts/{}", opened.at("/id"));
    let filled = json!({ "content": "relatives", "purpose": "Nhập học", "go": "check" });
    let checked = holder.client.post(&draft, &filled).await;
    let agreed = json!({ "consent-share": "on", "version": checked.at("/version") });
    let sent = holder.client.post(&format!("{draft}/check"), &agreed).await;
    assert_eq!(sent.at("/status"), "payment", "{sent}");
    (format!("/procedures/dossiers/{}", sent.at("/id")), sent.at("/payment"))
}

async fn row(app: &TestApp, reference: String) -> store::Row {
    let found = app.db.read(move |conn| store::of_reference(conn, &reference)).await;
    found.unwrap().unwrap()
}

async fn call_back(app: &TestApp, headers: &Headers, body: Vec<u8>) -> Answer {
    let request = Request::builder()
        .method("POST")
        .uri("/payments/callback")
        .header(header::CONTENT_TYPE, "application/json")
        .header("content-digest", &headers.content_digest)
        .header("signature-input", &headers.signature_input)
        .header("signature", &headers.signature);
    app.client().send(request, Body::from(body)).await
}

#[tokio::test]
async fn a_paid_order_sends_the_dossier_in_and_the_same_callback_twice_has_one_effect() {
    let (app, _folder) = with_fee().await;
    let citizen = app.citizen();
    let mut holder = app.holder(citizen.clone(), Level::Two).await;
    let (dossier, order) = unpaid(&mut holder).await;
    let before = holder.client.get(&dossier).await;
    let shown = holder.client.get(&order).await;
    let row = row(&app, shown.at("/reference")).await;
    let (headers, body) = trial::http::callback(&app, &row).unwrap();

    let first = call_back(&app, &headers, body.clone()).await;
    let second = call_back(&app, &headers, body).await;
    let after = holder.client.get(&dossier).await;
    let paid = holder.client.clone().browser().get(&order).await;

    assert_eq!(
        (before.at("/status_code"), before.at("/deadline_at")),
        ("6".into(), "null".into())
    );
    assert_eq!(shown.at("/amount"), "15000");
    assert_eq!(
        (first.at("/state"), second.at("/state")),
        ("paid".into(), "paid".into())
    );
    assert_eq!(after.at("/status"), "new");
    let events = after.json()["steps"].as_array().map(Vec::len);
    assert_eq!(events, Some(2), "one step follows from the payment: {after}");
    assert!(paid.text().contains("badge good"), "{}", paid.text());
    let told = holder.client.get("/notices").await.text();
    assert_eq!(told.matches("procedures/dossiers").count(), 1, "{told}");
    app.run_jobs().await;
}

#[tokio::test]
async fn a_forged_callback_a_changed_one_and_one_of_another_amount_change_nothing() {
    let (app, _folder) = with_fee().await;
    let mut holder = app.holder(app.citizen(), Level::Two).await;
    let (dossier, order) = unpaid(&mut holder).await;
    let row = row(&app, holder.client.get(&order).await.at("/reference")).await;
    let (headers, body) = trial::http::callback(&app, &row).unwrap();
    let cheap = store::Row {
        amount: 1,
        ..row.clone()
    };
    let (cheap_headers, cheap_body) = trial::http::callback(&app, &cheap).unwrap();
    let changed: Value = serde_json::from_slice(&body).unwrap();
    let changed = changed.to_string().replace("TRIAL", "FORGED").into_bytes();
    let unsigned = Headers {
        content_digest: headers.content_digest.clone(),
        signature_input: String::new(),
        signature: String::new(),
    };
    let forged = Headers {
        signature: headers.signature.replace("sig1=:", "sig1=:AAAA"),
        ..headers.clone()
    };

    let answers = [
        call_back(&app, &unsigned, body.clone()).await,
        call_back(&app, &forged, body.clone()).await,
        call_back(&app, &headers, changed).await,
        call_back(&app, &cheap_headers, cheap_body).await,
    ];
    app.advance(jiff::SignedDuration::from_mins(10));
    let late = call_back(&app, &headers, body).await;

    let statuses: Vec<StatusCode> = answers.iter().map(|answer| answer.status).collect();
    let (forged, amount) = (StatusCode::FORBIDDEN, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(statuses, [forged, forged, forged, amount]);
    assert_eq!(late.at("/type"), "/problems/payments-forged");
    assert_eq!(holder.client.get(&dossier).await.at("/status"), "payment");
}

#[tokio::test]
async fn what_is_paid_after_the_dossier_was_withdrawn_is_to_be_paid_back() {
    let (app, _folder) = with_fee().await;
    let mut holder = app.holder(app.citizen(), Level::Two).await;
    let (dossier, order) = unpaid(&mut holder).await;
    let row = row(&app, holder.client.get(&order).await.at("/reference")).await;
    holder.client.post(&format!("{dossier}/withdrawal"), &json!({})).await;
    let cancelled = holder.client.get(&order).await;
    let (headers, body) = trial::http::callback(&app, &row).unwrap();

    let answer = call_back(&app, &headers, body).await;

    assert_eq!(cancelled.at("/state"), "cancelled");
    assert_eq!(answer.at("/state"), "refund");
    assert_eq!(holder.client.get(&dossier).await.at("/status"), "withdrawn");
    app.run_jobs().await;
}

#[tokio::test]
async fn the_sandboxs_provider_pays_and_nobody_sees_the_order_of_another() {
    let (app, _folder) = with_fee().await;
    let mut holder = app.holder(app.citizen(), Level::Two).await;
    let mut other = app.holder(app.citizens().nth(1).unwrap(), Level::Two).await;
    let (dossier, order) = unpaid(&mut holder).await;
    let page = holder.client.get(&order).await.at("/pay_at");

    let foreign = other.client.get(&order).await;
    let shown = holder.client.clone().browser().get(&page).await;
    holder.client.post(&page, &json!({})).await;

    assert_eq!(foreign.status, StatusCode::NOT_FOUND);
    assert!(
        shown.text().contains("trial-pay") && !shown.text().contains(">payments-"),
        "{}",
        shown.text()
    );
    assert_eq!(holder.client.get(&dossier).await.at("/status"), "new");
    app.run_jobs().await;
}

#[tokio::test]
async fn a_fee_that_is_asked_for_in_the_course_of_the_work_stops_the_clock_until_it_is_paid() {
    let (app, _folder) = with_fee().await;
    let citizen = app.citizen();
    let mut holder = app.holder(citizen.clone(), Level::Two).await;
    let mut officer = crate::procedures::reviewer(&app, &citizen).await;
    let (dossier, order) = unpaid(&mut holder).await;
    let trial = holder.client.get(&order).await.at("/pay_at");
    holder.client.post(&trial, &json!({})).await;
    let desk = dossier.replace("/procedures/dossiers", "/officers/procedures");
    let decision = format!("{desk}/decision");
    officer.post(&format!("{desk}/claim"), &json!({})).await;
    officer.post(&decision, &json!({ "what": "received" })).await;

    let free = officer
        .post(
            &decision,
            &json!({ "what": "charged", "words": "Phí trích lục", "amount": "0" }),
        )
        .await;
    let asked = json!({ "what": "charged", "words": "Phí trích lục", "amount": "5000" });
    officer.post(&decision, &asked).await;
    let paused = holder.client.get(&dossier).await;
    let order = holder.client.get(&paused.at("/payment")).await;
    holder.client.post(&order.at("/pay_at"), &json!({})).await;
    let resumed = holder.client.get(&dossier).await;

    assert_eq!(free.at("/errors/0/field"), "amount");
    assert_eq!(
        (paused.at("/status_code"), paused.at("/left_minutes")),
        ("6".into(), "null".into())
    );
    assert_eq!(order.at("/amount"), "5000");
    assert_eq!(resumed.at("/status"), "processing", "{resumed}");
    app.run_jobs().await;
}
