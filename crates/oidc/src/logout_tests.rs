use proptest::prelude::*;
use serde_json::json;

use super::*;

fn client() -> Client {
    let metadata = json!({
        "client_id": "portal", "client_name": "Cổng", "redirect_uris": ["https://portal.example/cb"], "scope": "openid",
        "token_endpoint_auth_method": "none", "post_logout_redirect_uris": ["https://portal.example/out"],
    });
    Client::new(serde_json::from_value(metadata).unwrap(), None).unwrap()
}

fn hint(audience: &str, sid: Option<&str>) -> IdToken {
    serde_json::from_value(json!({
        "iss": "i", "sub": "s", "aud": audience, "exp": 1, "iat": 1, "auth_time": 1, "sid": sid,
    }))
    .unwrap()
}

fn read(query: &str) -> LogoutRequest {
    LogoutRequest::read(&Params::parse(query).unwrap()).unwrap()
}

#[test]
fn oidcc_rp_initiated_logout() {
    let request = read("post_logout_redirect_uri=https://portal.example/out&state=a%26b&id_token_hint=x");
    let hint = hint("portal", Some("s1"));

    assert_eq!(request.client(Some(&hint)), Ok(Some("portal")));
    assert_eq!(
        request.redirect(Some(&client())),
        Ok(Some("https://portal.example/out?state=a%26b".to_owned()))
    );
    assert!(!LogoutRequest::must_ask(Some(&hint), Some("s1")));
}

#[test]
fn oidcc_rp_initiated_logout_no_state() {
    let request = read("post_logout_redirect_uri=https://portal.example/out");

    assert_eq!(
        request.redirect(Some(&client())),
        Ok(Some("https://portal.example/out".to_owned()))
    );
}

#[test]
fn oidcc_rp_initiated_logout_bad_post_logout_redirect_uri() {
    for uri in [
        "https://portal.example/out/",
        "https://portal.example/cb",
        "https://evil.example/",
        "https://portal.example/out?x",
    ] {
        let request = read(&format!("post_logout_redirect_uri={uri}"));
        assert!(request.redirect(Some(&client())).is_err(), "{uri}");
    }
}

#[test]
fn an_address_without_a_client_is_refused_and_none_means_our_page() {
    assert!(
        read("post_logout_redirect_uri=https://portal.example/out")
            .redirect(None)
            .is_err()
    );
    assert_eq!(read("state=x").redirect(None), Ok(None));
    assert_eq!(read("").client(None), Ok(None));
}

#[test]
fn the_named_client_must_be_the_audience_of_the_hint() {
    assert!(read("client_id=portal").client(Some(&hint("other", None))).is_err());
    assert_eq!(
        read("client_id=portal").client(Some(&hint("portal", None))),
        Ok(Some("portal"))
    );
    assert_eq!(read("client_id=portal").client(None), Ok(Some("portal")));
}

#[test]
fn the_person_is_asked_unless_the_hint_names_the_session() {
    assert!(LogoutRequest::must_ask(None, Some("s1")));
    assert!(LogoutRequest::must_ask(Some(&hint("portal", None)), Some("s1")));
    assert!(LogoutRequest::must_ask(Some(&hint("portal", Some("s2"))), Some("s1")));
    assert!(!LogoutRequest::must_ask(None, None), "nobody is signed in");
}

#[test]
fn repeated_parameters_are_refused() {
    assert!(LogoutRequest::read(&Params::parse("state=a&state=a").unwrap()).is_err());
}

proptest! {
    #[test]
    fn any_request_is_answered_and_nobody_is_sent_to_a_foreign_address(query: Vec<u8>, uri in "https://.{0,20}") {
        if let Ok(params) = Params::parse(query) {
            let _ = LogoutRequest::read(&params);
        }
        let encoded = url::form_urlencoded::Serializer::new(String::new()).append_pair("post_logout_redirect_uri", &uri).finish();
        if let Ok(params) = Params::parse(encoded) {
            prop_assert!(LogoutRequest::read(&params).unwrap().redirect(Some(&client())).is_err());
        }
    }
}
