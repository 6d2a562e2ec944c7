//! The procedures, each walked to its end by somebody who is struck at every step.

mod access;
mod application;
mod feeds;
mod issuance;
mod keys;
mod locks;
mod notices;
mod registration;

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use serde_json::{Value, json};

use crate::house::{Body, House, Jar};

const PASSWORD: &str = "Hoa#Sen2026x";
/// When a request is struck, in milliseconds after it was sent; then it is let through.
const STRIKES: [u64; 4] = [1, 4, 9, 20];

/// One request of a procedure, and whose it is.
pub(crate) struct Step {
    jar: Jar,
    path: String,
    body: Body,
    /// How many times longer it takes than a plain change.
    slowness: u64,
}

impl Step {
    fn new(jar: &Jar, path: impl Into<String>, body: &Value) -> Self {
        Self {
            jar: jar.clone(),
            path: path.into(),
            body: body.into(),
            slowness: 1,
        }
    }

    /// A request of a program, which has no cookies.
    fn of(path: &str, body: Body) -> Self {
        Self {
            jar: Jar::default(),
            path: path.to_owned(),
            body,
            slowness: 2,
        }
    }

    /// It hashes secrets or judges pictures.
    fn slow(mut self) -> Self {
        self.slowness = 12;
        self
    }
}

/// Walks from state to state up to the last one, struck at every request: after each restart the procedure is where it was, or one state further.
/// Answers how often it was struck.
fn walk(
    house: &mut House,
    last: usize,
    reached: impl Fn(&House) -> usize,
    mut step: impl FnMut(&House, usize) -> Step,
) -> usize {
    let (mut struck, mut strikes) = (0, STRIKES.iter());
    let mut place = reached(house);
    while place < last {
        let Step {
            mut jar,
            path,
            body,
            slowness,
        } = step(house, place);
        match strikes.next() {
            Some(after) => {
                house.strike(&mut jar, &path, body, Duration::from_millis(slowness * after));
                struck += 1;
            }
            None => {
                let answer = house.post(&mut jar, &path, body);
                assert_eq!(answer.status, 200, "{path}: {}", answer.body);
            }
        }
        let now = reached(house);
        assert!(now == place || now == place + 1, "{path}: from {place} to {now}");
        if now > place {
            strikes = STRIKES.iter();
        }
        place = now;
    }
    struck
}

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

/// The whole log of a house is right, told by the program itself.
pub(crate) fn ledger_is_whole(database: &Path) -> bool {
    let url = format!("sqlite:{}", database.display());
    let verified = Command::new(env!("CARGO_BIN_EXE_vneid"))
        .args(["ledger", "verify", "--database", &url])
        .output()
        .unwrap();
    verified.status.success()
}
