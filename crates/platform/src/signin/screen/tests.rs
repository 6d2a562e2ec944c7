use ::http::{Request, StatusCode, header};
use axum::body::Body;
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::accounts::Level;
use crate::sso::tests::{PORTAL, portal, request};
use crate::testing::{Answer, Client, Holder, PASSCODE, TestApp};

/// Somebody who is signed in on a phone, and a computer that waits.
async fn begin() -> (TestApp, Holder, Client, Answer) {
    let app = TestApp::start().await;
    let citizen = app.citizen();
    let holder = app.holder(citizen, Level::Two).await;
    app.secrets(&holder).await;
    let mut screen = app.client();
    let shown = screen
        .post("/signin/screen", &json!({ "next": "/account/history" }))
        .await;
    (app, holder, screen, shown)
}

fn code(shown: &Answer) -> String {
    shown.at("/link").rsplit('=').next().unwrap().to_owned()
}

async fn approve(phone: &mut Client, shown: &Answer, number: &Value, passcode: &str) -> Answer {
    let body = json!({ "code": code(shown), "number": number.to_string(), "passcode": passcode });
    phone.post("/signin/screen/approve", &body).await
}

#[tokio::test]
async fn a_phone_lets_the_screen_in_that_shows_the_code_and_the_same_words() {
    let (_app, mut holder, mut screen, shown) = begin().await;

    let asked = holder
        .client
        .get(&format!("/signin/screen/approve?code={}", code(&shown)))
        .await;
    let number = shown.json()["number"].clone();
    let answered = approve(&mut holder.client, &shown, &number, PASSCODE).await;
    let waited = screen.get("/signin/screen/here").await;
    let entered = screen.post("/signin/screen/here", &json!({})).await;
    let account = screen.get("/account").await;
    let again = screen.post("/signin/screen/here", &json!({})).await;

    assert_eq!(asked.at("/words"), shown.at("/words"));
    assert!(asked.json()["choices"].as_array().unwrap().contains(&number), "{asked}");
    assert_eq!(
        (answered.at("/approved"), waited.at("/state")),
        ("true".into(), "approved".into())
    );
    assert_eq!(entered.at("/next"), "/account/history");
    assert_eq!(account.at("/full_name"), holder.citizen.full_name);
    assert_eq!(again.status, StatusCode::GONE);
}

#[tokio::test]
async fn a_wrong_number_ends_it_even_for_who_knows_the_passcode() {
    let (_app, mut holder, mut screen, shown) = begin().await;
    let right = shown.json()["number"].as_i64().unwrap();
    let wrong = json!(if right == 99 { 10 } else { right + 1 });

    let refused = approve(&mut holder.client, &shown, &wrong, PASSCODE).await;
    let too_late = approve(&mut holder.client, &shown, &json!(right), PASSCODE).await;
    let entered = screen.post("/signin/screen/here", &json!({})).await;

    assert_eq!(refused.at("/type"), "/problems/signin-screen-wrong-number");
    assert_eq!((too_late.status, entered.status), (StatusCode::GONE, StatusCode::GONE));
    assert_eq!(screen.get("/account").await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_code_that_was_relayed_opens_nothing_in_another_browser() {
    let (app, mut holder, _screen, shown) = begin().await;
    let number = shown.json()["number"].clone();
    approve(&mut holder.client, &shown, &number, PASSCODE).await;
    let mut thief = app.client();
    let own = thief.post("/signin/screen", &json!({})).await;

    let without_cookie = app.client().post("/signin/screen/here", &json!({})).await;
    let with_own_code = thief.post("/signin/screen/here", &json!({})).await;

    assert_eq!(own.at("/state"), "waiting");
    assert_eq!(
        (without_cookie.status, with_own_code.status),
        (StatusCode::GONE, StatusCode::GONE)
    );
}

#[tokio::test]
async fn a_code_lives_two_minutes_and_needs_number_and_passcode() {
    let (app, mut holder, _screen, shown) = begin().await;
    let number = shown.json()["number"].clone();

    let nothing = approve(&mut holder.client, &shown, &Value::Null, PASSCODE).await;
    let wrong = approve(&mut holder.client, &shown, &number, "000000").await;
    app.advance(SignedDuration::from_secs(120));
    let late = approve(&mut holder.client, &shown, &number, PASSCODE).await;
    let stranger = app
        .client()
        .get(&format!("/signin/screen/approve?code={}", code(&shown)))
        .await;

    assert_eq!(nothing.at("/errors/0/field"), "number");
    assert_eq!(wrong.at("/type"), "/problems/signin-wrong-passcode");
    assert_eq!(late.at("/type"), "/problems/signin-screen-over");
    assert_eq!(stranger.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_screen_in_another_network_is_warned_of_and_confirmed() {
    let app = TestApp::start_with(|config| config.behind_proxy = true).await;
    let citizen = app.citizen();
    let mut holder = app.holder(citizen, Level::Two).await;
    app.secrets(&holder).await;
    let mut screen = app.client();
    let far = Request::post("/signin/screen")
        .header("x-forwarded-for", "203.0.113.7")
        .header(header::USER_AGENT, "Mozilla/5.0 (Windows NT 10.0) Chrome/140.0")
        .header(header::CONTENT_TYPE, "application/json");
    let shown = screen.send(far, Body::from("{}")).await;
    let number = shown.json()["number"].clone();

    let asked = holder
        .client
        .get(&format!("/signin/screen/approve?code={}", code(&shown)))
        .await;
    let without = approve(&mut holder.client, &shown, &number, PASSCODE).await;
    let body = json!({ "code": code(&shown), "number": number.to_string(), "passcode": PASSCODE, "here": "yes" });
    let with = holder.client.post("/signin/screen/approve", &body).await;

    assert_eq!(
        (asked.at("/address"), asked.at("/browser")),
        ("203.0.113.7".into(), "Chrome, Windows".into())
    );
    assert_eq!(asked.at("/elsewhere"), "true");
    assert_eq!(without.at("/errors/0/field"), "here");
    assert_eq!(with.at("/approved"), "true");
}

#[tokio::test]
async fn both_screens_name_the_service_that_asks() {
    let (app, mut holder, mut screen, _) = begin().await;
    portal(&app, "portal", PORTAL, json!({})).await;
    let sent = screen.get(&request("portal", PORTAL, "openid", &[])).await.location();
    let next = url::Url::parse("http://localhost").unwrap().join(&sent).unwrap();
    let next = next
        .query_pairs()
        .find(|(name, _)| name == "next")
        .unwrap()
        .1
        .into_owned();

    let shown = screen.post("/signin/screen", &json!({ "next": next })).await;
    let asked = holder
        .client
        .get(&format!("/signin/screen/approve?code={}", code(&shown)))
        .await;
    let away = screen
        .post("/signin/screen", &json!({ "next": "https://evil.example/" }))
        .await;

    assert_eq!(
        (shown.at("/service"), asked.at("/service")),
        ("Cổng portal".into(), "Cổng portal".into())
    );
    assert_eq!(away.at("/next"), "/account");
}
