use aws_lc_rs::signature::ECDSA_P256_SHA256_ASN1;
use proptest::prelude::*;

use super::*;

fn key(algorithm: Algorithm, seed: u8) -> SoftKey {
    SoftKey::from_seed(algorithm, &[seed; 32]).unwrap()
}

#[test]
fn a_signature_verifies_only_over_its_message_and_with_its_key() {
    for algorithm in Algorithm::ALL {
        let (mine, other) = (key(*algorithm, 1), SoftKey::generate(*algorithm).unwrap());

        let mut signature = mine.sign(b"message").unwrap();

        assert_eq!(signature.len(), 64);
        assert_eq!(verify(mine.public().key(), b"message", &signature), Ok(()));
        assert_eq!(verify(mine.public().key(), b"massage", &signature), Err(BadSignature));
        assert_eq!(verify(other.public().key(), b"message", &signature), Err(BadSignature));
        signature[5] ^= 1;
        assert_eq!(verify(mine.public().key(), b"message", &signature), Err(BadSignature));
        assert_eq!(verify(mine.public().key(), b"message", &[]), Err(BadSignature));
    }
}

#[test]
fn the_same_seed_makes_the_same_key() {
    for algorithm in Algorithm::ALL {
        assert_eq!(key(*algorithm, 1).public(), key(*algorithm, 1).public());
        assert_ne!(key(*algorithm, 1).public(), key(*algorithm, 2).public());
    }
    assert_ne!(
        SoftKey::generate(Algorithm::Es256).unwrap().key_id(),
        SoftKey::generate(Algorithm::Es256).unwrap().key_id()
    );
}

#[test]
fn a_key_comes_back_from_pkcs8_and_only_as_what_it_is() {
    for (algorithm, other) in [
        (Algorithm::Es256, Algorithm::EdDsa),
        (Algorithm::EdDsa, Algorithm::Es256),
    ] {
        let before = key(algorithm, 1);
        let der = before.to_pkcs8().unwrap();

        let after = SoftKey::from_pkcs8(algorithm, &der).unwrap();

        assert_eq!(after.public(), before.public());
        assert!(SoftKey::from_pkcs8(other, &der).is_err());
        assert!(SoftKey::from_pkcs8(algorithm, &der[1..]).is_err());
    }
}

#[test]
fn private_numbers_outside_the_group_are_refused() {
    assert!(SoftKey::from_private_number(&[0; 32]).is_err());
    assert!(SoftKey::from_private_number(&[0xff; 32]).is_err());
}

#[test]
fn a_der_signature_is_accepted_where_x509_wants_it() {
    for seed in 1..40 {
        let key = key(Algorithm::Es256, seed);
        let signature: [u8; 64] = key.sign(&[seed]).unwrap().try_into().unwrap();

        let der = ecdsa_to_der(&signature);

        let verifier = UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, key.public().key().bytes());
        assert!(verifier.verify(&[seed], &der).is_ok());
        assert_eq!(ecdsa_from_der(&der), Some(signature));
    }
}

#[test]
fn der_signatures_in_a_second_spelling_are_refused() {
    let good = ecdsa_to_der(&[1; 64]);
    let mut trailing = good.clone();
    trailing.push(0);

    assert!(ecdsa_from_der(&good).is_some());
    assert!(ecdsa_from_der(&trailing).is_none());
    assert!(
        ecdsa_from_der(&[0x30, 7, 2, 2, 0, 1, 2, 1, 1]).is_none(),
        "leading zero"
    );
    assert!(ecdsa_from_der(&[0x30, 6, 2, 1, 0x81, 2, 1, 1]).is_none(), "negative");
    assert!(
        ecdsa_from_der(&[0x30, 0x81, 6, 2, 1, 1, 2, 1, 1]).is_none(),
        "long length"
    );
    assert!(ecdsa_from_der(&[]).is_none());
}

#[test]
fn a_key_does_not_print_its_private_half() {
    let key = key(Algorithm::Es256, 1);

    assert_eq!(
        format!("{key:?}"),
        format!("SoftKey {{ key_id: {:?}, .. }}", key.key_id())
    );
}

proptest! {
    #[test]
    fn any_r_and_s_survive_der(r: [u8; 32], s: [u8; 32], zeros in 0_usize..32) {
        let mut signature = [0; 64];
        signature[..32].copy_from_slice(&r);
        signature[32..].copy_from_slice(&s);
        signature[32..32 + zeros].fill(0);
        prop_assert_eq!(ecdsa_from_der(&ecdsa_to_der(&signature)), Some(signature));
    }

    #[test]
    fn der_has_one_spelling(bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
        if let Some(signature) = ecdsa_from_der(&bytes) {
            prop_assert_eq!(ecdsa_to_der(&signature), bytes);
        }
    }
}
