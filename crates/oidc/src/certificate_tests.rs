use crypto::sign::{Algorithm, Signer as _, SoftKey};
use proptest::prelude::*;
use rcgen::{CertificateParams, DnType, KeyPair, PKCS_ECDSA_P256_SHA256, SanType};
use serde_json::{Value, json};

use super::*;

const NOW: i64 = 1_700_000_000;

/// A certificate of an organisation, with its key's public half.
fn issue() -> (Vec<u8>, Value) {
    let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap();
    let mut params = CertificateParams::new(vec!["bank.example".to_owned()]).unwrap();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CountryName, "VN");
    params.distinguished_name.push(DnType::OrganizationName, "Ngân hàng");
    params.distinguished_name.push(DnType::CommonName, "bank");
    let uri = "urn:vn:bank".try_into().unwrap();
    params.subject_alt_names.push(SanType::URI(uri));
    params.not_before = rcgen::date_time_ymd(2023, 1, 1);
    params.not_after = rcgen::date_time_ymd(2024, 1, 1);
    let public = crypto::jwk::PublicKey::from_p256_point(key.public_key_raw()).unwrap();
    let jwk = serde_json::to_value(crypto::jwk::Jwk::for_signing(public)).unwrap();
    (params.self_signed(&key).unwrap().der().to_vec(), jwk)
}

fn client(changes: &Value) -> Client {
    let mut whole = json!({
        "client_id": "bank", "client_name": "Ngân hàng", "redirect_uris": ["https://bank.example/cb"], "scope": "openid",
        "vneid_profile": "fapi2",
    });
    whole
        .as_object_mut()
        .unwrap()
        .extend(changes.as_object().unwrap().clone());
    Client::new(serde_json::from_value(whole).unwrap(), None).unwrap()
}

fn proves(certificate: &Certificate, changes: &Value, second: i64) -> bool {
    certificate.proves(&client(changes), Timestamp::from_second(second).unwrap())
}

fn named(member: &str, name: &str) -> Value {
    json!({"token_endpoint_auth_method": "tls_client_auth", member: name})
}

#[test]
fn a_certificate_of_a_trusted_authority_proves_by_the_registered_name() {
    let (der, _) = issue();
    let certificate = Certificate::from_der(&der, true).unwrap();

    for (member, name, right) in [
        ("tls_client_auth_subject_dn", "CN=bank,O=Ngân hàng,C=VN", true),
        ("tls_client_auth_subject_dn", "CN=bank,C=VN", false),
        ("tls_client_auth_subject_dn", "bank", false),
        ("tls_client_auth_san_dns", "BANK.example", true),
        ("tls_client_auth_san_dns", "urn:vn:bank", false),
        ("tls_client_auth_san_uri", "urn:vn:bank", true),
        ("tls_client_auth_san_email", "bank.example", false),
    ] {
        assert_eq!(
            proves(&certificate, &named(member, name), NOW),
            right,
            "{member} {name}"
        );
    }
}

#[test]
fn an_untrusted_or_outdated_certificate_proves_nothing() {
    let (der, _) = issue();
    let name = named("tls_client_auth_san_dns", "bank.example");

    assert!(!proves(&Certificate::from_der(&der, false).unwrap(), &name, NOW));
    let certificate = Certificate::from_der(&der, true).unwrap();
    assert!(!proves(&certificate, &name, 1_600_000_000));
    assert!(!proves(&certificate, &name, 1_800_000_000));
}

#[test]
fn a_certificate_of_the_clients_own_proves_by_its_key() {
    let (der, jwk) = issue();
    let certificate = Certificate::from_der(&der, false).unwrap();
    let other = SoftKey::from_seed(Algorithm::Es256, &[1; 32]).unwrap();
    let own =
        |jwk: Value| json!({"token_endpoint_auth_method": "self_signed_tls_client_auth", "jwks": {"keys": [jwk]}});

    assert!(proves(&certificate, &own(jwk), NOW));
    assert!(!proves(
        &certificate,
        &own(serde_json::to_value(other.public()).unwrap()),
        NOW
    ));
}

#[test]
fn tokens_are_bound_to_the_digest_of_the_whole_certificate() {
    let (der, _) = issue();
    let certificate = Certificate::from_der(&der, false).unwrap();

    assert_eq!(certificate.thumbprint(), base64url::encode(sha256(&der)));
    assert_ne!(
        certificate.thumbprint(),
        Certificate::from_der(&issue().0, false).unwrap().thumbprint()
    );
}

proptest! {
    #[test]
    fn any_bytes_are_answered(bytes: Vec<u8>, cut in 0usize..200) {
        prop_assert!(Certificate::from_der(&bytes, true).is_err());
        let (der, _) = issue();
        prop_assert!(Certificate::from_der(&der[..der.len().saturating_sub(cut + 1)], true).is_err());
    }
}
