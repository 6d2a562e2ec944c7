use proptest::prelude::*;

use super::*;

const PLACE: Place<'static> = Place {
    table: "account_phone",
    column: "phone_sealed",
    row: b"0123456789abcdef",
};

fn keys(active: u8, retired: &[u8]) -> SealingKeys {
    SealingKeys::new(
        SealingKey::new([active; 32]),
        retired.iter().map(|key| SealingKey::new([*key; 32])).collect(),
    )
}

#[test]
fn what_is_sealed_opens_in_its_place() {
    let sealed = keys(1, &[]).seal(&PLACE, b"+84900000001", [9; 12]);

    assert_eq!(sealed.len(), 12 + OVERHEAD);
    assert_eq!(keys(1, &[]).open(&PLACE, &sealed).unwrap().as_slice(), b"+84900000001");
}

#[test]
fn what_is_moved_to_another_column_or_row_is_refused() {
    let keys = keys(1, &[]);
    let sealed = keys.seal(&PLACE, b"secret", [9; 12]);

    for place in [
        Place {
            table: "account_mail",
            ..PLACE
        },
        Place {
            column: "mail_sealed",
            ..PLACE
        },
        Place {
            row: b"0123456789abcdee",
            ..PLACE
        },
        Place {
            table: "account_phonep",
            column: "hone_sealed",
            ..PLACE
        },
    ] {
        assert_eq!(keys.open(&place, &sealed), Err(OpenError::Refused), "{place:?}");
    }
}

#[test]
fn a_change_of_any_byte_is_refused() {
    let keys = keys(1, &[2]);
    let sealed = keys.seal(&PLACE, b"secret", [9; 12]);

    for at in 0..sealed.len() {
        let mut changed = sealed.clone();
        changed[at] ^= 1;
        assert!(keys.open(&PLACE, &changed).is_err(), "byte {at}");
    }
}

#[test]
fn a_retired_key_opens_but_no_longer_seals() {
    let sealed = keys(1, &[]).seal(&PLACE, b"secret", [9; 12]);
    let rotated = keys(2, &[1]);

    assert_eq!(rotated.open(&PLACE, &sealed).unwrap().as_slice(), b"secret");
    assert!(rotated.is_stale(&sealed));
    assert!(!rotated.is_stale(&rotated.seal(&PLACE, b"secret", [9; 12])));
    assert_eq!(keys(2, &[]).open(&PLACE, &sealed), Err(OpenError::UnknownKey));
}

#[test]
fn keys_do_not_print() {
    assert_eq!(
        format!("{:?}", keys(1, &[2])),
        "SealingKeys { active: SealingKey(..), retired: [SealingKey(..)] }"
    );
}

proptest! {
    #[test]
    fn any_bytes_are_answered(bytes: Vec<u8>) {
        prop_assert!(keys(1, &[]).open(&PLACE, &bytes).is_err());
    }

    #[test]
    fn any_value_comes_back(plain: Vec<u8>, nonce: [u8; 12], row: Vec<u8>) {
        let place = Place { row: &row, ..PLACE };
        let keys = keys(1, &[]);
        let opened = keys.open(&place, &keys.seal(&place, &plain, nonce)).unwrap();
        prop_assert_eq!(opened.as_slice(), plain);
    }
}
