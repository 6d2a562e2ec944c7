use proptest::prelude::*;
use serde_json::{Value, json};

use url::Url;

use super::check::is_acceptable;
use super::*;

fn metadata(changes: &Value) -> Metadata {
    let mut whole = json!({
        "client_id": "portal", "client_name": "Cổng dịch vụ công", "redirect_uris": ["https://portal.example/cb"],
        "scope": "openid profile",
    });
    whole
        .as_object_mut()
        .unwrap()
        .extend(changes.as_object().unwrap().clone());
    serde_json::from_value(whole).unwrap()
}

fn register(changes: &Value) -> Result<Client, MetadataError> {
    Client::new(metadata(changes), Some([1; 32]))
}

#[test]
fn a_plain_registration_gets_the_defaults_of_the_standard() {
    let client = register(&json!({"an_unknown_member": 1})).unwrap();

    assert_eq!(
        client.metadata().token_endpoint_auth_method,
        AuthMethod::ClientSecretBasic
    );
    assert_eq!(client.metadata().response_types, [ResponseType::Code]);
    assert!(client.metadata().require_pkce);
    assert_eq!(client.sector(), "portal.example");
    let written = serde_json::to_value(client.metadata()).unwrap();
    assert_eq!(serde_json::from_value::<Metadata>(written).unwrap(), *client.metadata());
}

#[test]
fn redirect_uris_that_could_leak_a_code_are_refused() {
    for uri in [
        "https://portal.example/cb#",
        "https://portal.example/cb#x",
        "http://portal.example/cb",
        "https://user:pw@portal.example/cb",
        "https://*.portal.example/cb",
        "https://portal.example/c b",
        "https://portal.example/cổng",
        "/cb",
        "javascript:alert(1)",
        "data:text/html,x",
        "myapp:/cb",
        "",
    ] {
        assert_eq!(
            register(&json!({"redirect_uris": [uri]})).err(),
            Some(MetadataError::RedirectUri),
            "{uri}"
        );
        let leaving = register(&json!({"post_logout_redirect_uris": [uri]}));
        assert_eq!(leaving.err(), Some(MetadataError::PostLogoutUri), "{uri}");
    }
    assert_eq!(
        register(&json!({"redirect_uris": []})).err(),
        Some(MetadataError::RedirectUriCount)
    );
}

#[test]
fn https_loopback_and_an_apps_own_scheme_are_accepted() {
    for uri in [
        "https://portal.example/cb?a=b",
        "http://127.0.0.1:9000/cb",
        "http://[::1]/cb",
        "http://localhost:1/cb",
    ] {
        assert!(register(&json!({"redirect_uris": [uri]})).is_ok(), "{uri}");
    }
    let app = json!({"redirect_uris": ["vn.gov.app:/cb"], "sector_identifier": "app.gov.vn"});
    assert!(register(&app).is_ok());
}

#[test]
fn addresses_are_compared_byte_for_byte() {
    let client = register(&json!({"redirect_uris": ["https://portal.example/cb"]})).unwrap();

    assert!(client.may_redirect_to("https://portal.example/cb"));
    for uri in [
        "https://portal.example/cb/",
        "https://portal.example/cb?x",
        "https://portal.example/CB",
        "https://portal.example:443/cb",
        "",
    ] {
        assert!(!client.may_redirect_to(uri), "{uri}");
    }
    assert!(!client.may_leave_to("https://portal.example/cb"));
}

#[test]
fn several_hosts_need_a_sector() {
    let hosts = json!(["https://a.example/cb", "https://b.example/cb"]);

    assert_eq!(
        register(&json!({"redirect_uris": hosts})).err(),
        Some(MetadataError::Sector)
    );
    assert_eq!(
        register(&json!({"redirect_uris": hosts, "sector_identifier": "a b"})).err(),
        Some(MetadataError::Sector)
    );
    let client = register(&json!({"redirect_uris": hosts, "sector_identifier": "ministry.example"})).unwrap();
    assert_eq!(client.sector(), "ministry.example");
}

#[test]
fn the_method_and_what_it_needs_must_fit() {
    let none = json!({"token_endpoint_auth_method": "none"});
    assert_eq!(
        Client::new(metadata(&none), Some([1; 32])).err(),
        Some(MetadataError::Secret)
    );
    assert!(Client::new(metadata(&none), None).is_ok());
    assert_eq!(
        Client::new(metadata(&json!({})), None).err(),
        Some(MetadataError::Secret)
    );
    let without = json!({"token_endpoint_auth_method": "none", "require_pkce": false});
    assert_eq!(Client::new(metadata(&without), None).err(), Some(MetadataError::Pkce));
    let no_key = json!({"token_endpoint_auth_method": "private_key_jwt", "jwks": {"keys": []}});
    assert_eq!(Client::new(metadata(&no_key), None).err(), Some(MetadataError::Keys));
}

#[test]
fn other_broken_registrations_are_refused() {
    for (changes, error) in [
        (json!({"client_id": "a b"}), MetadataError::ClientId),
        (json!({"client_id": "x".repeat(129)}), MetadataError::ClientId),
        (json!({"client_name": " "}), MetadataError::Name),
        (json!({"scope": "profile"}), MetadataError::Scope),
        (json!({"grant_types": []}), MetadataError::Flow),
        (json!({"response_types": []}), MetadataError::Flow),
    ] {
        assert_eq!(register(&changes).err(), Some(error), "{changes}");
    }
    assert!(serde_json::from_value::<Metadata>(json!({"client_id": "a", "response_types": ["token"]})).is_err());
}

proptest! {
    #[test]
    fn any_redirect_uri_is_answered_and_an_accepted_one_has_no_fragment(uri in "(https://|http://|a.b:)?.{0,40}") {
        if is_acceptable(&uri) {
            prop_assert!(!uri.contains('#') && Url::parse(&uri).unwrap().fragment().is_none());
        }
    }
}
