//! Changes that the sources tell, while the platform is killed again and again: each is taken up, once.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{people, signed_in};
use crate::house::{House, Jar, spin};

/// How long a change may take to be known here: a minute, and the two after which the jobs of a worker that was killed are given to another.
const WITHIN: Duration = Duration::from_mins(3);

fn messages(house: &House, phone: &str) -> Vec<String> {
    let path = format!("/sandbox/messages?to={}", phone.replace('+', "%2B"));
    let told = house.get(&mut Jar::default(), &path).json();
    let texts = told["messages"].as_array().unwrap().iter();
    texts
        .filter_map(|message| message["text"].as_str())
        .filter(|text| text.contains("vua thay doi"))
        .map(str::to_owned)
        .collect()
}

/// What befalls somebody is told by the feed of the licences, whatever was killed on the way: the place in the feed and the effect are one unit
/// of work, and the message to the holder leaves once.
#[test]
fn a_change_is_taken_up_once_however_often_the_platform_is_killed() {
    let mut house = House::start();
    // By night the message would be held until the morning.
    let morning = house.post(&mut Jar::default(), "/sandbox/clock", &json!({ "advance": "T10:00" }));
    assert_eq!(morning.status, 200, "{}", morning.body);
    let person = people(&house, 1).remove(0);
    let path = format!("/sandbox/people/{}/account", person.number);
    let made = house.post(&mut Jar::default(), &path, &json!({ "level": 2 })).json();
    let fate = format!("/sandbox/people/{}/fate", person.number);
    let mut told = 0;

    // Each turn the licence changes at its source, and the platform is killed a little later than the turn before.
    for (turn, after) in [0, 3, 8, 20, 60, 150, 400, 1000].into_iter().enumerate() {
        let word = if turn.is_multiple_of(2) { "licence-held" } else { "none" };
        let mut jar = Jar::default();
        house.strike(&mut jar, &fate, &json!({ "fate": word }), Duration::from_millis(after));
        let known = house.get(&mut Jar::default(), &fate).json();
        // What the source has not kept has not happened; then it is told again, to a platform that lives.
        if known["fate"] != word {
            let answer = house.post(&mut Jar::default(), &fate, &json!({ "fate": word }));
            assert_eq!(answer.status, 200, "{}", answer.body);
        }
        told += 1;
        let begun = Instant::now();
        while messages(&house, &person.phone).len() < told {
            assert!(
                begun.elapsed() < WITHIN,
                "{word} of turn {turn} is not known after {WITHIN:?}"
            );
            spin(Duration::from_millis(50));
        }
    }

    // Nothing comes after: the feed is read a few times more.
    house.kill();
    house.restart();
    spin(Duration::from_secs(12));
    assert_eq!(messages(&house, &person.phone).len(), told);
    let mut jar = signed_in(&house, &made);
    let opened = house
        .post(&mut jar, "/documents", &json!({ "passcode": made["passcode"] }))
        .json();
    let licence = opened["papers"]
        .as_array()
        .unwrap()
        .iter()
        .find(|paper| paper["kind"] == "driving-licence")
        .cloned()
        .unwrap_or(Value::Null);
    assert_ne!(
        licence["content"]["badge"]["state"], "held",
        "given back last: {licence}"
    );
    house.is_sound();
}
