//! The draft's vectors, our own lists, and everything that can be wrong with one.

use std::collections::BTreeSet;

use crypto::digest::DigestKey;
use crypto::jwk::Jwk;
use crypto::jws::VerifyError;
use crypto::sign::{Algorithm, Signer, SoftKey};
use jiff::SignedDuration;
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::cose::CoseRefusal;
use crate::testing::{NOW, unhex};
use crate::zlib::{self, ZlibError};

const MINUTE: SignedDuration = SignedDuration::from_mins(1);

fn vectors() -> serde_json::Value {
    serde_json::from_str(include_str!("../../tests/data/status/vectors.json")).unwrap()
}

fn signer() -> SoftKey {
    SoftKey::from_seed(Algorithm::Es256, &[1; 32]).unwrap()
}

fn token() -> StatusToken {
    let mut list = StatusList::new(1000);
    list.set(3, Status::Invalid).unwrap();
    list.set(4, Status::Suspended).unwrap();
    StatusToken {
        uri: "https://id.example/status/1".into(),
        issued_at: NOW,
        expires_at: Some(NOW + SignedDuration::from_hours(24)),
        time_to_live: Some(SignedDuration::from_mins(15)),
        list,
    }
}

fn at(index: u64) -> StatusRef {
    StatusRef {
        uri: token().uri,
        index,
    }
}

#[test]
fn the_lists_of_the_draft_are_read() {
    for vector in vectors()["lists"].as_array().unwrap() {
        let bits = u8::try_from(vector["bits"].as_u64().unwrap()).unwrap();
        let compressed = crypto::base64url::decode(vector["lst"].as_str().unwrap()).unwrap();
        let encoded = unhex(vector["cbor"].as_str().unwrap());

        let list = StatusList::inflate(bits, &compressed).unwrap().unwrap();

        assert_eq!(list.size(), vector["size"].as_u64().unwrap());
        let mut expected = StatusList::from_bytes(bits, vec![0; list.bytes_len()]).unwrap();
        for set in vector["set"].as_array().unwrap() {
            let value = u8::try_from(set[1].as_u64().unwrap()).unwrap();
            expected
                .set(set[0].as_u64().unwrap(), Status::from_value(value))
                .unwrap();
        }
        assert_eq!(list, expected);
        let in_cbor = cbor::decode(&encoded, MAX_TOKEN).unwrap();
        let in_cbor = cbor::named(&in_cbor, "lst").unwrap().as_bytes().unwrap();
        assert_eq!(StatusList::inflate(bits, in_cbor).unwrap(), Some(expected));
    }
}

#[test]
fn the_tokens_of_the_draft_verify() {
    let vectors = vectors();
    let key = Jwk::from_value(&vectors["key"]).unwrap();

    let jwt = StatusToken::read_jwt(vectors["jwt"].as_str().unwrap(), &key).unwrap();
    let cwt = StatusToken::read_cwt(&unhex(vectors["cwt"].as_str().unwrap()), key.key()).unwrap();

    assert_eq!(jwt, cwt);
    assert_eq!(jwt.uri, "https://example.com/statuslists/1");
    assert_eq!(jwt.time_to_live, Some(SignedDuration::from_secs(43_200)));
    assert_eq!(jwt.list.get(3), Some(Status::Invalid));
    let referenced = crate::cose::Signed::parse(&unhex(vectors["referenced_cwt"].as_str().unwrap()), 1000).unwrap();
    referenced.verify(key.key()).unwrap();
    let claims = cbor::decode(referenced.payload().unwrap(), 1000).unwrap();
    let reference = StatusRef::from_cbor(cbor::labelled(&claims, 65_535).unwrap()).unwrap();
    assert_eq!(reference, StatusRef { uri: jwt.uri, index: 0 });
}

#[test]
fn our_tokens_say_what_was_set_and_nothing_beyond_their_end() {
    let signer = signer();
    let jwt = token().sign_jwt(&signer, &[vec![1, 2, 3]]).unwrap();
    let cwt = token().sign_cwt(&signer, &[]).unwrap();

    for read in [
        StatusToken::read_jwt(&jwt, signer.public()).unwrap(),
        StatusToken::read_cwt(&cwt, signer.public().key()).unwrap(),
    ] {
        assert_eq!(read, token());
        assert_eq!(read.status_of(&at(2)), Ok(Status::Valid));
        assert_eq!(read.status_of(&at(3)), Ok(Status::Invalid));
        assert_eq!(read.status_of(&at(4)), Ok(Status::Suspended));
        assert_eq!(read.status_of(&at(1000)), Err(StatusRefusal::OutOfRange));
        assert_eq!(read.status_of(&at(u64::MAX)), Err(StatusRefusal::OutOfRange));
        let other = StatusRef {
            uri: "https://id.example/status/2".into(),
            index: 1,
        };
        assert_eq!(read.status_of(&other), Err(StatusRefusal::OtherList));
    }
}

#[test]
fn a_lock_and_an_unlock_are_two_changes_of_one_place() {
    let mut list = token().list;

    list.set(7, Status::Suspended).unwrap();
    assert_eq!(list.get(7), Some(Status::Suspended));
    list.set(7, Status::Valid).unwrap();

    assert_eq!(list, token().list);
    assert_eq!(list.set(1000, Status::Valid), Err(OutOfRange));
    assert_eq!(list.set(1, Status::Other(4)), Err(OutOfRange));
}

#[test]
fn time_is_judged_with_what_clocks_may_be_apart() {
    let token = token();
    let hours = SignedDuration::from_hours;

    assert_eq!(token.check_time(NOW, SignedDuration::ZERO), Ok(()));
    assert_eq!(token.check_time(NOW - MINUTE, MINUTE), Ok(()));
    assert_eq!(
        token.check_time(NOW - MINUTE * 2, MINUTE),
        Err(StatusRefusal::FromFuture)
    );
    assert_eq!(token.check_time(NOW + hours(24), MINUTE), Ok(()));
    assert_eq!(
        token.check_time(NOW + hours(24) + MINUTE, MINUTE),
        Err(StatusRefusal::Expired)
    );
    assert!(!token.is_stale(NOW + MINUTE * 15));
    assert!(token.is_stale(NOW + MINUTE * 16));
}

#[test]
fn a_list_that_somebody_else_signed_is_refused() {
    let other = SoftKey::from_seed(Algorithm::Es256, &[2; 32]).unwrap();
    let jwt = token().sign_jwt(&other, &[]).unwrap();
    let cwt = token().sign_cwt(&other, &[]).unwrap();

    let trusted = Jwk::unnamed(signer().public().key().clone());

    assert_eq!(
        StatusToken::read_jwt(&jwt, &trusted),
        Err(StatusRefusal::Jwt(VerifyError::Signature))
    );
    let refused = StatusToken::read_cwt(&cwt, trusted.key());
    assert_eq!(refused, Err(StatusRefusal::Cwt(CoseRefusal::Signature)));
}

#[test]
fn a_token_of_another_type_or_without_a_claim_is_refused() {
    let signer = signer();
    let list = json!({"bits": 2, "lst": crypto::base64url::encode(zlib::deflate(&[0; 4]))});
    let whole = json!({"sub": "u", "iat": 1, "status_list": list});
    let read = |typ, claims: &serde_json::Value| {
        let jwt = crypto::jws::sign(&signer, Some(typ), claims.to_string().as_bytes()).unwrap();
        StatusToken::read_jwt(&jwt, signer.public())
    };

    assert!(read("statuslist+jwt", &whole).is_ok());
    assert_eq!(read("JWT", &whole), Err(StatusRefusal::Type));
    for missing in ["sub", "iat", "status_list"] {
        let mut claims = whole.clone();
        claims.as_object_mut().unwrap().remove(missing);
        assert_eq!(read("statuslist+jwt", &claims), Err(StatusRefusal::Claims), "{missing}");
    }
    for (name, value) in [
        ("ttl", json!(0)),
        ("exp", json!("x")),
        ("status_list", json!({"bits": 2, "lst": "*"})),
    ] {
        let mut claims = whole.clone();
        claims[name] = value;
        assert_eq!(read("statuslist+jwt", &claims), Err(StatusRefusal::Claims), "{name}");
    }
    let mut three = whole.clone();
    three["status_list"]["bits"] = json!(3);
    assert_eq!(read("statuslist+jwt", &three), Err(StatusRefusal::Bits));
    let mut bomb = whole;
    bomb["status_list"]["lst"] = json!(crypto::base64url::encode(zlib::deflate(&vec![0; MAX_LIST + 1])));
    let refused = read("statuslist+jwt", &bomb);
    assert_eq!(refused, Err(StatusRefusal::Compression(ZlibError::TooLarge)));
}

#[test]
fn every_credential_gets_a_place_of_its_own() {
    let shards = Shards::new(DigestKey::new([7; 32]), 7, 100);

    let places: BTreeSet<_> = (0..700).map(|number| shards.place(number).unwrap()).collect();

    assert_eq!(places.len(), 700);
    assert!(places.iter().all(|place| place.list < 7 && place.index < 100));
    assert_eq!(shards.place(700), None);
}

#[test]
fn neighbours_in_the_queue_are_no_neighbours_in_the_lists() {
    let shards = Shards::new(DigestKey::new([7; 32]), 100, 1 << 20);
    let places: Vec<_> = (0..1000).map(|number| shards.place(number).unwrap()).collect();

    let lists: BTreeSet<_> = places.iter().map(|place| place.list).collect();
    let close = places
        .array_windows()
        .filter(|[one, next]| one.list == next.list && one.index.abs_diff(next.index) < 1000);

    assert!(
        lists.len() > 95,
        "a thousand credentials stand in {} of 100 lists",
        lists.len()
    );
    assert_eq!(close.count(), 0);
    assert!(shards.place(100_000_000).is_some());
    let other = Shards::new(DigestKey::new([8; 32]), 100, 1 << 20);
    assert_ne!(other.place(0), shards.place(0));
}

proptest! {
    #[test]
    fn any_bytes_are_answered(bytes: Vec<u8>, text: String) {
        let signer = signer();
        let _ = StatusToken::read_cwt(&bytes, signer.public().key());
        let _ = StatusToken::read_jwt(&text, signer.public());
        let _ = StatusList::inflate(2, &bytes);
    }

    #[test]
    fn what_is_set_is_what_is_read(set in proptest::collection::btree_map(0_u64..400, 0_u8..4, 0..50)) {
        let mut list = StatusList::new(400);
        for (index, value) in &set {
            list.set(*index, Status::from_value(*value)).unwrap();
        }
        let read = StatusList::inflate(2, &list.deflate()).unwrap().unwrap();
        for index in 0..400 {
            prop_assert_eq!(read.get(index).map(Status::value), Some(set.get(&index).copied().unwrap_or(0)));
        }
    }
}
