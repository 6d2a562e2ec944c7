//! Who opens what, and everything that can be wrong with a token.

use super::*;

const MAX: usize = 10_000;

fn key(seed: u8) -> DecryptionKey {
    DecryptionKey::from_number(&[seed; 32]).unwrap()
}

fn token(encryption: Encryption) -> String {
    let recipient = Recipient::from_jwk(&key(1).jwk()).unwrap();
    let dice = Dice {
        number: [9; 32],
        nonce: [7; 12],
    };
    encrypt(&recipient, encryption, Map::new(), b"content", dice).unwrap()
}

/// RFC 7518, appendix C.
#[test]
fn the_key_of_the_standards_example_is_derived() {
    let alice = base64url::decode_fixed("0_NxaRPUMQoAJt50Gz8YiTr8gRTwyEaCumd-MToTmIo").unwrap();
    let bob = json!({"kty": "EC", "crv": "P-256", "x": "weNJy2HscCSM6AEDTDg04biOvhFhyyWvOHQfeF_PxMQ",
        "y": "e8lnCO-AlStT-NJVX-crhB7QRYhiix03illJOVAOyck"});
    let alice = DecryptionKey::from_number(&alice).unwrap();
    let peer = UnparsedPublicKey::new(&ECDH_P256, point(&bob).unwrap().bytes().to_vec());

    let parties = [b"Alice".to_vec(), b"Bob".to_vec()];
    let key = agreement::agree(&alice.private, peer, JweError::Key, |shared| {
        Ok(derived(shared, "A128GCM", &parties, 128))
    });

    assert_eq!(base64url::encode(key.unwrap().as_slice()), "VqqN6vgjbSBcIijNcacQGg");
}

#[test]
fn what_is_encrypted_opens_for_its_recipient_alone() {
    for encryption in Encryption::ALL {
        let token = token(encryption);

        let opened = key(1).open(&token, MAX).unwrap();

        assert_eq!(opened.content, b"content");
        assert_eq!(opened.header["enc"], encryption.name());
        assert_eq!(opened.header["kid"], key(1).public().thumbprint());
        assert_eq!(key(2).open(&token, MAX), Err(JweError::Refused));
        assert_eq!(key(1).open(&token, 20), Err(JweError::TooLarge));
    }
}

#[test]
fn no_changed_character_opens() {
    let token = token(Encryption::A256Gcm);

    for at in 0..token.len() {
        let mut bytes = token.clone().into_bytes();
        bytes[at] = if bytes[at] == b'A' { b'Q' } else { b'A' };
        let changed = String::from_utf8(bytes).unwrap();
        assert!(key(1).open(&changed, MAX).is_err(), "{at}");
    }
}

#[test]
fn other_algorithms_compression_and_extensions_are_refused() {
    let (_, rest) = token(Encryption::A256Gcm)
        .split_once('.')
        .map(|(a, b)| (a.to_owned(), b.to_owned()))
        .unwrap();
    let with = |header: Value| format!("{}.{rest}", base64url::encode(header.to_string()));
    let epk = key(3).jwk();

    for header in [
        json!({"alg": "none", "enc": "A256GCM", "epk": epk}),
        json!({"alg": "ECDH-ES+A256KW", "enc": "A256GCM", "epk": epk}),
        json!({"alg": "ECDH-ES", "enc": "A128CBC-HS256", "epk": epk}),
        json!({"alg": "ECDH-ES", "enc": "A256GCM", "epk": epk, "zip": "DEF"}),
        json!({"alg": "ECDH-ES", "enc": "A256GCM", "epk": epk, "crit": ["x"]}),
    ] {
        assert_eq!(key(1).open(&with(header), MAX), Err(JweError::Algorithm));
    }
    let off_the_curve =
        json!({"kty": "EC", "crv": "P-256", "x": base64url::encode([1; 32]), "y": base64url::encode([1; 32])});
    let header = json!({"alg": "ECDH-ES", "enc": "A256GCM", "epk": off_the_curve});
    assert_eq!(key(1).open(&with(header), MAX), Err(JweError::Malformed));
    assert_eq!(key(1).open("a.b.c", MAX), Err(JweError::Malformed));
}

#[test]
fn a_key_for_signatures_is_no_recipient() {
    let mut jwk = key(1).jwk();
    jwk["use"] = "sig".into();

    assert_eq!(Recipient::from_jwk(&jwk), Err(JweError::Key));
    assert_eq!(Recipient::from_jwk(&json!({})), Err(JweError::Key));
}
