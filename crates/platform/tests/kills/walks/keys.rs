//! Keys rotated, and what was sealed under earlier ones sealed anew.

use std::process::Command;
use std::time::{Duration, Instant};

use crypto::jwk::JwkSet;
use crypto::sign::Algorithm;
use serde_json::json;

use super::people;
use crate::house::{House, Jar, spin};

#[test]
fn sealing_anew_that_is_killed_again_and_again_ends_with_everything_open() {
    const DRAFTS: usize = 350;
    let mut house = House::start();
    let person = people(&house, 1).remove(0);
    let opening = json!({ "number": person.number, "phone": person.phone });
    let drafts: Vec<String> = (0..DRAFTS)
        .map(|_| {
            let opened = house.post(&mut Jar::default(), "/registration", &opening).json();
            opened["draft"].as_str().unwrap().to_owned()
        })
        .collect();
    house.kill();
    let config = house.config();
    let keys = |words: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_vneid"));
        command.args(["keys", "--config"]).arg(&config).args(words);
        command
    };
    assert!(keys(&["rotate", "--purpose", "sealing"]).status().unwrap().success());
    assert!(
        !keys(&["forget"]).status().unwrap().success(),
        "what is sealed under the old key is not forgotten"
    );

    let mut kills = 0;
    loop {
        let mut run = keys(&["reseal"]).spawn().unwrap();
        spin(Duration::from_millis(60 + 25 * kills));
        if let Some(ended) = run.try_wait().unwrap() {
            assert!(ended.success());
            break;
        }
        run.kill().unwrap();
        run.wait().unwrap();
        kills += 1;
    }

    assert!(kills >= 2, "it was never killed");
    assert!(keys(&["forget"]).status().unwrap().success());
    house.restart();
    for draft in [&drafts[0], &drafts[DRAFTS - 1]] {
        let now = house.get(&mut Jar::default(), &format!("/registration/{draft}")).json();
        assert_eq!(now["step"], "card", "{now}");
    }
    house.is_sound();
}

/// What is read and verified while keys change: a registration that was sealed before, and the list of signers.
fn verifies(house: &House, draft: &str) {
    let now = house.get(&mut Jar::default(), &format!("/registration/{draft}")).json();
    assert_eq!(now["step"], "card", "{now}");
    let keys = house.get(&mut Jar::default(), "/issuance/trust-list/keys").body;
    let keys = JwkSet::parse(keys.as_bytes()).unwrap();
    let list = house.get(&mut Jar::default(), "/issuance/trust-list").body;
    crypto::jws::verify(&list, &keys, Algorithm::ALL).unwrap();
}

/// The program goes on serving while the command that changes its keys is killed at another instant each time.
#[test]
fn a_rotation_that_is_killed_leaves_keys_that_open_and_one_that_is_not_takes_over_under_load() {
    let mut house = House::start();
    let person = people(&house, 1).remove(0);
    let opening = json!({ "number": person.number, "phone": person.phone });
    let opened = house.post(&mut Jar::default(), "/registration", &opening).json();
    let draft = opened["draft"].as_str().unwrap();
    let config = house.config();
    let keystore = house.folder().join("keys/keystore.sealed");

    let (mut killed, mut succeeded, mut verified) = (0, 0, 0);
    for turn in 0..16_u64 {
        let before = std::fs::read(&keystore).unwrap();
        let mut run = Command::new(env!("CARGO_BIN_EXE_vneid"))
            .args(["keys", "--config"])
            .arg(&config)
            .args(["rotate", "--purpose", ["sealing", "root"][(turn % 2) as usize]])
            .spawn()
            .unwrap();
        // Every fourth pair is let through to its end.
        let patience = if turn % 8 < 2 { u64::MAX } else { 20 + 25 * turn };
        let begun = Instant::now();
        let ended = loop {
            verifies(&house, draft);
            verified += 1;
            match run.try_wait().unwrap() {
                Some(ended) => break Some(ended),
                None if begun.elapsed() > Duration::from_millis(patience) => break None,
                None => {}
            }
        };
        match ended {
            Some(ended) => {
                assert!(ended.success());
                assert_ne!(std::fs::read(&keystore).unwrap(), before, "another key has taken over");
                succeeded += 1;
            }
            None => {
                drop(run.kill());
                run.wait().unwrap();
                killed += 1;
            }
        }
        verifies(&house, draft);
    }

    assert!(
        succeeded >= 4 && killed >= 2 && verified >= 50,
        "{succeeded} {killed} {verified}"
    );
    house.kill();
    house.restart();
    verifies(&house, draft);
    house.is_sound();
}
