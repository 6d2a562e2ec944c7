//! From a number, a phone and a card to an account.

use std::time::Duration;

use serde_json::{Value, json};

use super::{PASSWORD, Person, STRIKES, code, people};
use crate::house::{House, Jar};

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
