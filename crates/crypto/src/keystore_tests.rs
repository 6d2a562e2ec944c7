use super::*;
use crate::keys::Times;

const NONCE: [u8; 12] = [9; 12];

fn key(algorithm: Algorithm, seed: u8) -> PrivateKey {
    PrivateKey::Memory(SoftKey::from_seed(algorithm, &[seed; 32]).unwrap())
}

fn keystore() -> Keystore {
    let at = |second| Timestamp::from_second(second).unwrap();
    let mut set = KeySet::new(key(Algorithm::Es256, 1), key(Algorithm::EdDsa, 2), at(0));
    set.rotate(
        key(Algorithm::Es256, 3),
        Times {
            now: at(1),
            retire_until: at(1000),
            next_not_before: at(500),
        },
    )
    .unwrap();
    let mut keystore = Keystore::new([4; 32]);
    keystore.rotate_sealing([5; 32]);
    keystore.add_digest("personal number", [6; 32]);
    keystore.set_signing("sso", set);
    keystore
}

#[test]
fn a_keystore_comes_back_as_it_was() {
    let master = Secret::new([8; 32]);
    let before = keystore();
    let place = Place {
        table: "t",
        column: "c",
        row: b"r",
    };
    let value = Keystore::new([4; 32]).sealing().seal(&place, b"old", [1; 12]);

    let after = Keystore::open(&master, &before.seal(&master, NONCE).unwrap(), None).unwrap();

    let (was, is) = (before.signing("sso").unwrap(), after.signing("sso").unwrap());
    let now = Timestamp::from_second(10).unwrap();
    assert_eq!(is.jwks(now), was.jwks(now));
    assert_eq!(is.next_not_before(), was.next_not_before());
    assert_eq!(is.signer().key_id(), was.signer().key_id());
    let digest = |store: &Keystore| store.digest("personal number").unwrap().digest("x", b"y");
    assert_eq!(digest(&after), digest(&before));
    assert_eq!(after.sealing().open(&place, &value).unwrap().as_slice(), b"old");
    assert!(after.sealing().is_stale(&value));
}

#[test]
fn a_keystore_opens_only_with_its_master_key_and_unchanged() {
    let master = Secret::new([8; 32]);
    let mut sealed = keystore().seal(&master, NONCE).unwrap();

    let other = Keystore::open(&Secret::new([7; 32]), &sealed, None);
    *sealed.last_mut().unwrap() ^= 1;
    let changed = Keystore::open(&master, &sealed, None);

    assert_eq!(other.err(), Some(KeystoreError::Sealed(OpenError::UnknownKey)));
    assert_eq!(changed.err(), Some(KeystoreError::Sealed(OpenError::Refused)));
}

#[test]
fn a_content_of_another_kind_is_refused() {
    let master = Secret::new([8; 32]);
    for content in [
        r#"{"sealing":[],"digests":{},"signing":{}}"#,
        "{}",
        r#"{"sealing":["AA"],"digests":{},"signing":{}}"#,
    ] {
        let sealed = under(&master).seal(&PLACE, content.as_bytes(), NONCE);

        assert_eq!(
            Keystore::open(&master, &sealed, None).err(),
            Some(KeystoreError::Malformed),
            "{content}"
        );
    }
}

#[test]
fn a_digest_key_is_never_replaced() {
    let mut keystore = keystore();
    let before = keystore.digest("personal number").unwrap().digest("x", b"y");

    assert!(!keystore.add_digest("personal number", [7; 32]));
    assert!(keystore.add_digest("phone", [7; 32]));

    assert_eq!(keystore.digest("personal number").unwrap().digest("x", b"y"), before);
}

#[test]
fn a_keystore_does_not_print_its_keys() {
    let printed = format!("{:?}", keystore());

    for part in ["4, 4, 4", "5, 5, 5", "6, 6, 6", "BAQE", "BQUF", "BgYG", "pkcs8"] {
        assert!(!printed.contains(part), "{part} in {printed}");
    }
}
