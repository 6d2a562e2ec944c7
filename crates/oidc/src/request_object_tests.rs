use crypto::jws;
use crypto::sign::{Algorithm, Signer as _, SoftKey};
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::par;

const NOW: i64 = 1_700_000_000;

fn key(seed: u8) -> SoftKey {
    SoftKey::from_seed(Algorithm::Es256, &[seed; 32]).unwrap()
}

fn client(profile: &str) -> Client {
    let whole = json!({
        "client_id": "bank", "client_name": "Ngân hàng", "redirect_uris": ["https://bank.example/cb"], "scope": "openid profile",
        "token_endpoint_auth_method": "private_key_jwt", "jwks": {"keys": [key(7).public()]}, "vneid_profile": profile,
        "vneid_resources": ["https://a.example/", "https://b.example/"],
    });
    Client::new(serde_json::from_value(whole).unwrap(), None).unwrap()
}

fn claims() -> Value {
    json!({
        "iss": "bank", "client_id": "bank", "aud": "https://vneid.example", "exp": NOW + 300, "nbf": NOW, "iat": NOW,
        "redirect_uri": "https://bank.example/cb", "response_type": "code", "scope": "openid", "state": "inside",
        "nonce": "inside", "max_age": 5, "code_challenge_method": "S256",
        "code_challenge": crypto::base64url::encode([1; 32]),
    })
}

fn with(name: &str, value: Value) -> Value {
    let mut claims = claims();
    if value.is_null() {
        claims.as_object_mut().unwrap().remove(name);
    } else {
        claims[name] = value;
    }
    claims
}

fn sign(claims: &Value) -> String {
    jws::sign(&key(7), Some(TYP), claims.to_string().as_bytes()).unwrap()
}

fn beside(object: &str) -> Params {
    let mut encoded = url::form_urlencoded::Serializer::new(String::new());
    let pairs = [
        ("client_id", "bank"),
        ("state", "outside"),
        ("nonce", "outside"),
        ("request", object),
    ];
    Params::parse(encoded.extend_pairs(pairs).finish()).unwrap()
}

fn open_with(profile: &str, object: &str) -> Result<Params, ErrorCode> {
    let issuer = Issuer::parse("https://vneid.example").unwrap();
    let now = Timestamp::from_second(NOW).unwrap();
    open(beside(object), &client(profile), &issuer, now).map_err(|error| error.code)
}

fn refused(claims: &Value) -> ErrorCode {
    open_with("fapi2_message_signing", &sign(claims)).unwrap_err()
}

fn accepted(claims: &Value) -> Params {
    open_with("fapi2_message_signing", &sign(claims)).unwrap()
}

const BAD: ErrorCode = ErrorCode::InvalidRequestObject;

#[test]
fn fapi2_security_profile_final_ensure_different_state_inside_and_outside_request_object() {
    assert_eq!(accepted(&claims()).get("state"), Ok(Some("inside")));
}

#[test]
fn fapi2_security_profile_final_ensure_different_nonce_inside_and_outside_request_object() {
    assert_eq!(accepted(&claims()).get("nonce"), Ok(Some("inside")));
}

#[test]
fn fapi2_security_profile_final_state_only_outside_request_object_not_used() {
    assert_eq!(accepted(&with("state", Value::Null)).get("state"), Ok(None));
}

#[test]
fn fapi2_security_profile_final_ensure_request_object_with_multiple_aud_succeeds() {
    accepted(&with("aud", json!(["https://other.example", "https://vneid.example"])));
}

#[test]
fn fapi2_security_profile_final_ensure_request_object_with_nbf_8_seconds_in_the_future_is_accepted() {
    accepted(&with("nbf", json!(NOW + 8)));
}

#[test]
fn fapi2_security_profile_final_ensure_request_object_without_exp_fails() {
    assert_eq!(refused(&with("exp", Value::Null)), BAD);
}

#[test]
fn fapi2_security_profile_final_ensure_request_object_without_nbf_fails() {
    assert_eq!(refused(&with("nbf", Value::Null)), BAD);
    assert!(open_with("standard", &sign(&with("nbf", Value::Null))).is_ok());
}

#[test]
fn fapi2_security_profile_final_ensure_expired_request_object_fails() {
    assert_eq!(refused(&with("exp", json!(NOW - 300))), BAD);
}

#[test]
fn fapi2_security_profile_final_ensure_request_object_with_bad_aud_fails() {
    for aud in [
        json!("https://other.example"),
        json!(["https://other.example"]),
        Value::Null,
        json!(1),
    ] {
        assert_eq!(refused(&with("aud", aud)), BAD);
    }
}

#[test]
fn fapi2_security_profile_final_ensure_request_object_with_exp_over_60_fails() {
    assert_eq!(refused(&with("exp", json!(NOW + 70 * 60))), BAD);
}

#[test]
fn fapi2_security_profile_final_ensure_request_object_with_nbf_over_60_fails() {
    assert_eq!(refused(&with("nbf", json!(NOW - 70 * 60))), BAD);
    assert_eq!(refused(&with("nbf", json!(NOW + 61))), BAD);
}

#[test]
fn fapi2_security_profile_final_ensure_signed_request_object_with_rs256_fails() {
    let (_, rest) = sign(&claims())
        .split_once('.')
        .map(|(a, b)| (a.to_owned(), b.to_owned()))
        .unwrap();
    let header = crypto::base64url::encode(r#"{"alg":"RS256"}"#);

    assert_eq!(
        open_with("fapi2_message_signing", &format!("{header}.{rest}")).err(),
        Some(BAD)
    );
}

#[test]
fn fapi2_security_profile_final_ensure_request_object_signature_algorithm_is_not_none() {
    let header = crypto::base64url::encode(r#"{"alg":"none"}"#);
    let object = format!("{header}.{}.", crypto::base64url::encode(claims().to_string()));

    assert_eq!(open_with("fapi2_message_signing", &object).err(), Some(BAD));
}

#[test]
fn fapi2_security_profile_final_ensure_request_object_with_invalid_signature_fails() {
    let good = sign(&claims());
    let (head, _) = good.rsplit_once('.').unwrap();
    let object = format!("{head}.{}", crypto::base64url::encode([1; 64]));

    assert_eq!(open_with("fapi2_message_signing", &object).err(), Some(BAD));
}

#[test]
fn fapi2_security_profile_final_ensure_matching_key_in_authorization_request() {
    let stranger = jws::sign(&key(8), Some(TYP), claims().to_string().as_bytes()).unwrap();

    assert_eq!(open_with("fapi2_message_signing", &stranger).err(), Some(BAD));
}

#[test]
fn fapi2_security_profile_final_ensure_unsigned_request_at_par_endpoint_fails() {
    let plain = Params::parse("client_id=bank&response_type=code&scope=openid").unwrap();
    let issuer = Issuer::parse("https://vneid.example").unwrap();
    let now = Timestamp::from_second(NOW).unwrap();

    let refused = par::accept(plain, &client("fapi2_message_signing"), &issuer, None, now).unwrap_err();

    assert_eq!(refused.code, ErrorCode::InvalidRequest);
}

#[test]
fn fapi2_security_profile_final_par_authorization_request_containing_request_uri() {
    assert_eq!(refused(&with("request_uri", json!("urn:x"))), BAD);
    assert_eq!(refused(&with("request", json!("x"))), BAD);
}

#[test]
fn fapi2_security_profile_final_ensure_request_object_without_redirect_uri_fails() {
    let issuer = Issuer::parse("https://vneid.example").unwrap();
    let object = beside(&sign(&with("redirect_uri", Value::Null)));
    let now = Timestamp::from_second(NOW).unwrap();

    let refused = par::accept(object, &client("fapi2_message_signing"), &issuer, None, now).unwrap_err();

    assert_eq!(refused.code, ErrorCode::InvalidRequest);
}

#[test]
fn a_signed_request_is_pushed_and_accepted() {
    let issuer = Issuer::parse("https://vneid.example").unwrap();
    let object = beside(&sign(&with(
        "resource",
        json!(["https://a.example/", "https://b.example/"]),
    )));
    let now = Timestamp::from_second(NOW).unwrap();
    let client = client("fapi2_message_signing");

    let request = par::accept(object, &client, &issuer, None, now)
        .unwrap()
        .open(par::RequestUri::new([1; 32]), &client, now)
        .unwrap();

    assert!(request.reply_to.must_sign());
    assert_eq!((request.max_age, request.resources.len()), (Some(5), 2));
}

#[test]
fn a_request_object_cannot_be_a_client_assertion_or_another_clients() {
    assert_eq!(refused(&with("sub", json!("bank"))), BAD);
    assert_eq!(refused(&with("iss", json!("other"))), BAD);
    assert_eq!(refused(&with("client_id", json!("other"))), BAD);
    let other_kind = jws::sign(&key(7), Some("dpop+jwt"), claims().to_string().as_bytes()).unwrap();
    assert_eq!(open_with("fapi2_message_signing", &other_kind).err(), Some(BAD));
}

proptest! {
    #[test]
    fn any_object_is_answered(object in ".+") {
        let issuer = Issuer::parse("https://vneid.example").unwrap();
        if let Ok(params) = Params::parse(format!("request={object}")) {
            let _ = open(params, &client("fapi2"), &issuer, Timestamp::UNIX_EPOCH);
        }
    }

    #[test]
    fn any_member_is_answered(name in "[a-z_]{1,12}", text in ".*", number: i64) {
        for value in [json!(text), json!(number), json!([text]), json!({"a": number})] {
            let _ = open_with("standard", &sign(&with(&name, value)));
        }
    }
}
