use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::jwk::JwkSet;
use crate::sign::SoftKey;

fn key(algorithm: Algorithm) -> SoftKey {
    SoftKey::from_seed(algorithm, &[7; 32]).unwrap()
}

fn keys() -> [SoftKey; 2] {
    [key(Algorithm::Es256), key(Algorithm::EdDsa)]
}

fn set() -> JwkSet {
    JwkSet::new(keys().iter().map(|key| key.public().clone()).collect())
}

/// A token with this header, truly signed, whatever the header says.
fn with_header(signer: &dyn Signer, header: &str) -> String {
    let input = format!("{}.{}", base64url::encode(header), base64url::encode("{}"));
    let signature = signer.sign(input.as_bytes()).unwrap();
    format!("{input}.{}", base64url::encode(signature))
}

fn refusal(token: &str) -> Option<VerifyError> {
    verify(token, &set(), Algorithm::ALL).err()
}

#[test]
fn what_is_signed_verifies_with_its_key_and_its_set() {
    for key in keys() {
        let token = sign(&key, Some("at+jwt"), br#"{"sub":"a"}"#).unwrap();

        let alone = verify(&token, key.public(), Algorithm::ALL).unwrap();
        let among = verify(&token, &set(), Algorithm::ALL).unwrap();

        assert_eq!(alone.claims::<Value>(), Ok(json!({"sub": "a"})));
        assert!(alone.header().is_typ("application/AT+JWT"));
        assert_eq!(among.key(), key.public());
    }
}

#[test]
fn the_example_of_rfc_7515_appendix_a_3_verifies() {
    let token = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
    let key = json!({"kty": "EC", "crv": "P-256", "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
        "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"});

    let verified = verify(token, &Jwk::from_value(&key).unwrap(), &[Algorithm::Es256]).unwrap();

    assert_eq!(verified.claims::<Value>().unwrap()["iss"], "joe");
}

#[test]
fn the_key_of_rfc_7515_appendix_a_3_signs() {
    let number = base64url::decode_fixed("jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI").unwrap();

    let key = SoftKey::from_private_number(&number).unwrap();

    assert_eq!(json!(key.public())["x"], "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU");
    assert!(verify(&sign(&key, None, b"{}").unwrap(), key.public(), Algorithm::ALL).is_ok());
}

#[test]
fn the_example_of_rfc_8037_appendix_a_4_is_signed_and_verified() {
    let token = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";
    let seed = base64url::decode_fixed("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A").unwrap();
    let key = SoftKey::from_seed(Algorithm::EdDsa, &seed).unwrap();

    let (signed, signature) = token.rsplit_once('.').unwrap();

    assert_eq!(base64url::encode(key.sign(signed.as_bytes()).unwrap()), signature);
    assert_eq!(
        verify(token, key.public(), Algorithm::ALL).unwrap().payload(),
        b"Example of Ed25519 signing"
    );
}

#[test]
fn an_independent_library_accepts_our_tokens() {
    for (key, algorithm) in keys()
        .iter()
        .zip([jsonwebtoken::Algorithm::ES256, jsonwebtoken::Algorithm::EdDSA])
    {
        let token = sign(key, Some("JWT"), br#"{"sub":"a"}"#).unwrap();
        let public: jsonwebtoken::jwk::Jwk = serde_json::from_value(json!(key.public())).unwrap();
        let mut rules = jsonwebtoken::Validation::new(algorithm);
        rules.required_spec_claims.clear();

        let read =
            jsonwebtoken::decode::<Value>(&token, &jsonwebtoken::DecodingKey::from_jwk(&public).unwrap(), &rules)
                .unwrap();

        assert_eq!(read.claims, json!({"sub": "a"}));
        assert_eq!(read.header.kid.as_deref(), Some(key.key_id()));
    }
}

#[test]
fn we_accept_the_tokens_of_an_independent_library() {
    for key in keys() {
        let der = key.to_pkcs8().unwrap();
        let (algorithm, theirs) = match key.algorithm() {
            Algorithm::Es256 => (
                jsonwebtoken::Algorithm::ES256,
                jsonwebtoken::EncodingKey::from_ec_der(&der),
            ),
            Algorithm::EdDsa => (
                jsonwebtoken::Algorithm::EdDSA,
                jsonwebtoken::EncodingKey::from_ed_der(&der),
            ),
        };
        let token = jsonwebtoken::encode(&jsonwebtoken::Header::new(algorithm), &json!({"sub": "a"}), &theirs).unwrap();

        let read = verify(&token, key.public(), &[key.algorithm()]).unwrap();

        assert_eq!(read.claims::<Value>(), Ok(json!({"sub": "a"})));
    }
}

#[test]
fn a_change_in_any_part_is_refused() {
    for key in keys() {
        let token = sign(&key, None, br#"{"sub":"a"}"#).unwrap();
        for at in (0..token.len()).filter(|at| token.as_bytes()[*at] != b'.') {
            let mut changed = token.clone().into_bytes();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).unwrap();
            assert!(verify(&changed, key.public(), Algorithm::ALL).is_err(), "byte {at}");
        }
    }
}

#[test]
fn alg_none_is_refused() {
    let payload = base64url::encode("{}");
    for alg in ["none", "None", "NONE", ""] {
        let header = base64url::encode(json!({"alg": alg}).to_string());
        assert_eq!(
            refusal(&format!("{header}.{payload}.")),
            Some(VerifyError::Algorithm),
            "{alg}"
        );
    }
    assert_eq!(
        refusal(&with_header(&keys()[0], "{}")),
        Some(VerifyError::Malformed),
        "no alg"
    );
}

#[test]
fn alg_confusion_is_refused() {
    let [p256, _] = keys();
    for alg in ["HS256", "RS256", "ES384", "es256", "ES256 "] {
        let token = with_header(&p256, &json!({"alg": alg}).to_string());
        assert_eq!(refusal(&token), Some(VerifyError::Algorithm), "{alg}");
    }
    let wrong = with_header(&p256, r#"{"alg":"EdDSA"}"#);
    assert_eq!(
        verify(&wrong, p256.public(), Algorithm::ALL).err(),
        Some(VerifyError::UnknownKey)
    );
    let right = sign(&p256, None, b"{}").unwrap();
    assert_eq!(
        verify(&right, p256.public(), &[Algorithm::EdDsa]).err(),
        Some(VerifyError::Algorithm)
    );
    assert_eq!(verify(&right, p256.public(), &[]).err(), Some(VerifyError::Algorithm));
}

#[test]
fn extensions_are_refused() {
    for extension in [
        r#""crit":["exp"],"exp":1"#,
        r#""crit":[]"#,
        r#""b64":false"#,
        r#""b64":true"#,
        r#""crit":["b64"],"b64":false"#,
    ] {
        let token = with_header(&keys()[0], &format!(r#"{{"alg":"ES256",{extension}}}"#));
        assert_eq!(refusal(&token), Some(VerifyError::Critical), "{extension}");
    }
}

#[test]
fn duplicate_and_ill_typed_header_members_are_refused() {
    for header in [
        r#"{"alg":"ES256","alg":"ES256"}"#,
        r#"{"alg":"ES256","kid":"a","kid":"b"}"#,
        r#"{"alg":"ES256","x":{"y":1,"y":2}}"#,
        r#"{"alg":1}"#,
        r#"{"alg":"ES256","kid":7}"#,
        r#"{"alg":"ES256","typ":null}"#,
        r#"["ES256"]"#,
    ] {
        assert_eq!(
            refusal(&with_header(&keys()[0], header)),
            Some(VerifyError::Malformed),
            "{header}"
        );
    }
}

#[test]
fn a_key_in_the_header_is_not_believed() {
    let stranger = SoftKey::from_seed(Algorithm::Es256, &[1; 32]).unwrap();
    let members = [("jwk".to_owned(), json!(stranger.public()))].into_iter().collect();
    let token = sign_with(&stranger, members, b"{}").unwrap();

    assert_eq!(refusal(&token), Some(VerifyError::UnknownKey));
}

#[test]
fn a_key_without_a_name_answers_to_any_and_a_named_one_only_to_its_own() {
    let [p256, _] = keys();
    let token = with_header(&p256, r#"{"alg":"ES256","kid":"2026-1"}"#);
    let mut members = json!(p256.public());
    members.as_object_mut().unwrap().remove("kid");
    let nameless = Jwk::from_value(&members).unwrap();
    members["kid"] = json!("2026-1");
    let named = Jwk::from_value(&members).unwrap();

    assert!(verify(&token, &nameless, Algorithm::ALL).is_ok());
    assert!(verify(&token, &named, Algorithm::ALL).is_ok());
    assert_eq!(
        verify(&token, p256.public(), Algorithm::ALL).err(),
        Some(VerifyError::UnknownKey)
    );
}

#[test]
fn a_stranger_under_our_key_id_is_refused() {
    let stranger = SoftKey::from_seed(Algorithm::Es256, &[1; 32]).unwrap();
    let token = with_header(
        &stranger,
        &json!({"alg": "ES256", "kid": keys()[0].key_id()}).to_string(),
    );

    assert_eq!(refusal(&token), Some(VerifyError::Signature));
}

#[test]
fn oversize_tokens_are_refused() {
    let payload = vec![b' '; MAX_COMPACT];
    let header = format!(r#"{{"alg":"ES256","x":"{}"}}"#, "x".repeat(MAX_HEADER));

    assert_eq!(
        refusal(&sign(&keys()[0], None, &payload).unwrap()),
        Some(VerifyError::TooLarge)
    );
    assert_eq!(refusal(&with_header(&keys()[0], &header)), Some(VerifyError::TooLarge));
    let large = sign(&keys()[0], None, &payload).unwrap();
    assert!(Compact::parse_within(&large, large.len()).is_ok());
    assert_eq!(
        Compact::parse_within(&large, large.len() - 1).err(),
        Some(VerifyError::TooLarge)
    );
}

#[test]
fn other_shapes_are_malformed() {
    let token = sign(&keys()[0], None, b"{}").unwrap();
    for bad in [
        "",
        ".",
        "..",
        "a.b",
        &format!("{token}."),
        &format!("{token}.x"),
        &format!("{token}="),
        &format!(" {token}"),
        &format!("{token}\n"),
    ] {
        assert_eq!(refusal(bad), Some(VerifyError::Malformed), "{bad}");
    }
}

#[test]
fn claims_with_duplicate_members_are_refused() {
    let token = sign(&keys()[0], None, br#"{"sub":"a","sub":"b"}"#).unwrap();

    let verified = verify(&token, &set(), Algorithm::ALL).unwrap();

    assert_eq!(verified.claims::<Value>(), Err(VerifyError::Payload));
}

#[test]
fn a_callers_members_cannot_change_algorithm_or_key_id() {
    let members = [("alg".to_owned(), json!("none")), ("kid".to_owned(), json!("x"))]
        .into_iter()
        .collect();

    let token = sign_with(&keys()[0], members, b"{}").unwrap();

    assert_eq!(
        verify(&token, &set(), Algorithm::ALL).unwrap().header().key_id(),
        Some(keys()[0].key_id())
    );
}

proptest! {
    #[test]
    fn any_text_is_answered(text in ".*") {
        prop_assert!(refusal(&text).is_some());
    }

    #[test]
    fn any_header_is_answered(header: Vec<u8>, payload: Vec<u8>, signature: [u8; 64]) {
        let token = [base64url::encode(header), base64url::encode(payload), base64url::encode(signature)].join(".");
        prop_assert!(refusal(&token).is_some());
    }

    #[test]
    fn any_payload_comes_back(payload: Vec<u8>) {
        let token = sign(&keys()[1], None, &payload).unwrap();
        let verified = verify(&token, &set(), Algorithm::ALL).unwrap();
        prop_assert_eq!(verified.payload(), payload);
    }
}
