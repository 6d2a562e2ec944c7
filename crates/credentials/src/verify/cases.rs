//! The cases on which verifiers in other languages are tried say what this one says. `examples/vectors.rs` writes them.

use crypto::base64url;
use crypto::jwk::Jwk;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::{SKEW, Session, Verifier};
use crate::trust::{Trust, TrustList};

const CASES: &str = include_str!("../../tests/data/identity_qr/cases.json");

fn instant(second: &Value) -> Timestamp {
    Timestamp::from_second(second.as_i64().unwrap()).unwrap()
}

fn trust(cases: &Value, text: &Value, now: Timestamp) -> Trust {
    let pinned = Jwk::from_value(&cases["pinned"][0]).unwrap();
    Trust::new(TrustList::read(text.as_str().unwrap(), &pinned, 0, now, SKEW).unwrap()).unwrap()
}

#[test]
fn the_cases_for_other_verifiers_are_judged_as_they_say() {
    let cases: Value = serde_json::from_str(CASES).unwrap();
    let now = instant(&cases["now"]);
    let usual = Verifier::new(trust(&cases, &cases["trust_list"], now));
    for case in cases["codes"].as_array().unwrap() {
        let mut verifier = usual.clone();
        if case["listed"] == true {
            let list = cases["status_list"].as_str().unwrap();
            verifier.keep_status_list(list, now).unwrap();
        }
        if case["trust_list"].is_string() {
            verifier.trust(trust(&cases, &case["trust_list"], now));
        }
        let challenge = case["challenge"].as_str().map(|text| base64url::decode(text).unwrap());
        let session = Session {
            challenge: challenge.as_deref(),
            ..Session::at(instant(&case["at"]))
        };

        let verdict = verifier.text(case["text"].as_str().unwrap(), &session);

        let reasons: Vec<_> = verdict.reasons.iter().map(|reason| reason.code.as_str()).collect();
        let told = json!([verdict.outcome, reasons, verdict.checked, verdict.claims]);
        let wanted = json!([case["outcome"], case["reasons"], case["checked"], case["claims"]]);
        assert_eq!(told, wanted, "{}", case["name"]);
    }
}
