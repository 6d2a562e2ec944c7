use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::sign::{Signer as _, SoftKey};

/// RFC 7515 appendix A.3.1, in the form of RFC 7517 section 3.
fn rfc_7517() -> Value {
    json!({
        "kty": "EC", "crv": "P-256",
        "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
        "kid": "Public key used in JWS spec Appendix A.3 example",
    })
}

#[test]
fn the_key_of_rfc_7517_section_3_is_read() {
    let key = Jwk::from_value(&rfc_7517()).unwrap();

    assert_eq!(key.key_id(), "Public key used in JWS spec Appendix A.3 example");
    assert_eq!(key.algorithm(), Algorithm::Es256);
}

#[test]
fn the_thumbprint_of_rfc_8037_appendix_a_3() {
    let key = json!({"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"});

    let key = Jwk::from_value(&key).unwrap();

    assert_eq!(key.thumbprint(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    assert_eq!(key.key_id(), key.thumbprint());
}

#[test]
fn thumbprints_agree_with_an_independent_library() {
    for algorithm in Algorithm::ALL {
        let key = SoftKey::from_seed(*algorithm, &[1; 32]).unwrap();
        let theirs: jsonwebtoken::jwk::Jwk = serde_json::from_value(json!(key.public())).unwrap();

        assert_eq!(
            theirs.thumbprint(jsonwebtoken::jwk::ThumbprintHash::SHA256).unwrap(),
            key.key_id()
        );
    }
}

#[test]
fn the_set_of_rfc_7517_appendix_a_1_has_no_key_that_verifies_and_one_to_encrypt_for() {
    let set = json!({"keys": [
        {"kty": "EC", "crv": "P-256", "x": "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
         "y": "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM", "use": "enc", "kid": "1"},
        {"kty": "RSA", "n": "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMs",
         "e": "AQAB", "alg": "RS256", "kid": "2011-04-29"},
    ]});

    let read = JwkSet::parse(set.to_string().as_bytes()).unwrap();

    assert!(read.keys().is_empty());
    assert!(read.recipient().is_some());
    let kept = json!(read).to_string();
    assert_eq!(JwkSet::parse(kept.as_bytes()), Ok(read), "it comes back as it was kept");
}

#[test]
fn our_keys_are_written_and_read_back() {
    let keys = Algorithm::ALL
        .iter()
        .map(|algorithm| SoftKey::from_seed(*algorithm, &[1; 32]).unwrap().public().clone());
    let set = JwkSet::new(keys.collect());

    let text = json!(set).to_string();

    assert_eq!(JwkSet::parse(text.as_bytes()), Ok(set));
    assert!(
        text.contains(r#""use":"sig""#) && text.contains(r#""alg":"EdDSA""#),
        "{text}"
    );
}

#[test]
fn broken_foreign_and_private_keys_are_refused() {
    let with = |name: &str, value: Value| {
        let mut key = rfc_7517();
        key[name] = value;
        Jwk::from_value(&key).err()
    };

    assert_eq!(
        with("d", json!("jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI")),
        Some(JwkError::Private)
    );
    assert_eq!(
        with("x", json!("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEV")),
        Some(JwkError::Malformed)
    );
    assert_eq!(
        with("x", json!("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEQ")),
        Some(JwkError::NotAPoint)
    );
    assert_eq!(with("x", json!(7)), Some(JwkError::Malformed));
    assert_eq!(with("crv", json!("P-384")), Some(JwkError::Unsupported));
    assert_eq!(with("kty", json!("oct")), Some(JwkError::Unsupported));
    assert_eq!(with("alg", json!("HS256")), Some(JwkError::Unsupported));
    assert_eq!(with("use", json!("enc")), Some(JwkError::NotForSignatures));
    assert_eq!(with("key_ops", json!(["sign"])), Some(JwkError::NotForSignatures));
    assert_eq!(with("key_ops", json!("verify")), Some(JwkError::Malformed));
    assert_eq!(with("key_ops", json!(["verify"])), None);
    assert_eq!(
        Jwk::parse(br#"{"kty":"EC","kty":"EC"}"#).err(),
        Some(JwkError::Malformed)
    );
}

#[test]
fn a_set_with_a_private_key_or_too_many_keys_is_refused() {
    let mut private = rfc_7517();
    private["d"] = json!("jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI");

    assert_eq!(JwkSet::from_value(&json!({"keys": [private]})), Err(JwkError::Private));
    assert_eq!(
        JwkSet::from_value(&json!({"keys": vec![rfc_7517(); MAX_KEYS + 1]})),
        Err(JwkError::Malformed)
    );
    let set = json!({"keys": [rfc_7517()]}).to_string();
    let padded = |length: usize| set.clone() + &" ".repeat(length - set.len());
    assert!(JwkSet::parse(padded(MAX_SET).as_bytes()).is_ok());
    assert_eq!(JwkSet::parse(padded(MAX_SET + 1).as_bytes()), Err(JwkError::Malformed));
    assert_eq!(JwkSet::parse(b"{}"), Err(JwkError::Malformed));
}

proptest! {
    #[test]
    fn any_text_is_answered(text in ".*") {
        prop_assert!(Jwk::parse(text.as_bytes()).is_err());
        prop_assert!(JwkSet::parse(text.as_bytes()).is_err());
    }

    #[test]
    fn any_members_are_answered(
        kty in "EC|OKP|RSA", crv in "P-256|Ed25519|X25519", x in "[A-Za-z0-9_-]{43}", y in "[A-Za-z0-9_-]{43}",
    ) {
        if let Ok(key) = Jwk::from_value(&json!({"kty": kty, "crv": crv, "x": x, "y": y})) {
            prop_assert_eq!(Jwk::from_value(&json!(key)).unwrap(), key);
        }
    }
}

#[test]
fn a_key_without_a_name_of_its_own_answers_to_any() {
    let named = Jwk::from_value(&rfc_7517()).unwrap();

    let unnamed = Jwk::unnamed(named.key().clone());

    assert!(unnamed.answers_to(Some("whatever a header says")));
    assert!(!named.answers_to(Some("whatever a header says")));
    assert_eq!(unnamed.key_id(), named.thumbprint());
}
