use crypto::digest::DigestKey;
use crypto::jwk::JwkSet;
use crypto::jws;
use crypto::sign::{Algorithm, Signer as _, SoftKey};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

const ISSUER: &str = "https://id.example";
const NOW: Timestamp = Timestamp::constant(1_800_000_000, 0);

fn key(seed: u8) -> SoftKey {
    SoftKey::from_seed(Algorithm::Es256, &[seed; 32]).unwrap()
}

fn nonces() -> Nonces {
    Nonces::new(DigestKey::new([1; 32]), SignedDuration::from_mins(5))
}

fn sign(signer: &SoftKey, header: &Value, claims: &Value) -> String {
    jws::sign_with(
        signer,
        header.as_object().unwrap().clone(),
        claims.to_string().as_bytes(),
    )
    .unwrap()
}

fn proof_with(header: &Value, claims: &Value) -> String {
    let mut whole_header = json!({"typ": "openid4vci-proof+jwt", "jwk": key(1).public()});
    let mut whole = json!({"aud": ISSUER, "iat": NOW.as_second(), "nonce": nonces().make([7; 16], NOW)});
    for (whole, changes) in [(&mut whole_header, header), (&mut whole, claims)] {
        let whole = whole.as_object_mut().unwrap();
        for (name, value) in changes.as_object().unwrap() {
            whole.insert(name.clone(), value.clone());
        }
        whole.retain(|_, value| !value.is_null());
    }
    sign(&key(1), &whole_header, &whole)
}

fn attestation(signer: &SoftKey, keys: &[SoftKey], nonce: Option<&str>) -> String {
    let keys: Vec<_> = keys.iter().map(SoftKey::public).collect();
    let mut claims = json!({"iat": NOW.as_second(), "exp": NOW.as_second() + 600, "attested_keys": keys});
    if let Some(nonce) = nonce {
        claims["nonce"] = nonce.into();
    }
    sign(signer, &json!({"typ": "key-attestation+jwt"}), &claims)
}

fn judged(proofs: &Proofs, attested: bool) -> Result<usize, CredentialErrorCode> {
    let attesters = JwkSet::new(vec![key(9).public().clone()]);
    let (nonces, attesters) = (nonces(), &attesters);
    let judge = Judge {
        issuer: ISSUER,
        client_id: "wallet",
        attesters: Some(attesters),
        attested,
        nonces: &nonces,
        now: NOW,
    };
    judge.keys(proofs).map(|keys| keys.len()).map_err(|error| error.code)
}

#[test]
fn a_proof_of_a_key_is_one_for_us_of_this_moment_over_our_nonce() {
    use CredentialErrorCode::{InvalidNonce, InvalidProof};
    let jwt = |header: Value, claims: Value| judged(&Proofs::Jwt(vec![proof_with(&header, &claims)]), false);

    assert_eq!(jwt(json!({}), json!({})), Ok(1));
    assert_eq!(jwt(json!({}), json!({"iss": "wallet"})), Ok(1));
    for (header, claims, code) in [
        (json!({"typ": "JWT"}), json!({}), InvalidProof),
        (json!({"jwk": key(2).public()}), json!({}), InvalidProof),
        (json!({"jwk": null}), json!({}), InvalidProof),
        (json!({}), json!({"aud": "https://other.example"}), InvalidProof),
        (json!({}), json!({"iss": "other"}), InvalidProof),
        (json!({}), json!({"iat": NOW.as_second() - 301}), InvalidProof),
        (json!({}), json!({"iat": NOW.as_second() + 31}), InvalidProof),
        (json!({}), json!({"nonce": null}), InvalidProof),
        (json!({}), json!({"nonce": "x"}), InvalidNonce),
        (
            json!({}),
            json!({"nonce": nonces().make([7; 16], NOW - SignedDuration::from_mins(5))}),
            InvalidNonce,
        ),
    ] {
        assert_eq!(jwt(header.clone(), claims.clone()), Err(code), "{header} {claims}");
    }
    assert_eq!(judged(&Proofs::None, false), Err(InvalidProof));
    let twice = proof_with(&json!({}), &json!({}));
    assert_eq!(
        judged(&Proofs::Jwt(vec![twice.clone(), twice]), false),
        Err(InvalidProof)
    );
}

#[test]
fn attested_keys_count_if_the_wallet_provider_says_so() {
    let nonce = nonces().make([3; 16], NOW);
    let keys = [key(1), key(2), key(3)];
    let alone =
        |signer: &SoftKey, nonce: Option<&str>| judged(&Proofs::Attestation(attestation(signer, &keys, nonce)), true);
    let carried = |signer: &SoftKey, keys: &[SoftKey]| {
        let header = json!({"key_attestation": attestation(signer, keys, None)});
        judged(&Proofs::Jwt(vec![proof_with(&header, &json!({}))]), true)
    };

    assert_eq!(alone(&key(9), Some(&nonce)), Ok(3));
    assert_eq!(alone(&key(9), None), Err(CredentialErrorCode::InvalidProof));
    assert_eq!(alone(&key(9), Some("x")), Err(CredentialErrorCode::InvalidNonce));
    assert_eq!(alone(&key(8), Some(&nonce)), Err(CredentialErrorCode::InvalidProof));
    assert_eq!(carried(&key(9), &keys), Ok(3));
    assert_eq!(carried(&key(8), &keys), Err(CredentialErrorCode::InvalidProof));
    assert_eq!(carried(&key(9), &keys[1..]), Err(CredentialErrorCode::InvalidProof));
    let unattested = Proofs::Jwt(vec![proof_with(&json!({}), &json!({}))]);
    assert_eq!(judged(&unattested, true), Err(CredentialErrorCode::InvalidProof));
}

#[test]
fn a_request_names_one_credential_and_one_kind_of_proof() {
    use CredentialErrorCode::{InvalidCredentialRequest, InvalidEncryptionParameters, InvalidProof};
    let read = |body: Value| {
        CredentialRequest::read(body.to_string().as_bytes())
            .map(drop)
            .map_err(|error| error.code)
    };

    assert_eq!(read(json!({"credential_configuration_id": "x"})), Ok(()));
    for (body, code) in [
        (json!([]), InvalidCredentialRequest),
        (json!({}), InvalidCredentialRequest),
        (
            json!({"credential_configuration_id": "x", "credential_identifier": "y"}),
            InvalidCredentialRequest,
        ),
        (json!({"credential_configuration_id": 1}), InvalidCredentialRequest),
        (
            json!({"credential_configuration_id": "x", "proof": {}}),
            InvalidCredentialRequest,
        ),
        (json!({"credential_configuration_id": "x", "proofs": {}}), InvalidProof),
        (
            json!({"credential_configuration_id": "x", "proofs": {"jwt": []}}),
            InvalidProof,
        ),
        (
            json!({"credential_configuration_id": "x", "proofs": {"jwt": ["a"], "attestation": ["b"]}}),
            InvalidProof,
        ),
        (
            json!({"credential_configuration_id": "x", "proofs": {"ldp_vp": ["a"]}}),
            InvalidProof,
        ),
        (
            json!({"credential_configuration_id": "x", "credential_response_encryption": {"enc": "A256GCM"}}),
            InvalidEncryptionParameters,
        ),
    ] {
        assert_eq!(read(body.clone()), Err(code), "{body}");
    }
}

#[test]
fn an_offer_is_read_again_from_its_link() {
    let offer = Offer {
        issuer: ISSUER,
        configurations: &["vneid_eid_sd_jwt"],
        code: "c",
        digits: 6,
        description: "Mã trên màn hình",
    };

    let link = offer.to_link("openid-credential-offer");

    let url = url::Url::parse(&link).unwrap();
    let (_, json) = url.query_pairs().next().unwrap();
    assert_eq!(serde_json::from_str::<Value>(&json).unwrap(), offer.to_json());
    assert_eq!(offer.to_json()["grants"][PRE_AUTHORIZED]["tx_code"]["length"], 6);
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(body: Vec<u8>, nonce: String) {
        let _ = CredentialRequest::read(&body);
        let _ = DeferredRequest::read(&body);
        let _ = Notification::read(&body);
        prop_assert!(!nonces().know(&nonce, NOW));
        let _ = judged(&Proofs::Jwt(vec![nonce.clone()]), false);
        let _ = judged(&Proofs::Attestation(nonce), true);
    }
}
