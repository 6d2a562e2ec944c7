//! Registration, and what was registered.

use serde_json::json;

use crate::house::house;
use crate::party::{CALLBACK, Party, agree, location, param, register};

#[tokio::test]
async fn oidcc_redirect_uri_query_ok() {
    let with_query = "https://portal.example/cb?foo=bar";
    let party = Party::new(json!({ "redirect_uris": [with_query] })).await;
    let person = house().await.person().await;

    let back = agree(&person, &party.address(&[("redirect_uri", Some(with_query))])).await;

    assert_eq!(param(&back, "foo").as_deref(), Some("bar"));
    assert!(param(&back, "code").is_some());
}

/// A request with an address that differs from the registered one is told to nobody but the person.
async fn is_refused(registered: &str, asked: &str) {
    let party = Party::new(json!({ "redirect_uris": [registered] })).await;

    let answer = house()
        .await
        .person()
        .await
        .get(&party.address(&[("redirect_uri", Some(asked))]))
        .await;

    assert_eq!((answer.status().as_u16(), location(&answer)), (400, None));
}

#[tokio::test]
async fn oidcc_redirect_uri_query_mismatch() {
    is_refused("https://portal.example/cb?foo=bar", "https://portal.example/cb?bar=foo").await;
}

#[tokio::test]
async fn oidcc_redirect_uri_query_added() {
    is_refused(CALLBACK, "https://portal.example/cb?foo=bar").await;
}

#[tokio::test]
async fn oidcc_redirect_uri_regfrag() {
    let answer = register(json!({ "redirect_uris": ["https://portal.example/cb#foobar"] })).await;

    assert_eq!(answer["error"], "invalid_redirect_uri");
}

#[tokio::test]
async fn oidcc_3rd_party_init_login() {
    let answer = register(json!({ "initiate_login_uri": "https://portal.example/begin" })).await;

    assert_eq!(answer["initiate_login_uri"], "https://portal.example/begin");
}

#[tokio::test]
async fn oidcc_3rd_party_init_login_nohttps() {
    let answer = register(json!({ "initiate_login_uri": "http://portal.example/begin" })).await;

    assert_eq!(answer["error"], "invalid_client_metadata");
}

#[tokio::test]
async fn oidcc_ensure_client_assertion_with_iss_aud_succeeds() {
    let party = Party::new(json!({ "token_endpoint_auth_method": "private_key_jwt" })).await;
    let person = house().await.person().await;
    let code = param(&agree(&person, &party.address(&[])).await, "code").unwrap();

    let fields = [
        ("grant_type", "authorization_code"),
        ("code", &code),
        ("redirect_uri", CALLBACK),
        ("code_verifier", crate::party::VERIFIER),
    ];
    let (status, tokens) = party
        .prove("/sso/token", &fields, &party.assertion(json!({}), json!({})), false)
        .await;

    assert_eq!(status, 200, "{tokens}");
}
