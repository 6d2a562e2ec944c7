use serde_json::json;

use super::*;

fn client(id: &str, method: &str) -> Client {
    let whole = json!({
        "client_id": id, "client_name": "Cổng", "redirect_uris": ["https://portal.example/cb"], "scope": "openid profile",
        "token_endpoint_auth_method": method, "grant_types": ["authorization_code", "refresh_token"],
        "dpop_bound_access_tokens": method == "client_secret_post",
    });
    let secret = method.starts_with("client_secret").then_some([1; 32]);
    Client::new(serde_json::from_value(whole).unwrap(), secret).unwrap()
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn key(name: &str) -> Confirmation {
    Confirmation::Dpop(name.to_owned())
}

fn begin(client: &Client) -> Family {
    let scopes = Scopes::parse("openid profile").unwrap();
    Family::begin(client, scopes, vec![], Some(&key("k")), at(0)).unwrap()
}

#[test]
fn a_token_bound_to_nothing_is_replaced_at_each_use_and_reuse_ends_the_family() {
    let portal = client("portal", "client_secret_basic");
    let family = begin(&portal);
    let turn = |used| family.turn(&portal, None, at(10), used, at(9));

    assert_eq!(turn(false), Ok(Turn::Replace));
    assert_eq!(turn(true), Ok(Turn::EndFamily));
}

#[test]
fn a_token_of_a_client_that_proves_a_key_is_kept() {
    let bank = client("bank", "client_secret_post");

    assert_eq!(
        begin(&bank).turn(&bank, Some(&key("other")), at(10), false, at(9)),
        Ok(Turn::Keep)
    );
}

#[test]
fn a_public_clients_token_is_bound_to_its_key_and_a_confidential_ones_is_not() {
    let app = client("app", "none");

    let family = begin(&app);

    assert_eq!(family.holder, Some(key("k")));
    assert!(family.turn(&app, Some(&key("k")), at(10), false, at(9)).is_ok());
    for other in [Some(key("other")), None] {
        let refused = family.turn(&app, other.as_ref(), at(10), false, at(9)).unwrap_err();
        assert_eq!(refused.code, ErrorCode::InvalidGrant);
    }
    assert_eq!(begin(&client("portal", "client_secret_basic")).holder, None);
}

#[test]
fn fapi2_security_profile_final_refresh_token() {
    let (portal, other) = (
        client("portal", "client_secret_basic"),
        client("other", "client_secret_basic"),
    );
    let family = begin(&portal);

    assert_eq!(family.turn(&other, None, at(10), false, at(9)), Err(Error::refresh()));
    assert_eq!(family.turn(&portal, None, at(10), false, at(10)), Err(Error::refresh()));
}

#[test]
fn a_family_ends_when_it_is_not_used_and_in_any_case_after_ninety_days() {
    let (portal, bank) = (
        client("portal", "client_secret_basic"),
        client("bank", "client_secret_post"),
    );
    let family = begin(&portal);

    assert_eq!((ends_at(&portal, at(0)), ends_at(&bank, at(0))), (at(IDLE), at(LIFE)));
    assert!(family.turn(&portal, None, at(LIFE + 9), false, at(LIFE - 1)).is_ok());
    assert_eq!(
        family.turn(&portal, None, at(LIFE + 9), false, at(LIFE)),
        Err(Error::refresh())
    );
}

#[test]
fn less_may_be_asked_for_but_never_more() {
    let portal = client("portal", "client_secret_basic");
    let family = begin(&portal);
    let narrow = |wished: Option<&str>| {
        let wished = wished.map(|text| Scopes::parse(text).unwrap());
        family.narrow(&portal, wished.as_ref()).map(|scopes| scopes.to_string())
    };

    assert_eq!(narrow(None).unwrap(), "openid profile");
    assert_eq!(narrow(Some("openid")).unwrap(), "openid");
    assert_eq!(narrow(Some("openid phone")).unwrap_err().code, ErrorCode::InvalidScope);
    let lost = Family {
        scopes: Scopes::parse("openid phone").unwrap(),
        ..family.clone()
    };
    assert_eq!(
        lost.narrow(&portal, None).unwrap().to_string(),
        "openid",
        "what the client lost is not given again"
    );
}

#[test]
fn who_did_not_register_for_refresh_tokens_gets_none() {
    let whole = json!({
        "client_id": "p", "client_name": "Cổng", "redirect_uris": ["https://p.example/cb"], "scope": "openid",
        "token_endpoint_auth_method": "none",
    });
    let plain = Client::new(serde_json::from_value(whole).unwrap(), None).unwrap();

    assert_eq!(Family::begin(&plain, Scopes::default(), vec![], None, at(0)), None);
    let family = begin(&client("portal", "none"));
    assert_eq!(
        serde_json::from_str::<Family>(&serde_json::to_string(&family).unwrap()).unwrap(),
        family
    );
}
