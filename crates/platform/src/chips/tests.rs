use std::path::PathBuf;

use civil::chip::{ActiveAnswer, Challenge, ChipFiles, Reading};
use nation::Person;
use tempfile::TempDir;

use super::command::Command;
use crate::testing::TestApp;

const AT: &str = "2026-11-22T08:00:00Z";
const CHALLENGE: Challenge = Challenge([1, 2, 3, 4, 5, 6, 7, 8]);

/// A desk with the card of a citizen, a reader, and a folder of authorities.
struct Desk {
    app: TestApp,
    citizen: Person,
    folder: TempDir,
}

impl Desk {
    async fn new() -> Self {
        let app = TestApp::start().await;
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("trust")).unwrap();
        std::fs::write(folder.path().join("trust/.hidden"), "nothing").unwrap();
        let citizen = app.citizen();
        let desk = Self { app, citizen, folder };
        desk.trust("csca.der", desk.app.sandbox.as_ref().unwrap().issuer.authority());
        desk
    }

    fn trust(&self, name: &str, bytes: &[u8]) {
        std::fs::write(self.folder.path().join("trust").join(name), bytes).unwrap();
    }

    fn read(&self) -> Reading {
        let files: ChipFiles = serde_json::from_slice(&self.app.chip(&self.citizen)).unwrap();
        Reading {
            files,
            active: None,
            card_access: None,
        }
    }

    /// The chip's answer to a challenge, for which the reader says that it gave another one.
    fn answered(&self, given: Challenge, said: Challenge) -> Reading {
        let card = self.citizen.valid_card(self.app.clock.today()).unwrap();
        let issuer = &self.app.sandbox.as_ref().unwrap().issuer;
        let response = nation::chip::answer(&self.citizen, card, issuer, given).unwrap();
        let answer = ActiveAnswer {
            challenge: said.0.to_vec().into(),
            response: response.into(),
        };
        Reading {
            active: Some(answer),
            ..self.read()
        }
    }

    fn save(&self, reading: &Reading) -> PathBuf {
        let file = self.folder.path().join("chip.json");
        std::fs::write(&file, serde_json::to_vec(reading).unwrap()).unwrap();
        file
    }

    /// What the command prints, and the status it ends with.
    fn verify(&self, reading: &Reading, json: bool) -> String {
        let command = Command::Verify {
            file: self.save(reading),
            trust: Some(self.folder.path().join("trust")),
            at: Some(AT.parse().unwrap()),
            json,
        };
        let (text, accepted) = command.run(&self.app.clock).unwrap();
        format!("{text}status {}", u8::from(!accepted))
    }
}

#[tokio::test]
async fn an_original_chip_is_accepted() {
    let desk = Desk::new().await;

    let told = desk.verify(&desk.answered(CHALLENGE, CHALLENGE), false);

    insta::assert_snapshot!(told, @"
    Judged at 2026-11-22T08:00:00Z. Trusted authorities: 1.
    The files are authentic: DG1, DG2, DG13, DG14, DG15 as signed (Sha256).
      Signed by CN=Document signer 1 (synthetic),O=VNeID synthetic nation,C=VN.
      Vouched for by CN=CSCA Viet Nam (synthetic),O=VNeID synthetic nation,C=VN.
      Revocation was not checked: no list of this authority is there.
    The chip is the original: it signed the challenge in the file (Sha256). Fresh is that only if you drew it.
    status 0
    ");
}

#[tokio::test]
async fn a_chip_that_was_not_asked_is_accepted_with_a_word_about_copies() {
    let desk = Desk::new().await;

    let told = desk.verify(&desk.read(), true);

    insta::assert_snapshot!(told, @r#"
    {
      "accepted": true,
      "at": "2026-11-22T08:00:00Z",
      "authorities": 1,
      "passive": {
        "authentic": {
          "signer": "CN=Document signer 1 (synthetic),O=VNeID synthetic nation,C=VN",
          "authority": "CN=CSCA Viet Nam (synthetic),O=VNeID synthetic nation,C=VN",
          "revocation": "not-checked",
          "signed_at": null,
          "hash": "sha256",
          "groups": [
            1,
            2,
            13,
            14,
            15
          ],
          "absent": []
        }
      },
      "active": "not-asked",
      "fresh": false,
      "agreement": "not-asked",
      "card_access": "absent"
    }
    status 0
    "#);
}

#[tokio::test]
async fn a_changed_portrait_is_refused() {
    let desk = Desk::new().await;
    let mut reading = desk.answered(CHALLENGE, CHALLENGE);
    reading.files.dg2 = vec![0x75, 0].into();

    let told = desk.verify(&reading, false);

    insta::assert_snapshot!(told, @"
    Judged at 2026-11-22T08:00:00Z. Trusted authorities: 1.
    The files are NOT authentic: DG2 was changed.
    The answer of the chip was not checked: its key is not authentic.
    status 1
    ");
}

#[tokio::test]
async fn the_answer_to_another_challenge_is_refused() {
    let desk = Desk::new().await;

    let told = desk.verify(&desk.answered(Challenge([9; 8]), CHALLENGE), true);

    insta::assert_snapshot!(told, @r#"
    {
      "accepted": false,
      "at": "2026-11-22T08:00:00Z",
      "authorities": 1,
      "passive": {
        "authentic": {
          "signer": "CN=Document signer 1 (synthetic),O=VNeID synthetic nation,C=VN",
          "authority": "CN=CSCA Viet Nam (synthetic),O=VNeID synthetic nation,C=VN",
          "revocation": "not-checked",
          "signed_at": null,
          "hash": "sha256",
          "groups": [
            1,
            2,
            13,
            14,
            15
          ],
          "absent": []
        }
      },
      "active": {
        "refused": {
          "reason": "answer",
          "words": "the chip did not sign the challenge with its key: it is a copy, or the answer to another challenge"
        }
      },
      "fresh": false,
      "agreement": "not-asked",
      "card_access": "absent"
    }
    status 1
    "#);
}

#[tokio::test]
async fn without_authorities_nobody_is_trusted() {
    let desk = Desk::new().await;
    let command = Command::Verify {
        file: desk.save(&desk.read()),
        trust: None,
        at: None,
        json: false,
    };

    let (text, accepted) = command.run(&desk.app.clock).unwrap();

    assert!(text.contains("The files are NOT authentic: the issuer of the signer is not trusted."));
    assert!(!accepted);
}

#[tokio::test]
async fn a_file_that_cannot_be_read_is_named() {
    let desk = Desk::new().await;
    let run = |file: &str| {
        let command = Command::Verify {
            file: desk.folder.path().join(file),
            trust: None,
            at: None,
            json: false,
        };
        command.run(&desk.app.clock).unwrap_err().to_string()
    };
    std::fs::write(desk.folder.path().join("notes.txt"), "to do").unwrap();
    std::fs::write(desk.folder.path().join("large.json"), vec![b' '; 4 * 1024 * 1024 + 1]).unwrap();

    assert!(run("notes.txt").ends_with("notes.txt: not the files of a chip in JSON"));
    assert!(run("large.json").ends_with("large.json: larger than what a reader saves"));
    assert!(run("nowhere.json").contains("No such file"));
}

#[tokio::test]
async fn an_authority_that_is_refused_is_named() {
    let desk = Desk::new().await;
    desk.trust("notes.txt", b"to do");

    let refused = super::trust(&desk.folder.path().join("trust")).unwrap_err();

    assert_eq!(
        refused.to_string(),
        "notes.txt: neither a certificate nor a revocation list can be read"
    );
}

#[tokio::test]
async fn one_file_of_authorities_is_enough() {
    let desk = Desk::new().await;

    let store = super::trust(&desk.folder.path().join("trust/csca.der")).unwrap();

    assert_eq!(store.len(), 1);
}

#[tokio::test]
async fn a_verdict_names_nobody() {
    let desk = Desk::new().await;
    let reading = desk.answered(CHALLENGE, CHALLENGE);

    for told in [desk.verify(&reading, false), desk.verify(&reading, true)] {
        assert!(!told.contains(desk.citizen.number.as_str()));
        assert!(!told.contains(&desk.citizen.full_name));
    }
}
