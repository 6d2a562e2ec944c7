use std::sync::atomic::{AtomicUsize, Ordering};

use proptest::prelude::*;

use super::*;

const CHEAP: Cost = Cost {
    memory_kib: 64,
    passes: 1,
    lanes: 1,
};

fn hasher() -> Hasher {
    Hasher::new(CHEAP, 2).unwrap()
}

#[test]
fn the_right_password_verifies_and_a_wrong_one_does_not() {
    let hasher = hasher();
    let stored = hasher.hash("Mật khẩu 1!", [3; 16]).unwrap();

    assert_eq!(hasher.verify("Mật khẩu 1!", &stored), Ok(true));
    assert_eq!(hasher.verify("Mật khẩu 1?", &stored), Ok(false));
    assert_eq!(hasher.verify("", &stored), Ok(false));
}

#[test]
fn a_hash_of_the_reference_implementation_verifies() {
    let stored = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";

    assert_eq!(hasher().verify("password", stored), Ok(true));
    assert!(hasher().needs_rehash(stored));
}

#[test]
fn memory_that_was_used_before_does_not_change_a_hash() {
    let hasher = Hasher::new(CHEAP, 1).unwrap();
    let first = hasher.hash("a", [1; 16]).unwrap();
    hasher
        .verify(
            "b",
            "$argon2id$v=19$m=128,t=1,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
        )
        .unwrap();

    assert_eq!(hasher.hash("a", [1; 16]).unwrap(), first);
    assert_ne!(hasher.hash("a", [2; 16]).unwrap(), first);
}

#[test]
fn the_default_cost_is_written_into_the_stored_text() {
    let stored = Hasher::new(Cost::default(), 1).unwrap().hash("x", [0; 16]).unwrap();

    assert!(
        stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$"),
        "{stored}"
    );
}

#[test]
fn a_stored_text_of_another_spelling_is_malformed() {
    let good = hasher().hash("x", [0; 16]).unwrap();
    for bad in [
        good.replace("argon2id", "argon2i"),
        good.replace("v=19", "v=16"),
        good.replace("m=64", "m=064"),
        good.replace("m=64", "m=+64"),
        good.replace("m=64,t=1", "t=1,m=64"),
        good.replace("p=1", "p=1,keyid=AA"),
        format!("{good}$"),
        format!("{good}="),
        good[..good.len() - 2].to_owned(),
        String::new(),
    ] {
        assert_eq!(hasher().verify("x", &bad), Err(PasswordError::Malformed), "{bad}");
        assert!(hasher().needs_rehash(&bad));
    }
    assert!(!hasher().needs_rehash(&good));
}

#[test]
fn a_stored_cost_that_would_exhaust_the_machine_is_refused() {
    for costs in [
        "m=4294967295,t=1,p=1",
        "m=64,t=1000000,p=1",
        "m=64,t=1,p=200",
        "m=1,t=1,p=1",
    ] {
        let stored = format!("$argon2id$v=19${costs}$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc");
        assert_eq!(hasher().verify("x", &stored), Err(PasswordError::Cost), "{costs}");
    }
    assert!(
        Hasher::new(
            Cost {
                memory_kib: 1,
                passes: 1,
                lanes: 1
            },
            1
        )
        .is_err()
    );
}

#[test]
fn a_password_that_is_too_long_is_refused_not_cut() {
    assert!(hasher().hash(&"x".repeat(MAX_PASSWORD), [0; 16]).is_ok());
    assert_eq!(
        hasher().hash(&"x".repeat(MAX_PASSWORD + 1), [0; 16]),
        Err(PasswordError::TooLong)
    );
}

#[test]
fn a_buffer_that_a_costlier_hash_made_larger_is_not_kept() {
    let hasher = Hasher::new(CHEAP, 1).unwrap();
    let costly = Hasher::new(
        Cost {
            memory_kib: 4096,
            ..CHEAP
        },
        1,
    )
    .unwrap()
    .hash("x", [0; 16])
    .unwrap();

    assert_eq!(hasher.verify("x", &costly), Ok(true));

    assert!(hasher.lock().idle.iter().all(|blocks| blocks.len() <= 64));
}

#[test]
fn many_threads_share_few_buffers() {
    let hasher = hasher();
    let stored = hasher.hash("x", [0; 16]).unwrap();
    let right = AtomicUsize::new(0);

    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| right.fetch_add(usize::from(hasher.verify("x", &stored).unwrap()), Ordering::Relaxed));
        }
    });

    assert_eq!(right.load(Ordering::Relaxed), 8);
    let pool = hasher.lock();
    assert_eq!(pool.idle.len() + pool.unborn, 2);
}

proptest! {
    #[test]
    fn any_stored_text_is_answered(text in ".*") {
        prop_assert!(Phc::parse(&text).is_err());
    }

    #[test]
    fn what_parses_is_written_back_the_same(
        memory in 0_u32..40, salt in "[A-Za-z0-9+/]{8,24}", hash in "[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]",
    ) {
        let text = format!("$argon2id$v=19$m={memory},t=1,p=1${salt}${hash}");
        if let Ok(phc) = Phc::parse(&text) {
            prop_assert_eq!(phc.to_string(), text);
        }
    }
}
