use crypto::jws;
use crypto::sign::{Signer as _, SoftKey};
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::error::ErrorCode;
use crate::provider::Issuer;

const NOW: i64 = 1_700_000_000;

fn provider() -> Provider {
    Provider::new(Issuer::parse("https://vneid.example").unwrap())
}

fn secrets() -> DigestKey {
    DigestKey::new([5; 32])
}

fn key() -> SoftKey {
    SoftKey::from_seed(Algorithm::Es256, &[7; 32]).unwrap()
}

fn client(method: &str) -> Client {
    let metadata = json!({
        "client_id": "portal", "client_name": "Cổng", "redirect_uris": ["https://portal.example/cb"], "scope": "openid",
        "token_endpoint_auth_method": method, "jwks": {"keys": [key().public()]},
    });
    let secret = secret_digest(&secrets(), &Secret::new("s3cret +%".to_owned()));
    let secret = method.starts_with("client_secret").then_some(secret);
    Client::new(serde_json::from_value(metadata).unwrap(), secret).unwrap()
}

fn form(pairs: &[(&str, &str)]) -> Params {
    Params::parse(
        form_urlencoded::Serializer::new(String::new())
            .extend_pairs(pairs)
            .finish(),
    )
    .unwrap()
}

fn prove(method: &str, pairs: &[(&str, &str)], header: Option<&str>) -> Result<Option<AssertionId>, ErrorCode> {
    let (provider, secrets) = (provider(), secrets());
    let judge = Judge {
        provider: &provider,
        secrets: &secrets,
        certificate: None,
        now: Timestamp::from_second(NOW).unwrap(),
    };
    let proven = Credentials::read(&form(pairs), header).and_then(|offered| offered.prove(&client(method), &judge));
    proven.map_err(|error| error.code)
}

fn basic_header(joined: &str) -> String {
    format!("Basic {}", STANDARD.encode(joined))
}

fn claims() -> Value {
    json!({"iss": "portal", "sub": "portal", "aud": "https://vneid.example", "exp": NOW + 60, "iat": NOW, "jti": "j1"})
}

fn assert_with(claims: &Value, signer: &SoftKey) -> Result<Option<AssertionId>, ErrorCode> {
    let assertion = jws::sign(signer, None, claims.to_string().as_bytes()).unwrap();
    prove(
        "private_key_jwt",
        &[
            ("client_assertion_type", ASSERTION_TYPE),
            ("client_assertion", &assertion),
        ],
        None,
    )
}

#[test]
fn oidcc_server_client_secret_basic() {
    let good = basic_header("portal:s3cret+%2B%25");

    assert_eq!(prove("client_secret_basic", &[], Some(&good)), Ok(None));
    assert_eq!(
        prove(
            "client_secret_basic",
            &[("client_id", "portal")],
            Some(&good.replace("Basic", "basic"))
        ),
        Ok(None)
    );
    assert_eq!(
        prove("client_secret_basic", &[("client_id", "other")], Some(&good)),
        Err(ErrorCode::InvalidRequest)
    );
}

#[test]
fn oidcc_server_client_secret_post() {
    let good = [("client_id", "portal"), ("client_secret", "s3cret +%")];

    assert_eq!(prove("client_secret_post", &good, None), Ok(None));
    assert_eq!(
        prove("client_secret_post", &good[1..], None),
        Err(ErrorCode::InvalidRequest)
    );
}

#[test]
fn a_wrong_secret_and_a_broken_header_are_refused() {
    for header in [
        basic_header("portal:wrong"),
        basic_header("portal:"),
        basic_header(":s3cret"),
        basic_header("portal"),
        basic_header("other:s3cret+%2B%25"),
        basic_header("port%00al:s3cret"),
        basic_header(&format!("{}:s3cret", "x".repeat(129))),
        "Basic !!".to_owned(),
        "Bearer abc".to_owned(),
        "Basic".to_owned(),
    ] {
        assert_eq!(
            prove("client_secret_basic", &[], Some(header.as_str())),
            Err(ErrorCode::InvalidClient),
            "{header}"
        );
    }
}

#[test]
fn only_the_registered_method_counts() {
    let header = basic_header("portal:s3cret+%2B%25");
    let post = [("client_id", "portal"), ("client_secret", "s3cret +%")];

    for method in ["client_secret_post", "private_key_jwt", "none"] {
        assert_eq!(
            prove(method, &[], Some(header.as_str())),
            Err(ErrorCode::InvalidClient),
            "{method}"
        );
    }
    for method in ["client_secret_basic", "private_key_jwt", "none"] {
        assert_eq!(prove(method, &post, None), Err(ErrorCode::InvalidClient), "{method}");
    }
    for method in ["client_secret_basic", "client_secret_post", "private_key_jwt"] {
        assert_eq!(
            prove(method, &post[..1], None),
            Err(ErrorCode::InvalidClient),
            "{method}"
        );
    }
    assert_eq!(prove("none", &post[..1], None), Ok(None));
}

#[test]
fn two_ways_at_once_or_none_are_an_invalid_request() {
    let header = basic_header("portal:s3cret+%2B%25");
    for pairs in [
        &[("client_secret", "x")][..],
        &[("client_assertion", "x"), ("client_assertion_type", ASSERTION_TYPE)],
        &[("client_assertion_type", ASSERTION_TYPE)],
    ] {
        assert_eq!(
            prove("client_secret_basic", pairs, Some(header.as_str())),
            Err(ErrorCode::InvalidRequest),
            "{pairs:?}"
        );
    }
    let both = [
        ("client_id", "portal"),
        ("client_secret", "x"),
        ("client_assertion", "x"),
        ("client_assertion_type", ASSERTION_TYPE),
    ];
    assert_eq!(prove("client_secret_post", &both, None), Err(ErrorCode::InvalidRequest));
    assert_eq!(prove("none", &[], None), Err(ErrorCode::InvalidRequest));
    assert_eq!(
        prove("private_key_jwt", &[("client_assertion", "x")], None),
        Err(ErrorCode::InvalidRequest)
    );
    let other = [("client_assertion", "x"), ("client_assertion_type", "urn:other")];
    assert_eq!(prove("private_key_jwt", &other, None), Err(ErrorCode::InvalidRequest));
}

#[test]
fn an_assertion_proves_the_client_and_its_id_is_to_be_kept() {
    let id = assert_with(&claims(), &key()).unwrap().unwrap();

    assert_eq!(id.id, "j1");
    assert_eq!(id.expires_at.as_second(), NOW + 60 + SKEW);
    for audience in [
        json!("https://vneid.example/sso/token"),
        json!(["https://vneid.example"]),
    ] {
        let mut claims = claims();
        claims["aud"] = audience;
        assert!(assert_with(&claims, &key()).is_ok(), "{claims}");
    }
}

#[test]
fn an_assertion_that_breaks_a_rule_of_rfc_7523_is_refused() {
    for (name, value) in [
        ("iss", json!("other")),
        ("iss", Value::Null),
        ("sub", Value::Null),
        ("aud", json!("https://other.example")),
        ("aud", json!("https://vneid.example/")),
        ("aud", json!(["https://vneid.example", "https://other.example"])),
        ("aud", json!([])),
        ("aud", Value::Null),
        ("exp", json!(NOW - SKEW)),
        ("exp", json!(NOW + MAX_LIFE + SKEW + 1)),
        ("exp", json!("soon")),
        ("exp", Value::Null),
        ("nbf", json!(NOW + SKEW + 1)),
        ("iat", json!(NOW + SKEW + 1)),
        ("iat", json!("now")),
        ("jti", Value::Null),
        ("jti", json!("")),
        ("jti", json!("a\u{0}")),
        ("jti", json!("x".repeat(257))),
    ] {
        let mut claims = claims();
        claims[name] = value;
        assert_eq!(assert_with(&claims, &key()), Err(ErrorCode::InvalidClient), "{claims}");
    }
}

#[test]
fn an_assertion_for_another_subject_or_signed_by_a_stranger_is_refused() {
    let stranger = SoftKey::from_seed(Algorithm::Es256, &[8; 32]).unwrap();
    let mut other = claims();
    other["sub"] = json!("other");

    assert_eq!(assert_with(&claims(), &stranger), Err(ErrorCode::InvalidClient));
    assert_eq!(assert_with(&other, &key()), Err(ErrorCode::InvalidClient));
    let none = format!(
        "{}.{}.",
        crypto::base64url::encode(r#"{"alg":"none"}"#),
        crypto::base64url::encode(claims().to_string())
    );
    let pairs = [
        ("client_assertion_type", ASSERTION_TYPE),
        ("client_assertion", none.as_str()),
    ];
    assert_eq!(prove("private_key_jwt", &pairs, None), Err(ErrorCode::InvalidClient));
}

/// A strict client's assertion with one claim changed.
fn strict(name: &str, value: Value) -> Result<Option<AssertionId>, ErrorCode> {
    let metadata = json!({
        "client_id": "portal", "client_name": "Cổng", "redirect_uris": ["https://portal.example/cb"], "scope": "openid",
        "token_endpoint_auth_method": "private_key_jwt", "jwks": {"keys": [key().public()]}, "vneid_profile": "fapi2",
    });
    let client = Client::new(serde_json::from_value(metadata).unwrap(), None).unwrap();
    let mut claims = claims();
    claims[name] = value;
    let assertion = jws::sign(&key(), None, claims.to_string().as_bytes()).unwrap();
    let (provider, secrets) = (provider().with_pushed_and_tokens(), secrets());
    let judge = Judge {
        provider: &provider,
        secrets: &secrets,
        certificate: None,
        now: Timestamp::from_second(NOW).unwrap(),
    };
    let pairs = [
        ("client_assertion_type", ASSERTION_TYPE),
        ("client_assertion", assertion.as_str()),
    ];
    let proven = Credentials::read(&form(&pairs), None).and_then(|offered| offered.prove(&client, &judge));
    proven.map_err(|error| error.code)
}

const REFUSED: Result<Option<AssertionId>, ErrorCode> = Err(ErrorCode::InvalidClient);

#[test]
fn fapi2_security_profile_final_par_test_array_as_audience_fails() {
    assert!(
        strict("aud", json!("https://vneid.example")).is_ok(),
        "the issuer is right, thunderid 4173"
    );
    assert_eq!(strict("aud", json!(["https://vneid.example"])), REFUSED);
}

#[test]
fn fapi2_security_profile_final_par_test_par_endpoint_url_as_audience_fails() {
    assert_eq!(strict("aud", json!("https://vneid.example/sso/par")), REFUSED);
}

#[test]
fn fapi2_security_profile_final_par_test_token_endpoint_url_as_audience_fails() {
    assert_eq!(strict("aud", json!("https://vneid.example/sso/token")), REFUSED);
}

#[test]
fn fapi2_security_profile_final_ensure_client_assertion_with_wrong_aud_fails() {
    assert_eq!(strict("aud", json!("https://other.example")), REFUSED);
}

#[test]
fn fapi2_security_profile_final_ensure_client_assertion_with_exp_is_5_minutes_in_past_fails() {
    assert_eq!(strict("exp", json!(NOW - 300)), REFUSED);
}

#[test]
fn fapi2_security_profile_final_ensure_client_assertion_with_no_sub_fails() {
    assert_eq!(strict("sub", Value::Null), REFUSED);
}

#[test]
fn fapi2_security_profile_final_par_ensure_jwt_client_assertions_nbf_8_seconds_in_the_future_is_accepted() {
    assert!(strict("nbf", json!(NOW + 8)).is_ok());
}

#[test]
fn fapi2_security_profile_final_par_ensure_jwt_client_assertions_nbf_over_60_seconds_in_the_future_fails() {
    assert_eq!(strict("nbf", json!(NOW + 61)), REFUSED);
}

#[test]
fn fapi2_security_profile_final_ensure_signed_client_assertion_with_rs256_fails() {
    let header = crypto::base64url::encode(r#"{"alg":"RS256"}"#);
    let assertion = format!("{header}.{}.AAAA", crypto::base64url::encode(claims().to_string()));
    let pairs = [
        ("client_assertion_type", ASSERTION_TYPE),
        ("client_assertion", assertion.as_str()),
    ];

    assert_eq!(prove("private_key_jwt", &pairs, None), REFUSED);
}

#[test]
fn fapi2_security_profile_final_ensure_client_assertion_in_token_endpoint() {
    assert_eq!(prove("private_key_jwt", &[("client_id", "portal")], None), REFUSED);
}

#[test]
fn fapi2_security_profile_final_ensure_client_id_in_token_endpoint() {
    let assertion = jws::sign(&key(), None, claims().to_string().as_bytes()).unwrap();
    let pairs = [
        ("client_id", "other"),
        ("client_assertion_type", ASSERTION_TYPE),
        ("client_assertion", assertion.as_str()),
    ];

    assert_eq!(prove("private_key_jwt", &pairs, None), Err(ErrorCode::InvalidRequest));
}

#[test]
fn credentials_do_not_print_their_secrets() {
    let offered = Credentials::read(&form(&[("client_id", "portal"), ("client_secret", "hush")]), None).unwrap();

    assert_eq!(format!("{offered:?}"), r#"Post("portal", Secret(..))"#);
}

proptest! {
    #[test]
    fn any_header_is_answered(header in ".*", joined in ".*") {
        let _ = Credentials::read(&form(&[]), Some(header.as_str()));
        let _ = Credentials::read(&form(&[]), Some(basic_header(&joined).as_str()));
    }

    #[test]
    fn any_id_and_secret_survive_the_header(id in "[^\\p{Cc}\u{fffd}]{1,20}", secret in "[^\\p{Cc}\u{fffd}]{1,20}") {
        let encode = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
        let header = basic_header(&format!("{}:{}", encode(&id), encode(&secret)));
        let Ok(Credentials::Basic(read, kept)) = Credentials::read(&form(&[]), Some(header.as_str())) else { panic!("refused") };
        prop_assert_eq!((read, kept.expose().clone()), (id, secret));
    }

    #[test]
    fn any_assertion_is_answered(assertion in "[^\\p{Cc}\u{fffd}]*") {
        let pairs = [("client_assertion_type", ASSERTION_TYPE), ("client_assertion", assertion.as_str())];
        prop_assert!(prove("private_key_jwt", &pairs, None).is_err());
    }
}
