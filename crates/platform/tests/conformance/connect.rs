//! OpenID Connect Core.

use serde_json::{Value, json};

use crate::house::house;
use crate::party::{CALLBACK, Party, VERIFIER, agree, location, param};

async fn party() -> Party {
    Party::new(json!({ "grant_types": ["authorization_code", "refresh_token"] })).await
}

#[tokio::test]
async fn oidcc_idtoken_unsigned() {
    let answer = crate::party::register(json!({ "id_token_signed_response_alg": "none" })).await;

    assert_eq!(
        answer["error"], "invalid_client_metadata",
        "an unsigned id token is given to nobody"
    );
}

#[tokio::test]
async fn oidcc_alternate_happy_flow() {
    let (party, person) = (party().await, house().await.person().await);

    let tokens = party
        .tokens(&person, &[("scope", Some("openid profile email phone"))])
        .await;
    let claims = party.verified(&tokens["id_token"]).await;
    let (_, told) = party.userinfo(tokens["access_token"].as_str().unwrap()).await;

    assert_eq!(
        (&claims["aud"], &claims["nonce"], &claims["iss"]),
        (&json!(party.id), &json!("n1"), &json!(party.house.url))
    );
    assert_eq!((&told["sub"], &told["name"]), (&claims["sub"], &json!(person.name)));
}

async fn passes_with(changes: &[(&str, Option<&str>)]) {
    let (party, person) = (party().await, house().await.person().await);
    party.tokens(&person, changes).await;
}

#[tokio::test]
async fn oidcc_display_page() {
    passes_with(&[("display", Some("page"))]).await;
}

#[tokio::test]
async fn oidcc_display_popup() {
    passes_with(&[("display", Some("popup"))]).await;
}

#[tokio::test]
async fn oidcc_login_hint() {
    passes_with(&[("login_hint", Some("buffy@example.com"))]).await;
}

#[tokio::test]
async fn oidcc_claims_locales() {
    passes_with(&[("claims_locales", Some("se"))]).await;
}

#[tokio::test]
async fn oidcc_id_token_hint() {
    let (party, person) = (party().await, house().await.person().await);
    let first = party.tokens(&person, &[]).await;

    let hint = first["id_token"].as_str().unwrap();
    let second = party
        .tokens(&person, &[("id_token_hint", Some(hint)), ("prompt", Some("none"))])
        .await;

    let subs = (
        party.verified(&first["id_token"]).await,
        party.verified(&second["id_token"]).await,
    );
    assert_eq!(subs.0["sub"], subs.1["sub"]);
}

#[tokio::test]
async fn oidcc_codereuse() {
    let (party, person) = (party().await, house().await.person().await);
    let code = param(&agree(&person, &party.address(&[])).await, "code").unwrap();
    party.exchange(&code).await;

    let (status, refused) = party.exchange(&code).await;

    assert_eq!((status, &refused["error"]), (400, &json!("invalid_grant")));
}

#[tokio::test]
async fn oidcc_codereuse_30seconds() {
    let (party, person) = (party().await, house().await.person().await);
    let code = param(&agree(&person, &party.address(&[])).await, "code").unwrap();
    let (_, tokens) = party.exchange(&code).await;
    let token = tokens["access_token"].as_str().unwrap();

    party.exchange(&code).await;

    assert_eq!(
        party.userinfo(token).await.0,
        401,
        "what the code gave is taken back at once"
    );
}

#[tokio::test]
async fn oidcc_ensure_post_request_succeeds() {
    let (party, person) = (party().await, house().await.person().await);
    let address = party.address(&[]);
    agree(&person, &address).await;

    let (endpoint, form) = address.split_once('?').unwrap();
    let request = party.http.post(endpoint).body(form.to_owned());
    let request = request.header("content-type", "application/x-www-form-urlencoded");
    let sent = request.send().await.unwrap();

    assert!(
        location(&sent).unwrap().starts_with("/signin?"),
        "a stranger's form is judged like a query"
    );
}

#[tokio::test]
async fn oidcc_ensure_request_object_with_redirect_uri() {
    let party = Party::new(json!({ "token_endpoint_auth_method": "private_key_jwt" })).await;
    let person = house().await.person().await;
    let mut claims = Value::Object(party.params(&[("state", Some("inside"))]));
    claims["iss"] = json!(party.id);
    claims["aud"] = json!(party.house.url);
    // So that no request object can pass for a client's assertion (RFC 9101 section 10.8).
    claims["sub"] = Value::Null;

    let object = party.assertion(json!({ "typ": "oauth-authz-req+jwt" }), claims);
    let back = agree(
        &person,
        &party.address(&[("request", Some(&object)), ("state", Some("outside"))]),
    )
    .await;

    assert!(back.starts_with(CALLBACK));
    assert_eq!(param(&back, "state").as_deref(), Some("inside"));
}

#[tokio::test]
async fn oidcc_refresh_token() {
    let (party, person) = (party().await, house().await.person().await);
    let tokens = party.tokens(&person, &[]).await;

    let fields = [
        ("grant_type", "refresh_token"),
        ("refresh_token", tokens["refresh_token"].as_str().unwrap()),
    ];
    let (status, renewed) = party.post("/sso/token", &fields).await;

    let (before, after) = (
        party.verified(&tokens["id_token"]).await,
        party.verified(&renewed["id_token"]).await,
    );
    assert_eq!(status, 200, "{renewed}");
    for same in ["iss", "sub", "aud", "auth_time"] {
        assert_eq!(before[same], after[same], "{same}");
    }
    assert!(after.get("nonce").is_none());
}

#[tokio::test]
async fn oidcc_ensure_request_without_nonce_fails() {
    let party = party().await;

    let sent = house()
        .await
        .person()
        .await
        .get(&party.address(&[("response_type", Some("code id_token")), ("nonce", None)]))
        .await;

    assert_eq!(
        param(&location(&sent).unwrap(), "error").as_deref(),
        Some("unsupported_response_type")
    );
}

#[tokio::test]
async fn oidcc_idtoken_rs256() {
    let answer = crate::party::register(json!({ "id_token_signed_response_alg": "RS256" })).await;

    assert_eq!(
        answer["error"], "invalid_client_metadata",
        "what is not offered is refused, and not passed over"
    );
}

#[tokio::test]
async fn a_public_client_gets_nothing_without_pkce() {
    let party = Party::new(json!({ "token_endpoint_auth_method": "none" })).await;
    let person = house().await.person().await;

    let changes = [("code_challenge", None), ("code_challenge_method", None)];
    let sent = person.get(&party.address(&changes)).await;

    assert_eq!(
        param(&location(&sent).unwrap(), "error").as_deref(),
        Some("invalid_request")
    );
    assert_eq!(VERIFIER.len(), 43);
}

#[tokio::test]
async fn oidcc_rp_initiated_logout_over_tls_ends_the_session() {
    let party = Party::new(json!({ "post_logout_redirect_uris": ["https://portal.example/bye"] })).await;
    let person = house().await.person().await;
    let tokens = party.tokens(&person, &[]).await;

    let hint = tokens["id_token"].as_str().unwrap();
    let bye = "https%3A%2F%2Fportal.example%2Fbye";
    let out = person
        .get(&format!(
            "/sso/logout?id_token_hint={hint}&post_logout_redirect_uri={bye}&state=x"
        ))
        .await;

    assert_eq!(location(&out).as_deref(), Some("https://portal.example/bye?state=x"));
    assert!(!person.is_signed_in().await);
}
