use crypto::jws;
use crypto::sign::{Signer as _, SoftKey};
use proptest::prelude::*;
use serde_json::json;

use super::*;

const NOW: i64 = 1_700_000_000;
const URL: &str = "https://vneid.example/sso/token";

fn key(seed: u8) -> SoftKey {
    SoftKey::from_seed(Algorithm::Es256, &[seed; 32]).unwrap()
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn claims() -> Value {
    json!({"htm": "POST", "htu": URL, "jti": "j1", "iat": NOW})
}

fn with(name: &str, value: Value) -> Value {
    let mut claims = claims();
    claims[name] = value;
    claims
}

fn header_of(signer: &SoftKey) -> Value {
    let mut jwk = serde_json::to_value(signer.public()).unwrap();
    jwk.as_object_mut().unwrap().remove("kid");
    json!({"typ": TYP, "jwk": jwk})
}

fn sign(header: &Value, claims: &Value) -> String {
    let members = header.as_object().unwrap().clone();
    jws::sign_with(&key(1), members, claims.to_string().as_bytes()).unwrap()
}

fn proof(claims: &Value) -> String {
    sign(&header_of(&key(1)), claims)
}

fn check<'a>() -> Check<'a> {
    Check {
        method: "POST",
        url: URL,
        access_token: None,
        nonces: None,
        now: at(NOW),
    }
}

fn judge(proof: &str) -> Result<Proof, ErrorCode> {
    verify(proof, &check()).map_err(|error| error.code)
}

const REFUSED: Result<Proof, ErrorCode> = Err(ErrorCode::InvalidDpopProof);

#[test]
fn a_good_proof_tells_the_thumbprint_of_its_key_and_its_own_name() {
    let found = judge(&proof(&claims())).unwrap();

    assert_eq!(found.thumbprint, key(1).public().thumbprint());
    assert_eq!(found.id.expires_at, at(NOW + PAST + 1));
    assert_ne!(
        found.id.digest,
        judge(&proof(&with("jti", json!("j2")))).unwrap().id.digest
    );
}

#[test]
fn more_than_one_header_is_refused() {
    let proof = proof(&claims());
    let bytes = proof.as_bytes();

    assert_eq!(header([bytes]), Ok(Some(proof.as_str())));
    assert_eq!(header(std::iter::empty::<&[u8]>()), Ok(None));
    assert!(
        header([bytes, bytes]).is_err(),
        "esignet 1734: two headers, even the same"
    );
    assert_eq!(judge(&format!("{proof}, {proof}")), REFUSED, "two in one line");
    assert!(header([&b"\xff"[..]]).is_err());
    assert!(header(["x".repeat(MAX_PROOF + 1).as_bytes()]).is_err());
}

/// fapi2-security-profile-final-dpop-negative-tests, by the numbers of RFC 9449 section 4.3.
mod fapi2_security_profile_final_dpop_negative_tests {
    use super::*;

    #[test]
    fn number_2_a_proof_is_a_jwt() {
        for text in ["", "a", "a.b", "a.b.c", "{}", &proof(&claims())[1..]] {
            assert_eq!(judge(text), REFUSED, "{text}");
        }
    }

    #[test]
    fn number_3_every_required_claim_is_there() {
        for name in ["htm", "htu", "jti", "iat"] {
            assert_eq!(judge(&proof(&with(name, Value::Null))), REFUSED, "{name}");
            let mut without = claims();
            without.as_object_mut().unwrap().remove(name);
            assert_eq!(judge(&proof(&without)), REFUSED, "{name}");
        }
        assert_eq!(judge(&proof(&with("jti", json!("x".repeat(257))))), REFUSED);
    }

    #[test]
    fn number_4_the_type_is_dpop_jwt() {
        for typ in [json!("JWT"), json!("dpop"), Value::Null, json!(1)] {
            let mut header = header_of(&key(1));
            header["typ"] = typ;
            assert_eq!(judge(&sign(&header, &claims())), REFUSED, "{header}");
        }
    }

    #[test]
    fn number_5_none_and_symmetric_algorithms_are_refused() {
        for algorithm in ["none", "HS256", "RS256", "ES256K"] {
            let mut header = header_of(&key(1));
            header["alg"] = json!(algorithm);
            let unsigned = format!(
                "{}.{}.",
                base64url::encode(header.to_string()),
                base64url::encode(claims().to_string())
            );
            assert_eq!(judge(&unsigned), REFUSED, "{algorithm}");
        }
    }

    #[test]
    fn number_6_the_signature_is_by_the_key_in_the_header() {
        let stranger = sign(&header_of(&key(2)), &claims());
        let good = proof(&claims());
        let (head, _) = good.rsplit_once('.').unwrap();

        assert_eq!(judge(&stranger), REFUSED);
        assert_eq!(judge(&format!("{head}.{}", base64url::encode([0; 64]))), REFUSED);
        let mut without = header_of(&key(1));
        without.as_object_mut().unwrap().remove("jwk");
        assert_eq!(judge(&sign(&without, &claims())), REFUSED);
    }

    #[test]
    fn number_7_a_private_key_in_the_header_is_refused() {
        let mut header = header_of(&key(1));
        header["jwk"]["d"] = json!("AQ");

        assert_eq!(judge(&sign(&header, &claims())), REFUSED);
    }

    #[test]
    fn number_8_the_method_is_that_of_the_request() {
        for method in ["GET", "PUT", "post"] {
            assert_eq!(judge(&proof(&with("htm", json!(method)))), REFUSED, "{method}");
        }
    }

    #[test]
    fn number_9_the_address_is_compared_normalised_without_query_and_fragment() {
        for same in [
            "https://vneid.example/sso/token?a=b#c",
            "HTTPS://VNeID.example:443/sso/token",
            "https://vneid.example/sso/%74oken",
            "https://vneid.example/x/../sso/./token",
        ] {
            assert!(judge(&proof(&with("htu", json!(same)))).is_ok(), "{same}");
        }
        for other in [
            "https://vneid.example/sso/token/",
            "https://vneid.example/sso/userinfo",
            "http://vneid.example/sso/token",
            "https://vneid.example:444/sso/token",
            "https://other.example/sso/token",
            "https://u@vneid.example/sso/token",
            "https://vneid.example/sso%2Ftoken",
            "/sso/token",
            "",
        ] {
            assert_eq!(judge(&proof(&with("htu", json!(other)))), REFUSED, "{other}");
        }
    }

    #[test]
    fn number_10_the_nonce_is_the_one_that_was_told() {
        let nonces = Nonces::new(DigestKey::new([3; 32]), 60);
        let check = Check {
            nonces: Some(&nonces),
            ..check()
        };
        let judge = |claims: &Value| verify(&proof(claims), &check).map_err(|error| error.code);

        assert!(judge(&with("nonce", json!(nonces.current(at(NOW))))).is_ok());
        assert!(judge(&with("nonce", json!(nonces.current(at(NOW - 60))))).is_ok());
        for old in [
            json!(nonces.current(at(NOW - 180))),
            json!(nonces.current(at(NOW + 120))),
            json!("x"),
            Value::Null,
        ] {
            assert_eq!(judge(&with("nonce", old)).err(), Some(ErrorCode::UseDpopNonce));
        }
        let other_key = Nonces::new(DigestKey::new([4; 32]), 60);
        assert!(!nonces.know(&other_key.current(at(NOW)), at(NOW)));
    }

    #[test]
    fn number_11_an_hour_ago_or_ahead_is_refused() {
        for second in [NOW - 3600, NOW + 3600, NOW - PAST - 1, NOW + FUTURE + 1] {
            assert_eq!(judge(&proof(&with("iat", json!(second)))), REFUSED, "{second}");
        }
        assert_eq!(judge(&proof(&with("iat", json!("now")))), REFUSED);
    }

    #[test]
    fn number_12_the_digest_of_the_access_token_is_there_and_right() {
        let check = Check {
            access_token: Some("token"),
            ..check()
        };
        let judge = |claims: &Value| verify(&proof(claims), &check).map_err(|error| error.code);
        let digest = base64url::encode(sha256(b"token"));

        assert!(judge(&with("ath", json!(digest))).is_ok());
        assert_eq!(judge(&with("ath", json!(base64url::encode(sha256(b"other"))))), REFUSED);
        assert_eq!(judge(&claims()), REFUSED);
    }

    #[test]
    fn members_that_we_do_not_know_are_passed_over() {
        let mut header = header_of(&key(1));
        header["extra"] = json!({"a": 1});

        assert!(judge(&sign(&header, &with("extra", json!([1])))).is_ok());
    }
}

#[test]
fn fapi2_security_profile_final_ensure_dpopproof_with_iat_10seconds_before_succeeds() {
    assert!(judge(&proof(&with("iat", json!(NOW - 10)))).is_ok());
}

#[test]
fn fapi2_security_profile_final_ensure_dpopproof_with_iat_10seconds_after_succeeds() {
    assert!(judge(&proof(&with("iat", json!(NOW + 10)))).is_ok());
}

#[test]
fn fapi2_security_profile_final_check_dpop_proof_nbf_exp() {
    let mut both = with("nbf", json!(NOW));
    both["exp"] = json!(NOW + 300);

    assert!(judge(&proof(&both)).is_ok());
    assert_eq!(judge(&proof(&with("exp", json!(NOW - 300)))), REFUSED);
    assert_eq!(judge(&proof(&with("nbf", json!(NOW + 300)))), REFUSED);
}

#[test]
fn an_ed25519_key_proves_as_well() {
    let key = SoftKey::from_seed(Algorithm::EdDsa, &[1; 32]).unwrap();
    let members = header_of(&key).as_object().unwrap().clone();
    let proof = jws::sign_with(&key, members, claims().to_string().as_bytes()).unwrap();

    assert_eq!(judge(&proof).unwrap().thumbprint, key.public().thumbprint());
}

#[test]
fn a_refusal_at_a_resource_names_the_algorithms() {
    assert_eq!(
        challenge(USE_NONCE),
        r#"DPoP realm="vneid", error="use_dpop_nonce", error_description="the proof must carry the nonce of this answer", algs="ES256 EdDSA""#
    );
    assert_eq!(
        challenge(crate::bearer::MISSING),
        r#"DPoP realm="vneid", algs="ES256 EdDSA""#
    );
}

#[test]
fn a_dpop_jkt_is_a_thumbprint() {
    let good = key(1).public().thumbprint();

    assert_eq!(thumbprint(&good), Ok(good));
    for bad in ["", "x", "++++", &base64url::encode([1; 31])] {
        assert!(thumbprint(bad).is_err(), "{bad}");
    }
}

proptest! {
    #[test]
    fn any_header_and_address_are_answered(text in ".*", url in ".*", bytes: Vec<u8>) {
        prop_assert!(judge(&text).is_err());
        let _ = judge(&proof(&with("htu", json!(url))));
        let _ = header([bytes.as_slice()]);
    }

    #[test]
    fn an_address_is_always_the_same_as_itself(path in "(/[a-zA-Z0-9%._~-]{0,8}){0,3}") {
        let url = format!("https://vneid.example{path}");
        prop_assert!(is_same_url(&url, &url));
    }
}
