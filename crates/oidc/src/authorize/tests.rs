use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::claims::Scope;
use crate::provider::Issuer;
use crate::reply::Delivery;

const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

fn client_with(changes: &Value) -> Client {
    let mut metadata = json!({
        "client_id": "portal", "client_name": "Cổng dịch vụ công",
        "redirect_uris": ["https://portal.example/cb", "https://portal.example/cb?x=1"],
        "scope": "openid profile email phone address",
    });
    metadata
        .as_object_mut()
        .unwrap()
        .extend(changes.as_object().unwrap().clone());
    Client::new(serde_json::from_value(metadata).unwrap(), Some([1; 32])).unwrap()
}

fn client() -> Client {
    client_with(&json!({}))
}

const fn at(second: i64) -> Timestamp {
    Timestamp::constant(second, 0)
}

/// A good request with these parameters put in (or, with no value, taken out).
fn params(changes: &[(&str, Option<&str>)]) -> Params {
    let mut all: BTreeMap<&str, &str> = [
        ("client_id", "portal"),
        ("redirect_uri", "https://portal.example/cb"),
        ("response_type", "code"),
        ("scope", "openid"),
        ("state", "s1"),
        ("nonce", "n1"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ]
    .into();
    for (name, value) in changes {
        match value {
            Some(value) => all.insert(name, value),
            None => all.remove(name),
        };
    }
    Params::parse(
        url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(all)
            .finish(),
    )
    .unwrap()
}

fn ask(changes: &[(&str, Option<&str>)]) -> Result<Request, Refusal> {
    check(&params(changes), &client(), at(1000))
}

fn error(changes: &[(&str, Option<&str>)]) -> ErrorCode {
    match ask(changes) {
        Err(Refusal::Reply(to, error)) => {
            assert_eq!(to.redirect_uri(), "https://portal.example/cb");
            error.code
        }
        other => panic!("not an error to the client: {other:?}"),
    }
}

fn signed_in(auth_time: i64) -> Session {
    Session {
        auth_time: at(auth_time),
        assurance: Some(Assurance::Two),
        consented_at: Some(at(1)),
        other_than_hinted: false,
    }
}

fn next(changes: &[(&str, Option<&str>)], session: Option<Session>) -> Next {
    ask(changes).unwrap().next(&client(), session.as_ref())
}

fn refused(next: Next) -> ErrorCode {
    match next {
        Next::Refuse(error) => error.code,
        other => panic!("not refused: {other:?}"),
    }
}

#[test]
fn oidcc_server() {
    let request = ask(&[]).unwrap();

    assert_eq!(request.scopes.to_string(), "openid");
    assert_eq!(request.nonce.as_deref(), Some("n1"));
    assert_eq!(request.next(&client(), Some(&signed_in(900))), Next::Proceed);
    let kept: Request = serde_json::from_str(&serde_json::to_string(&request).unwrap()).unwrap();
    assert_eq!(kept, request);
}

#[test]
fn oidcc_response_type_missing() {
    assert_eq!(error(&[("response_type", None)]), ErrorCode::InvalidRequest);
    assert_eq!(error(&[("response_type", Some(""))]), ErrorCode::InvalidRequest);
}

#[test]
fn only_the_code_flow_exists() {
    for other in ["token", "id_token", "code id_token", "none", "CODE"] {
        assert_eq!(
            error(&[("response_type", Some(other))]),
            ErrorCode::UnsupportedResponseType,
            "{other}"
        );
    }
    assert_eq!(error(&[("response_mode", Some("fragment"))]), ErrorCode::InvalidRequest);
}

#[test]
fn oidcc_ensure_request_without_nonce_succeeds_for_code_flow() {
    assert_eq!(ask(&[("nonce", None)]).unwrap().nonce, None);
}

#[test]
fn oidcc_prompt_none_not_logged_in() {
    assert_eq!(
        refused(next(&[("prompt", Some("none"))], None)),
        ErrorCode::LoginRequired
    );
}

#[test]
fn oidcc_prompt_none_logged_in() {
    assert_eq!(next(&[("prompt", Some("none"))], Some(signed_in(1))), Next::Proceed);
}

#[test]
fn prompt_none_without_consent_is_refused() {
    let session = Session {
        consented_at: None,
        ..signed_in(900)
    };

    assert_eq!(
        refused(next(&[("prompt", Some("none"))], Some(session))),
        ErrorCode::ConsentRequired
    );
    assert_eq!(next(&[], Some(session)), Next::AskConsent);
}

#[test]
fn prompt_none_goes_with_no_other_value() {
    assert_eq!(error(&[("prompt", Some("none login"))]), ErrorCode::InvalidRequest);
    assert_eq!(error(&[("prompt", Some("create"))]), ErrorCode::InvalidRequest);
    assert!(ask(&[("prompt", Some("login consent"))]).is_ok());
}

#[test]
fn oidcc_prompt_login() {
    for prompt in ["login", "select_account"] {
        let prompt = [("prompt", Some(prompt))];
        assert_eq!(next(&prompt, Some(signed_in(999))), Next::SignIn(Assurance::One));
        assert_eq!(next(&prompt, Some(signed_in(1000))), Next::Proceed);
    }
}

#[test]
fn prompt_consent_asks_again_once() {
    let prompt = [("prompt", Some("consent"))];
    let asked = Session {
        consented_at: Some(at(1001)),
        ..signed_in(900)
    };

    assert_eq!(next(&prompt, Some(signed_in(900))), Next::AskConsent);
    assert_eq!(next(&prompt, Some(asked)), Next::Proceed);
}

#[test]
fn oidcc_max_age_1() {
    assert_eq!(
        next(&[("max_age", Some("1"))], Some(signed_in(998))),
        Next::SignIn(Assurance::One)
    );
    assert_eq!(next(&[("max_age", Some("1"))], Some(signed_in(999))), Next::Proceed);
    assert_eq!(
        next(&[("max_age", Some("0"))], Some(signed_in(999))),
        Next::SignIn(Assurance::One)
    );
}

#[test]
fn oidcc_max_age_10000() {
    assert_eq!(next(&[("max_age", Some("10000"))], Some(signed_in(1))), Next::Proceed);
    assert_eq!(
        next(&[("max_age", Some("4294967295"))], Some(signed_in(1))),
        Next::Proceed
    );
}

#[test]
fn a_max_age_that_is_no_number_is_refused() {
    for bad in ["-1", "+1", "1.5", "x", "99999999999"] {
        assert_eq!(error(&[("max_age", Some(bad))]), ErrorCode::InvalidRequest, "{bad}");
    }
}

#[test]
fn oidcc_ensure_request_with_unknown_parameter_succeeds() {
    assert!(ask(&[("extra", Some("foobar"))]).is_ok());
}

#[test]
fn oidcc_display_page_and_popup_and_claims_locales_are_passed_over() {
    for (name, value) in [
        ("display", "page"),
        ("display", "popup"),
        ("claims_locales", "se"),
        ("claims", "{}"),
    ] {
        assert!(ask(&[(name, Some(value))]).is_ok(), "{name}");
    }
}

#[test]
fn oidcc_id_token_hint_and_login_hint_are_kept() {
    let request = ask(&[("id_token_hint", Some("a.b.c")), ("login_hint", Some("an@example.vn"))]).unwrap();

    assert_eq!(request.id_token_hint.as_deref(), Some("a.b.c"));
    assert_eq!(request.login_hint.as_deref(), Some("an@example.vn"));
    assert!(!format!("{request:?}").contains("an@example.vn"));
}

#[test]
fn a_hint_that_names_somebody_else_is_respected() {
    let other = |auth_time| {
        Some(Session {
            other_than_hinted: true,
            ..signed_in(auth_time)
        })
    };

    assert_eq!(
        refused(next(&[("prompt", Some("none"))], other(900))),
        ErrorCode::LoginRequired
    );
    assert_eq!(next(&[], other(900)), Next::SignIn(Assurance::One));
    assert_eq!(
        refused(next(&[], other(1001))),
        ErrorCode::LoginRequired,
        "signed in again, still another"
    );
}

#[test]
fn oidcc_ui_locales() {
    let request = ask(&[("ui_locales", Some("fr-CA EN-us vi"))]).unwrap();

    assert_eq!(request.language(&["vi", "en"]), Some("en"));
    assert_eq!(
        ask(&[("ui_locales", Some("se"))]).unwrap().language(&["vi", "en"]),
        None
    );
}

#[test]
fn oidcc_ensure_request_with_acr_values_succeeds() {
    let request = ask(&[("acr_values", Some("urn:x urn:vneid:assurance:3 urn:vneid:assurance:1"))]).unwrap();

    assert_eq!(request.required_assurance(&client()), Some(Assurance::One));
    assert_eq!(request.next(&client(), Some(&signed_in(900))), Next::Proceed);
    let unknown = ask(&[("acr_values", Some("urn:x urn:y"))]).unwrap();
    assert_eq!(unknown.required_assurance(&client()), None, "values that are not ours");
}

#[test]
fn who_asks_for_a_level_gets_it_or_the_person_is_authenticated_more_strongly() {
    let request = ask(&[("acr_values", Some("urn:vneid:assurance:4 urn:vneid:assurance:3"))]).unwrap();

    assert_eq!(
        request.next(&client(), Some(&signed_in(900))),
        Next::SignIn(Assurance::Three)
    );
}

#[test]
fn the_minimum_that_the_client_registered_is_a_condition() {
    let client = client_with(&json!({"minimum_assurance": "urn:vneid:assurance:3"}));
    let request = check(&params(&[]), &client, at(1000)).unwrap();
    let strong = Session {
        assurance: Some(Assurance::Four),
        ..signed_in(900)
    };

    assert_eq!(
        request.next(&client, Some(&signed_in(900))),
        Next::SignIn(Assurance::Three)
    );
    assert_eq!(request.next(&client, Some(&strong)), Next::Proceed);
    assert_eq!(request.next(&client, None), Next::SignIn(Assurance::Three));
}

#[test]
fn oidcc_ensure_registered_redirect_uri() {
    for foreign in [
        "https://evil.example/cb",
        "https://portal.example/cb/",
        "https://portal.example/cb#",
        "javascript:x",
    ] {
        let refusal = ask(&[("redirect_uri", Some(foreign))]).unwrap_err();
        assert_eq!(refusal, Refusal::Page(PageError::ForeignRedirectUri), "{foreign}");
    }
}

#[test]
fn oidcc_redirect_uri_query_mismatch_and_added() {
    for other in ["https://portal.example/cb?x=2", "https://portal.example/cb?x=1&y=2"] {
        let refusal = ask(&[("redirect_uri", Some(other))]).unwrap_err();
        assert_eq!(refusal, Refusal::Page(PageError::ForeignRedirectUri), "{other}");
    }
    assert!(ask(&[("redirect_uri", Some("https://portal.example/cb?x=1"))]).is_ok());
}

#[test]
fn oidcc_ensure_redirect_uri_in_authorization_request() {
    assert_eq!(
        ask(&[("redirect_uri", None)]).unwrap_err(),
        Refusal::Page(PageError::NoRedirectUri)
    );
    let twice = Params::parse("redirect_uri=https://portal.example/cb&redirect_uri=https://portal.example/cb").unwrap();
    assert_eq!(
        check(&twice, &client(), at(1)).unwrap_err(),
        Refusal::Page(PageError::NoRedirectUri)
    );
}

#[test]
fn a_request_without_one_client_is_answered_on_our_page() {
    for query in [
        "",
        "client_id=",
        "client_id=a&client_id=a",
        &format!("client_id={}", "x".repeat(129)),
    ] {
        assert_eq!(
            client_id(&Params::parse(query).unwrap()),
            Err(PageError::NoClient),
            "{query}"
        );
    }
    assert_eq!(client_id(&params(&[])), Ok("portal"));
}

#[test]
fn oidcc_request_uri_unsigned_supported_correctly_or_rejected_as_unsupported() {
    assert_eq!(
        error(&[("request_uri", Some("https://x"))]),
        ErrorCode::RequestUriNotSupported
    );
}

#[test]
fn oidcc_unsigned_request_object_supported_correctly_or_rejected_as_unsupported() {
    assert_eq!(error(&[("request", Some("e30.e30."))]), ErrorCode::RequestNotSupported);
    assert_eq!(
        error(&[("registration", Some("{}"))]),
        ErrorCode::RegistrationNotSupported
    );
}

#[test]
fn oidcc_ensure_request_with_valid_pkce_succeeds() {
    assert_eq!(
        ask(&[]).unwrap().challenge,
        Some(Challenge::of("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"))
    );
}

#[test]
fn pkce_is_required_and_only_with_s256() {
    assert_eq!(
        error(&[("code_challenge", None), ("code_challenge_method", None)]),
        ErrorCode::InvalidRequest
    );
    assert_eq!(error(&[("code_challenge_method", None)]), ErrorCode::InvalidRequest);
    assert_eq!(
        error(&[("code_challenge_method", Some("plain"))]),
        ErrorCode::InvalidRequest
    );
    assert_eq!(error(&[("code_challenge", Some("short"))]), ErrorCode::InvalidRequest);
}

#[test]
fn an_exempted_client_may_leave_pkce_out_but_not_do_it_wrong() {
    let client = client_with(&json!({"require_pkce": false}));
    let go = |changes: &[(&str, Option<&str>)]| check(&params(changes), &client, at(1));

    assert_eq!(
        go(&[("code_challenge", None), ("code_challenge_method", None)])
            .unwrap()
            .challenge,
        None
    );
    assert!(go(&[("code_challenge", None)]).is_err());
    assert!(go(&[("code_challenge_method", None)]).is_err());
}

#[test]
fn scope_must_contain_openid_and_only_what_was_granted() {
    assert_eq!(error(&[("scope", None)]), ErrorCode::InvalidScope);
    assert_eq!(error(&[("scope", Some("profile"))]), ErrorCode::InvalidScope);
    assert_eq!(
        error(&[("scope", Some("openid vneid_number"))]),
        ErrorCode::InvalidScope
    );
    assert_eq!(
        ask(&[("scope", Some("openid unknown offline_access email"))])
            .unwrap()
            .scopes
            .to_string(),
        "openid email"
    );
}

#[test]
fn any_repeated_parameter_is_refused() {
    let good = format!(
        "client_id=portal&redirect_uri=https://portal.example/cb&response_type=code&scope=openid&state=s\
         &code_challenge={CHALLENGE}&code_challenge_method=S256"
    );
    assert!(check(&Params::parse(&good).unwrap(), &client(), at(1)).is_ok());
    for again in [
        "state=s",
        "scope=openid",
        "response_type=code",
        "x=1&x=2",
        "response_mode=query&response_mode=query",
    ] {
        let query = format!("{good}&{again}");
        let Err(Refusal::Reply(to, error)) = check(&Params::parse(query).unwrap(), &client(), at(1)) else {
            panic!("{again}")
        };
        assert_eq!(error.code, ErrorCode::InvalidRequest, "{again}");
        assert_eq!(
            to.state.is_some(),
            again != "state=s",
            "a state given twice is not sent back"
        );
    }
}

#[test]
fn an_error_goes_back_with_state_and_issuer() {
    let Err(Refusal::Reply(to, error)) = ask(&[("response_type", Some("token"))]) else {
        panic!("not a reply")
    };

    let delivery = to.error(&Issuer::parse("https://vneid.example").unwrap(), error);

    let url = "https://portal.example/cb?error=unsupported_response_type&error_description=response_type+must+be+code\
        &state=s1&iss=https%3A%2F%2Fvneid.example";
    assert_eq!(delivery, Delivery::Redirect(url.to_owned()));
}

#[test]
fn a_form_post_request_gets_its_errors_by_form_post() {
    let Err(Refusal::Reply(to, error)) = ask(&[("response_mode", Some("form_post")), ("scope", None)]) else {
        panic!("not a reply")
    };

    let delivery = to.error(&Issuer::parse("https://vneid.example").unwrap(), error);

    assert!(matches!(delivery, Delivery::FormPost { .. }));
}

#[test]
fn oversize_values_are_refused() {
    let long = "x".repeat(10_000);
    for name in [
        "state",
        "nonce",
        "login_hint",
        "id_token_hint",
        "acr_values",
        "ui_locales",
    ] {
        assert_eq!(error(&[(name, Some(&long))]), ErrorCode::InvalidRequest, "{name}");
    }
}

proptest! {
    #[test]
    fn any_query_is_answered(query: Vec<u8>) {
        if let Ok(params) = Params::parse(query) {
            let _ = client_id(&params);
            prop_assert!(check(&params, &client(), at(1)).is_err());
        }
    }

    #[test]
    fn a_valid_request_is_always_within_what_was_registered(
        scope in "(openid|profile|vneid_number|x| ){0,6}", prompt in "(none|login|consent| ){0,3}", max_age in "[0-9-]{0,4}",
        mode in "query|form_post|fragment|", challenge in "[A-Za-z0-9_-]{42,44}",
    ) {
        let changes = [("scope", scope), ("prompt", prompt), ("max_age", max_age), ("response_mode", mode), ("code_challenge", challenge)];
        let changes: Vec<_> = changes.iter().map(|(name, value)| (*name, Some(value.as_str()))).collect();
        if let Ok(request) = ask(&changes) {
            prop_assert!(request.scopes.is_subset(&client().metadata().scope) && request.scopes.contains(Scope::OpenId));
            prop_assert!(client().may_redirect_to(request.reply_to.redirect_uri()));
            prop_assert!(request.challenge.is_some());
        }
    }
}

/// A bank that is registered for two purposes.
fn bank() -> Client {
    let terms = |purpose: &str, scope: &str, days: u16| {
        json!({
            "purpose": purpose, "scope": scope, "days": days, "basis": "Nghị định 69/2024/NĐ-CP, Điều 19",
            "reason": "Mở tài khoản", "reason_en": "To open an account",
        })
    };
    client_with(&json!({
        "vneid_purposes": ["ekyc", "loan"],
        "vneid_terms": [terms("ekyc", "openid profile address", 0), terms("loan", "openid phone", 30)],
    }))
}

#[test]
fn a_request_is_for_one_registered_purpose_and_no_data_beyond_it() {
    let read = |scope, purpose| {
        let params = params(&[("scope", Some(scope)), ("vneid_purpose", purpose)]);
        check(&params, &bank(), at(0)).map_err(|refusal| match refusal {
            Refusal::Reply(_, error) => error.code,
            Refusal::Page(error) => panic!("{error}"),
        })
    };

    let good = read("openid address", Some("ekyc")).unwrap();

    assert_eq!(good.purpose.as_deref(), Some("ekyc"));
    assert_eq!(bank().data_for(Some("loan")).to_string(), "openid phone");
    assert_eq!(read("openid phone", Some("ekyc")), Err(ErrorCode::InvalidScope));
    assert_eq!(
        read("openid profile", Some("advertising")),
        Err(ErrorCode::InvalidRequest)
    );
    assert_eq!(read("openid profile", None), Err(ErrorCode::InvalidRequest));
    let without = check(&params(&[("vneid_purpose", Some("ekyc"))]), &client(), at(0));
    assert_eq!(without.unwrap().purpose, None);
}
