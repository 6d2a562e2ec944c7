//! Sessions and the history of sign-ins, as their holder sees them.

use axum::body::Body;
use http::Request;

use crate::accounts::Level;
use crate::signin::{Password, hash, set_password};
use crate::testing::{Client, Holder, TestApp};

const PASSWORD: &str = "Xe#Dap-Xanh7";
const PHONE: &str = "Mozilla/5.0 (Linux; Android 15) Chrome/140.0 Mobile Safari/537.36";

async fn holder(app: &TestApp) -> Holder {
    let holder = app.holder(app.citizen(), Level::Two).await;
    let password = hash(app, &Password::check(PASSWORD, &[]).unwrap()).await.unwrap();
    let (vault, person, now) = (app.vault.clone(), holder.person, app.now());
    app.db
        .write(move |tx| set_password(tx, &vault, &person, &password, now))
        .await
        .unwrap();
    holder
}

async fn sign_in_by_phone(client: &mut Client, holder: &Holder, password: &str) -> u16 {
    let body = serde_json::json!({ "number": holder.citizen.number.as_str(), "password": password });
    let request = Request::builder()
        .method("POST")
        .uri("/signin")
        .header("content-type", "application/json")
        .header("user-agent", PHONE);
    client.send(request, Body::from(body.to_string())).await.status.as_u16()
}

#[tokio::test]
async fn a_citizen_sees_the_sessions_and_ends_one_from_afar() {
    let app = TestApp::start().await;
    let mut holder = holder(&app).await;
    let mut phone = app.client();
    sign_in_by_phone(&mut phone, &holder, PASSWORD).await;

    let listed = holder.client.get("/account/security/sessions").await.json();
    let there = listed["sessions"]
        .as_array()
        .unwrap()
        .iter()
        .find(|session| session["browser"] == "Chrome, Android")
        .unwrap();
    let end = format!("/account/security/sessions/{}/end", there["session"].as_str().unwrap());
    let ended = holder.client.form(&end, &[]).await;
    let again = holder.client.form(&end, &[]).await;

    assert_eq!(there["address"], "127.0.0.1");
    assert_eq!(ended.json()["sessions"].as_array().unwrap().len(), 1);
    assert_eq!(
        (phone.get("/account").await.status.as_u16(), again.status.as_u16()),
        (401, 404)
    );
}

#[tokio::test]
async fn nobody_ends_a_session_of_somebody_else() {
    let app = TestApp::start().await;
    let mut holder = holder(&app).await;
    let mut other = app.holder(app.citizens().nth(1).unwrap(), Level::One).await;
    let theirs = other
        .client
        .get("/account/security/sessions")
        .await
        .at("/sessions/0/session");

    let refused = holder
        .client
        .form(&format!("/account/security/sessions/{theirs}/end"), &[])
        .await;

    assert_eq!(refused.status, 404);
    assert_eq!(other.client.get("/account").await.status, 200);
}

#[tokio::test]
async fn the_sign_in_history_tells_when_where_by_what_and_what_failed() {
    let app = TestApp::start().await;
    let mut holder = holder(&app).await;
    sign_in_by_phone(&mut app.client(), &holder, "Wrong#Word99").await;
    app.advance(jiff::SignedDuration::from_mins(1));
    sign_in_by_phone(&mut app.client(), &holder, PASSWORD).await;

    let history = holder.client.get("/account/security/signins").await;

    insta::assert_snapshot!(history, @r#"
    200 OK
    {"events":[{"at":"2026-11-23T02:01:00Z","kind":"signed-in","failed":false,"means":["pwd"],"assurance":1,"address":"127.0.0.1","browser":"Chrome, Android"},{"at":"2026-11-23T02:00:00Z","kind":"wrong-password","failed":true,"means":["pwd"],"assurance":null,"address":"127.0.0.1","browser":"Chrome, Android"}]}
    "#);
    let page = holder.client.browser().get("/account/security/signins").await.text();
    assert!(page.contains("Wrong password"), "{page}");
}
