use axum::body::Body;
use http::{Request, StatusCode};
use jiff::SignedDuration;
use serde_json::json;

use super::Code;
use crate::accounts::Level;
use crate::shell::chance::Chance;
use crate::shell::keys::Keys;
use crate::sso::tests::{PORTAL, VERIFIER, begin, code, exchange, param, portal, request, userinfo};
use crate::testing::TestApp;

#[tokio::test]
async fn a_code_from_before_the_person_took_back_what_was_agreed_is_worth_nothing() {
    let (app, mut holder) = begin(Level::One).await;
    let before = code(&mut holder, "portal", PORTAL, "openid profile").await;

    let which = json!({ "client_id": "portal" });
    let taken_back = holder.client.post("/account/consents/withdraw", &which).await;
    let exchanged = exchange(&app, &before, VERIFIER).await;
    let anew = code(&mut holder, "portal", PORTAL, "openid profile").await;

    assert_eq!(taken_back.status, StatusCode::OK, "{taken_back}");
    assert_eq!(exchanged.at("/error"), "invalid_grant");
    assert_eq!(exchange(&app, &anew, VERIFIER).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_used_code_that_comes_back_with_a_wrong_verifier_takes_back_what_it_gave() {
    let (app, mut holder) = begin(Level::One).await;
    let code = code(&mut holder, "portal", PORTAL, "openid").await;
    let token = exchange(&app, &code, VERIFIER).await.at("/access_token");

    exchange(&app, &code, "another-verifier-of-forty-three-characters-x").await;

    assert_eq!(userinfo(&app, &token).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn the_history_says_from_which_address_the_person_came_and_not_from_which_the_relying_party_did() {
    let app = TestApp::start_with(|config| config.behind_proxy = true).await;
    portal(&app, "portal", PORTAL, json!({})).await;
    let mut holder = app.holder(app.citizen(), Level::One).await;
    code(&mut holder, "portal", PORTAL, "openid profile").await;

    let asked = Request::get(request("portal", PORTAL, "openid profile", &[])).header("x-forwarded-for", "203.0.113.7");
    let sent = holder.client.send(asked, Body::empty()).await.location();
    exchange(&app, &param(&sent, "code").unwrap(), VERIFIER).await;

    let history = holder.client.get("/account/history").await;
    assert_eq!(history.at("/looks/0/from"), "203.0.113.7");
}

#[tokio::test]
async fn a_token_says_what_is_left_of_the_half_hour_since_its_code() {
    let (app, mut holder) = begin(Level::One).await;
    let code = code(&mut holder, "portal", PORTAL, "openid").await;

    app.advance(SignedDuration::from_secs(20));
    let tokens = exchange(&app, &code, VERIFIER).await;
    app.advance(SignedDuration::from_secs(1779));
    let just_before = userinfo(&app, &tokens.at("/access_token")).await;
    app.advance(SignedDuration::from_secs(2));
    let after = userinfo(&app, &tokens.at("/access_token")).await;

    assert_eq!(tokens.at("/expires_in"), "1780");
    assert_eq!(
        (just_before.status, after.status),
        (StatusCode::OK, StatusCode::UNAUTHORIZED)
    );
}

#[tokio::test]
async fn who_asks_for_more_than_a_code_can_carry_is_told_so() {
    let (_app, mut holder) = begin(Level::One).await;
    let claims = json!({ "userinfo": { "name": { "value": "ă".repeat(2000) } } }).to_string();

    let address = request("portal", PORTAL, "openid profile", &[("claims", &claims)]);
    let asked = holder.client.get(&address).await;
    let agreed = json!({ "request": asked.at("/request"), "answer": "agree" });
    let sent = holder.client.post("/sso/consent", &agreed).await.location();

    assert_eq!(param(&sent, "error").as_deref(), Some("invalid_request"), "{sent}");
    assert!(
        param(&sent, "error_description").unwrap().contains("ask for less"),
        "{sent}"
    );
}

proptest::proptest! {
    #[test]
    fn no_text_makes_it_panic(text: String) {
        let now = "2026-11-23T02:00:00Z".parse().unwrap();
        let vault = Keys::in_memory(&Chance::seeded(1), now).unwrap().vault().unwrap();

        proptest::prop_assert!(Code::open(&vault, &text).is_none());
    }
}
