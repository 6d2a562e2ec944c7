use std::collections::BTreeMap;

use crypto::base64url;
use crypto::digest::sha256;
use crypto::sign::{Algorithm, Signer as _, SoftKey};
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::dpop::ProofId;
use crate::error::ErrorCode;

const NOW: i64 = 1000;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn issuer() -> Issuer {
    Issuer::parse("https://vneid.example").unwrap()
}

fn client(id: &str) -> Client {
    let key = SoftKey::from_seed(Algorithm::Es256, &[7; 32]).unwrap();
    let whole = json!({
        "client_id": id, "client_name": "Ngân hàng", "redirect_uris": ["https://bank.example/cb"], "scope": "openid profile",
        "token_endpoint_auth_method": "private_key_jwt", "jwks": {"keys": [key.public()]}, "vneid_profile": "fapi2",
    });
    Client::new(serde_json::from_value(whole).unwrap(), None).unwrap()
}

fn params(changes: &[(&str, Option<&str>)]) -> Params {
    let challenge = base64url::encode(sha256(b"verifier"));
    let mut all: BTreeMap<&str, &str> = [
        ("client_id", "bank"),
        ("redirect_uri", "https://bank.example/cb"),
        ("response_type", "code"),
        ("scope", "openid"),
        ("state", "s1"),
        ("code_challenge", &challenge),
        ("code_challenge_method", "S256"),
    ]
    .into();
    for (name, value) in changes {
        match value {
            Some(value) => all.insert(name, value),
            None => all.remove(name),
        };
    }
    let mut encoded = url::form_urlencoded::Serializer::new(String::new());
    Params::parse(encoded.extend_pairs(all).finish()).unwrap()
}

fn proof(thumbprint: &str) -> Proof {
    Proof {
        thumbprint: thumbprint.to_owned(),
        id: ProofId {
            digest: [1; 32],
            expires_at: at(NOW),
        },
    }
}

fn push(changes: &[(&str, Option<&str>)]) -> Result<Pushed, ErrorCode> {
    push_with(changes, None)
}

fn push_with(changes: &[(&str, Option<&str>)], proof: Option<&Proof>) -> Result<Pushed, ErrorCode> {
    accept(params(changes), &client("bank"), &issuer(), proof, at(NOW)).map_err(|error| error.code)
}

#[test]
fn fapi2_security_profile_final_happy_flow() {
    let pushed = push(&[]).unwrap();
    let kept: Pushed = serde_json::from_str(&serde_json::to_string(&pushed).unwrap()).unwrap();

    let request = kept
        .open(RequestUri::new([1; 32]), &client("bank"), at(NOW + 30))
        .unwrap();

    assert_eq!(
        (request.client_id.as_str(), request.received_at),
        ("bank", at(NOW + 30))
    );
    let name = RequestUri::new([1; 32]);
    let answer = serde_json::to_value(PushedResponse::new(&name)).unwrap();
    assert_eq!(answer["expires_in"], 90);
    assert_eq!(RequestUri::parse(answer["request_uri"].as_str().unwrap()), Some(name));
}

#[test]
fn fapi2_security_profile_final_par_attempt_to_use_expired_request_uri() {
    let end = i64::from(LIFE);

    assert!(
        push(&[])
            .unwrap()
            .open(RequestUri::new([1; 32]), &client("bank"), at(NOW + end - 1))
            .is_ok()
    );
    assert_eq!(
        push(&[])
            .unwrap()
            .open(RequestUri::new([1; 32]), &client("bank"), at(NOW + end)),
        Err(UNKNOWN)
    );
}

#[test]
fn fapi2_security_profile_final_par_attempt_to_use_request_uri_for_different_client() {
    assert_eq!(
        push(&[])
            .unwrap()
            .open(RequestUri::new([1; 32]), &client("other"), at(NOW)),
        Err(UNKNOWN)
    );
}

#[test]
fn fapi2_security_profile_final_par_authorization_request_containing_request_uri_form_param() {
    let name = RequestUri::new([1; 32]).text();
    let given = params(&[("request_uri", Some(&name))]);

    assert_eq!(credentials(&given, None).unwrap_err().code, ErrorCode::InvalidRequest);
}

#[test]
fn fapi2_security_profile_final_par_ensure_pkce_required() {
    let without = [("code_challenge", None), ("code_challenge_method", None)];

    assert_eq!(push(&without), Err(ErrorCode::InvalidRequest));
}

#[test]
fn fapi2_security_profile_final_par_plain_pkce_rejected() {
    assert_eq!(
        push(&[("code_challenge_method", Some("plain"))]),
        Err(ErrorCode::InvalidRequest)
    );
    assert_eq!(push(&[("code_challenge_method", None)]), Err(ErrorCode::InvalidRequest));
}

#[test]
fn fapi2_security_profile_final_ensure_redirect_uri_in_authorization_request() {
    assert_eq!(push(&[("redirect_uri", None)]), Err(ErrorCode::InvalidRequest));
}

#[test]
fn fapi2_security_profile_final_plain_fapi_tolerate_unregistered_redirect_uri() {
    let foreign = [("redirect_uri", Some("https://bank.example/other"))];

    assert_eq!(push(&foreign), Err(ErrorCode::InvalidRequest), "we do not tolerate it");
}

#[test]
fn fapi2_security_profile_final_ensure_response_type_code_idtoken_fails() {
    assert_eq!(
        push(&[("response_type", Some("code id_token"))]),
        Err(ErrorCode::UnsupportedResponseType)
    );
}

#[test]
fn fapi2_security_profile_final_ensure_response_type_token_fails() {
    assert_eq!(
        push(&[("response_type", Some("token"))]),
        Err(ErrorCode::UnsupportedResponseType)
    );
}

#[test]
fn fapi2_security_profile_final_ensure_authorization_request_without_state_success() {
    assert!(push(&[("state", None)]).is_ok());
}

#[test]
fn fapi2_security_profile_final_ensure_authorization_request_without_nonce_success() {
    assert!(push(&[("nonce", None)]).is_ok());
}

#[test]
fn fapi2_security_profile_final_ensure_authorization_request_with_64_char_nonce_success() {
    let nonce = "n".repeat(64);
    let request = push(&[("nonce", Some(&nonce))])
        .unwrap()
        .open(RequestUri::new([1; 32]), &client("bank"), at(NOW));

    assert_eq!(request.unwrap().nonce, Some(nonce));
}

#[test]
fn fapi2_security_profile_final_ensure_authorization_request_with_long_nonce() {
    assert!(push(&[("nonce", Some(&"n".repeat(384)))]).is_ok());
}

#[test]
fn fapi2_security_profile_final_ensure_authorization_request_with_long_state() {
    assert!(push(&[("state", Some(&"s".repeat(1024)))]).is_ok());
}

#[test]
fn fapi2_security_profile_final_ensure_other_scope_order_succeeds() {
    assert!(push(&[("scope", Some("profile openid"))]).is_ok());
}

#[test]
fn fapi2_security_profile_final_ensure_unsigned_authorization_request_without_using_par_fails() {
    let Err(Refusal::Reply(_, error)) = authorize::check(&params(&[]), &client("bank"), at(NOW)) else {
        panic!("not refused")
    };

    assert_eq!(error.code, ErrorCode::InvalidRequest);
    let foreign = params(&[("redirect_uri", Some("https://evil.example"))]);
    assert_eq!(
        authorize::check(&foreign, &client("bank"), at(NOW)),
        Err(Refusal::Page(PageError::ForeignRedirectUri))
    );
}

#[test]
fn fapi2_security_profile_final_ensure_dpopproof_at_par_endpoint_binding_success() {
    let bound = push_with(&[], Some(&proof("k")))
        .unwrap()
        .open(RequestUri::new([1; 32]), &client("bank"), at(NOW));

    assert_eq!(bound.unwrap().dpop_jkt.as_deref(), Some("k"));
}

#[test]
fn fapi2_security_profile_final_ensure_dpop_auth_code_binding_success() {
    let jkt = base64url::encode([1; 32]);
    let bound = push_with(&[("dpop_jkt", Some(&jkt))], None).unwrap();

    assert_eq!(
        bound
            .open(RequestUri::new([1; 32]), &client("bank"), at(NOW))
            .unwrap()
            .dpop_jkt,
        Some(jkt)
    );
}

#[test]
fn fapi2_security_profile_final_ensure_mismatched_dpop_jkt_fails() {
    let jkt = base64url::encode([1; 32]);
    let named = [("dpop_jkt", Some(jkt.as_str()))];

    assert_eq!(push_with(&named, Some(&proof("k"))), Err(ErrorCode::InvalidDpopProof));
    assert!(push_with(&named, Some(&proof(&jkt))).is_ok());
    assert_eq!(push(&[("dpop_jkt", Some("short"))]), Err(ErrorCode::InvalidRequest));
}

#[test]
fn a_client_cannot_push_in_anothers_name() {
    assert_eq!(push(&[("client_id", Some("other"))]), Err(ErrorCode::InvalidRequest));
}

#[test]
fn addresses_elsewhere_are_never_fetched() {
    let at_authorize = |uri: &str| named(&params(&[("request_uri", Some(uri))])).map_err(|error| error.code);

    assert_eq!(
        at_authorize("https://bank.example/request.jwt"),
        Err(ErrorCode::InvalidRequestUri)
    );
    assert_eq!(
        at_authorize("urn:ietf:params:oauth:request_uri:short"),
        Err(ErrorCode::InvalidRequestUri)
    );
    assert_eq!(named(&params(&[])), Ok(None));
}

proptest! {
    #[test]
    fn any_name_is_answered(text in ".*") {
        prop_assert!(RequestUri::parse(&text).is_none());
    }

    #[test]
    fn any_form_is_answered(body: Vec<u8>) {
        if let Ok(params) = Params::parse(body) {
            let _ = credentials(&params, None);
            prop_assert!(accept(params, &client("bank"), &issuer(), None, at(NOW)).is_err());
        }
    }
}
