//! Our own documents from issue to verdict, the response of annex D, and everything that can be wrong with one.

use crypto::sign::{Algorithm, Signer as _, SoftKey};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

use super::*;
use crate::status::StatusRef;
use crate::testing::{NOW, dice, key, unhex};

const MINUTE: SignedDuration = SignedDuration::from_mins(1);

fn elements() -> Elements {
    let eid = [
        ("family_name", Value::from("Nguyễn")),
        ("age_over_18", true.into()),
        ("birth_date", Value::Tag(1004, Box::new("1998-03-12".into()))),
        ("portrait", Value::Bytes(vec![0xff; 2000])),
    ];
    let eid = eid.map(|(name, value)| (name.to_owned(), value)).into();
    Elements::from([(EID.to_owned(), eid)])
}

fn issued() -> Vec<u8> {
    let status = StatusRef {
        uri: "https://id.example/status/1".into(),
        index: 7,
    };
    let (elements, device) = (elements(), key(2));
    let draft = Draft {
        document_type: EID,
        elements: &elements,
        device: device.public().key(),
        signed_at: NOW,
        valid_from: NOW,
        valid_until: NOW + SignedDuration::from_hours(24),
        status: Some(&status),
    };
    draft.issue(&key(1), &[vec![0x30, 0x00]], &mut dice()).unwrap()
}

fn transcript(nonce: &str) -> Vec<u8> {
    transcript::openid4vp("x509_hash:v", nonce, None, "https://v.example/post")
}

fn presented(shown: &[(&str, &str)]) -> Vec<u8> {
    let held = IssuerSigned::parse(&issued()).unwrap();
    held.present(EID, shown, &key(2), &transcript("n")).unwrap()
}

fn verify_at(response: &[u8], at: Timestamp, nonce: &str) -> Result<Verified, Refusal> {
    let expect = Expect {
        at,
        skew: MINUTE,
        types: &[EID],
        transcript: &transcript(nonce),
    };
    let response = DeviceResponse::parse(response)?;
    let document = response.documents.first().ok_or(Refusal::Malformed)?;
    document.verify(key(1).public().key(), &expect)
}

fn verify(response: &[u8]) -> Result<Verified, Refusal> {
    verify_at(response, NOW, "n")
}

/// The response with its one document changed.
fn changed(change: impl FnOnce(&mut Value)) -> Vec<u8> {
    let mut response = cbor::decode(&presented(&[(EID, "age_over_18"), (EID, "family_name")]), MAX_BYTES).unwrap();
    change(&mut field(&mut response, "documents").as_array_mut().unwrap()[0]);
    cbor::encode(&response)
}

fn field<'a>(value: &'a mut Value, name: &str) -> &'a mut Value {
    let entries = value.as_map_mut().unwrap();
    &mut entries
        .iter_mut()
        .find(|(key, _)| key.as_text() == Some(name))
        .unwrap()
        .1
}

fn items(document: &mut Value) -> &mut Vec<Value> {
    let signed = field(document, "issuerSigned");
    field(field(signed, "nameSpaces"), EID).as_array_mut().unwrap()
}

/// An `IssuerSigned` whose security object is changed before it is signed.
fn with_object(change: impl FnOnce(&mut Value)) -> Result<Verified, Refusal> {
    let mut held = IssuerSigned::parse(&issued()).unwrap();
    let payload = cbor::decode(held.auth.payload().unwrap(), MAX_BYTES).unwrap();
    let mut object = cbor::decode(cbor::wrapped(&payload).unwrap(), MAX_BYTES).unwrap();
    change(&mut object);
    let payload = cbor::encode(&cbor::wrap(cbor::encode(&object)));
    held.auth = crate::cose::sign(&key(1), crate::cose::Headers::default(), payload).unwrap();
    held.verify(key(1).public().key(), NOW, MINUTE)
}

#[test]
fn what_is_shown_is_seen_and_the_rest_stays_away() {
    let verified = verify(&presented(&[(EID, "age_over_18"), (EID, "religion")])).unwrap();

    let shown = BTreeMap::from([("age_over_18".to_owned(), true.into())]);
    assert_eq!(verified.elements, Elements::from([(EID.to_owned(), shown)]));
    assert_eq!(verified.document_type, EID);
    assert_eq!(verified.status.unwrap().index, 7);
    assert_eq!(verified.device, *key(2).public().key());
    let nothing = verify(&presented(&[])).unwrap();
    assert!(nothing.elements.is_empty());
}

#[test]
fn the_holder_verifies_what_was_issued() {
    let held = IssuerSigned::parse(&issued()).unwrap();

    let verified = held.verify(key(1).public().key(), NOW, MINUTE).unwrap();

    assert_eq!(verified.elements, elements());
    assert_eq!(held.chain(), [vec![0x30, 0x00]]);
}

#[test]
fn a_response_to_another_session_or_by_another_device_is_refused() {
    let held = IssuerSigned::parse(&issued()).unwrap();
    let stolen = held.present(EID, &[], &key(3), &transcript("n")).unwrap();
    let other_kind = SoftKey::from_seed(Algorithm::EdDsa, &[2; 32]).unwrap();
    let other_kind = held.present(EID, &[], &other_kind, &transcript("n")).unwrap();

    assert_eq!(verify_at(&presented(&[]), NOW, "m"), Err(Refusal::DeviceSignature));
    assert_eq!(verify(&stolen), Err(Refusal::DeviceSignature));
    assert_eq!(verify(&other_kind), Err(Refusal::Algorithm));
}

#[test]
fn elements_that_were_changed_swapped_or_doubled_are_refused() {
    let swapped = changed(|document| {
        let mut other = IssuerSigned::parse(&issued()).unwrap().items[0].bytes.clone();
        *other.last_mut().unwrap() ^= 1;
        items(document)[0] = cbor::wrap(other);
    });
    let doubled = changed(|document| {
        let first = items(document)[0].clone();
        items(document).push(first);
    });
    let moved = changed(|document| {
        let signed = field(document, "issuerSigned");
        let namespaces = field(signed, "nameSpaces").as_map_mut().unwrap();
        namespaces[0].0 = "org.iso.18013.5.1".into();
    });

    assert_eq!(verify(&swapped), Err(Refusal::DigestMismatch));
    assert_eq!(verify(&doubled), Err(Refusal::DuplicateElement));
    assert_eq!(verify(&moved), Err(Refusal::DigestMissing));
}

#[test]
fn another_document_type_or_issuer_is_refused() {
    let renamed = changed(|document| *field(document, "docType") = DRIVING_LICENCE.into());
    assert_eq!(verify(&renamed), Err(Refusal::DocumentType));

    let response = DeviceResponse::parse(&presented(&[])).unwrap();
    let transcript = transcript("n");
    let expect = Expect {
        at: NOW,
        skew: MINUTE,
        types: &[DRIVING_LICENCE],
        transcript: &transcript,
    };
    let document = &response.documents[0];
    assert_eq!(document.verify(key(1).public().key(), &expect), Err(Refusal::OtherType));
    assert_eq!(
        document.verify(key(5).public().key(), &expect),
        Err(Refusal::IssuerSignature)
    );
}

#[test]
fn a_document_outside_its_time_is_refused() {
    let response = presented(&[]);
    let end = NOW + SignedDuration::from_hours(24);

    assert!(verify_at(&response, end, "n").is_ok(), "within the skew");
    assert_eq!(verify_at(&response, end + MINUTE, "n"), Err(Refusal::Expired));
    assert_eq!(verify_at(&response, NOW - MINUTE * 3, "n"), Err(Refusal::FromFuture));
    let not_yet = with_object(|object| {
        let later = Value::Tag(0, Box::new("2028-01-01T00:00:00Z".into()));
        *field(field(object, "validityInfo"), "validFrom") = later;
    });
    assert_eq!(not_yet, Err(Refusal::NotYetValid));
}

#[test]
fn a_security_object_that_breaks_the_rules_is_refused() {
    let set = |name: &'static str, value: Value| with_object(move |object| *field(object, name) = value);

    assert_eq!(set("version", "2.0".into()), Err(Refusal::Version));
    assert_eq!(set("digestAlgorithm", "SHA-1".into()), Err(Refusal::DigestAlgorithm));
    assert_eq!(set("validityInfo", Value::Null), Err(Refusal::Malformed));
    assert_eq!(set("deviceKeyInfo", Value::Null), Err(Refusal::DeviceKey));
    assert_eq!(set("status", Value::Null), Err(Refusal::Malformed));
    assert_eq!(set("docType", Value::Null), Err(Refusal::Malformed));
    assert!(set("version", "1.0".into()).is_ok());
}

#[test]
fn what_the_device_says_itself_and_macs_are_refused() {
    let said = changed(|document| {
        let own = cbor::encode(&cbor::map([(EID, cbor::map([("age_over_18", true.into())]))]));
        *field(field(document, "deviceSigned"), "nameSpaces") = cbor::wrap(own);
    });
    let mac = changed(|document| {
        *field(field(document, "deviceSigned"), "deviceAuth") = cbor::map([("deviceMac", Value::Null)]);
    });
    let none = changed(|document| {
        *field(field(document, "deviceSigned"), "deviceAuth") = cbor::map([]);
    });

    assert_eq!(verify(&said), Err(Refusal::DeviceElements));
    assert_eq!(verify(&mac), Err(Refusal::DeviceMac));
    assert_eq!(verify(&none), Err(Refusal::DeviceSignatureMissing));
}

#[test]
fn a_response_that_is_none_is_refused() {
    let with = |name: &str, value: Value| {
        let mut response = cbor::decode(&presented(&[]), MAX_BYTES).unwrap();
        *field(&mut response, name) = value;
        DeviceResponse::parse(&cbor::encode(&response)).err()
    };
    let nested = [vec![0x81; 1000], vec![0]].concat();

    assert_eq!(with("version", "9".into()), Some(Refusal::Version));
    assert_eq!(with("status", 10.into()), Some(Refusal::ResponseStatus));
    assert_eq!(with("documents", 1.into()), Some(Refusal::Malformed));
    assert_eq!(DeviceResponse::parse(&nested).err(), Some(Refusal::TooDeep));
    assert_eq!(
        DeviceResponse::parse(&vec![0; MAX_BYTES + 1]).err(),
        Some(Refusal::TooLarge)
    );
    let many = changed(|document| {
        let first = items(document)[0].clone();
        *items(document) = vec![first; MAX_ELEMENTS + 1];
    });
    assert_eq!(verify(&many), Err(Refusal::TooLarge));
}

/// ISO/IEC 18013-5 annex D.4.1.2. Its device authenticated by a MAC, so what the issuer signed is verified alone, with the
/// key in the certificate of annex D.5.2.
#[test]
fn the_response_of_annex_d_is_read_and_what_its_issuer_signed_verifies() {
    let vector: serde_json::Value = serde_json::from_str(include_str!("../../tests/data/iso/annex_d.json")).unwrap();
    let bytes = unhex(vector["device_response"].as_str().unwrap());
    let at: Timestamp = "2020-11-01T00:00:00Z".parse().unwrap();

    let response = DeviceResponse::parse(&bytes).unwrap();

    let document = &response.documents[0];
    assert_eq!(document.document_type(), DRIVING_LICENCE);
    let chain = document.issuer_signed().chain();
    let certificate = crate::trust::issuer_key_of(&chain[0]);
    let verified = document.issuer_signed().verify(&certificate, at, MINUTE).unwrap();
    let licence = &verified.elements[DRIVING_LICENCE_NAMESPACE];
    assert_eq!(licence["family_name"], "Doe".into());
    assert_eq!(licence.len(), 6);
    let late = document.issuer_signed().verify(&certificate, NOW, MINUTE);
    assert_eq!(late, Err(Refusal::Expired));
    let expect = Expect {
        at,
        skew: MINUTE,
        types: &[],
        transcript: &[0xf6],
    };
    assert_eq!(document.verify(&certificate, &expect), Err(Refusal::DeviceMac));
}

#[test]
fn no_flipped_bit_of_a_response_shows_anything_else() {
    let response = presented(&[(EID, "age_over_18")]);
    let original = verify(&response).unwrap();
    for at in 0..response.len() {
        let mut bytes = response.clone();
        bytes[at] ^= 1;
        // Nobody signs the chain (another one does not lead to the issuer's key), nor that an element is shown at all.
        if let Ok(mut verified) = verify(&bytes) {
            if verified.elements.is_empty() {
                verified.elements.clone_from(&original.elements);
            }
            assert_eq!(verified, original, "byte {at}");
        }
    }
}

proptest! {
    #[test]
    fn any_bytes_are_answered(bytes: Vec<u8>) {
        let _ = verify(&bytes);
        let _ = IssuerSigned::parse(&bytes);
    }

    #[test]
    fn any_broken_response_is_answered(at in 0_usize..10_000, with: u8, cut in 0_usize..10_000) {
        let mut bytes = presented(&[(EID, "age_over_18"), (EID, "portrait")]);
        let at = at % bytes.len();
        bytes[at] = with;
        let cut = cut % bytes.len();
        prop_assert!(verify(&bytes[..cut]).is_err());
        let _ = verify(&bytes);
    }
}
