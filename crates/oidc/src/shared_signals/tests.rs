use serde_json::json;

use super::*;
use crate::shared_signals::event::{Change, Credential};

fn issuer() -> Issuer {
    Issuer::parse("https://vneid.example").unwrap()
}

fn wish(body: &Value) -> Result<Wish, Refusal> {
    Wish::read(body.to_string().as_bytes(), &issuer(), "bank")
}

#[test]
fn openid_ssf_transmitter_metadata() {
    let endpoints = Endpoints {
        configuration: "/ssf/streams",
        status: "/ssf/status",
        add_subject: "/ssf/subjects/add",
        remove_subject: "/ssf/subjects/remove",
        verification: "/ssf/verification",
    };

    let metadata = serde_json::to_value(metadata(&issuer(), "/sso/jwks", endpoints)).unwrap();

    assert_eq!(metadata["spec_version"], "1_0");
    assert_eq!(metadata["issuer"], "https://vneid.example");
    assert_eq!(metadata["jwks_uri"], "https://vneid.example/sso/jwks");
    assert_eq!(metadata["configuration_endpoint"], "https://vneid.example/ssf/streams");
    assert_eq!(metadata["delivery_methods_supported"], json!([PUSH, POLL]));
    assert_eq!(
        metadata["authorization_schemes"],
        json!([{"spec_urn": "urn:ietf:rfc:6749"}])
    );
}

#[test]
fn a_receiver_gets_of_the_events_it_wants_those_that_there_are() {
    let wanted = json!({ "events_requested": [event::DECEASED, "urn:unknown", event::ACCOUNT_DISABLED] });

    assert_eq!(
        wish(&wanted).unwrap().delivered(),
        [event::ACCOUNT_DISABLED, event::DECEASED]
    );
}

#[test]
fn what_is_malformed_or_ours_to_set_is_refused() {
    let cases = [
        (json!([]), Refusal::Malformed),
        (json!({ "events_requested": "all" }), Refusal::Malformed),
        (json!({ "iss": "https://other.example" }), Refusal::ReadOnly),
        (json!({ "aud": ["bank", "other"] }), Refusal::ReadOnly),
        (json!({ "delivery": { "method": "urn:other" } }), Refusal::Method),
        (json!({ "delivery": { "method": PUSH } }), Refusal::Endpoint),
        (
            json!({ "delivery": { "method": PUSH, "endpoint_url": "http://bank.example/" } }),
            Refusal::Endpoint,
        ),
        (
            json!({ "delivery": { "method": PUSH, "endpoint_url": "https://bank.example/", "authorization_header": "a\nb" } }),
            Refusal::Text,
        ),
    ];

    for (body, refusal) in cases {
        assert_eq!(wish(&body), Err(refusal), "{body}");
    }
    assert_eq!(wish(&json!({})).unwrap().stream(), Err(Refusal::NoStream));
    assert!(wish(&json!({ "aud": "bank", "iss": "https://vneid.example" })).is_ok());
}

#[test]
fn the_header_of_a_receiver_is_never_told_again() {
    let delivery =
        json!({ "method": PUSH, "endpoint_url": "https://bank.example/", "authorization_header": "Bearer x" });
    let wish = wish(&json!({ "delivery": delivery })).unwrap();

    let told = serde_json::to_string(&wish.delivery).unwrap();

    assert!(!told.contains("Bearer"), "{told}");
}

#[test]
fn an_event_carries_no_datum_of_the_person() {
    let changed = Event::CredentialChanged {
        credential: Credential::Passkey,
        change: Change::Created,
    };

    assert_eq!(
        changed.claims(9),
        json!({ "credential_type": "fido2-platform", "change_type": "create", "event_timestamp": 9 })
    );
    assert_eq!(
        Event::PhoneChanged.claims(9),
        json!({ "credential_type": "phone-sms", "change_type": "update", "event_timestamp": 9 })
    );
    assert_eq!(Event::Deceased.claims(9), json!({ "event_timestamp": 9 }));
}

#[test]
fn only_a_subject_of_ours_is_understood() {
    let read = |subject: Value| {
        let body = json!({ "stream_id": "s", "subject": subject });
        SubjectWish::read(body.to_string().as_bytes(), &issuer())
    };

    assert_eq!(
        read(json!({ "format": "iss_sub", "iss": "https://vneid.example", "sub": "p" })).map(|wish| wish.sub),
        Ok("p".to_owned())
    );
    for other in [
        json!({ "format": "iss_sub", "iss": "https://other.example", "sub": "p" }),
        json!({ "format": "email", "email": "a@b.example" }),
        json!("p"),
    ] {
        assert_eq!(read(other), Err(Refusal::Subject));
    }
}

proptest::proptest! {
    #[test]
    fn no_message_makes_it_panic(text: String) {
        let body = text.as_bytes();
        let _ = (Wish::read(body, &issuer(), "b"), StatusWish::read(body), SubjectWish::read(body, &issuer()));
        let _ = (VerificationWish::read(body), poll::Request::read(body));
    }
}
