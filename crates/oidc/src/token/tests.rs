use proptest::prelude::*;
use serde_json::json;

use super::*;

const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const GOOD: &str = "grant_type=authorization_code&client_id=portal&code=c0de&redirect_uri=https%3A%2F%2Fportal.example%2Fcb\
    &code_verifier=dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

fn client(id: &str) -> Client {
    let metadata = json!({
        "client_id": id, "client_name": "Cổng", "redirect_uris": ["https://portal.example/cb"], "scope": "openid",
        "token_endpoint_auth_method": "none",
    });
    Client::new(serde_json::from_value(metadata).unwrap(), None).unwrap()
}

fn binding() -> Binding {
    Binding {
        client_id: "portal".to_owned(),
        redirect_uri: "https://portal.example/cb".to_owned(),
        challenge: Some(Challenge::of(VERIFIER)),
        dpop_jkt: None,
        resources: Vec::new(),
        expires_at: Timestamp::constant(60, 0),
    }
}

fn read(body: &str) -> Result<TokenRequest, ErrorCode> {
    TokenRequest::read(&Params::parse(body).unwrap(), None).map_err(|error| error.code)
}

fn exchange(binding: &Binding, body: &str, client: &Client, second: i64) -> Result<(), ErrorCode> {
    let now = Timestamp::from_second(second).unwrap();
    binding
        .check(&read(body).unwrap().grant, client, None, now)
        .map_err(|error| error.code)
}

#[test]
fn a_code_is_exchanged_by_its_client_in_time() {
    let request = read(GOOD).unwrap();

    assert_eq!(request.credentials.client_id(), "portal");
    assert_eq!(request.grant.allowed_for(&client("portal")), Ok(()));
    assert_eq!(exchange(&binding(), GOOD, &client("portal"), 59), Ok(()));
}

#[test]
fn a_code_is_refused_to_everyone_else_and_too_late() {
    let refused = Err(ErrorCode::InvalidGrant);

    assert_eq!(exchange(&binding(), GOOD, &client("other"), 59), refused);
    assert_eq!(exchange(&binding(), GOOD, &client("portal"), 60), refused);
    assert_eq!(
        exchange(&binding(), &GOOD.replace("Fcb", "Fc"), &client("portal"), 59),
        refused
    );
    assert_eq!(
        exchange(&binding(), &GOOD.replace("redirect_uri", "x"), &client("portal"), 59),
        refused
    );
}

#[test]
fn a_verifier_must_fit_and_may_neither_be_missing_nor_added() {
    let refused = Err(ErrorCode::InvalidGrant);
    let unbound = Binding {
        challenge: None,
        ..binding()
    };

    assert_eq!(
        exchange(&binding(), &GOOD.replace("EjXk", "EjXl"), &client("portal"), 59),
        refused
    );
    assert_eq!(
        exchange(&binding(), &GOOD.replace("code_verifier", "x"), &client("portal"), 59),
        refused
    );
    assert_eq!(
        exchange(&unbound, GOOD, &client("portal"), 59),
        refused,
        "downgrade, RFC 9700 section 4.8.2"
    );
    assert_eq!(
        exchange(&unbound, &GOOD.replace("code_verifier", "x"), &client("portal"), 59),
        Ok(())
    );
}

#[test]
fn a_request_that_is_not_whole_is_refused() {
    for (body, code) in [
        (GOOD.replace("grant_type", "x"), ErrorCode::InvalidRequest),
        (
            GOOD.replace("authorization_code", "password"),
            ErrorCode::UnsupportedGrantType,
        ),
        (
            GOOD.replace("authorization_code", "refresh_token"),
            ErrorCode::InvalidRequest,
        ),
        (GOOD.replace("code=c0de", "code="), ErrorCode::InvalidRequest),
        (GOOD.replace("client_id", "x"), ErrorCode::InvalidRequest),
        (format!("{GOOD}&code=c0de"), ErrorCode::InvalidRequest),
        (format!("{GOOD}&x=1&x=1"), ErrorCode::InvalidRequest),
        (
            GOOD.replace("c0de", &"c".repeat(MAX_CODE + 1)),
            ErrorCode::InvalidRequest,
        ),
    ] {
        assert_eq!(read(&body).err(), Some(code), "{body}");
    }
}

#[test]
fn a_request_does_not_print_code_or_verifier() {
    let printed = format!("{:?}", read(GOOD).unwrap());

    assert!(!printed.contains("c0de") && !printed.contains(VERIFIER), "{printed}");
}

#[test]
fn the_answer_is_that_of_rfc_6749_section_5_1() {
    let answer = TokenResponse {
        access_token: "a".to_owned(),
        token_type: TokenType::Bearer,
        expires_in: 300,
        id_token: Some("i".to_owned()),
        refresh_token: None,
        scope: Scopes::parse("openid email").unwrap(),
        authorization_details: Vec::new(),
    };

    let body = json!({"access_token": "a", "token_type": "Bearer", "expires_in": 300, "id_token": "i", "scope": "openid email"});
    assert_eq!(serde_json::to_value(answer).unwrap(), body);
}

#[test]
fn fapi2_security_profile_final_ensure_token_endpoint_fails_with_mismatched_dpop_jkt() {
    let bound = Binding {
        dpop_jkt: Some("a".to_owned()),
        ..binding()
    };
    let grant = read(GOOD).unwrap().grant;
    let check =
        |holder: Option<Confirmation>| bound.check(&grant, &client("portal"), holder.as_ref(), Timestamp::UNIX_EPOCH);

    assert_eq!(check(Some(Confirmation::Dpop("a".to_owned()))), Ok(()));
    for other in [
        Some(Confirmation::Dpop("b".to_owned())),
        Some(Confirmation::Certificate("a".to_owned())),
        None,
    ] {
        assert_eq!(check(other).map_err(|error| error.code), Err(ErrorCode::InvalidGrant));
    }
}

#[test]
fn the_other_grants_are_read_and_only_registered_ones_allowed() {
    for (body, kind) in [
        (
            "grant_type=refresh_token&client_id=a&refresh_token=r&scope=openid",
            GrantType::RefreshToken,
        ),
        (
            "grant_type=client_credentials&client_id=a",
            GrantType::ClientCredentials,
        ),
        (
            "grant_type=urn%3Aopenid%3Aparams%3Agrant-type%3Aciba&client_id=a&auth_req_id=x",
            GrantType::Ciba,
        ),
    ] {
        let request = read(body).unwrap();
        assert_eq!(request.grant.kind(), kind);
        let error = request.grant.allowed_for(&client("a")).unwrap_err();
        assert_eq!(error.code, ErrorCode::UnauthorizedClient);
        assert_eq!(
            binding().check(&request.grant, &client("portal"), None, Timestamp::UNIX_EPOCH),
            Err(Error::grant())
        );
    }
}

#[test]
fn a_client_gets_nothing_for_itself_that_speaks_of_a_person() {
    let machine = json!({
        "client_id": "m", "client_name": "Máy", "scope": "vneid_account", "grant_types": ["client_credentials"],
        "sector_identifier": "m.example", "token_endpoint_auth_method": "client_secret_basic",
    });
    let machine = Client::new(serde_json::from_value(machine).unwrap(), Some([1; 32])).unwrap();
    let scopes = |text| Scopes::parse(text).unwrap();

    assert_eq!(own_scopes(&machine, None), Ok(scopes("vneid_account")));
    assert_eq!(own_scopes(&machine, Some(&scopes(""))), Ok(scopes("")));
    assert!(own_scopes(&machine, Some(&scopes("phone"))).is_err());
    assert!(own_scopes(&client("portal"), Some(&scopes("openid"))).is_err());
    assert_eq!(own_scopes(&client("portal"), None), Ok(Scopes::default()));
}

#[test]
fn a_binding_is_kept_and_read_back() {
    let kept = serde_json::to_string(&binding()).unwrap();

    assert_eq!(serde_json::from_str::<Binding>(&kept).unwrap(), binding());
}

proptest! {
    #[test]
    fn any_form_is_answered(body: Vec<u8>, header in proptest::option::of(".*")) {
        if let Ok(params) = Params::parse(body) {
            prop_assert!(TokenRequest::read(&params, header.as_deref()).is_err());
        }
    }
}
