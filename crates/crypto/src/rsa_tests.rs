use proptest::prelude::*;

use super::*;

const VECTORS: &str = include_str!("../testdata/rsa.txt");
const CHALLENGE: [u8; 8] = [1, 2, 3, 4, 5, 6, 7, 8];

/// The line that begins with some words, its last word read as hexadecimal.
fn vector(words: &str) -> Vec<u8> {
    let hex = VECTORS
        .lines()
        .find_map(|line| line.strip_prefix(words)?.strip_prefix(' '))
        .unwrap();
    hex.as_bytes()
        .chunks(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
        .collect()
}

fn recover(words: &str, challenge: &[u8]) -> Result<Hash, RecoveryRefusal> {
    verify_recovering(&vector("key 2048"), challenge, &vector(words))
}

#[test]
fn a_salt_of_any_length_is_verified() {
    let key = vector("key 2048");
    let cases = [
        ("sha256 0", Hash::Sha256, 0),
        ("sha256 20", Hash::Sha256, 20),
        ("sha256 32", Hash::Sha256, 32),
        ("sha256 222", Hash::Sha256, 222),
        ("sha384 48", Hash::Sha384, 48),
        ("sha512 20", Hash::Sha512, 20),
        ("sha512 190", Hash::Sha512, 190),
    ];

    for (name, hash, salt) in cases {
        let signature = vector(&format!("pss {name}"));
        assert!(verify_pss(&key, hash, salt, b"message", &signature).is_some(), "{name}");
        assert!(verify_pss(&key, hash, salt, b"massage", &signature).is_none(), "{name}");
        assert!(
            verify_pss(&key, hash, salt + 1, b"message", &signature).is_none(),
            "{name}"
        );
        assert!(
            verify_pss(&key, hash, salt.wrapping_sub(1), b"message", &signature).is_none(),
            "{name}"
        );
    }
}

#[test]
fn a_modulus_may_have_any_number_of_bits() {
    let key = vector("key 2049");

    assert!(verify_pss(&key, Hash::Sha256, 32, b"message", &vector("pss-odd sha256 32")).is_some());
    assert!(verify_pss(&key, Hash::Sha256, 7, b"message", &vector("pss-odd sha256 7")).is_some());
    assert!(verify_pss(&key, Hash::Sha256, 8, b"message", &vector("pss-odd sha256 7")).is_none());
}

#[test]
fn a_signature_with_recovery_is_one_of_its_key_and_challenge() {
    assert_eq!(recover("recovering sha256 root", &CHALLENGE), Ok(Hash::Sha256));
    assert_eq!(recover("recovering sha384 root", &CHALLENGE), Ok(Hash::Sha384));
    assert_eq!(recover("recovering sha512 root", &CHALLENGE), Ok(Hash::Sha512));
    assert_eq!(recover("recovering sha256 other-root", &CHALLENGE), Ok(Hash::Sha256));
    assert_eq!(
        recover("recovering sha256 root", &[0; 8]),
        Err(RecoveryRefusal::Signature)
    );
    assert_eq!(
        recover("recovering sha256 other-head", &CHALLENGE),
        Err(RecoveryRefusal::Signature)
    );
    assert_eq!(recover("pss sha256 32", &CHALLENGE), Err(RecoveryRefusal::Signature));
}

#[test]
fn sha_1_and_small_keys_are_named() {
    let small = verify_recovering(&vector("key 1024"), &CHALLENGE, &[1; 128]);

    assert_eq!(recover("recovering sha1 root", &CHALLENGE), Err(RecoveryRefusal::Sha1));
    assert_eq!(
        recover("recovering sha1-short root", &CHALLENGE),
        Err(RecoveryRefusal::Sha1)
    );
    assert_eq!(small, Err(RecoveryRefusal::Key));
    assert_eq!(verify_recovering(&[], &CHALLENGE, &[]), Err(RecoveryRefusal::Key));
}

#[test]
fn a_changed_signature_does_not_verify() {
    let (key, signature) = (vector("key 2048"), vector("recovering sha256 root"));

    for at in 0..signature.len() {
        let mut changed = signature.clone();
        changed[at] ^= 1;
        assert!(verify_recovering(&key, &CHALLENGE, &changed).is_err());
    }
    assert!(verify_recovering(&key, &CHALLENGE, &signature[1..]).is_err());
    assert!(verify_recovering(&key, &CHALLENGE, &[&[0], &signature[..]].concat()).is_err());
}

#[test]
fn a_cut_key_is_none() {
    let key = vector("key 2048");

    for length in 0..key.len() {
        assert!(RsaKey::from_der(&key[..length]).is_none());
    }
    assert!(RsaKey::from_der(&[&key[..], &[0]].concat()).is_none());
}

proptest! {
    #[test]
    fn any_bytes_are_refused(key in proptest::collection::vec(any::<u8>(), 0..300), at in 0..270_usize, byte: u8) {
        let mut near = vector("key 2048");
        near[at] = byte;
        let signature = vector("recovering sha256 root");

        prop_assert!(verify_recovering(&key, &CHALLENGE, &signature).is_err());
        let _ = verify_recovering(&near, &CHALLENGE, &signature);
        prop_assert!(verify_pss(&key, Hash::Sha256, 32, b"message", &signature).is_none());
    }
}
