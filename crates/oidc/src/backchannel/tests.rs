use crypto::jws;
use crypto::sign::{Algorithm, Signer as _, SoftKey};
use proptest::prelude::*;

use super::*;
use crate::params::Params;
use crate::provider::Issuer;

const NOW: i64 = 1_700_000_000;

fn key(seed: u8) -> SoftKey {
    SoftKey::from_seed(Algorithm::Es256, &[seed; 32]).unwrap()
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn client_with(profile: &str, mode: &str) -> Client {
    let whole = json!({
        "client_id": "bank", "client_name": "Ngân hàng", "scope": "openid profile", "sector_identifier": "bank.example",
        "token_endpoint_auth_method": "private_key_jwt", "jwks": {"keys": [key(7).public()]}, "vneid_profile": profile,
        "grant_types": ["urn:openid:params:grant-type:ciba"], "backchannel_token_delivery_mode": mode,
        "backchannel_client_notification_endpoint": "https://bank.example/ping",
    });
    Client::new(serde_json::from_value(whole).unwrap(), None).unwrap()
}

fn client() -> Client {
    client_with("fapi2", "poll")
}

fn claims() -> Value {
    json!({
        "iss": "bank", "aud": "https://vneid.example", "exp": NOW + 300, "nbf": NOW, "iat": NOW, "jti": "j1",
        "scope": "openid", "login_hint": "0900000001",
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

fn object(object: &str) -> Params {
    let mut encoded = url::form_urlencoded::Serializer::new(String::new());
    Params::parse(encoded.append_pair("request", object).finish()).unwrap()
}

fn ask_with(client: &Client, params: Params) -> Result<(Asked, Option<RequestId>), ErrorCode> {
    let issuer = Issuer::parse("https://vneid.example").unwrap();
    Asked::read(params, client, &issuer, at(NOW)).map_err(|error| error.code)
}

fn ask(claims: &Value) -> Result<Asked, ErrorCode> {
    let signed = jws::sign(&key(7), None, claims.to_string().as_bytes()).unwrap();
    ask_with(&client(), object(&signed)).map(|(asked, _)| asked)
}

fn refused(claims: &Value) {
    assert_eq!(ask(claims).err(), Some(ErrorCode::InvalidRequest), "{claims}");
}

#[test]
fn fapi_ciba_id1() {
    let signed = jws::sign(&key(7), None, claims().to_string().as_bytes()).unwrap();

    let (asked, id) = ask_with(&client(), object(&signed)).unwrap();

    assert_eq!(
        (asked.hint.clone(), asked.life),
        (Hint::Login("0900000001".to_owned()), 120)
    );
    assert_eq!(id.unwrap().id, "j1");
    assert_eq!(
        serde_json::from_str::<Asked>(&serde_json::to_string(&asked).unwrap()).unwrap(),
        asked
    );
    assert_eq!(Asked::name([1; 32]).len(), 43);
    assert!(!format!("{asked:?} {:?}", asked.hint).contains("0900000001"));
}

#[test]
fn fapi_ciba_id1_ensure_authorization_request_with_binding_message_succeeds() {
    let asked = ask(&with("binding_message", json!("Mã 1234 tại quầy 5"))).unwrap();

    assert_eq!(asked.binding_message.as_deref(), Some("Mã 1234 tại quầy 5"));
}

#[test]
fn fapi_ciba_id1_ensure_authorization_request_with_potentially_bad_binding_message() {
    for bad in [
        "x".repeat(65),
        " 1234".to_owned(),
        "12\u{202e}34".to_owned(),
        "12\u{200b}34".to_owned(),
    ] {
        let refused = ask(&with("binding_message", json!(bad))).err();
        assert_eq!(refused, Some(ErrorCode::InvalidBindingMessage), "{bad:?}");
    }
    refused(&with("binding_message", json!("12\n34")));
}

#[test]
fn fapi_ciba_id1_ensure_requested_expiry_as_string_succeeds() {
    for (expiry, life) in [(json!("30"), 30), (json!(30), 30), (json!(99_999), 600)] {
        assert_eq!(ask(&with("requested_expiry", expiry)).unwrap().life, life);
    }
    for bad in [json!(0), json!(-1), json!("x"), json!("+5"), json!(1.5)] {
        refused(&with("requested_expiry", bad));
    }
}

#[test]
fn fapi_ciba_id1_ensure_other_scope_order_succeeds() {
    assert!(ask(&with("scope", json!("profile openid"))).is_ok());
    for bad in [json!("profile"), json!("openid phone"), Value::Null] {
        assert_eq!(ask(&with("scope", bad)).err(), Some(ErrorCode::InvalidScope));
    }
}

#[test]
fn fapi_ciba_id1_ensure_authorization_request_with_multiple_hints_fails() {
    refused(&with("id_token_hint", json!("a.b.c")));
    refused(&with("login_hint", Value::Null));
    refused(&with("login_hint_token", json!("a.b.c")));
}

#[test]
fn fapi_ciba_id1_ensure_request_object_missing_a_claim_fails() {
    for name in ["aud", "iss", "exp", "iat", "nbf", "jti"] {
        refused(&with(name, Value::Null));
    }
}

#[test]
fn fapi_ciba_id1_ensure_request_object_bad_aud_fails() {
    refused(&with("aud", json!("https://other.example")));
    assert!(ask(&with("aud", json!(["https://other.example", "https://vneid.example"]))).is_ok());
}

#[test]
fn fapi_ciba_id1_ensure_request_object_bad_iss_fails() {
    refused(&with("iss", json!("other")));
}

#[test]
fn fapi_ciba_id1_ensure_request_object_expired_exp_fails() {
    refused(&with("exp", json!(NOW - 300)));
}

#[test]
fn fapi_ciba_id1_ensure_request_object_exp_is_70_minutes_in_future_fails() {
    refused(&with("exp", json!(NOW + 70 * 60)));
}

#[test]
fn fapi_ciba_id1_ensure_request_object_nbf_is_10_minutes_in_future_fails() {
    refused(&with("nbf", json!(NOW + 600)));
}

#[test]
fn fapi_ciba_id1_ensure_request_object_nbf_is_70_minutes_in_past_fails() {
    refused(&with("nbf", json!(NOW - 70 * 60)));
}

#[test]
fn fapi_ciba_id1_ensure_request_object_signature_algorithm_is_none_bad_or_rs256_fails() {
    for algorithm in ["none", "RS256", "PS257"] {
        let header = crypto::base64url::encode(json!({"alg": algorithm}).to_string());
        let unsigned = format!("{header}.{}.", crypto::base64url::encode(claims().to_string()));
        assert_eq!(
            ask_with(&client(), object(&unsigned)).err(),
            Some(ErrorCode::InvalidRequest)
        );
    }
}

#[test]
fn fapi_ciba_id1_ensure_request_object_signed_by_other_client_fails() {
    let stranger = jws::sign(&key(8), None, claims().to_string().as_bytes()).unwrap();

    assert_eq!(
        ask_with(&client(), object(&stranger)).err(),
        Some(ErrorCode::InvalidRequest)
    );
}

#[test]
fn fapi_ciba_id1_ensure_unsigned_backchannel_authorization_request_fails() {
    let plain = || Params::parse("scope=openid&login_hint=0900000001").unwrap();

    assert_eq!(ask_with(&client(), plain()).err(), Some(ErrorCode::InvalidRequest));
    assert!(ask_with(&client_with("standard", "poll"), plain()).is_ok());
}

#[test]
fn a_client_in_ping_mode_gives_a_token_to_be_called_with() {
    let bank = client_with("standard", "ping");
    let read = |query: &str| {
        ask_with(
            &bank,
            Params::parse(format!("scope=openid&login_hint=1{query}")).unwrap(),
        )
    };

    assert_eq!(read("").err(), Some(ErrorCode::InvalidRequest));
    assert_eq!(
        read("&client_notification_token=a%20b").err(),
        Some(ErrorCode::InvalidRequest)
    );
    let (asked, _) = read("&client_notification_token=t0ken").unwrap();
    let ping = ping(&bank, &Secret::new(asked.notification_token.unwrap()), "id").unwrap();
    assert_eq!(ping.endpoint, "https://bank.example/ping");
    assert_eq!(
        (ping.authorization.expose().as_str(), ping.body),
        ("Bearer t0ken", json!({"auth_req_id": "id"}))
    );
    assert!(super::ping(&client(), &Secret::new("t".to_owned()), "id").is_none());
}

#[test]
fn fapi_ciba_id1_ping_backchannel_notification_endpoint_responses() {
    for status in [200, 204, 302, 307, 401, 403, 404] {
        assert!(!may_ping_again(status), "{status}");
    }
    assert!(may_ping_again(503) && may_ping_again(429));
}

fn pending(said: Option<Said>, asked_at: Option<i64>) -> Pending {
    Pending {
        client_id: "bank".to_owned(),
        expires_at: at(NOW + 120),
        interval: INTERVAL,
        asked_at: asked_at.map(at),
        said,
    }
}

fn told(turn: Result<Turn, Error>) -> (ErrorCode, u32) {
    match turn.unwrap() {
        Turn::Wait { error, interval } => (error.code, interval),
        Turn::Over(error) => (error.code, 0),
        Turn::Give => panic!("given"),
    }
}

#[test]
fn fapi_ciba_id1_multiple_call_to_token_endpoint() {
    let turn = |asked_at| told(pending(None, asked_at).turn(&client(), at(NOW)));

    assert_eq!(turn(None), (ErrorCode::AuthorizationPending, 5));
    assert_eq!(turn(Some(NOW - 5)), (ErrorCode::AuthorizationPending, 5));
    assert_eq!(
        turn(Some(NOW - 4)),
        (ErrorCode::SlowDown, 10),
        "and from then on it waits longer"
    );
}

#[test]
fn fapi_ciba_id1_auth_req_id_expired() {
    let late = pending(Some(Said::Yes), None).turn(&client(), at(NOW + 120));

    assert_eq!(told(late).0, ErrorCode::ExpiredToken);
}

#[test]
fn fapi_ciba_id1_user_rejects_authentication() {
    assert_eq!(
        told(pending(Some(Said::No), None).turn(&client(), at(NOW))).0,
        ErrorCode::AccessDenied
    );
    assert_eq!(pending(Some(Said::Yes), None).turn(&client(), at(NOW)), Ok(Turn::Give));
}

#[test]
fn fapi_ciba_id1_ensure_wrong_auth_req_id_in_token_endpoint_request() {
    let foreign = Pending {
        client_id: "other".to_owned(),
        ..pending(Some(Said::Yes), None)
    };

    assert_eq!(foreign.turn(&client(), at(NOW)), Err(UNKNOWN));
    assert_eq!(UNKNOWN.code, ErrorCode::InvalidGrant);
}

proptest! {
    #[test]
    fn any_form_is_answered(body: Vec<u8>) {
        if let Ok(params) = Params::parse(body) {
            let _ = ask_with(&client_with("standard", "poll"), params);
        }
    }

    #[test]
    fn any_message_that_is_accepted_is_short_and_visible(text in ".*") {
        if let Ok(asked) = ask(&with("binding_message", json!(text))) {
            let message = asked.binding_message.unwrap_or_default();
            prop_assert!(message.chars().count() <= 64 && !message.chars().any(char::is_control));
        }
    }
}
