use crypto::sign::SoftKey;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

fn issuer() -> Issuer {
    Issuer::parse("https://vneid.example").unwrap()
}

fn key(seed: u8) -> SoftKey {
    SoftKey::from_seed(Algorithm::Es256, &[seed; 32]).unwrap()
}

fn keys() -> JwkSet {
    JwkSet::new(vec![key(1).public().clone()])
}

fn token() -> IdToken {
    let at = |second| Timestamp::from_second(second).unwrap();
    IdToken::new(&issuer(), "sub".to_owned(), "portal".to_owned(), at(900), at(1000), 300)
}

#[test]
fn oidcc_idtoken_signature() {
    let whole = IdToken {
        nonce: Some("n".to_owned()),
        acr: Some(Assurance::Two),
        amr: vec!["pwd".to_owned(), "sms".to_owned()],
        sid: Some("s".to_owned()),
        ..token().with_access_token(Algorithm::Es256, "access")
    };

    let compact = whole.sign(&key(1)).unwrap();

    let claims: Value = jws::verify(&compact, &keys(), &[Algorithm::Es256])
        .unwrap()
        .claims()
        .unwrap();
    assert_eq!(
        claims,
        json!({
            "iss": "https://vneid.example", "sub": "sub", "aud": "portal", "exp": 1300, "iat": 1000, "auth_time": 900, "nonce": "n",
            "acr": "urn:vneid:assurance:2", "amr": ["pwd", "sms"], "at_hash": at_hash(Algorithm::Es256, "access"), "sid": "s",
        })
    );
}

#[test]
fn claims_that_are_unknown_are_left_out() {
    let claims = serde_json::to_value(token()).unwrap();

    assert_eq!(claims.as_object().unwrap().len(), 6);
}

#[test]
fn the_hash_of_the_access_token_is_half_a_digest() {
    let token = "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y";

    assert_eq!(at_hash(Algorithm::Es256, token), "77QmUPtjPfzWtF2AnpK9RQ");
    assert_eq!(at_hash(Algorithm::EdDsa, token).len(), 43);
}

#[test]
fn a_hint_may_have_expired_but_must_be_ours() {
    let good = token().sign(&key(1)).unwrap();
    let foreign = IdToken {
        iss: "https://other.example".to_owned(),
        ..token()
    }
    .sign(&key(1))
    .unwrap();
    let other_kind = jws::sign(&key(1), Some("logout+jwt"), &serde_json::to_vec(&token()).unwrap()).unwrap();

    assert_eq!(verify_hint(&good, &keys(), &issuer()), Ok(token()));
    for bad in [&foreign, &other_kind, &token().sign(&key(2)).unwrap(), "", &good[1..]] {
        assert!(verify_hint(bad, &keys(), &issuer()).is_err(), "{bad}");
    }
}

proptest! {
    #[test]
    fn any_hint_is_answered(hint in ".*") {
        prop_assert!(verify_hint(&hint, &keys(), &issuer()).is_err());
    }
}
