use ::http::{Request, StatusCode, header};
use axum::body::Body;
use jiff::SignedDuration;
use serde_json::json;

use crate::accounts::Level;
use crate::sso::tests::{PORTAL, SECRET, VERIFIER, begin, code, exchange, portal, userinfo};
use crate::testing::{Answer, Holder, TestApp};

/// A portal that may refresh, and the first tokens it got.
async fn signed_in() -> (TestApp, Holder, Answer) {
    let (app, mut holder) = begin(Level::Two).await;
    let more = json!({"grant_types": ["authorization_code", "refresh_token"]});
    portal(&app, "portal", PORTAL, more).await;
    let code = code(&mut holder, "portal", PORTAL, "openid profile").await;
    let tokens = exchange(&app, &code, VERIFIER).await;
    (app, holder, tokens)
}

async fn post(app: &TestApp, client: &str, path: &str, fields: &[(&str, &str)]) -> Answer {
    let body = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish();
    let basic = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, format!("{client}:{SECRET}"));
    let request = Request::post(path)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(header::AUTHORIZATION, format!("Basic {basic}"));
    app.client().send(request, Body::from(body)).await
}

async fn renew(app: &TestApp, client: &str, token: &str) -> Answer {
    let fields = [("grant_type", "refresh_token"), ("refresh_token", token)];
    post(app, client, "/sso/token", &fields).await
}

async fn introspect(app: &TestApp, client: &str, token: &str) -> Answer {
    post(app, client, "/sso/introspect", &[("token", token)]).await
}

#[tokio::test]
async fn a_refresh_token_is_replaced_at_each_use() {
    let (app, _, tokens) = signed_in().await;

    let renewed = renew(&app, "portal", &tokens.at("/refresh_token")).await;
    let again = renew(&app, "portal", &renewed.at("/refresh_token")).await;

    assert_eq!((renewed.status, again.status), (StatusCode::OK, StatusCode::OK));
    assert_ne!(renewed.at("/refresh_token"), tokens.at("/refresh_token"));
    assert_eq!(userinfo(&app, &again.at("/access_token")).await.status, StatusCode::OK);
    assert!(!renewed.at("/id_token").is_empty());
}

#[tokio::test]
async fn a_refresh_token_that_comes_back_ends_the_family_and_all_it_gave() {
    let (app, _, tokens) = signed_in().await;
    let old = tokens.at("/refresh_token");
    let renewed = renew(&app, "portal", &old).await;

    let stolen = renew(&app, "portal", &old).await;
    let honest = renew(&app, "portal", &renewed.at("/refresh_token")).await;

    assert_eq!(
        (stolen.at("/error"), honest.at("/error")),
        ("invalid_grant".to_owned(), "invalid_grant".to_owned())
    );
    for token in [&tokens, &renewed] {
        let told = userinfo(&app, &token.at("/access_token")).await;
        assert_eq!(told.status, StatusCode::UNAUTHORIZED);
    }
}

#[tokio::test]
async fn a_refresh_token_is_nothing_to_another_client_or_after_thirty_days() {
    let (app, _, tokens) = signed_in().await;
    let more = json!({"grant_types": ["authorization_code", "refresh_token"]});
    portal(&app, "other", "https://other.example/cb", more).await;

    let other = renew(&app, "other", &tokens.at("/refresh_token")).await;
    app.advance(SignedDuration::from_hours(24 * 30));
    let late = renew(&app, "portal", &tokens.at("/refresh_token")).await;
    app.run_jobs().await;

    assert_eq!(
        (other.at("/error"), late.at("/error")),
        ("invalid_grant".to_owned(), "invalid_grant".to_owned())
    );
}

#[tokio::test]
async fn less_may_be_asked_for_but_not_more() {
    let (app, _, tokens) = signed_in().await;
    let token = tokens.at("/refresh_token");
    let wish = |scope: &'static str| {
        vec![
            ("grant_type", "refresh_token"),
            ("refresh_token", token.as_str()),
            ("scope", scope),
        ]
    };

    let more = post(&app, "portal", "/sso/token", &wish("openid phone")).await;
    let less = post(&app, "portal", "/sso/token", &wish("openid")).await;

    assert_eq!(more.at("/error"), "invalid_scope");
    assert_eq!(less.at("/scope"), "openid");
}

#[tokio::test]
async fn a_code_that_comes_back_takes_its_refresh_token_back() {
    let (app, mut holder) = begin(Level::Two).await;
    let more = json!({"grant_types": ["authorization_code", "refresh_token"]});
    portal(&app, "portal", PORTAL, more).await;
    let code = code(&mut holder, "portal", PORTAL, "openid").await;
    let tokens = exchange(&app, &code, VERIFIER).await;

    exchange(&app, &code, VERIFIER).await;

    let refused = renew(&app, "portal", &tokens.at("/refresh_token")).await;
    assert_eq!(refused.at("/error"), "invalid_grant");
}

#[tokio::test]
async fn who_did_not_register_for_it_gets_no_refresh_token() {
    let (app, mut holder) = begin(Level::Two).await;
    let code = code(&mut holder, "portal", PORTAL, "openid").await;

    let tokens = exchange(&app, &code, VERIFIER).await;
    let refused = renew(&app, "portal", "anything").await;

    assert_eq!(tokens.json().get("refresh_token"), None);
    assert_eq!(refused.at("/error"), "unauthorized_client");
}

#[tokio::test]
async fn only_its_owner_is_told_of_a_token() {
    let (app, _, tokens) = signed_in().await;
    portal(&app, "other", "https://other.example/cb", json!({})).await;
    let token = tokens.at("/access_token");

    let own = introspect(&app, "portal", &token).await;
    let refresh = introspect(&app, "portal", &tokens.at("/refresh_token")).await;
    let other = introspect(&app, "other", &token).await;
    let nonsense = introspect(&app, "portal", "nonsense").await;
    app.advance(SignedDuration::from_mins(30));
    let over = introspect(&app, "portal", &token).await;

    assert_eq!(
        (own.at("/active"), own.at("/scope")),
        ("true".to_owned(), "openid profile".to_owned())
    );
    assert_eq!(own.at("/token_type"), "Bearer");
    assert_eq!(
        (refresh.at("/active"), refresh.json().get("token_type")),
        ("true".to_owned(), None)
    );
    for answer in [other, nonsense, over] {
        assert_eq!(answer.json(), json!({"active": false}));
    }
}

#[tokio::test]
async fn a_token_given_back_is_worth_nothing_and_a_refresh_token_takes_its_family_along() {
    let (app, _, tokens) = signed_in().await;
    let renewed = renew(&app, "portal", &tokens.at("/refresh_token")).await;
    let access = tokens.at("/access_token");

    let given_back = post(&app, "portal", "/sso/revoke", &[("token", &access)]).await;
    let still = userinfo(&app, &renewed.at("/access_token")).await;
    let refresh = renewed.at("/refresh_token");
    let family = post(&app, "portal", "/sso/revoke", &[("token", &refresh)]).await;
    let unknown = post(&app, "portal", "/sso/revoke", &[("token", "nonsense")]).await;

    assert_eq!([given_back.status, family.status, unknown.status], [StatusCode::OK; 3]);
    assert_eq!(userinfo(&app, &access).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(still.status, StatusCode::OK);
    assert_eq!(
        userinfo(&app, &renewed.at("/access_token")).await.status,
        StatusCode::UNAUTHORIZED
    );
    assert_eq!(renew(&app, "portal", &refresh).await.at("/error"), "invalid_grant");
}

#[tokio::test]
async fn nobody_gives_anothers_token_back() {
    let (app, _, tokens) = signed_in().await;
    portal(&app, "other", "https://other.example/cb", json!({})).await;

    for token in ["/access_token", "/refresh_token"] {
        post(&app, "other", "/sso/revoke", &[("token", &tokens.at(token))]).await;
    }

    assert_eq!(userinfo(&app, &tokens.at("/access_token")).await.status, StatusCode::OK);
    assert_eq!(
        renew(&app, "portal", &tokens.at("/refresh_token")).await.status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn a_machine_gets_a_signed_token_for_the_resource_that_it_names() {
    let app = TestApp::start().await;
    let more = json!({
        "grant_types": ["client_credentials"], "scope": "vneid_account", "vneid_resources": ["https://api.example/"],
    });
    portal(&app, "machine", "https://machine.example/cb", more).await;
    let ask = |resource: &'static str| vec![("grant_type", "client_credentials"), ("resource", resource)];

    let given = post(&app, "machine", "/sso/token", &ask("https://api.example/")).await;
    let elsewhere = post(&app, "machine", "/sso/token", &ask("https://other.example/")).await;
    let told = introspect(&app, "machine", &given.at("/access_token")).await;

    assert_eq!(
        (given.status, given.at("/expires_in")),
        (StatusCode::OK, "300".to_owned())
    );
    assert_eq!(elsewhere.at("/error"), "invalid_target");
    assert_eq!(
        (told.at("/active"), told.at("/sub"), told.at("/aud/0")),
        (
            "true".to_owned(),
            "machine".to_owned(),
            "https://api.example/".to_owned()
        )
    );
}

#[tokio::test]
async fn each_renewal_is_in_the_persons_history() {
    let (app, mut holder, tokens) = signed_in().await;
    let entries = |history: Answer| history.json()["looks"].as_array().unwrap().len();
    let before = entries(holder.client.get("/account/history").await);
    app.advance(SignedDuration::from_secs(1));

    renew(&app, "portal", &tokens.at("/refresh_token")).await;

    assert_eq!(entries(holder.client.get("/account/history").await), before + 1);
}
