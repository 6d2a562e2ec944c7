//! From pass to verdict, and everything that can be wrong with a text.

use civil::Sex;
use crypto::sign::{Algorithm, Signer as _, SoftKey};
use fast_qr::{ECL, QRBuilder};
use jiff::Timestamp;
use jiff::civil::date;
use proptest::prelude::*;

use super::*;
use crate::cbor::{self, Value};
use crate::cose::{self, Headers, Signed};
use crate::status::{Status, StatusRef};
use crate::testing::{NOW, key};
use crate::zlib;

const SECOND: SignedDuration = SignedDuration::from_secs(1);

fn identity() -> Identity {
    Identity {
        number: "001098000001".into(),
        full_name: "Nguyễn Thị Ngọc Ánh".into(),
        date_of_birth: Some(date(1998, 3, 12)),
        sex: Some(Sex::Female),
        address: Some("Phường Hoàn Kiếm, TP Hà Nội".into()),
        nationality: Some("VN".into()),
        photo: None,
    }
}

fn issue(device: &SoftKey, identity: &Identity) -> Pass {
    let status_at = StatusRef {
        uri: "https://id.example/status/g1/42".into(),
        index: 123_456,
    };
    let draft = Draft {
        issuer: "https://id.example",
        identity,
        device: device.public().key(),
        issued_at: NOW,
        expires_at: NOW + SignedDuration::from_hours(24),
        status: Status::Valid,
        status_at: Some(&status_at),
    };
    draft.issue(&key(1)).unwrap()
}

fn pass() -> Pass {
    issue(&key(2), &identity())
}

fn shown() -> String {
    pass().show(&key(2), NOW, None).unwrap()
}

fn expect() -> Expect<'static> {
    Expect {
        at: NOW,
        skew: SECOND * 30,
        max_age: MAX_AGE,
        challenge: None,
    }
}

fn verify(text: &str, expect: &Expect<'_>) -> Result<Verified, Refusal> {
    Shown::parse(text)?.verify(key(1).public().key(), expect)
}

fn at(at: Timestamp) -> Expect<'static> {
    Expect { at, ..expect() }
}

/// The text of a message.
fn text(message: &[u8]) -> String {
    base45::encode(zlib::deflate(message))
}

#[test]
fn a_code_says_who_shows_it_and_as_of_when_it_knows_the_status() {
    for algorithm in Algorithm::ALL {
        let device = SoftKey::from_seed(*algorithm, &[2; 32]).unwrap();
        let text = issue(&device, &identity()).show(&device, NOW + SECOND, None).unwrap();

        let verified = verify(&text, &at(NOW + SECOND)).unwrap();

        assert_eq!(verified.identity, identity());
        assert_eq!(verified.shown_at, NOW + SECOND);
        assert_eq!(
            verified.stapled,
            Stapled {
                status: Status::Valid,
                at: NOW
            }
        );
        assert_eq!(verified.status.unwrap().index, 123_456);
        assert_eq!(
            Shown::parse(&text).unwrap().key_id(),
            Some(&crate::trust::short_id(key(1).public().key())[..])
        );
    }
}

#[test]
fn a_photo_travels_too() {
    let mut identity = identity();
    identity.photo = Some(Photo {
        format: PhotoFormat::WebP,
        image: vec![7; 500],
    });

    let text = issue(&key(2), &identity).show(&key(2), NOW, None).unwrap();

    assert_eq!(verify(&text, &expect()).unwrap().identity, identity);
}

#[test]
fn the_device_shows_what_it_kept_for_a_day_and_no_longer() {
    let kept = Pass::parse(&pass().to_bytes()).unwrap();
    let day = SignedDuration::from_hours(24);
    let show = |when: Timestamp| verify(&kept.show(&key(2), when, None).unwrap(), &at(when));

    assert!(show(NOW + day - SECOND).is_ok());
    assert_eq!(show(NOW + day), Err(Refusal::Expired));
    assert_eq!(show(NOW - SECOND * 31), Err(Refusal::FromFuture));
}

#[test]
fn a_screenshot_is_worth_nothing_after_a_minute() {
    let text = shown();

    assert!(verify(&text, &at(NOW + MAX_AGE)).is_ok());
    assert_eq!(verify(&text, &at(NOW + MAX_AGE + SECOND)), Err(Refusal::ProofTooOld));
}

#[test]
fn a_clock_that_is_three_minutes_off_is_noticed() {
    let minutes = SignedDuration::from_mins(3);
    let later = pass().show(&key(2), NOW + minutes * 2, None).unwrap();

    assert_eq!(verify(&later, &at(NOW + minutes)), Err(Refusal::ProofFromFuture));
    assert_eq!(verify(&later, &at(NOW + minutes * 3)), Err(Refusal::ProofTooOld));
    assert!(verify(&later, &at(NOW + minutes * 2 - SECOND * 30)).is_ok());
}

#[test]
fn a_proof_answers_one_challenge_alone() {
    let with = |given: Option<&[u8]>, wanted| {
        let text = pass().show(&key(2), NOW, given).unwrap();
        verify(
            &text,
            &Expect {
                challenge: wanted,
                ..expect()
            },
        )
        .map(|_| ())
    };

    assert_eq!(with(Some(b"one"), Some(b"one")), Ok(()));
    assert_eq!(with(Some(b"one"), Some(b"two")), Err(Refusal::OtherChallenge));
    assert_eq!(with(Some(b"one"), None), Err(Refusal::OtherChallenge));
    assert_eq!(with(None, Some(b"one")), Err(Refusal::OtherChallenge));
    let long = [0; MAX_CHALLENGE + 1];
    assert_eq!(with(Some(&long), Some(&long)), Err(Refusal::OtherChallenge));
}

#[test]
fn a_copy_of_the_pass_alone_or_shown_by_another_device_is_refused() {
    let copied = text(&pass().to_bytes());
    let stolen = pass().show(&key(3), NOW, None).unwrap();
    let other_kind = SoftKey::from_seed(Algorithm::EdDsa, &[2; 32]).unwrap();

    assert_eq!(verify(&copied, &expect()), Err(Refusal::ProofMissing));
    assert_eq!(verify(&stolen, &expect()), Err(Refusal::ProofSignature));
    let refused = verify(&pass().show(&other_kind, NOW, None).unwrap(), &expect());
    assert_eq!(refused, Err(Refusal::Algorithm));
}

#[test]
fn a_proof_of_one_pass_does_not_serve_another() {
    let mut other = identity();
    other.full_name = "Trần Văn Bình".into();
    let mine = Signed::parse(
        &zlib::inflate(&base45::decode(shown()).unwrap(), MAX_INFLATED).unwrap(),
        MAX_INFLATED,
    )
    .unwrap();
    let mut theirs = Signed::parse(&issue(&key(2), &other).to_bytes(), MAX_INFLATED).unwrap();
    theirs.0.unprotected = mine.0.unprotected;

    assert_eq!(
        verify(&text(&theirs.to_tagged()), &expect()),
        Err(Refusal::ProofSignature)
    );
}

#[test]
fn a_pass_of_an_unknown_issuer_or_without_a_claim_is_refused() {
    let stranger = Shown::parse(&shown()).unwrap().verify(key(9).public().key(), &expect());
    assert_eq!(stranger, Err(Refusal::IssuerSignature));

    let claims = cbor::decode(pass().0.payload().unwrap(), MAX_INFLATED).unwrap();
    for missing in [ISSUER, EXPIRES_AT, ISSUED_AT, CONFIRMATION, IDENTITY, STAPLED] {
        let mut entries = claims.as_map().unwrap().clone();
        entries.retain(|(label, _)| cbor::integer(label) != Some(missing));
        let payload = cbor::encode(&Value::Map(entries));
        let pass = Pass(cose::sign(&key(1), Headers::default(), payload).unwrap());
        let text = pass.show(&key(2), NOW, None).unwrap();
        assert_eq!(verify(&text, &expect()), Err(Refusal::MissingClaim), "{missing}");
    }
}

#[test]
fn a_text_that_is_no_code_of_ours_is_refused() {
    let nested = [vec![0x81; 1000], vec![0]].concat();
    for (bad, refusal) in [
        ("0".repeat(MAX_TEXT + 1), Refusal::TooLong),
        ("abc".into(), Refusal::NotBase45),
        (base45::encode(b"plain"), Refusal::NotCompressed),
        (text(&vec![0; MAX_INFLATED + 1]), Refusal::TooLarge),
        (text(&vec![0; 1_000_000]), Refusal::TooLarge),
        (text(&nested), Refusal::TooDeep),
        (text(b"\xd2\x84\x40\xa0\xf6\x40"), Refusal::Malformed),
        (text(&cbor::encode(&"text".into())), Refusal::Malformed),
    ] {
        assert_eq!(verify(&bad, &expect()), Err(refusal));
    }
}

#[test]
fn no_changed_byte_of_the_text_passes() {
    let text = shown();
    for at in 0..text.len() {
        for other in ["0", "Z", ":", "%"] {
            let changed = format!("{}{other}{}", &text[..at], &text[at + 1..]);
            assert!(
                changed == text || verify(&changed, &expect()).is_err(),
                "byte {at} to {other}"
            );
        }
        assert!(verify(&text[..at], &expect()).is_err(), "cut at {at}");
    }
}

#[test]
fn no_flipped_bit_of_the_message_passes() {
    let message = zlib::inflate(&base45::decode(shown()).unwrap(), MAX_INFLATED).unwrap();
    let flipped = (0..message.len() * 8).filter(|bit| {
        let mut changed = message.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        verify(&text(&changed), &expect()).is_ok()
    });

    assert_eq!(flipped.collect::<Vec<_>>(), Vec::<usize>::new());
}

#[test]
fn the_code_is_small_enough_for_a_cheap_phone_and_its_size_is_told() {
    let text = pass().show(&key(2), NOW, Some(&[7; 16])).unwrap();

    let size = Size::of(&text, Level::M).unwrap();

    assert!(
        size.version <= 18,
        "{} characters, version {}",
        text.len(),
        size.version
    );
    let drawn = QRBuilder::new(text.as_str()).ecl(ECL::M).build().unwrap();
    assert_eq!(drawn.size, usize::from(size.modules));
    let drawn = QRBuilder::new(text.as_str()).ecl(ECL::L).build().unwrap();
    assert_eq!(drawn.size, usize::from(Size::of(&text, Level::L).unwrap().modules));
    assert_eq!(Size::of(&"A".repeat(4296), Level::L).unwrap().version, 40);
    assert_eq!(Size::of(&"A".repeat(4297), Level::L), None);
}

proptest! {
    #[test]
    fn any_text_and_any_message_are_answered(any: String, message: Vec<u8>) {
        prop_assert!(verify(&any, &expect()).is_err());
        prop_assert!(verify(&text(&message), &expect()).is_err());
        let _ = Pass::parse(&message);
    }
}
