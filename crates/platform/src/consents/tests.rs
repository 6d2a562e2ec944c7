use ::http::{Request, StatusCode, header};
use axum::body::Body;
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::accounts::Level;
use crate::sso::tests::{PORTAL, SECRET, VERIFIER, begin, code, exchange, param, portal, request, userinfo};
use crate::testing::{Answer, Holder, TestApp};

const BANK: &str = "https://bank.example/cb";

fn terms(purpose: &str, scope: &str, days: u16) -> Value {
    json!({
        "purpose": purpose, "scope": scope, "days": days, "basis": "Thông tư 17/2024/TT-NHNN",
        "reason": "Mở tài khoản thanh toán", "reason_en": "To open a payment account",
    })
}

/// A bank with two purposes, one of which asks each time, and a person with an account.
async fn bank() -> (TestApp, Holder) {
    let (app, holder) = begin(Level::Two).await;
    let more = json!({
        "vneid_purposes": ["ekyc", "account"],
        "vneid_terms": [terms("ekyc", "openid profile address", 0), terms("account", "openid profile", 30)],
    });
    portal(&app, "bank", BANK, more).await;
    (app, holder)
}

async fn ask(holder: &mut Holder, scope: &str, purpose: &str) -> Answer {
    let address = request("bank", BANK, scope, &[("vneid_purpose", purpose)]);
    holder.client.get(&address).await
}

async fn agree(holder: &mut Holder, asked: &Answer) -> Answer {
    let agreed = json!({ "request": asked.at("/request"), "answer": "agree" });
    holder.client.post("/sso/consent", &agreed).await
}

#[tokio::test]
async fn the_person_reads_who_asks_for_what_why_and_for_how_long() {
    let (_app, mut holder) = bank().await;

    let asked = ask(&mut holder, "openid profile", "account").await;
    let mut browser = holder.client.clone().browser();
    let address = request("bank", BANK, "openid profile", &[("vneid_purpose", "account")]);
    let page = browser.get(&address).await.text();

    assert_eq!(asked.at("/client"), "Cổng bank");
    assert_eq!(asked.json()["data"], json!(["profile"]));
    assert_eq!(
        asked.json()["reason"],
        json!(["Mở tài khoản thanh toán", "To open a payment account"])
    );
    assert_eq!(asked.at("/basis"), "Thông tư 17/2024/TT-NHNN");
    assert_eq!(asked.at("/until"), "2026-12-23T02:00:00Z");
    assert!(
        page.contains("To open a payment account") && page.contains("09:00 23/12/2026"),
        "{page}"
    );
}

#[tokio::test]
async fn a_consent_is_remembered_for_its_purpose_and_its_time_alone() {
    let (app, mut holder) = bank().await;
    let asked = ask(&mut holder, "openid profile", "account").await;
    agree(&mut holder, &asked).await;

    let same = ask(&mut holder, "openid profile", "account").await;
    let other = ask(&mut holder, "openid profile", "ekyc").await;
    agree(&mut holder, &other).await;
    let each_time = ask(&mut holder, "openid profile", "ekyc").await;
    app.advance(SignedDuration::from_hours(30 * 24));
    app.sign_in(&mut holder).await;
    let later = ask(&mut holder, "openid profile", "account").await;

    assert!(param(&same.location(), "code").is_some(), "{same}");
    assert_eq!(other.at("/until"), "null");
    assert_eq!(each_time.status, StatusCode::OK, "{each_time}");
    assert_eq!(later.status, StatusCode::OK, "{later}");
    let states = holder.client.get("/account/consents").await;
    let states: Vec<String> = states.json()["consents"]
        .as_array()
        .unwrap()
        .iter()
        .map(|consent| {
            format!(
                "{} {}",
                consent["purpose"].as_str().unwrap(),
                consent["state"].as_str().unwrap()
            )
        })
        .collect();
    assert_eq!(states, ["account ended", "ekyc once"]);
    app.run_jobs().await;
}

#[tokio::test]
async fn data_beyond_the_registered_purpose_is_refused_by_the_server() {
    let (_app, mut holder) = bank().await;

    let beyond = ask(&mut holder, "openid profile address", "account").await;
    let foreign = ask(&mut holder, "openid profile", "advertising").await;

    assert_eq!(param(&beyond.location(), "error").as_deref(), Some("invalid_scope"));
    assert_eq!(param(&foreign.location(), "error").as_deref(), Some("invalid_request"));
}

#[tokio::test]
async fn what_was_taken_back_ends_every_token_at_once_and_the_person_is_asked_again() {
    let (app, mut holder) = begin(Level::Two).await;
    let first = code(&mut holder, "portal", PORTAL, "openid profile").await;
    let tokens = exchange(&app, &first, VERIFIER).await;
    let unused = code(&mut holder, "portal", PORTAL, "openid profile").await;
    let before = userinfo(&app, &tokens.at("/access_token")).await;

    let listed = holder.client.get("/account/consents").await;
    let which = json!({ "client_id": "portal", "purpose": "" });
    let after = holder.client.post("/account/consents/withdraw", &which).await;
    let again = holder.client.post("/account/consents/withdraw", &which).await;

    assert_eq!(
        (before.status, listed.at("/consents/0/state")),
        (StatusCode::OK, "standing".to_owned())
    );
    assert_eq!(
        (after.at("/consents/0/state"), after.at("/consents/0/heard")),
        ("withdrawn".into(), "deaf".into())
    );
    assert_eq!(again.status, StatusCode::NOT_FOUND);
    let refused = userinfo(&app, &tokens.at("/access_token")).await;
    assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
    assert_eq!(exchange(&app, &unused, VERIFIER).await.at("/error"), "invalid_grant");
    let asked = holder
        .client
        .get(&request("portal", PORTAL, "openid profile", &[]))
        .await;
    assert!(!asked.at("/request").is_empty(), "{asked}");
}

#[tokio::test]
async fn the_relying_party_is_told_and_the_person_sees_whether_it_has_acknowledged() {
    let (app, mut holder) = begin(Level::Two).await;
    let more = json!({
        "grant_types": ["authorization_code", "client_credentials"],
        "vneid_resources": ["http://localhost:8080/ssf"],
    });
    portal(&app, "bank", BANK, more).await;
    code(&mut holder, "bank", BANK, "openid profile").await;
    let bank = Bank::of(&app).await;
    let wish = json!({
        "events_requested": [oidc::shared_signals::event::CONSENT_WITHDRAWN],
        "delivery": { "method": "urn:ietf:rfc:8936" },
    });
    let stream = bank.post("/ssf/streams", &wish).await.at("/stream_id");

    let which = json!({ "client_id": "bank" });
    let waiting = holder.client.post("/account/consents/withdraw", &which).await;
    let events = format!("/ssf/streams/{stream}/events");
    let sets = bank.post(&events, &json!({ "returnImmediately": true })).await.json();
    let (jti, set) = sets["sets"].as_object().unwrap().iter().next().unwrap();
    let claims = crypto::base64url::decode(set.as_str().unwrap().split('.').nth(1).unwrap()).unwrap();
    let claims: Value = serde_json::from_slice(&claims).unwrap();
    bank.post(&events, &json!({ "ack": [jti], "maxEvents": 0 })).await;
    let known = holder.client.get("/account/consents").await;

    assert_eq!(waiting.at("/consents/0/heard"), "waiting");
    assert_eq!(
        claims["events"][oidc::shared_signals::event::CONSENT_WITHDRAWN]["purpose"],
        ""
    );
    assert!(!claims["sub_id"]["sub"].as_str().unwrap().is_empty(), "{claims}");
    assert_eq!(known.at("/consents/0/heard"), "acknowledged");
}

#[tokio::test]
async fn a_refresh_token_is_of_no_use_when_the_consent_is_over() {
    let (app, mut holder) = begin(Level::Two).await;
    let more = json!({
        "grant_types": ["authorization_code", "refresh_token"],
        "vneid_purposes": ["account"],
        "vneid_terms": [terms("account", "openid profile", 1)],
    });
    portal(&app, "portal", PORTAL, more).await;
    let code = code(&mut holder, "portal", PORTAL, "openid profile").await;
    let tokens = exchange(&app, &code, VERIFIER).await;

    let within = renew(&app, &tokens.at("/refresh_token")).await;
    app.advance(SignedDuration::from_hours(24));
    let after = renew(&app, &tokens.at("/refresh_token")).await;

    assert_eq!(within.status, StatusCode::OK, "{within}");
    assert_eq!(after.at("/error"), "invalid_grant");
}

async fn renew(app: &TestApp, token: &str) -> Answer {
    let basic = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, format!("portal:{SECRET}"));
    let request = Request::post("/sso/token")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(header::AUTHORIZATION, format!("Basic {basic}"));
    let body = format!("grant_type=refresh_token&refresh_token={token}");
    app.client().send(request, Body::from(body)).await
}

/// The bank's program, with an access token for its stream.
struct Bank<'a> {
    app: &'a TestApp,
    token: String,
}

impl<'a> Bank<'a> {
    async fn of(app: &'a TestApp) -> Self {
        let basic = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, format!("bank:{SECRET}"));
        let request = Request::post("/sso/token")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(header::AUTHORIZATION, format!("Basic {basic}"));
        let body = "grant_type=client_credentials&resource=http%3A%2F%2Flocalhost%3A8080%2Fssf";
        let token = app.client().send(request, Body::from(body)).await.at("/access_token");
        Self { app, token }
    }

    async fn post(&self, path: &str, body: &Value) -> Answer {
        let request = Request::post(path)
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::AUTHORIZATION, format!("Bearer {}", self.token));
        self.app.client().send(request, Body::from(body.to_string())).await
    }
}
