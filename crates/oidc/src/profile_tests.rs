use crypto::sign::{Algorithm, Signer as _, SoftKey};
use serde_json::{Value, json};

use super::*;
use crate::client::{Client, MetadataError};

fn register(changes: &Value) -> Result<Client, MetadataError> {
    let key = SoftKey::from_seed(Algorithm::Es256, &[7; 32]).unwrap();
    let mut whole = json!({
        "client_id": "bank", "client_name": "Ngân hàng", "redirect_uris": ["https://bank.example/cb"], "scope": "openid",
        "token_endpoint_auth_method": "private_key_jwt", "jwks": {"keys": [key.public()]}, "vneid_profile": "fapi2",
    });
    whole
        .as_object_mut()
        .unwrap()
        .extend(changes.as_object().unwrap().clone());
    let metadata: Metadata = serde_json::from_value(whole).unwrap();
    let secret = metadata
        .token_endpoint_auth_method
        .eq(&AuthMethod::ClientSecretBasic)
        .then_some([1; 32]);
    Client::new(metadata, secret)
}

#[test]
fn one_switch_makes_the_whole_profile() {
    let rules = *register(&json!({})).unwrap().rules();

    assert_eq!(rules, FAPI2);
    assert!(rules.pushed && rules.pkce && rules.https_only && !rules.rotates);
    assert_eq!(
        (rules.bound, rules.audience),
        (Bound::Either, AssertionAudience::IssuerText)
    );
    let signing = *register(&json!({"vneid_profile": "fapi2_message_signing"}))
        .unwrap()
        .rules();
    assert!(signing.signed_request && signing.signed_response && signing.pushed);
}

#[test]
fn a_registration_can_only_make_the_profile_stricter() {
    let dpop = *register(&json!({"dpop_bound_access_tokens": true})).unwrap().rules();
    let standard = json!({
        "vneid_profile": "standard", "require_pushed_authorization_requests": true, "require_signed_request_object": true,
    });
    let standard = *register(&standard).unwrap().rules();

    assert_eq!(dpop.bound, Bound::Dpop);
    assert!(standard.pushed && standard.signed_request && standard.rotates && !standard.https_only);
    assert_eq!(
        register(&json!({"require_pkce": false})).err(),
        Some(MetadataError::Pkce)
    );
}

#[test]
fn a_registration_that_breaks_its_profile_is_refused() {
    for (changes, error) in [
        (
            json!({"token_endpoint_auth_method": "client_secret_basic"}),
            MetadataError::Method,
        ),
        (json!({"token_endpoint_auth_method": "none"}), MetadataError::Method),
        (
            json!({"redirect_uris": ["http://127.0.0.1/cb"], "sector_identifier": "bank.example"}),
            MetadataError::NotHttps,
        ),
        (
            json!({"redirect_uris": ["vn.bank:/cb"], "sector_identifier": "bank.example"}),
            MetadataError::NotHttps,
        ),
        (json!({"jwks": {"keys": []}}), MetadataError::Keys),
        (
            json!({"token_endpoint_auth_method": "tls_client_auth"}),
            MetadataError::TlsSubject,
        ),
        (
            json!({"token_endpoint_auth_method": "tls_client_auth", "tls_client_auth_san_dns": "a", "tls_client_auth_san_uri": "b"}),
            MetadataError::TlsSubject,
        ),
    ] {
        assert_eq!(register(&changes).err(), Some(error), "{changes}");
    }
    let subject = json!({"token_endpoint_auth_method": "tls_client_auth", "tls_client_auth_san_dns": "bank.example"});
    assert!(register(&subject).is_ok());
}

#[test]
fn tokens_that_are_bound_to_nothing_are_rotated() {
    let standard = json!({"vneid_profile": "standard"});
    let bound = json!({"vneid_profile": "standard", "tls_client_certificate_bound_access_tokens": true});

    assert!(register(&standard).unwrap().rules().rotates);
    assert!(!register(&bound).unwrap().rules().rotates);
}

#[test]
fn other_registrations_that_are_not_whole_are_refused() {
    let ciba = "urn:openid:params:grant-type:ciba";
    for (changes, error) in [
        (json!({"grant_types": [ciba]}), MetadataError::Backchannel),
        (json!({"grant_types": ["refresh_token"]}), MetadataError::Flow),
        (
            json!({"backchannel_token_delivery_mode": "ping"}),
            MetadataError::Backchannel,
        ),
        (
            json!({"backchannel_token_delivery_mode": "ping", "backchannel_client_notification_endpoint": "http://bank.example/ping"}),
            MetadataError::Backchannel,
        ),
        (
            json!({"vneid_profile": "standard", "token_endpoint_auth_method": "none", "grant_types": ["client_credentials"]}),
            MetadataError::PublicGrant,
        ),
        (json!({"vneid_resources": ["/relative"]}), MetadataError::Resource),
        (
            json!({"backchannel_logout_uri": "http://bank.example/out"}),
            MetadataError::LogoutUri,
        ),
        (
            json!({"frontchannel_logout_uri": "https://other.example/out"}),
            MetadataError::LogoutUri,
        ),
    ] {
        assert_eq!(register(&changes).err(), Some(error), "{changes}");
    }
    let machine = json!({"grant_types": ["client_credentials"], "redirect_uris": [], "scope": "", "sector_identifier": "bank.example"});
    assert!(register(&machine).is_ok());
}
