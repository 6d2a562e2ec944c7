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
        expires_at: Timestamp::constant(60, 0),
    }
}

fn read(body: &str) -> Result<TokenRequest, ErrorCode> {
    TokenRequest::read(&Params::parse(body).unwrap(), None).map_err(|error| error.code)
}

fn exchange(binding: &Binding, body: &str, client: &Client, second: i64) -> Result<(), ErrorCode> {
    let now = Timestamp::from_second(second).unwrap();
    binding
        .check(&read(body).unwrap().grant, client, now)
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
            ErrorCode::UnsupportedGrantType,
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
        id_token: "i".to_owned(),
        scope: Scopes::parse("openid email").unwrap(),
    };

    let body = json!({"access_token": "a", "token_type": "Bearer", "expires_in": 300, "id_token": "i", "scope": "openid email"});
    assert_eq!(serde_json::to_value(answer).unwrap(), body);
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
