use proptest::prelude::*;

use super::*;
use crate::claims_request::ClaimsRequest;

const NOW: &str = "2026-11-23T02:00:00Z";

fn proofing() -> Proofing {
    Proofing {
        level: 2,
        at: "2026-10-01T01:00:00Z".parse().unwrap(),
        process: Some("HS-2026-000123".to_owned()),
        card: Some(Card {
            issued_on: jiff::civil::date(2022, 5, 1),
            expires_on: Some(jiff::civil::date(2037, 2, 28)),
            chip: true,
        }),
        register: true,
        face: true,
        in_person: true,
    }
}

fn known() -> Map<String, Value> {
    let known = json!({"name": "Nguyễn Văn An", "birthdate": "1990-02-28", "phone_number": "+84900000001"});
    known.as_object().unwrap().clone()
}

fn ask(wishes: &Value) -> Option<Value> {
    let text = json!({"userinfo": {"verified_claims": wishes}}).to_string();
    let request = ClaimsRequest::parse(&text).unwrap();
    let granted = Scopes::parse("openid profile phone").unwrap();
    answer(
        &request.userinfo.verified,
        &proofing(),
        &known(),
        &granted,
        NOW.parse().unwrap(),
    )
}

fn wish(verification: &Value, claims: &Value) -> Value {
    json!({"verification": verification, "claims": claims})
}

#[test]
fn ekyc_server_happypath() {
    let told = ask(&wish(&json!({"trust_framework": null}), &json!({"name": null}))).unwrap();

    assert_eq!(
        told,
        json!({"verification": {"trust_framework": "vn_vneid"}, "claims": {"name": "Nguyễn Văn An"}})
    );
}

#[test]
fn ekyc_server_happypath_emptyobject_and_essentialfalse() {
    for shape in [json!({}), json!({"essential": false})] {
        let told = ask(&wish(&json!({"trust_framework": null}), &json!({"name": shape}))).unwrap();
        assert_eq!(told["claims"], json!({"name": "Nguyễn Văn An"}));
    }
}

#[test]
fn ekyc_server_unknown_claim_omitted() {
    for claim in ["unknown", "ünknown #1", "phone_number"] {
        for shape in [json!(null), json!({"essential": true})] {
            let told = ask(&wish(
                &json!({"trust_framework": null}),
                &json!({"name": null, claim: shape}),
            ));
            assert_eq!(told.unwrap()["claims"], json!({"name": "Nguyễn Văn An"}), "{claim}");
        }
    }
    assert_eq!(
        ask(&wish(&json!({"trust_framework": null}), &json!({"unknown": null}))),
        None
    );
}

#[test]
fn ekyc_server_one_claim_with_random_value_omitted() {
    let claims = json!({"name": null, "birthdate": {"value": "random"}});

    let told = ask(&wish(&json!({"trust_framework": null}), &claims)).unwrap();

    assert_eq!(told["claims"], json!({"name": "Nguyễn Văn An"}));
}

#[test]
fn a_verification_that_cannot_be_met_leaves_all_out() {
    for verification in [
        json!({"trust_framework": {"value": "de_aml"}}),
        json!({"trust_framework": null, "assurance_level": {"values": ["vneid_level_3"]}}),
        json!({"trust_framework": null, "time": {"max_age": 60}}),
        json!({"trust_framework": null, "time": {"max_age": "x"}}),
        json!({"trust_framework": null, "evidence": [{"type": {"value": "vouch"}}]}),
        json!({"trust_framework": null, "unknown": {"value": 1}}),
    ] {
        assert_eq!(
            ask(&wish(&verification, &json!({"name": null}))),
            None,
            "{verification}"
        );
    }
}

#[test]
fn evidence_is_told_as_far_as_it_is_asked_for() {
    let verification = json!({
        "trust_framework": {"value": "vn_vneid"}, "time": {"max_age": 31_536_000}, "unknown": null,
        "evidence": [{"type": {"value": "document"}, "document_details": {"type": null, "date_of_expiry": null}}],
    });

    let told = ask(&wish(&verification, &json!({"birthdate": null}))).unwrap();

    let expected = json!({
        "trust_framework": "vn_vneid", "time": "2026-10-01T01:00:00Z",
        "evidence": [{"type": "document", "document_details": {"type": "idcard", "date_of_expiry": "2037-02-28"}}],
    });
    assert_eq!(told["verification"], expected);
}

#[test]
fn the_whole_record_says_what_was_really_done() {
    let verification =
        json!({"trust_framework": null, "verification_process": null, "evidence": null, "assurance_level": null});

    let told = ask(&wish(&verification, &json!({"name": null}))).unwrap();

    let checks: Vec<_> = told["verification"]["evidence"][0]["check_details"]
        .as_array()
        .unwrap()
        .iter()
        .map(|check| check["check_method"].as_str().unwrap())
        .collect();
    assert_eq!(checks, ["vcrypt", "bvp"]);
    assert_eq!(told["verification"]["evidence"][1]["type"], "electronic_record");
    assert_eq!(told["verification"]["verification_process"], "HS-2026-000123");
    let remote = Proofing {
        in_person: false,
        register: false,
        ..proofing()
    };
    assert_eq!(
        remote.verification()["evidence"][0]["check_details"][1]["check_method"],
        "bvr"
    );
}

#[test]
fn several_alternatives_that_fit_are_all_told() {
    let good = wish(&json!({"trust_framework": null}), &json!({"name": null}));
    let bad = wish(&json!({"trust_framework": {"value": "x"}}), &json!({"name": null}));

    assert!(ask(&json!([good, bad])).unwrap().is_object());
    assert_eq!(ask(&json!([good, good])).unwrap().as_array().unwrap().len(), 2);
    assert_eq!(ask(&json!([bad])), None);
}

#[test]
fn a_wish_without_framework_or_claims_is_refused() {
    for bad in [
        wish(&json!({}), &json!({"name": null})),
        wish(&json!({"trust_framework": null}), &json!({})),
        wish(&json!({"trust_framework": null}), &json!({"name": 1})),
        json!({"claims": {"name": null}}),
        json!([1]),
    ] {
        let text = json!({"userinfo": {"verified_claims": bad}}).to_string();
        assert!(ClaimsRequest::parse(&text).is_err(), "{bad}");
    }
}

proptest! {
    #[test]
    fn any_filter_is_answered_with_nothing_that_was_not_granted(text in "[a-z\":{},\\[\\]0-9 ]{0,60}") {
        if let Ok(value) = serde_json::from_str::<Value>(&text) {
            let mut verification = json!({"trust_framework": null});
            verification["evidence"] = value;
            if let Some(told) = ask(&wish(&verification, &json!({"name": null, "vneid_personal_number": null}))) {
                prop_assert_eq!(&told["claims"], &json!({"name": "Nguyễn Văn An"}));
            }
        }
    }
}
