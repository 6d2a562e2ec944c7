use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::error::ErrorCode;

fn read(value: &Value) -> Result<ClaimsRequest, ErrorCode> {
    ClaimsRequest::parse(&value.to_string()).map_err(|error| error.code)
}

fn known() -> Map<String, Value> {
    let known = json!({"sub": "s", "name": "Nguyễn Văn An", "birthdate": "1990-02-28", "phone_number": "+84900000001"});
    known.as_object().unwrap().clone()
}

fn released(wishes: &Value, granted: &str) -> Value {
    let request = read(&json!({ "userinfo": wishes })).unwrap();
    Value::Object(request.userinfo.release(&known(), &Scopes::parse(granted).unwrap()))
}

#[test]
fn oidcc_claims_essential() {
    let told = released(&json!({"name": {"essential": true}}), "openid profile");

    assert_eq!(told, json!({"name": "Nguyễn Văn An"}));
}

#[test]
fn fapi2_security_profile_final_test_claims_parameter_identity_claims() {
    let request = read(&json!({"id_token": {"name": null}, "userinfo": {"phone_number": null}})).unwrap();

    assert_eq!(request.scopes().to_string(), "profile phone");
    assert!(request.id_token.claims.contains_key("name") && !request.userinfo.claims.contains_key("name"));
}

#[test]
fn a_wish_is_no_grant() {
    assert_eq!(
        released(&json!({"phone_number": {"essential": true}}), "openid profile"),
        json!({})
    );
    assert_eq!(
        released(&json!({"vneid_personal_number": null}), "openid profile phone"),
        json!({})
    );
}

#[test]
fn only_a_wanted_value_is_told() {
    let wish = |value: Value| released(&json!({"birthdate": value}), "openid profile");

    assert_eq!(wish(json!({"value": "1990-02-28"})), json!({"birthdate": "1990-02-28"}));
    assert_eq!(
        wish(json!({"values": ["1990-02-28", "x"]})),
        json!({"birthdate": "1990-02-28"})
    );
    assert_eq!(wish(json!({"value": "2000-01-01"})), json!({}));
}

#[test]
fn what_is_not_of_the_right_shape_is_refused_and_what_is_unknown_passed_over() {
    for bad in [
        json!([]),
        json!({"userinfo": []}),
        json!({"userinfo": {"name": 1}}),
        json!({"userinfo": {"name": {"essential": "yes"}}}),
        json!({"id_token": {"name": {"values": "x"}}}),
        json!({"userinfo": {"verified_claims": 1}}),
    ] {
        assert_eq!(read(&bad).err(), Some(ErrorCode::InvalidRequest), "{bad}");
    }
    assert!(ClaimsRequest::parse(r#"{"userinfo":{},"userinfo":{}}"#).is_err());
    assert!(ClaimsRequest::parse(&format!(r#"{{"a":"{}"}}"#, "x".repeat(MAX_BYTES))).is_err());
    assert!(read(&json!({"other": 1, "userinfo": null})).is_ok());
    assert_eq!(
        released(&json!({"http://example.com/ünknown": {"essential": true}}), "openid"),
        json!({})
    );
}

proptest! {
    #[test]
    fn any_text_is_answered(text in ".*") {
        let _ = ClaimsRequest::parse(&text);
    }
}
