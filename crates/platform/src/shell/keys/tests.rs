//! The keys in a folder: made, opened again, changed under others.

use std::os::unix::fs::PermissionsExt as _;
use std::sync::atomic::{AtomicI64, Ordering};

use crypto::jws;

use super::*;
use crate::testing::device;

fn now() -> Timestamp {
    "2026-11-23T02:00:00Z".parse().unwrap()
}

#[test]
fn keys_made_once_are_opened_again_and_what_was_sealed_opens() {
    let folder = tempfile::tempdir().unwrap();
    let chance = Chance::seeded(1);
    let sealed = Keys::open(folder.path(), None, &chance, now())
        .unwrap()
        .vault()
        .unwrap()
        .seal_text("t", "c", b"row", "Trần");

    let again = Keys::open(folder.path(), None, &chance, now()).unwrap();

    assert_eq!(
        again.vault().unwrap().open_text("t", "c", b"row", &sealed).unwrap(),
        "Trần"
    );
}

#[test]
fn a_key_file_that_others_can_read_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    Keys::open(folder.path(), None, &Chance::seeded(1), now()).unwrap();
    let file = folder.path().join("master.key");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o640)).unwrap();

    let refused = Keys::open(folder.path(), None, &Chance::seeded(1), now());

    assert!(matches!(refused, Err(KeysError::Exposed(exposed)) if exposed == file));
}

#[test]
fn a_rotation_survives_a_restart_and_the_old_key_is_still_published() {
    let folder = tempfile::tempdir().unwrap();
    let keys = Keys::open(folder.path(), None, &Chance::seeded(1), now()).unwrap();
    let later = now() + PUBLISHED_BEFORE;

    keys.rotate(SSO, later).unwrap();

    let again = Keys::open(folder.path(), None, &Chance::seeded(2), later).unwrap();
    assert_eq!(again.jwks(SSO, later).keys().len(), 3);
    assert_eq!(again.jwks(SSO, later + VERIFIES_AFTER).keys().len(), 2);
}

/// Three nodes on one folder: one signs and seals, one verifies and opens, one is the operator who rotates.
#[test]
fn every_key_is_rotated_under_load_without_one_failed_verification() {
    const TURNS: i64 = 8;
    let folder = tempfile::tempdir().unwrap();
    let open = |seed| Keys::open(folder.path(), None, &Chance::seeded(seed), now()).unwrap();
    let (operator, signing, verifying) = (open(1), open(2), open(3));
    let (sealing, opening) = (signing.vault().unwrap(), verifying.vault().unwrap());
    let (hours, verified) = (AtomicI64::new(0), AtomicI64::new(0));
    let instant = || now() + SignedDuration::from_hours(hours.load(Ordering::SeqCst));
    let over = || hours.load(Ordering::SeqCst) == 24 * TURNS;

    std::thread::scope(|threads| {
        for (purpose, _) in PURPOSES {
            let (signing, verifying, verified) = (&signing, &verifying, &verified);
            let (sealing, opening, over) = (&sealing, &opening, &over);
            threads.spawn(move || {
                while !over() {
                    let known = verifying.jwks(purpose, instant());
                    let token = jws::sign(&*signing.signer(purpose).unwrap(), None, b"{}").unwrap();
                    jws::verify(&token, &known, Algorithm::ALL).unwrap();
                    let sealed = sealing.seal_text("t", "c", b"row", purpose);
                    assert_eq!(opening.open_text("t", "c", b"row", &sealed).unwrap(), purpose);
                    verified.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        for turn in 1..=TURNS {
            operator.rotate_root().unwrap();
            operator.rotate_sealing().unwrap();
            let later = now() + SignedDuration::from_hours(24 * turn);
            for (purpose, _) in PURPOSES {
                operator.rotate(purpose, later).unwrap();
            }
            let before = verified.load(Ordering::Relaxed);
            while verified.load(Ordering::Relaxed) < before + 50 {
                std::thread::yield_now();
            }
            // What each node does by itself once a second.
            signing.renew().unwrap();
            verifying.renew().unwrap();
            hours.store(24 * turn, Ordering::SeqCst);
        }
    });

    assert!(verified.into_inner() > 400);
}

#[test]
fn what_another_process_seals_with_a_new_key_is_opened_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let open = |seed| Keys::open(folder.path(), None, &Chance::seeded(seed), now()).unwrap();
    let (one, other) = (open(1), open(2));

    one.rotate_sealing().unwrap();
    let sealed = one.vault().unwrap().seal_text("t", "c", b"row", "Trần");

    assert_eq!(
        other.vault().unwrap().open_text("t", "c", b"row", &sealed).unwrap(),
        "Trần"
    );
}

#[test]
fn a_change_of_the_master_key_that_was_interrupted_is_finished_at_the_next_start() {
    let folder = tempfile::tempdir().unwrap();
    let open = || Keys::open(folder.path(), None, &Chance::seeded(1), now());
    let file = |name: &str| folder.path().join(name);
    let keys = open().unwrap();
    let before = std::fs::read(file("master.key")).unwrap();
    keys.rotate_root().unwrap();
    std::fs::rename(file("master.key"), file("master.next")).unwrap();
    std::fs::write(file("master.key"), before).unwrap();
    std::fs::set_permissions(file("master.key"), std::fs::Permissions::from_mode(0o600)).unwrap();

    let again = open();

    assert!(again.is_ok() && !file("master.next").exists());
    assert!(open().is_ok());
}

#[test]
fn three_of_five_people_bring_the_keys_back_after_the_master_key_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    let chance = Chance::seeded(1);
    let keys = Keys::open(folder.path(), None, &chance, now()).unwrap();
    let shares = keys.split_recovery(3, 5).unwrap();
    keys.rotate_sealing().unwrap();
    let sealed = keys.vault().unwrap().seal_text("t", "c", b"row", "Trần");
    std::fs::remove_file(folder.path().join("master.key")).unwrap();

    let two = recovery::recover(folder.path(), None, &shares[..2], &chance);
    let three = recovery::recover(folder.path(), None, &shares[1..4], &chance);

    let again = Keys::open(folder.path(), None, &chance, now()).unwrap();
    assert!(two.is_err());
    assert_eq!(three.unwrap(), Vec::<String>::new());
    assert_eq!(
        again.vault().unwrap().open_text("t", "c", b"row", &sealed).unwrap(),
        "Trần"
    );
}

#[test]
fn a_protocol_is_verified_and_a_changed_one_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let keys = Keys::open(folder.path(), None, &Chance::seeded(1), now()).unwrap();
    let present = ["Trần Thị B".to_owned(), "Lê Văn C".to_owned()];

    let protocol = keys.protocol(ceremony::Act::Generated, &present, now()).unwrap();

    assert!(protocol.contains("có mặt / present: Trần Thị B"), "{protocol}");
    assert_eq!(keys.verify_protocol(&protocol, now()), Vec::<String>::new());
    let changed = keys.verify_protocol(&protocol.replace("Lê Văn C", "Lê Văn D"), now());
    assert_eq!(changed.len(), 2, "{changed:?}");
    keys.rotate(SSO, now() + PUBLISHED_BEFORE).unwrap();
    let retired = now() + PUBLISHED_BEFORE + VERIFIES_AFTER;
    assert!(keys.verify_protocol(&protocol, retired)[0].contains("for sso is no longer held"));
}

/// A real device, if SoftHSM is on this machine; `cargo xtask test` brings it.
#[test]
fn keys_in_a_device_sign_and_come_back_after_it_was_gone() {
    let name = "shell::keys::tests::keys_in_a_device_sign_and_come_back_after_it_was_gone";
    let Some(folder) = device::alone(name) else { return };
    let open = || {
        Keys::open(
            &folder.join("keys"),
            Some(&device::settings(&folder)),
            &Chance::system(),
            now(),
        )
    };
    let keys = open().unwrap();
    let sealed = keys.vault().unwrap().seal_text("t", "c", b"row", "Trần");
    assert!(!folder.join("keys/master.key").exists());
    let protocol = keys.protocol(ceremony::Act::Generated, &[], now()).unwrap();
    assert!(
        protocol.contains("never-extractable") && protocol.contains("SoftHSM"),
        "{protocol}"
    );
    keys.rotate_root().unwrap();
    keys.rotate(SSO, now() + PUBLISHED_BEFORE).unwrap();
    let signer = keys.signer(SSO).unwrap();
    let shares = keys.split_recovery(2, 3).unwrap();

    device::pull_out(&folder);
    let gone = (signer.sign(b"x"), keys.rotate_sealing(), open().err());
    let opened = keys.vault().unwrap().open_text("t", "c", b"row", &sealed).unwrap();
    device::put_back(&folder);
    let after = signer.sign(b"x").unwrap();

    assert_eq!(opened, "Trần");
    assert!(
        matches!(gone.0, Err(crypto::sign::SignError::Unavailable(_))),
        "{:?}",
        gone.0
    );
    assert!(matches!(gone.1, Err(KeysError::Device(_))), "{:?}", gone.1);
    assert!(matches!(gone.2, Some(KeysError::Device(_))), "{:?}", gone.2);
    crypto::sign::verify(keys.jwks(SSO, now()).keys()[0].key(), b"x", &after).unwrap();
    assert_eq!(open().unwrap().signer(SSO).unwrap().key_id(), signer.key_id());

    // The device is lost for good: the data comes back from the shares, the signing keys of the device do not.
    let lost = recovery::recover(&folder.join("keys"), None, &shares[..2], &Chance::system()).unwrap();
    let recovered = Keys::open(&folder.join("keys"), None, &Chance::system(), now()).unwrap();
    assert_eq!(lost.len(), PURPOSES.len());
    assert_eq!(
        recovered.vault().unwrap().open_text("t", "c", b"row", &sealed).unwrap(),
        "Trần"
    );
}
