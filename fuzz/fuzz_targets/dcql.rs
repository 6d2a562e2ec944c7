//! What verifiers ask for and what wallets answer: queries in DCQL, and the presentations sent back.
#![no_main]

use credentials::openid4vp::dcql::Query;
use credentials::openid4vp::{Answer, Presentation};
use serde_json::Value;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Ok(json) = serde_json::from_slice::<Value>(bytes) else {
        return;
    };
    if let Ok(query) = Query::parse(&json) {
        let written = serde_json::to_value(&query).expect("what was read can be written");
        assert_eq!(Query::parse(&written).as_ref(), Ok(&query));
    }
    if let Ok(answer) = Answer::parse(&json, None) {
        for one in answer.presentations() {
            let _ = (Presentation::places(one), one.status_addresses());
        }
    }
});
