use proptest::prelude::*;

use super::*;
use crate::chip::passive_authentication;
use crate::chip::testing::*;

#[test]
fn a_reading_is_the_files_with_the_answer_beside_them() {
    let challenge = Challenge([7; 8]);
    let reading = Reading {
        files: AN.files.clone(),
        card_access: None,
        active: Some(ActiveAnswer {
            challenge: challenge.0.to_vec().into(),
            response: AN.answer(challenge).into(),
        }),
    };

    let json = serde_json::to_value(&reading).unwrap();

    let mut members: Vec<&String> = json.as_object().unwrap().keys().collect();
    members.sort();
    assert_eq!(members, ["active", "com", "dg1", "dg13", "dg14", "dg15", "dg2", "sod"]);
    assert_eq!(json["active"]["challenge"], "BwcHBwcHBwc=");
    let read: Reading = serde_json::from_value(json).unwrap();
    assert_eq!(read.active.as_ref().unwrap().challenge(), Some(challenge));
    assert_eq!(read, reading);
}

#[test]
fn a_reading_without_an_answer_is_just_the_files() {
    let files = serde_json::to_string(&AN.files).unwrap();

    let reading: Reading = serde_json::from_str(&files).unwrap();

    assert_eq!(reading.active, None);
    assert_eq!(serde_json::to_string(&reading).unwrap(), files);
}

#[test]
fn a_challenge_has_eight_bytes() {
    let answer = |challenge: &[u8]| ActiveAnswer {
        challenge: challenge.to_vec().into(),
        response: vec![].into(),
    };

    assert_eq!(answer(&[1; 8]).challenge(), Some(Challenge([1; 8])));
    assert_eq!(answer(&[1; 7]).challenge(), None);
    assert_eq!(answer(&[1; 9]).challenge(), None);
}

proptest! {
    #[test]
    fn no_other_answer_is_taken(response in proptest::collection::vec(any::<u8>(), 0..80), challenge: [u8; 8]) {
        let authentic = passive_authentication(&AN.files, &trusting(&NATION), now()).unwrap();

        let refused = active_authentication(&AN.files, &authentic, Challenge(challenge), &response);

        prop_assert_eq!(refused, Err(CloneRefusal::Answer));
    }

    #[test]
    fn any_bytes_are_read_as_a_key_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let key = [&[0x6f, 0x81, u8::try_from(bytes.len()).unwrap()], &bytes[..]].concat();

        if let Ok(key) = dg15::parse(&key) {
            let _ = scheme::key_of(&key);
        }
        prop_assert!(dg15::parse(&bytes).is_err() || bytes.starts_with(&[0x6f]));
    }
}
