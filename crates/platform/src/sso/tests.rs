use ::http::{Request, StatusCode, header};
use axum::body::Body;
use crypto::base64url;
use crypto::digest::sha256;
use crypto::jwk::JwkSet;
use crypto::jws;
use crypto::secret::Secret;
use crypto::sign::{Algorithm, Signer as _, SoftKey};
use jiff::SignedDuration;
use oidc::client::Metadata;
use oidc::id_token::IdToken;
use serde_json::{Value, json};

use super::register;
use crate::accounts::Level;
use crate::testing::{Answer, Holder, TestApp};

pub(crate) const SECRET: &str = "a-secret-of-at-least-thirty-two-random-bytes";
pub(crate) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub(crate) const PORTAL: &str = "https://portal.example/cb";

/// A portal and a person who holds an account.
pub(crate) async fn begin(level: Level) -> (TestApp, Holder) {
    let app = TestApp::start().await;
    portal(&app, "portal", PORTAL, json!({})).await;
    let citizen = app.citizen();
    let holder = app.holder(citizen, level).await;
    (app, holder)
}

pub(crate) async fn portal(app: &TestApp, id: &str, redirect_uri: &str, more: Value) {
    let mut metadata = json!({
        "client_id": id,
        "client_name": format!("Cổng {id}"),
        "redirect_uris": [redirect_uri],
        "post_logout_redirect_uris": ["https://portal.example/bye"],
        "scope": "openid profile phone address vneid_account vneid_number",
    });
    metadata
        .as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    let metadata: Metadata = serde_json::from_value(metadata).unwrap();
    let secret = metadata.jwks.is_none().then(|| Secret::new(SECRET.to_owned()));
    register(app, metadata, secret).await.unwrap();
}

pub(crate) fn request(client: &str, redirect_uri: &str, scope: &str, more: &[(&str, &str)]) -> String {
    let challenge = base64url::encode(sha256(VERIFIER.as_bytes()));
    let mut query = url::form_urlencoded::Serializer::new("/sso/authorize?".to_owned());
    query.extend_pairs([
        ("response_type", "code"),
        ("client_id", client),
        ("redirect_uri", redirect_uri),
        ("scope", scope),
        ("state", "s1"),
        ("nonce", "n1"),
        ("code_challenge", &challenge),
        ("code_challenge_method", "S256"),
    ]);
    query.extend_pairs(more).finish()
}

/// The whole way to a code, agreeing to what is asked.
pub(crate) async fn code(holder: &mut Holder, client: &str, redirect_uri: &str, scope: &str) -> String {
    let asked = holder.client.get(&request(client, redirect_uri, scope, &[])).await;
    let sent = if asked.status == StatusCode::SEE_OTHER {
        asked
    } else {
        let agreed = json!({ "request": asked.at("/request"), "answer": "agree" });
        holder.client.post("/sso/consent", &agreed).await
    };
    param(&sent.location(), "code").unwrap_or_else(|| panic!("no code: {sent}"))
}

pub(crate) fn param(url: &str, name: &str) -> Option<String> {
    let url = url::Url::parse(url).unwrap();
    url.query_pairs()
        .find(|(found, _)| found == name)
        .map(|(_, value)| value.into_owned())
}

pub(crate) async fn exchange(app: &TestApp, code: &str, verifier: &str) -> Answer {
    let fields = [
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", PORTAL),
        ("code_verifier", verifier),
        ("client_id", "portal"),
    ];
    let body = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish();
    let basic = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, format!("portal:{SECRET}"));
    let request = Request::post("/sso/token")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(header::AUTHORIZATION, format!("Basic {basic}"));
    app.client().send(request, Body::from(body)).await
}

pub(crate) async fn userinfo(app: &TestApp, token: &str) -> Answer {
    let request = Request::get("/sso/userinfo").header(header::AUTHORIZATION, format!("Bearer {token}"));
    app.client().send(request, Body::empty()).await
}

pub(crate) async fn verified(app: &TestApp, id_token: &str) -> IdToken {
    let keys = JwkSet::parse(&app.client().get("/sso/jwks").await.body).unwrap();
    jws::verify(id_token, &keys, &[Algorithm::Es256])
        .unwrap()
        .claims()
        .unwrap()
}

#[tokio::test]
async fn a_person_signs_in_to_a_portal_and_it_learns_what_was_agreed_and_nothing_else() {
    let (app, mut holder) = begin(Level::Two).await;

    let code = code(&mut holder, "portal", PORTAL, "openid profile vneid_account").await;
    let tokens = exchange(&app, &code, VERIFIER).await;
    let told = userinfo(&app, &tokens.at("/access_token")).await.json();

    assert_eq!(tokens.status, StatusCode::OK);
    assert_eq!(tokens.headers[header::CACHE_CONTROL], "no-store");
    let id_token = verified(&app, &tokens.at("/id_token")).await;
    assert_eq!(
        (id_token.iss.as_str(), id_token.aud.as_str()),
        ("http://localhost:8080", "portal")
    );
    assert_eq!(
        (id_token.nonce.as_deref(), id_token.auth_time),
        (Some("n1"), app.now().as_second())
    );
    assert_eq!(told["sub"], id_token.sub);
    assert_eq!(told["name"], holder.citizen.full_name);
    assert_eq!(told["birthdate"], holder.citizen.date_of_birth.to_string());
    assert_eq!(told["vneid_account_level"], 2);
    let names: Vec<&String> = told.as_object().unwrap().keys().collect();
    assert!(
        names
            .iter()
            .all(|name| !["phone_number", "address", "vneid_personal_number"].contains(&name.as_str())),
        "{names:?}"
    );
}

#[tokio::test]
async fn the_telling_is_in_the_persons_history() {
    let (app, mut holder) = begin(Level::One).await;

    let code = code(&mut holder, "portal", PORTAL, "openid profile phone").await;
    let before = holder.client.get("/account/history").await;
    exchange(&app, &code, VERIFIER).await;

    let history = holder.client.get("/account/history").await;
    assert_eq!(before.json()["looks"], json!([]));
    assert_eq!(
        (history.at("/looks/0/name"), history.at("/looks/0/purpose")),
        ("Cổng portal".to_owned(), "sign-in-elsewhere".to_owned())
    );
    assert_eq!(
        history.json()["looks"][0]["what"],
        json!(["name", "birth", "sex", "phone"])
    );
}

#[tokio::test]
async fn the_residence_comes_from_the_population_database() {
    let (app, mut holder) = begin(Level::Two).await;

    let code = code(&mut holder, "portal", PORTAL, "openid address").await;
    let tokens = exchange(&app, &code, VERIFIER).await;
    let told = userinfo(&app, &tokens.at("/access_token")).await;

    assert!(!told.at("/address/formatted").is_empty());
    assert_eq!(told.at("/address/country"), "VN");
}

#[tokio::test]
async fn consent_is_asked_in_words_once_and_again_for_more() {
    let (app, mut holder) = begin(Level::One).await;

    let first = holder
        .client
        .get(&request("portal", PORTAL, "openid profile", &[]))
        .await;
    code(&mut holder, "portal", PORTAL, "openid profile").await;
    let second = holder
        .client
        .get(&request("portal", PORTAL, "openid profile", &[]))
        .await;
    let more = holder
        .client
        .get(&request("portal", PORTAL, "openid profile phone", &[]))
        .await;
    app.advance(SignedDuration::from_secs(1));
    let anew = holder
        .client
        .get(&request("portal", PORTAL, "openid profile", &[("prompt", "consent")]))
        .await;
    let page = holder
        .client
        .clone()
        .browser()
        .get(&request("portal", PORTAL, "openid phone", &[]))
        .await;

    assert_eq!(
        (first.status, first.json()["data"].clone()),
        (StatusCode::OK, json!(["profile"]))
    );
    assert!(param(&second.location(), "code").is_some());
    assert_eq!((more.status, anew.status), (StatusCode::OK, StatusCode::OK));
    assert!(page.text().contains("Cổng portal asks you to sign in") && page.text().contains("Phone number"));
    assert!(
        !page.headers["content-security-policy"]
            .to_str()
            .unwrap()
            .contains("form-action")
    );
}

#[tokio::test]
async fn a_person_who_refuses_is_sent_back_with_that_answer() {
    let (_app, mut holder) = begin(Level::One).await;
    let asked = holder.client.get(&request("portal", PORTAL, "openid", &[])).await;

    let sent = holder
        .client
        .post(
            "/sso/consent",
            &json!({ "request": asked.at("/request"), "answer": "refuse" }),
        )
        .await;

    let to = sent.location();
    assert_eq!(
        (param(&to, "error").as_deref(), param(&to, "state").as_deref()),
        (Some("access_denied"), Some("s1"))
    );
    assert_eq!(param(&to, "iss").as_deref(), Some("http://localhost:8080"));
}

#[tokio::test]
async fn oidcc_codereuse_takes_back_what_the_code_gave() {
    let (app, mut holder) = begin(Level::One).await;
    let code = code(&mut holder, "portal", PORTAL, "openid").await;
    let token = exchange(&app, &code, VERIFIER).await.at("/access_token");
    assert_eq!(userinfo(&app, &token).await.status, StatusCode::OK);

    let again = exchange(&app, &code, VERIFIER).await;

    insta::assert_snapshot!(again, @r#"
    400 Bad Request
    {"error":"invalid_grant","error_description":"the code is not valid for this request"}
    "#);
    assert_eq!(userinfo(&app, &token).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn of_two_exchanges_at_once_one_wins() {
    let (app, mut holder) = begin(Level::One).await;
    let code = code(&mut holder, "portal", PORTAL, "openid").await;

    let (one, two) = tokio::join!(exchange(&app, &code, VERIFIER), exchange(&app, &code, VERIFIER));

    let mut statuses = [one.status, two.status];
    statuses.sort();
    assert_eq!(statuses, [StatusCode::OK, StatusCode::BAD_REQUEST]);
}

#[tokio::test]
async fn a_wrong_verifier_gets_nothing_and_does_not_spoil_the_code() {
    let (app, mut holder) = begin(Level::One).await;
    let code = code(&mut holder, "portal", PORTAL, "openid").await;

    let wrong = exchange(&app, &code, "another-verifier-of-forty-three-characters-x").await;
    let right = exchange(&app, &code, VERIFIER).await;

    assert_eq!((wrong.status, right.status), (StatusCode::BAD_REQUEST, StatusCode::OK));
}

#[tokio::test]
async fn a_code_and_a_token_end_by_themselves() {
    let (app, mut holder) = begin(Level::One).await;
    let late = code(&mut holder, "portal", PORTAL, "openid").await;
    let in_time = code(&mut holder, "portal", PORTAL, "openid").await;
    let token = exchange(&app, &in_time, VERIFIER).await.at("/access_token");

    app.advance(SignedDuration::from_secs(60));
    let exchanged = exchange(&app, &late, VERIFIER).await;
    app.advance(SignedDuration::from_mins(30));
    let told = userinfo(&app, &token).await;

    assert_eq!(exchanged.status, StatusCode::BAD_REQUEST);
    assert_eq!(told.status, StatusCode::UNAUTHORIZED);
    assert!(
        told.headers[header::WWW_AUTHENTICATE]
            .to_str()
            .unwrap()
            .contains("invalid_token")
    );
}

#[tokio::test]
async fn oidcc_ensure_registered_redirect_uri() {
    let (_app, mut holder) = begin(Level::One).await;

    let foreign = holder
        .client
        .get(&request("portal", "https://evil.example/cb", "openid", &[]))
        .await;
    let unknown = holder.client.get(&request("nobody", PORTAL, "openid", &[])).await;

    assert_eq!(foreign.headers.get(header::LOCATION), None);
    insta::assert_snapshot!(unknown, @r#"
    400 Bad Request
    {"type":"/problems/sso-client-unknown","status":400,"title":"The service that asks is not known","detail":"The sign-in link is not valid. Go back to the service; if it fails again, tell its operator."}
    "#);
}

#[tokio::test]
async fn oidcc_prompt_none() {
    let (app, mut holder) = begin(Level::One).await;
    let silent = request("portal", PORTAL, "openid", &[("prompt", "none")]);

    let stranger = app.client().get(&silent).await;
    let undecided = holder.client.get(&silent).await;
    code(&mut holder, "portal", PORTAL, "openid").await;
    let agreed = holder.client.get(&silent).await;

    assert_eq!(param(&stranger.location(), "error").as_deref(), Some("login_required"));
    assert_eq!(
        param(&undecided.location(), "error").as_deref(),
        Some("consent_required")
    );
    assert!(param(&agreed.location(), "code").is_some());
}

#[tokio::test]
async fn a_stranger_signs_in_first_and_comes_back_to_the_same_request() {
    let (app, mut holder) = begin(Level::One).await;

    let sent = app
        .client()
        .get(&request("portal", PORTAL, "openid", &[]))
        .await
        .location();
    let next = param(&format!("http://x{sent}"), "next").unwrap();
    let resumed = holder.client.get(&next).await;
    app.advance(SignedDuration::from_hours(1) + SignedDuration::from_secs(1));
    app.sign_in(&mut holder).await;
    let too_late = holder.client.get(&next).await;

    assert!(sent.starts_with("/signin?next="));
    assert_eq!(resumed.at("/client"), "Cổng portal");
    assert_eq!(too_late.at("/type"), "/problems/sso-request-expired");
}

#[tokio::test]
async fn oidcc_prompt_login_and_max_age_want_a_fresh_sign_in() {
    let (app, mut holder) = begin(Level::One).await;
    code(&mut holder, "portal", PORTAL, "openid").await;
    app.advance(SignedDuration::from_secs(11));

    for more in [[("prompt", "login")], [("max_age", "10")]] {
        let sent = holder
            .client
            .get(&request("portal", PORTAL, "openid", &more))
            .await
            .location();
        let next = param(&format!("http://x{sent}"), "next").unwrap();
        let unchanged = holder.client.get(&next).await.location();
        app.sign_in(&mut holder).await;
        let fresh = holder.client.get(&next).await.location();

        assert!(unchanged.starts_with("/signin?"), "{unchanged}");
        assert!(param(&fresh, "code").is_some(), "{fresh}");
        app.advance(SignedDuration::from_secs(11));
    }
}

#[tokio::test]
async fn a_portal_that_requires_a_face_sends_to_the_card_and_the_face_first() {
    let (app, mut holder) = begin(Level::Two).await;
    let strict = json!({ "minimum_assurance": "urn:vneid:assurance:3" });
    portal(&app, "strict", "https://strict.example/cb", strict).await;

    let answer = holder
        .client
        .get(&request("strict", "https://strict.example/cb", "openid", &[]))
        .await;

    let ways = holder.client.get(&answer.location()).await;
    assert!(answer.location().starts_with("/signin/raise?level=3"), "{answer}");
    assert_eq!(ways.at("/by_card"), "true", "{ways}");
}

#[tokio::test]
async fn a_portal_that_requires_two_factors_gets_them_by_a_code_to_the_phone() {
    let (app, mut holder) = begin(Level::Two).await;
    let address = "https://two.example/cb";
    portal(
        &app,
        "two",
        address,
        json!({ "minimum_assurance": "urn:vneid:assurance:2" }),
    )
    .await;

    let sent = holder
        .client
        .get(&request("two", address, "openid", &[]))
        .await
        .location();
    let back = param(&format!("http://x{sent}"), "next").unwrap();
    holder
        .client
        .post("/signin/raise/code", &json!({ "level": 2, "next": back }))
        .await;
    let code = app.code_to(&holder.citizen.phone.clone().unwrap()).await;
    let raised = holder
        .client
        .post(
            "/signin/raise/phone",
            &json!({ "secret": code, "level": 2, "next": back }),
        )
        .await;
    let asked = holder.client.get(&raised.at("/next")).await;

    assert!(sent.starts_with("/signin/raise?level=2&"), "{sent}");
    assert_eq!(asked.at("/client"), "Cổng two");
}

#[tokio::test]
async fn an_account_of_level_0_signs_in_nowhere() {
    let (_app, mut holder) = begin(Level::Zero).await;

    let answer = holder.client.get(&request("portal", PORTAL, "openid", &[])).await;

    assert_eq!(
        (answer.status, answer.at("/type").as_str()),
        (StatusCode::FORBIDDEN, "/problems/sso-level-too-low")
    );
}

#[tokio::test]
async fn two_portals_of_different_sectors_cannot_tell_that_the_person_is_the_same() {
    let (app, mut holder) = begin(Level::One).await;
    portal(&app, "bank", "https://bank.example/cb", json!({})).await;
    let mut seen = Vec::new();

    for (client, redirect_uri) in [("portal", PORTAL), ("bank", "https://bank.example/cb")] {
        seen.push(code(&mut holder, client, redirect_uri, "openid").await);
    }
    let to_portal = exchange(&app, &seen[0], VERIFIER).await;
    let foreign_code = exchange(&app, &seen[1], VERIFIER).await;

    let id_token = verified(&app, &to_portal.at("/id_token")).await;
    let hex = holder.person.to_string();
    assert!(seen.iter().all(|code| !code.contains(&hex)) && !id_token.sub.contains(&hex));
    assert_eq!(foreign_code.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn an_assertion_proves_a_client_once() {
    let (app, mut holder) = begin(Level::One).await;
    let key = SoftKey::from_seed(Algorithm::Es256, &[7; 32]).unwrap();
    let keys = json!({ "keys": [key.public()] });
    let more = json!({ "jwks": keys, "token_endpoint_auth_method": "private_key_jwt" });
    portal(&app, "signer", "https://signer.example/cb", more).await;
    let now = app.now().as_second();
    let claims = json!({ "iss": "signer", "sub": "signer", "aud": "http://localhost:8080", "exp": now + 60, "iat": now, "jti": "j1" });
    let assertion = jws::sign(&key, None, claims.to_string().as_bytes()).unwrap();
    let mut statuses = Vec::new();

    for _ in 0..2 {
        let code = code(&mut holder, "signer", "https://signer.example/cb", "openid").await;
        let fields = [
            ("grant_type", "authorization_code"),
            ("code", code.as_str()),
            ("redirect_uri", "https://signer.example/cb"),
            ("code_verifier", VERIFIER),
            ("client_assertion_type", oidc::authentication::ASSERTION_TYPE),
            ("client_assertion", assertion.as_str()),
        ];
        statuses.push(app.client().form("/sso/token", &fields).await.status);
    }

    assert_eq!(statuses, [StatusCode::OK, StatusCode::UNAUTHORIZED]);
}

#[tokio::test]
async fn oidcc_rp_initiated_logout_ends_the_session_that_the_hint_names() {
    let (app, mut holder) = begin(Level::One).await;
    let code = code(&mut holder, "portal", PORTAL, "openid").await;
    let hint = exchange(&app, &code, VERIFIER).await.at("/id_token");
    let bye = "https%3A%2F%2Fportal.example%2Fbye";

    let foreign = holder
        .client
        .get(&format!(
            "/sso/logout?id_token_hint={hint}&post_logout_redirect_uri=https%3A%2F%2Fevil.example"
        ))
        .await;
    let unhinted = holder.client.get("/sso/logout").await;
    let still_in = holder.client.get("/account/history").await.status;
    let out = holder
        .client
        .get(&format!(
            "/sso/logout?id_token_hint={hint}&post_logout_redirect_uri={bye}&state=x"
        ))
        .await;

    assert_eq!(foreign.at("/type"), "/problems/sso-logout-refused");
    assert_eq!((unhinted.status, still_in), (StatusCode::OK, StatusCode::OK));
    assert_eq!(out.location(), "https://portal.example/bye?state=x");
    assert_eq!(
        holder.client.get("/account/history").await.status,
        StatusCode::UNAUTHORIZED
    );
}

#[tokio::test]
async fn a_person_asked_to_sign_out_can_stay_or_leave() {
    let (_app, mut holder) = begin(Level::One).await;
    let asked = holder.client.get("/sso/logout").await.at("/to");

    let stayed = holder
        .client
        .post("/sso/logout/answer", &json!({ "to": asked, "answer": "stay" }))
        .await;
    let still_in = holder.client.get("/account/history").await.status;
    let left = holder
        .client
        .post("/sso/logout/answer", &json!({ "to": asked, "answer": "leave" }))
        .await;

    assert_eq!(
        (stayed.at("/signed_out"), still_in, left.at("/signed_out")),
        ("false".to_owned(), StatusCode::OK, "true".to_owned())
    );
    assert_eq!(
        holder.client.get("/account/history").await.status,
        StatusCode::UNAUTHORIZED
    );
}

#[tokio::test]
async fn oidcc_config_tells_where_everything_is() {
    let app = TestApp::start().await;

    let document = app.client().get("/.well-known/openid-configuration").await;
    let keys = app.client().get("/sso/jwks").await;

    assert_eq!(document.at("/issuer"), "http://localhost:8080");
    assert_eq!(
        document.at("/authorization_endpoint"),
        "http://localhost:8080/sso/authorize"
    );
    assert_eq!(keys.json()["keys"].as_array().unwrap().len(), 2);
    assert!(keys.json()["keys"][0].get("d").is_none());
}

#[tokio::test]
async fn an_answer_that_no_page_of_ours_carried_signs_nobody_out() {
    let (_app, mut holder) = begin(Level::One).await;

    for to in ["?", "AAAA"] {
        let refused = holder
            .client
            .post("/sso/logout/answer", &json!({ "to": to, "answer": "leave" }))
            .await;
        assert_eq!(
            (refused.status, refused.at("/type").as_str()),
            (StatusCode::BAD_REQUEST, "/problems/sso-logout-refused")
        );
    }
    assert_eq!(holder.client.get("/account/history").await.status, StatusCode::OK);
}
