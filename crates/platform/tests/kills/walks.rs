//! The procedures, each walked to its end by somebody who is struck at every step.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use serde_json::{Value, json};

use crate::house::{House, Jar, is_there, spin};

const PASSWORD: &str = "Hoa#Sen2026x";
/// When a request is struck, after it was sent; then it is let through.
const STRIKES: [u64; 5] = [0, 2, 5, 9, 16];

/// A person of the sandbox's nation.
struct Person {
    number: String,
    phone: String,
    qr: String,
}

fn people(house: &House, count: usize) -> Vec<Person> {
    let list = house
        .get(&mut Jar::default(), "/sandbox/people?only=suggested&count=20")
        .json();
    let people = list["people"].as_array().unwrap().iter();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    people
        .take(count)
        .map(|person| {
            let number = text(&person["personal_number"]);
            let qr = house.get(&mut Jar::default(), &format!("/sandbox/people/{number}/qr.txt"));
            Person {
                phone: text(&person["phone"]),
                qr: qr.body,
                number,
            }
        })
        .collect()
}

/// The code that the last message to a phone carries.
fn code(house: &House, phone: &str) -> String {
    loop {
        let path = format!("/sandbox/messages?to={}", phone.replace('+', "%2B"));
        let messages = house.get(&mut Jar::default(), &path).json();
        let texts = messages["messages"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(|message| message["text"].as_str());
        let newest = texts
            .filter(|text| text.contains("Khong dua ma nay"))
            .map(str::to_owned)
            .next();
        let mut words = newest
            .as_deref()
            .unwrap_or_default()
            .split(|letter: char| !letter.is_ascii_digit());
        if let Some(code) = words.rfind(|word| word.len() == 6) {
            return code.to_owned();
        }
    }
}

/// The steps of a registration in their order, as the server names them.
const STEPS: [&str; 5] = ["card", "check", "code", "password", "done"];

fn request(house: &House, person: &Person, draft: &str, step: &str) -> (String, Value) {
    let body = match step {
        "card" => json!({ "qr": person.qr }),
        "check" => json!({ "terms": "yes" }),
        "code" => json!({ "code": code(house, &person.phone) }),
        _ => json!({ "password": PASSWORD, "repeat": PASSWORD }),
    };
    (format!("/registration/{draft}/{step}"), body)
}

#[test]
fn a_registration_that_is_killed_at_every_request_goes_on_where_it_was() {
    let mut house = House::start();
    let mut struck = 0;
    for person in people(&house, 2) {
        let opening = json!({ "number": person.number, "phone": person.phone });
        for after in STRIKES {
            house.strike(
                &mut Jar::default(),
                "/registration",
                &opening,
                Duration::from_millis(after),
            );
            struck += 1;
        }
        let draft = house.post(&mut Jar::default(), "/registration", &opening).json();
        let draft = draft["draft"].as_str().unwrap().to_owned();

        let (mut reached, mut strikes) = (0, STRIKES.iter());
        while STEPS[reached] != "done" {
            let (path, body) = request(&house, &person, &draft, STEPS[reached]);
            // As a person does: the page is looked at before its form is sent.
            house.get(&mut Jar::default(), &path);
            match strikes.next() {
                Some(after) => {
                    house.strike(&mut Jar::default(), &path, &body, Duration::from_millis(*after));
                    struck += 1;
                }
                None => {
                    let answer = house.post(&mut Jar::default(), &path, &body);
                    assert_eq!(answer.status, 200, "{path}: {}", answer.body);
                }
            }
            let now = house.get(&mut Jar::default(), &format!("/registration/{draft}")).json();
            let place = STEPS.iter().position(|step| now["step"] == **step);
            let place = place.unwrap_or_else(|| panic!("no state that is known: {now}"));
            assert!(
                place == reached || place == reached + 1,
                "from {} to {}",
                STEPS[reached],
                STEPS[place]
            );
            if place > reached {
                (reached, strikes) = (place, STRIKES.iter());
            }
        }

        // Whether or not the last answer arrived, the account is there, once, and opens with its password.
        let mut jar = Jar::default();
        let signed_in = house.post(
            &mut jar,
            "/signin",
            &json!({ "number": person.number, "password": PASSWORD }),
        );
        assert_eq!(signed_in.status, 200, "{}", signed_in.body);
        let account = house.get(&mut jar, "/account").json();
        assert_eq!(account["level"], 0, "{account}");
    }

    assert!(struck >= 20, "{struck}");
    house.is_sound();
}

/// A citizen of some level, made by the sandbox and signed in; answers the person with password and passcode.
fn citizen(house: &House, level: u8) -> (Value, Jar) {
    let person = people(house, 1).remove(0);
    let path = format!("/sandbox/people/{}/account", person.number);
    let made = house
        .post(&mut Jar::default(), &path, &json!({ "level": level }))
        .json();
    let jar = signed_in(house, &made);
    (made, jar)
}

fn signed_in(house: &House, made: &Value) -> Jar {
    let mut jar = Jar::default();
    let body = json!({ "number": made["personal_number"], "password": made["password"] });
    let answer = house.post(&mut jar, "/signin", &body);
    assert_eq!(answer.status, 200, "{}", answer.body);
    jar
}

/// A lock is one unit of work over grounds, sessions, tokens, credentials, signals and the ledger: the old session tells whether it was.
#[test]
fn a_lock_that_is_killed_is_there_wholly_or_not_at_all() {
    let mut house = House::start();
    let (made, _) = citizen(&house, 2);
    let (mut locked, mut unlocked) = (0, 0);
    for after in [0, 4, 8, 12, 16, 20, 25, 30, 40, 60] {
        let before = signed_in(&house, &made);
        let lock = json!({ "reason": "Mất điện thoại", "confirm": "yes" });
        house.strike(
            &mut before.clone(),
            "/account/locks",
            &lock,
            Duration::from_millis(after),
        );

        let mut now = signed_in(&house, &made);
        let state = house.get(&mut now, "/account/locks").json();
        let stands = state["account_locked"] == true || state["eid_locked"] == true;
        let old_session = house.get(&mut before.clone(), "/account").status;
        assert_eq!(stands, !state["grounds"].as_array().unwrap().is_empty(), "{state}");
        assert_eq!(stands, old_session == 401, "{old_session}: {state}");
        if stands {
            locked += 1;
            let unlock = json!({ "reason": "Đã tìm thấy", "passcode": made["passcode"] });
            house.strike(&mut now, "/account/locks/unlock", &unlock, Duration::from_millis(after));
            let mut again = signed_in(&house, &made);
            if !house.get(&mut again, "/account/locks").json()["grounds"]
                .as_array()
                .unwrap()
                .is_empty()
            {
                let answer = house.post(&mut again, "/account/locks/unlock", &unlock);
                assert_eq!(answer.status, 200, "{}", answer.body);
            }
        } else {
            unlocked += 1;
        }
    }
    assert!(locked > 0 && unlocked > 0, "{locked} locked, {unlocked} not");
    house.is_sound();
}

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

#[test]
fn a_rotation_of_any_key_that_is_killed_leaves_keys_that_open() {
    let mut house = House::start();
    let person = people(&house, 1).remove(0);
    let opening = json!({ "number": person.number, "phone": person.phone });
    let opened = house.post(&mut Jar::default(), "/registration", &opening).json();
    let draft = opened["draft"].as_str().unwrap();
    house.kill();
    let config = house.config();

    for turn in 0..24 {
        let purpose = ["sealing", "root"][turn % 2];
        let mut run = Command::new(env!("CARGO_BIN_EXE_vneid"))
            .args(["keys", "--config"])
            .arg(&config)
            .args(["rotate", "--purpose", purpose])
            .spawn()
            .unwrap();
        spin(Duration::from_millis(10 + 12 * u64::try_from(turn).unwrap()));
        drop(run.kill());
        run.wait().unwrap();
    }
    house.restart();

    let now = house.get(&mut Jar::default(), &format!("/registration/{draft}")).json();
    assert_eq!(now["step"], "card", "{now}");
    assert!(is_there(&house.folder().join("keys/keystore.sealed")));
}

/// The whole log of a house is right, told by the program itself.
pub(crate) fn ledger_is_whole(database: &Path) -> bool {
    let url = format!("sqlite:{}", database.display());
    let verified = Command::new(env!("CARGO_BIN_EXE_vneid"))
        .args(["ledger", "verify", "--database", &url])
        .output()
        .unwrap();
    verified.status.success()
}
