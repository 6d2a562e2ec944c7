//! FAPI 2.0 over TLS, with keys and with certificates; CIBA with certificates.

use serde_json::{Value, json};

use crate::house::{House, Person, ask, house};
use crate::party::{CALLBACK, Party, VERIFIER, agree, param};

fn code_fields(code: &str) -> [(&str, &str); 4] {
    [
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
    ]
}

#[tokio::test]
async fn fapi2_security_profile_final_over_tls_from_push_to_userinfo() {
    let (bank, person) = (Party::bank(json!({})).await, house().await.person().await);

    let (_, pushed) = bank.push(&[]).await;
    let code = param(&agree(&person, &bank.pushed(&pushed)).await, "code").unwrap();
    let assertion = bank.assertion(json!({}), json!({}));
    let (status, tokens) = bank.prove("/sso/token", &code_fields(&code), &assertion, true).await;
    let token = tokens["access_token"].as_str().unwrap();
    let request = bank.http.get(format!("{}/sso/userinfo", bank.house.url));
    let request = request.header("authorization", format!("DPoP {token}"));
    let told = ask(request.header("DPoP", bank.proof("GET", "/sso/userinfo", Some(token)))).await;

    assert_eq!((status, &tokens["token_type"]), (200, &json!("DPoP")));
    assert_eq!(told["name"], person.name);
    assert_eq!(bank.userinfo(token).await.0, 401, "a bound token is no bearer token");
}

#[tokio::test]
async fn fapi2_security_profile_final_ensure_signed_client_assertion_with_rs256_fails() {
    let bank = Party::bank(json!({})).await;
    let assertion = bank.assertion(json!({}), json!({}));
    let (_, rest) = assertion.split_once('.').unwrap();
    let rs256 = format!("{}.{rest}", crypto::base64url::encode(r#"{"alg":"RS256"}"#));

    let params = bank.params(&[]);
    let fields: Vec<(&str, &str)> = params
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str().unwrap()))
        .collect();
    let (status, refused) = bank.prove("/sso/par", &fields, &rs256, false).await;

    assert_eq!((status, &refused["error"]), (401, &json!("invalid_client")));
}

#[tokio::test]
async fn fapi2_security_profile_final_ensure_signed_request_object_with_rs256_fails() {
    let bank = Party::bank(json!({ "vneid_profile": "fapi2_message_signing" })).await;
    let mut claims = Value::Object(bank.params(&[]));
    claims["iss"] = json!(bank.id);
    claims["aud"] = json!(bank.house.url);
    claims["nbf"] = json!(crate::party::now());
    claims["sub"] = Value::Null;
    let object = bank.assertion(json!({ "typ": "oauth-authz-req+jwt" }), claims);
    let (_, rest) = object.split_once('.').unwrap();
    let rs256 = format!(
        "{}.{rest}",
        crypto::base64url::encode(r#"{"alg":"RS256","typ":"oauth-authz-req+jwt"}"#)
    );

    let push = async |object: &str| {
        let fields = [("request", object)];
        bank.prove("/sso/par", &fields, &bank.assertion(json!({}), json!({})), false)
            .await
    };

    assert_eq!(push(&rs256).await.1["error"], "invalid_request_object");
    assert_eq!(push(&object).await.0, 201, "signed by ES256 it is taken");
}

/// A bank whose tokens are bound to the certificate that it shows, and which proves itself by it.
async fn certified(more: Value) -> (Party, &'static House, Person) {
    let mut metadata = json!({
        "token_endpoint_auth_method": "tls_client_auth", "tls_client_auth_subject_dn": "CN=VNeID platform",
        "vneid_profile": "fapi2", "tls_client_certificate_bound_access_tokens": true,
    });
    metadata
        .as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    let mut bank = Party::new(metadata).await;
    bank.http = bank.house.with_certificate();
    let house = house().await;
    let person = house.person().await;
    (bank, house, person)
}

async fn post(bank: &Party, http: &reqwest::Client, path: &str, fields: &[(&str, &str)]) -> Value {
    let mut fields = fields.to_vec();
    fields.push(("client_id", &bank.id));
    ask(http.post(format!("{}{path}", bank.house.url)).form(&fields)).await
}

async fn certified_code(bank: &Party, person: &Person) -> String {
    let params = bank.params(&[("client_id", None)]);
    let fields: Vec<(&str, &str)> = params
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str().unwrap()))
        .collect();
    let pushed = post(bank, &bank.http, "/sso/par", &fields).await;
    param(&agree(person, &bank.pushed(&pushed)).await, "code").unwrap()
}

#[tokio::test]
async fn fapi2_security_profile_final_mtls_happy_flow() {
    let (bank, _, person) = certified(json!({})).await;

    let code = certified_code(&bank, &person).await;
    let tokens = post(&bank, &bank.http, "/sso/token", &code_fields(&code)).await;
    let (status, told) = bank.userinfo(tokens["access_token"].as_str().unwrap()).await;

    assert_eq!(tokens["token_type"], "Bearer", "{tokens}");
    assert_eq!((status, &told["name"]), (200, &json!(person.name)));
}

#[tokio::test]
async fn fapi2_security_profile_final_mtls_ensure_holder_of_key_required() {
    let (bank, house, person) = certified(json!({})).await;
    let code = certified_code(&bank, &person).await;
    let bare = house.browser();

    let without = post(&bank, &bare, "/sso/token", &code_fields(&code)).await;
    let tokens = post(&bank, &bank.http, "/sso/token", &code_fields(&code)).await;
    let stolen = bare
        .get(format!("{}/sso/userinfo", house.url))
        .bearer_auth(tokens["access_token"].as_str().unwrap());

    assert_eq!(without["error"], "invalid_client");
    assert_eq!(ask(stolen).await["error"], "invalid_token");
}

#[tokio::test]
async fn a_certificate_that_is_only_told_in_a_header_proves_nothing() {
    let (bank, house, _) = certified(json!({})).await;
    let fields = [
        ("client_id", bank.id.as_str()),
        ("response_type", "code"),
        ("redirect_uri", CALLBACK),
    ];
    let request = house.browser().post(format!("{}/sso/par", house.url)).form(&fields);

    let refused = ask(request.header("client-cert", ":MIIB:")).await;

    assert_eq!(refused["error"], "invalid_client");
}

#[tokio::test]
async fn fapi_ciba_id1_ensure_mtls_holder_of_key_required() {
    let grant = "urn:openid:params:grant-type:ciba";
    let more = json!({
        "grant_types": [grant], "backchannel_token_delivery_mode": "poll", "sector_identifier": "bank.example",
    });
    let (bank, house, person) = certified(more).await;
    let now = crate::party::now();
    let claims = json!({
        "sub": null, "nbf": now, "exp": now + 300, "scope": "openid profile", "login_hint": person.number,
        "binding_message": "Quầy 1 – mã 0001",
    });
    let object = bank.assertion(json!({}), claims);
    let asked = post(&bank, &bank.http, "/sso/backchannel", &[("request", &object)]).await;
    let name = asked["auth_req_id"].as_str().unwrap_or_else(|| panic!("{asked}"));
    let waiting: Value = person.get("/account/requests").await.json().await.unwrap();
    let address = format!("/account/requests/{}", waiting["requests"][0]["id"].as_str().unwrap());
    person
        .post(&address, &json!({ "answer": "agree", "secret": person.passcode }))
        .await;

    let fields = [("grant_type", grant), ("auth_req_id", name)];
    let without = post(&bank, &house.browser(), "/sso/token", &fields).await;
    let with = post(&bank, &bank.http, "/sso/token", &fields).await;

    assert_eq!(without["error"], "invalid_client");
    assert!(with["access_token"].is_string(), "{with}");
}
