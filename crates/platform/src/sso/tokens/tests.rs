use ::http::{Request, StatusCode, header};
use axum::body::Body;
use crypto::jwk::JwkSet;
use crypto::jws;
use crypto::sign::{Algorithm, Signer as _, SoftKey};
use jiff::SignedDuration;
use oidc::access_token::{self, AccessToken};
use oidc::authentication::ASSERTION_TYPE;
use oidc::provider::Issuer;
use serde_json::json;

use crate::accounts::Level;
use crate::shell::keys;
use crate::sso::tests::{PORTAL, SECRET, VERIFIER, begin, param, portal, request, userinfo, verified};
use crate::testing::{Answer, Holder, TestApp};

const ISSUER: &str = "http://localhost:8080";
const RECORDS: &str = "https://records.example/api";
const TAXES: &str = "https://taxes.example/";

/// A portal that may call two services elsewhere, one of which is known to us, and a person.
async fn started() -> (TestApp, Holder) {
    let (app, holder) = begin(Level::Two).await;
    let more = json!({
        "grant_types": ["authorization_code", "refresh_token"], "vneid_resources": [RECORDS, TAXES],
    });
    portal(&app, "portal", PORTAL, more).await;
    portal(
        &app,
        "records",
        "https://records.example/cb",
        json!({"vneid_offers": [RECORDS]}),
    )
    .await;
    (app, holder)
}

async fn code(holder: &mut Holder, resources: &[&str]) -> String {
    let named: Vec<(&str, &str)> = resources.iter().map(|uri| ("resource", *uri)).collect();
    let asked = holder
        .client
        .get(&request("portal", PORTAL, "openid profile", &named))
        .await;
    let sent = if asked.status == StatusCode::SEE_OTHER {
        asked
    } else {
        let agreed = json!({ "request": asked.at("/request"), "answer": "agree" });
        holder.client.post("/sso/consent", &agreed).await
    };
    param(&sent.location(), "code").unwrap_or_else(|| panic!("no code: {sent}"))
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

async fn exchange(app: &TestApp, code: &str, resources: &[&str]) -> Answer {
    let mut fields = vec![
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", PORTAL),
        ("code_verifier", VERIFIER),
    ];
    fields.extend(resources.iter().map(|uri| ("resource", *uri)));
    post(app, "portal", "/sso/token", &fields).await
}

async fn renew(app: &TestApp, token: &str, resource: &str) -> Answer {
    let fields = [
        ("grant_type", "refresh_token"),
        ("refresh_token", token),
        ("resource", resource),
    ];
    post(app, "portal", "/sso/token", &fields).await
}

async fn introspect(app: &TestApp, client: &str, token: &str) -> Answer {
    post(app, client, "/sso/introspect", &[("token", token)]).await
}

async fn read(app: &TestApp, token: &str, resource: &str) -> Option<AccessToken> {
    let keys = JwkSet::parse(&app.client().get("/sso/jwks").await.body).unwrap();
    let issuer = Issuer::parse(ISSUER).unwrap();
    access_token::verify(token, &keys, &issuer, resource, app.now()).ok()
}

#[tokio::test]
async fn a_token_for_a_service_elsewhere_can_be_read_by_it_and_by_no_other() {
    let (app, mut holder) = started().await;

    let tokens = exchange(&app, &code(&mut holder, &[RECORDS]).await, &[]).await;
    let text = tokens.at("/access_token");
    let token = read(&app, &text, RECORDS).await.unwrap();

    let id_token = verified(&app, &tokens.at("/id_token")).await;
    assert_eq!(tokens.at("/expires_in"), "300");
    assert_eq!(
        (token.client_id.as_str(), token.aud.as_slice()),
        ("portal", &[RECORDS.to_owned()][..])
    );
    assert_eq!(
        (token.scope.as_str(), token.auth_time),
        ("openid profile", Some(id_token.auth_time))
    );
    assert_eq!((token.acr, token.exp - token.iat), (id_token.acr, 300));
    assert!(token.sub != id_token.sub && !text.contains(&holder.person.to_string()));
    assert_eq!(read(&app, &text, TAXES).await, None);
}

#[tokio::test]
async fn a_service_elsewhere_cannot_use_a_token_that_it_was_shown_at_ours() {
    let (app, mut holder) = started().await;
    let tokens = exchange(&app, &code(&mut holder, &[RECORDS]).await, &[]).await;
    let text = tokens.at("/access_token");
    let inside = read(&app, &text, RECORDS).await.unwrap().jti;

    for shown in [&text, &inside] {
        assert_eq!(userinfo(&app, shown).await.status, StatusCode::UNAUTHORIZED, "{shown}");
    }
    let bare = introspect(&app, "records", &inside).await;
    assert_eq!(bare.json(), json!({"active": false}));
}

#[tokio::test]
async fn a_token_for_a_service_elsewhere_is_taken_back_at_once_for_who_asks() {
    let (app, mut holder) = started().await;
    let tokens = exchange(&app, &code(&mut holder, &[RECORDS]).await, &[]).await;
    let token = tokens.at("/access_token");

    let told = introspect(&app, "records", &token).await;
    let nobody = introspect(&app, "portal", "eyJhbGciOiJub25lIn0.e30.").await;
    post(&app, "records", "/sso/revoke", &[("token", &token)]).await;
    let still = introspect(&app, "records", &token).await;
    let given_back = post(&app, "portal", "/sso/revoke", &[("token", &token)]).await;
    let over = introspect(&app, "records", &token).await;

    let inside = read(&app, &token, RECORDS).await.unwrap();
    assert_eq!(
        (told.at("/active"), told.at("/aud/0")),
        ("true".to_owned(), RECORDS.to_owned())
    );
    assert_eq!(told.at("/exp"), inside.exp.to_string());
    assert_ne!(told.at("/sub"), inside.sub, "a resource knows a person by its own name");
    assert_eq!(
        (still.at("/active"), given_back.status),
        ("true".to_owned(), StatusCode::OK)
    );
    for inactive in [nobody, over] {
        assert_eq!(inactive.json(), json!({"active": false}));
    }
}

#[tokio::test]
async fn a_token_is_for_one_service_and_the_code_survives_a_wrong_wish() {
    let (app, mut holder) = started().await;
    let code = code(&mut holder, &[RECORDS, TAXES]).await;

    let none = exchange(&app, &code, &[]).await;
    let both = exchange(&app, &code, &[RECORDS, TAXES]).await;
    let foreign = exchange(&app, &code, &["https://evil.example/"]).await;
    let right = exchange(&app, &code, &[TAXES]).await;

    for refused in [none, both, foreign] {
        assert_eq!(
            (refused.status, refused.at("/error")),
            (StatusCode::BAD_REQUEST, "invalid_target".to_owned())
        );
    }
    assert!(read(&app, &right.at("/access_token"), TAXES).await.is_some());
}

#[tokio::test]
async fn the_issuer_named_as_the_resource_gives_a_token_for_our_own_endpoints() {
    let (app, mut holder) = started().await;
    let tokens = exchange(&app, &code(&mut holder, &[RECORDS]).await, &[ISSUER]).await;

    let there = renew(&app, &tokens.at("/refresh_token"), RECORDS).await;
    let here = renew(&app, &there.at("/refresh_token"), ISSUER).await;

    for own in [&tokens, &here] {
        assert_eq!(
            userinfo(&app, &own.at("/access_token")).await.status,
            StatusCode::OK,
            "{own}"
        );
    }
    assert!(read(&app, &there.at("/access_token"), RECORDS).await.is_some());
}

#[tokio::test]
async fn a_code_used_again_takes_back_the_token_for_a_service_elsewhere() {
    let (app, mut holder) = started().await;
    let code = code(&mut holder, &[RECORDS]).await;
    let token = exchange(&app, &code, &[]).await.at("/access_token");

    exchange(&app, &code, &[]).await;

    let told = introspect(&app, "records", &token).await;
    assert_eq!(told.json(), json!({"active": false}));
}

#[tokio::test]
async fn oidcc_server_rotate_keys() {
    let (app, mut holder) = started().await;
    let before = exchange(&app, &code(&mut holder, &[]).await, &[]).await.at("/id_token");
    app.advance(SignedDuration::from_hours(25));
    app.run_jobs().await;
    app.sign_in(&mut holder).await;

    app.keys.rotate(keys::SSO, app.now()).unwrap();
    let after = exchange(&app, &code(&mut holder, &[]).await, &[]).await.at("/id_token");

    let [old, new] =
        [&before, &after].map(|token| jws::Compact::parse(token).unwrap().header().key_id().map(str::to_owned));
    assert!(old.is_some() && old != new, "{old:?} {new:?}");
    verified(&app, &before).await;
    verified(&app, &after).await;
}

/// A client that refreshes, and proves itself by a key.
async fn signer(app: &TestApp, key: &SoftKey) {
    let more = json!({
        "grant_types": ["authorization_code", "refresh_token"], "token_endpoint_auth_method": "private_key_jwt",
        "jwks": {"keys": [key.public()]},
    });
    portal(app, "signer", "https://signer.example/cb", more).await;
}

async fn proved(app: &TestApp, key: &SoftKey, jti: &str, fields: &[(&str, &str)]) -> Answer {
    let now = app.now().as_second();
    let claims = json!({ "iss": "signer", "sub": "signer", "aud": ISSUER, "exp": now + 60, "iat": now, "jti": jti });
    let assertion = jws::sign(key, None, claims.to_string().as_bytes()).unwrap();
    let mut fields = fields.to_vec();
    fields.extend([
        ("client_assertion_type", ASSERTION_TYPE),
        ("client_assertion", &assertion),
    ]);
    app.client().form("/sso/token", &fields).await
}

#[tokio::test]
async fn oidcc_refresh_token_rp_key_rotation() {
    let (app, mut holder) = started().await;
    let [old, new] = [7, 8].map(|seed| SoftKey::from_seed(Algorithm::Es256, &[seed; 32]).unwrap());
    signer(&app, &old).await;
    let code = crate::sso::tests::code(&mut holder, "signer", "https://signer.example/cb", "openid").await;
    let fields = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", "https://signer.example/cb"),
        ("code_verifier", VERIFIER),
    ];
    let tokens = proved(&app, &old, "j1", &fields).await;

    signer(&app, &new).await;
    let token = tokens.at("/refresh_token");
    let renewal = [("grant_type", "refresh_token"), ("refresh_token", token.as_str())];
    let by_old = proved(&app, &old, "j2", &renewal).await;
    let by_new = proved(&app, &new, "j3", &renewal).await;

    assert_eq!(
        (by_old.status, by_old.at("/error")),
        (StatusCode::UNAUTHORIZED, "invalid_client".to_owned())
    );
    assert_eq!(by_new.status, StatusCode::OK, "{by_new}");
}
