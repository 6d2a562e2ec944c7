//! Our own credentials from issue to verdict, and everything that can be wrong with a foreign one.

use crypto::jws;
use crypto::sign::Signer as _;
use jiff::SignedDuration;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::status::StatusRef;
use crate::testing::{NOW, dice, key};

const SKEW: SignedDuration = SignedDuration::from_secs(30);
const VCT: &str = "urn:vneid:eid:1";

fn claims() -> Map<String, Value> {
    let claims = json!({
        "family_name": "Nguyễn",
        "address": {"province": "01", "street": "1 Tràng Tiền"},
        "nationalities": ["VN", "LA"],
        "age_over_18": true,
        "document_number": "00***",
    });
    claims.as_object().unwrap().clone()
}

fn hidden() -> Vec<ClaimPath> {
    vec![
        ClaimPath::of(["family_name"]),
        ClaimPath::of(["address"]),
        ClaimPath::of(["address", "province"]),
        ClaimPath::of(["nationalities"]).all(),
        ClaimPath::of(["age_over_18"]),
    ]
}

fn issued() -> String {
    let status = StatusRef {
        uri: "https://id.example/status/1".into(),
        index: 7,
    };
    let holder = key(2);
    let hidden = hidden();
    let draft = Draft {
        vct: VCT,
        issuer: "https://id.example",
        issued_at: NOW,
        valid_from: Some(NOW),
        expires_at: NOW + SignedDuration::from_hours(24),
        holder: Some(holder.public()),
        status: Some(&status),
        claims: &claims(),
        hidden: &hidden,
        fill: 4,
    };
    draft.issue(&key(1), &[vec![0x30, 0x00]], &mut dice()).unwrap()
}

fn presented(shown: &[ClaimPath]) -> String {
    let text = SdJwt::parse(&issued()).unwrap().present(shown).unwrap();
    let binding = KeyBinding {
        audience: "x509_hash:v",
        nonce: "n",
        at: NOW,
    };
    bind(&text, &key(2), binding).unwrap()
}

fn expect() -> Expect<'static> {
    Expect {
        at: NOW,
        skew: SKEW,
        types: &[VCT],
        binding: Some(Binding {
            audience: "x509_hash:v",
            nonce: "n",
            max_age: SignedDuration::from_mins(5),
        }),
    }
}

fn verify(text: &str, expect: &Expect<'_>) -> Result<Verified, Refusal> {
    SdJwt::parse(text)?.verify(key(1).public(), expect)
}

fn unbound() -> Expect<'static> {
    Expect {
        binding: None,
        ..expect()
    }
}

/// A JWT of the issuer's with these claims, and disclosures.
fn forged(payload: &Value, disclosures: &[&str]) -> String {
    let jwt = jws::sign(&key(1), Some(TYP), payload.to_string().as_bytes()).unwrap();
    let mut text = format!("{jwt}~");
    for disclosure in disclosures {
        text.push_str(disclosure);
        text.push('~');
    }
    text
}

fn disclosure(content: &Value) -> (String, String) {
    let text = base64url::encode(content.to_string());
    let digest = Hash::Sha256.of(&text);
    (text, digest)
}

/// The refusal of a payload with these members beside the required ones.
fn refusal_of(members: Value, disclosures: &[&str]) -> Refusal {
    let mut payload = json!({"vct": VCT, "exp": 1_900_000_000});
    let Value::Object(members) = members else {
        panic!("an object")
    };
    payload.as_object_mut().unwrap().extend(members);
    verify(&forged(&payload, disclosures), &unbound()).unwrap_err()
}

#[test]
fn what_is_shown_is_seen_and_the_rest_stays_hidden() {
    let text = presented(&[ClaimPath::of(["age_over_18"])]);

    let verified = verify(&text, &expect()).unwrap();

    let mut claims = verified.claims;
    for registered in ["vct", "iss", "iat", "nbf", "exp", "cnf", "status"] {
        assert!(claims.remove(registered).is_some(), "{registered}");
    }
    assert_eq!(
        Value::Object(claims),
        json!({"age_over_18": true, "nationalities": [], "document_number": "00***"})
    );
    assert_eq!(verified.status.unwrap().index, 7);
    assert_eq!(verified.holder.as_ref(), Some(key(2).public()));
    assert_eq!(SdJwt::parse(&text).unwrap().chain(), [vec![0x30, 0x00]]);
}

#[test]
fn a_claim_in_a_hidden_claim_shows_its_parent_but_not_its_siblings() {
    let whole = presented(&[ClaimPath::of(["address"])]);
    let inner = presented(&[
        ClaimPath::of(["address", "province"]),
        ClaimPath::of(["nationalities"]).element(1),
    ]);

    let whole = verify(&whole, &expect()).unwrap().claims;
    let inner = verify(&inner, &expect()).unwrap().claims;

    assert_eq!(whole["address"], json!({"province": "01", "street": "1 Tràng Tiền"}));
    assert_eq!(inner["address"], json!({"province": "01", "street": "1 Tràng Tiền"}));
    assert_eq!(inner["nationalities"], json!(["LA"]));
    assert!(!inner.contains_key("family_name"));
}

#[test]
fn decoys_fill_the_digests_up() {
    let text = issued();
    let payload = SdJwt::parse(&text).unwrap().jwt.unverified_claims().unwrap();

    assert_eq!(payload["_sd"].as_array().unwrap().len(), 4, "three hide");
    assert_eq!(payload["nationalities"].as_array().unwrap().len(), 4, "two hide");
    assert!(
        payload["_sd"]
            .as_array()
            .unwrap()
            .is_sorted_by_key(|digest| digest.as_str().unwrap().to_owned())
    );
    assert_eq!(
        SdJwt::parse(&text).unwrap().open(key(1).public()).unwrap().claims["nationalities"],
        json!(["VN", "LA"])
    );
}

#[test]
fn what_the_format_owns_cannot_be_issued_as_a_claim() {
    let issue = |claims: Value, hidden: &[ClaimPath]| {
        let draft = Draft {
            vct: VCT,
            issuer: "i",
            issued_at: NOW,
            valid_from: None,
            expires_at: NOW,
            holder: None,
            status: None,
            claims: claims.as_object().unwrap(),
            hidden,
            fill: 0,
        };
        draft.issue(&key(1), &[], &mut dice())
    };

    for name in ["_sd", "...", "_sd_alg", "exp", "cnf", "status", "vct"] {
        assert_eq!(issue(json!({name: 1}), &[]), Err(IssueError::Reserved(name.into())));
    }
    assert_eq!(
        issue(json!({"a": {"...": 1}}), &[]),
        Err(IssueError::Reserved("...".into()))
    );
    assert_eq!(
        issue(json!({"a": 1}), &[ClaimPath::of(["b"])]),
        Err(IssueError::NoSuchClaim)
    );
}

#[test]
fn a_presentation_is_not_presented_again_and_unknown_claims_are_named() {
    let text = presented(&[]);
    let binding = KeyBinding {
        audience: "a",
        nonce: "n",
        at: NOW,
    };

    assert_eq!(SdJwt::parse(&text).unwrap().present(&[]), Err(PresentError::Bound));
    assert_eq!(
        bind(&text, &key(2), binding),
        Err(BindError::Present(PresentError::Bound))
    );
    let issued = issued();
    let refused = SdJwt::parse(&issued).unwrap().present(&[ClaimPath::of(["religion"])]);
    assert_eq!(refused, Err(PresentError::NoSuchClaim));
}

#[test]
fn a_binding_for_something_else_is_refused() {
    let text = presented(&[ClaimPath::of(["age_over_18"])]);
    let with = |change: fn(&mut Binding<'static>)| {
        let mut binding = expect().binding.unwrap();
        change(&mut binding);
        verify(
            &text,
            &Expect {
                binding: Some(binding),
                ..expect()
            },
        )
        .unwrap_err()
    };
    let minutes = SignedDuration::from_mins;

    assert_eq!(
        with(|binding| binding.audience = "x509_hash:other"),
        Refusal::BindingAudience
    );
    assert_eq!(with(|binding| binding.nonce = "m"), Refusal::BindingNonce);
    let late = verify(
        &text,
        &Expect {
            at: NOW + minutes(6),
            ..expect()
        },
    );
    assert_eq!(late, Err(Refusal::BindingTooOld));
    let early = verify(
        &text,
        &Expect {
            at: NOW - minutes(3),
            ..expect()
        },
    );
    assert_eq!(early, Err(Refusal::NotYetValid), "the credential itself begins now");
    let bare = SdJwt::parse(&issued()).unwrap().present(&[]).unwrap();
    assert_eq!(verify(&bare, &expect()), Err(Refusal::BindingMissing));
    let (jwt, rest) = text.split_once('~').unwrap();
    let fewer = format!("{jwt}~{}", rest.split_once('~').unwrap().1);
    assert_eq!(verify(&fewer, &expect()), Err(Refusal::BindingDigest));
}

#[test]
fn a_binding_by_another_key_or_of_another_type_is_refused() {
    let bare = SdJwt::parse(&issued()).unwrap().present(&[]).unwrap();
    let binding = KeyBinding {
        audience: "x509_hash:v",
        nonce: "n",
        at: NOW,
    };
    let claims = |iat: i64| json!({"iat": iat, "aud": "x509_hash:v", "nonce": "n", "sd_hash": Hash::Sha256.of(&bare)});
    let signed = |typ, claims: &Value| {
        format!(
            "{bare}{}",
            jws::sign(&key(2), Some(typ), claims.to_string().as_bytes()).unwrap()
        )
    };
    let none = format!(
        "{bare}{}.{}.",
        base64url::encode(r#"{"alg":"none","typ":"kb+jwt"}"#),
        base64url::encode(claims(NOW.as_second()).to_string())
    );

    let other = bind(&bare, &key(3), binding).unwrap();
    assert_eq!(verify(&other, &expect()), Err(Refusal::BindingSignature));
    assert_eq!(verify(&none, &expect()), Err(Refusal::Algorithm));
    assert_eq!(
        verify(&signed("JWT", &claims(NOW.as_second())), &expect()),
        Err(Refusal::BindingType)
    );
    assert!(verify(&signed("kb+jwt", &claims(NOW.as_second())), &expect()).is_ok());
    let future = signed("kb+jwt", &claims(NOW.as_second() + 31));
    assert_eq!(verify(&future, &expect()), Err(Refusal::BindingFromFuture));
    let mut short = claims(NOW.as_second());
    short.as_object_mut().unwrap().remove("nonce");
    assert_eq!(
        verify(&signed("kb+jwt", &short), &expect()),
        Err(Refusal::BindingMalformed)
    );
    assert_eq!(verify(&format!("{bare}x"), &expect()), Err(Refusal::BindingMalformed));
    let keyless = forged(&json!({"vct": VCT, "exp": 1_900_000_000}), &[]);
    assert_eq!(verify(&keyless, &expect()), Err(Refusal::NoHolderKey));
}

#[test]
fn a_credential_outside_its_time_or_of_another_type_or_issuer_is_refused() {
    let text = presented(&[]);
    let at = |at| verify(&text, &Expect { at, ..unbound() }).err();
    let end = NOW + SignedDuration::from_hours(24);

    assert_eq!(at(end), None, "within the skew");
    assert_eq!(at(end + SKEW), Some(Refusal::Expired));
    assert_eq!(at(NOW - SKEW), None, "within the skew");
    assert_eq!(at(NOW - SKEW * 2), Some(Refusal::NotYetValid));
    let other = Expect {
        types: &["urn:vneid:driving-licence:1"],
        ..expect()
    };
    assert_eq!(verify(&text, &other), Err(Refusal::OtherType));
    let stranger = SdJwt::parse(&text).unwrap().verify(key(9).public(), &expect());
    assert_eq!(stranger, Err(Refusal::UnknownKey));
    let unnamed = Jwk::unnamed(key(9).public().key().clone());
    let stranger = SdJwt::parse(&text).unwrap().verify(&unnamed, &expect());
    assert_eq!(stranger, Err(Refusal::IssuerSignature));
    assert_eq!(refusal_of(json!({"iat": 1_800_000_031}), &[]), Refusal::FromFuture);
    assert_eq!(refusal_of(json!({"exp": "tomorrow"}), &[]), Refusal::MissingClaim);
    assert_eq!(refusal_of(json!({"vct": 1}), &[]), Refusal::MissingClaim);
    assert_eq!(refusal_of(json!({"cnf": {"kid": "1"}}), &[]), Refusal::NoHolderKey);
}

#[test]
fn digests_and_disclosures_that_break_the_rules_are_refused() {
    let (name, name_digest) = disclosure(&json!(["salt", "name", "An"]));
    let (item, item_digest) = disclosure(&json!(["salt", "item"]));
    let sd = |digests: &[&str]| json!({"_sd": digests});

    assert_eq!(refusal_of(sd(&[]), &[&name]), Refusal::UnreferencedDisclosure);
    assert_eq!(
        refusal_of(sd(&[&name_digest]), &[&name, &name]),
        Refusal::DuplicateDisclosure
    );
    assert_eq!(
        refusal_of(sd(&[&name_digest, &name_digest]), &[&name]),
        Refusal::DuplicateDigest
    );
    assert_eq!(refusal_of(sd(&["same", "same"]), &[]), Refusal::DuplicateDigest);
    assert_eq!(
        refusal_of(json!({"_sd": [name_digest], "a": {"_sd": [name_digest]}}), &[&name]),
        Refusal::DuplicateDigest
    );
    assert_eq!(
        refusal_of(json!({"_sd": [name_digest], "name": 1}), &[&name]),
        Refusal::NameTaken
    );
    assert_eq!(refusal_of(sd(&[&item_digest]), &[&item]), Refusal::DisclosureKind);
    assert_eq!(
        refusal_of(json!({"a": [{"...": name_digest}]}), &[&name]),
        Refusal::DisclosureKind
    );
    assert_eq!(refusal_of(json!({"_sd": "x"}), &[]), Refusal::DigestMalformed);
    assert_eq!(refusal_of(json!({"_sd": [1]}), &[]), Refusal::DigestMalformed);
    assert_eq!(refusal_of(json!({"a": [{"...": 1}]}), &[]), Refusal::DigestMalformed);
    assert_eq!(
        refusal_of(json!({"a": [{"...": "x", "b": 1}]}), &[]),
        Refusal::DigestMalformed
    );
    assert_eq!(refusal_of(json!({"a": {"...": "x"}}), &[]), Refusal::ForbiddenName);
    assert_eq!(refusal_of(json!({"_sd_alg": "md5"}), &[]), Refusal::HashAlgorithm);
    assert_eq!(refusal_of(json!({"_sd_alg": 256}), &[]), Refusal::HashAlgorithm);
}

#[test]
fn disclosures_of_forbidden_names_and_registered_claims_are_refused() {
    for (name, refusal) in [
        ("_sd", Refusal::ForbiddenName),
        ("...", Refusal::ForbiddenName),
        ("status", Refusal::HiddenClaim),
        ("cnf", Refusal::HiddenClaim),
        ("iss", Refusal::HiddenClaim),
    ] {
        let (text, digest) = disclosure(&json!(["salt", name, "x"]));
        assert_eq!(refusal_of(json!({"_sd": [digest]}), &[&text]), refusal, "{name}");
    }
    for content in [
        json!([]),
        json!(["s"]),
        json!(["s", 1, 2]),
        json!([1, "n", 2]),
        json!(["s", "n", 1, 2]),
        json!({}),
    ] {
        let (text, _) = disclosure(&content);
        assert_eq!(
            refusal_of(json!({}), &[&text]),
            Refusal::DisclosureMalformed,
            "{content}"
        );
    }
    assert_eq!(refusal_of(json!({}), &["*"]), Refusal::DisclosureMalformed);
    assert_eq!(refusal_of(json!({}), &[""]), Refusal::DisclosureMalformed);
}

#[test]
fn disclosures_nested_too_deeply_are_refused() {
    let mut texts = Vec::new();
    let mut inner = json!(1);
    for depth in 0..40 {
        let (text, digest) = disclosure(&json!([depth.to_string(), "a", inner]));
        texts.push(text);
        inner = json!({"_sd": [digest]});
    }
    let texts: Vec<_> = texts.iter().map(String::as_str).collect();

    assert_eq!(refusal_of(inner, &texts), Refusal::TooDeep);
}

#[test]
fn an_unsigned_or_oversize_credential_is_refused() {
    let payload = base64url::encode(json!({"vct": VCT, "exp": 1_900_000_000}).to_string());
    let none = format!(
        "{}.{payload}.~",
        base64url::encode(r#"{"alg":"none","typ":"dc+sd-jwt"}"#)
    );
    assert_eq!(verify(&none, &unbound()), Err(Refusal::Algorithm));

    let other = jws::sign(&key(1), Some("JWT"), &base64url::decode(&payload).unwrap()).unwrap();
    assert_eq!(verify(&format!("{other}~"), &unbound()), Err(Refusal::Type));

    let many = forged(&json!({}), &vec!["WyJzIiwxXQ"; MAX_DISCLOSURES + 1]);
    assert_eq!(verify(&many, &unbound()), Err(Refusal::TooLarge));
    assert_eq!(verify(&"~".repeat(MAX_TEXT + 1), &unbound()), Err(Refusal::TooLarge));
    assert_eq!(verify("no tilde", &unbound()), Err(Refusal::Malformed));
}

#[test]
fn no_flipped_bit_of_a_presentation_passes() {
    let text = presented(&[ClaimPath::of(["age_over_18"]), ClaimPath::of(["family_name"])]);
    for at in 0..text.len() {
        for bit in [0, 3, 5] {
            let mut bytes = text.clone().into_bytes();
            bytes[at] ^= 1 << bit;
            let Ok(flipped) = String::from_utf8(bytes) else {
                continue;
            };
            assert!(verify(&flipped, &expect()).is_err(), "bit {bit} of byte {at}");
        }
    }
}

proptest! {
    #[test]
    fn any_text_is_answered(text: String) {
        let _ = verify(&text, &unbound());
    }

    #[test]
    fn any_claims_come_back_whichever_hide(
        names in proptest::collection::btree_set("[a-z]{1,6}", 1..6),
        hide in proptest::collection::vec(any::<bool>(), 6),
        fill in 0_usize..5,
    ) {
        prop_assume!(names.iter().all(|name| !["iss", "nbf", "exp", "cnf", "vct", "status", "iat"].contains(&name.as_str())));
        let claims: Map<String, Value> = names.iter().map(|name| (name.clone(), json!([name, {"x": name}]))).collect();
        let hidden: Vec<_> = names
            .iter()
            .zip(&hide)
            .filter(|(_, hide)| **hide)
            .flat_map(|(name, _)| [ClaimPath::of([name.as_str()]), ClaimPath::of([name.as_str()]).all()])
            .collect();
        let draft = Draft {
            vct: VCT, issuer: "i", issued_at: NOW, valid_from: None, expires_at: NOW, holder: None, status: None,
            claims: &claims, hidden: &hidden, fill,
        };
        let text = draft.issue(&key(1), &[], &mut dice()).unwrap();
        let mut opened = SdJwt::parse(&text).unwrap().open(key(1).public()).unwrap().claims;
        for name in ["vct", "iss", "iat", "exp"] {
            opened.remove(name);
        }
        prop_assert_eq!(opened, claims);
    }
}
