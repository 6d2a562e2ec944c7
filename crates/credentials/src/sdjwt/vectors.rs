//! The examples of RFC 9901: sections 5, A.1 to A.4, and the digests of section 4.2.

use crypto::jwk::Jwk;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::*;

fn examples() -> Value {
    serde_json::from_str(include_str!("../../tests/data/rfc9901/examples.json")).unwrap()
}

#[test]
fn each_example_opens_to_the_processed_payload() {
    let examples = examples();
    let issuer = Jwk::from_value(&examples["issuer_key"]).unwrap();
    for example in examples["examples"].as_array().unwrap() {
        let presentation = example["presentation"].as_str().unwrap();

        let opened = SdJwt::parse(presentation).unwrap().open(&issuer).unwrap();

        assert_eq!(
            Value::Object(opened.claims),
            example["processed"],
            "{}",
            example["section"]
        );
    }
}

#[test]
fn the_key_bindings_of_the_examples_verify() {
    let examples = examples();
    let issuer = Jwk::from_value(&examples["issuer_key"]).unwrap();
    let credential = examples["examples"]
        .as_array()
        .unwrap()
        .iter()
        .find(|example| example["section"] == "A.3")
        .unwrap();
    let expect = |audience, nonce| Expect {
        at: Timestamp::from_second(1_748_536_900).unwrap(),
        skew: SignedDuration::ZERO,
        types: &["urn:eudi:pid:de:1"],
        binding: Some(Binding {
            audience,
            nonce,
            max_age: SignedDuration::from_mins(1),
        }),
    };
    let presentation = SdJwt::parse(credential["presentation"].as_str().unwrap()).unwrap();

    let verified = presentation.verify(&issuer, &expect("https://verifier.example.org", "1234567890"));

    assert_eq!(verified.unwrap().vct, "urn:eudi:pid:de:1");
    let refused = presentation.verify(&issuer, &expect("https://verifier.example.org", "0"));
    assert_eq!(refused, Err(Refusal::BindingNonce));
    let refused = presentation.verify(&issuer, &expect("https://other.example.org", "1234567890"));
    assert_eq!(refused, Err(Refusal::BindingAudience));
}

#[test]
fn a_presentation_picked_from_the_issued_example_holds_the_same_disclosures() {
    let examples = examples();
    let example = &examples["examples"][0];
    let issued = SdJwt::parse(example["issuance"].as_str().unwrap()).unwrap();
    let shown = [
        ClaimPath::of(["given_name"]),
        ClaimPath::of(["family_name"]),
        ClaimPath::of(["address"]),
        ClaimPath::of(["nationalities"]).element(0),
    ];

    let picked = issued.present(&shown).unwrap();

    let disclosures = |text: &str| {
        let mut parts: Vec<_> = text.split('~').skip(1).map(str::to_owned).collect();
        parts.pop();
        parts.sort_unstable();
        parts
    };
    assert_eq!(
        disclosures(&picked),
        disclosures(example["presentation"].as_str().unwrap())
    );
}

#[test]
fn the_digests_of_section_4_2_are_ours() {
    for (disclosure, digest) in [
        (
            "WyJfMjZiYzRMVC1hYzZxMktJNmNCVzVlcyIsICJmYW1pbHlfbmFtZSIsICJNw7ZiaXVzIl0",
            "X9yH0Ajrdm1Oij4tWso9UzzKJvPoDxwmuEcO3XAdRC0",
        ),
        (
            "WyJsa2x4RjVqTVlsR1RQVW92TU5JdkNBIiwgIkZSIl0",
            "w0I8EKcdCtUPkGCNUrfwVp2xEgNjtoIDlOxc9-PlOhs",
        ),
    ] {
        assert_eq!(Hash::Sha256.of(disclosure), digest);
    }
}
