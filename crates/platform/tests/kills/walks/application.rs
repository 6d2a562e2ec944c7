//! From the pictures of level 1 to the level in use: evidence, submission, review, decision, activation.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::{Step, citizen, code, walk};
use crate::house::{House, Jar};

/// The states of an application in the order of this walk; a draft is not listed.
const STATES: [&str; 5] = ["none", "submitted", "claimed", "approved", "activated"];
/// The steps of an activation.
const STEPS: [&str; 3] = ["code", "secrets", "done"];

/// The citizen's only application: its state and its identifier.
fn application(house: &House, jar: &Jar) -> (usize, String) {
    let list = house.get(&mut jar.clone(), "/applications").json();
    let all = list["applications"].as_array().unwrap_or_else(|| panic!("{list}"));
    assert!(all.len() <= 1, "{list}");
    let state = list["applications"][0]["state"].as_str().unwrap_or("none");
    let place = STATES.iter().position(|known| *known == state);
    let id = list["applications"][0]["id"].as_str().unwrap_or_default().to_owned();
    (place.unwrap_or_else(|| panic!("no state that is known: {list}")), id)
}

/// The portrait, and the chip with its answer to a challenge of its own.
fn evidence(house: &House, jar: &Jar, number: &str) -> Value {
    let picture = format!("/sandbox/people/{number}/portrait.jpg");
    let portrait = house.get(&mut Jar::default(), &picture).bytes;
    let asked = house.post(&mut jar.clone(), "/applications/level-1/reading", &json!({}));
    let asked = asked.json();
    let challenge = asked["reading"]["challenge"]
        .as_str()
        .unwrap_or_else(|| panic!("{asked}"));
    let chip = format!("/sandbox/people/{number}/chip.json?challenge={challenge}");
    let chip = house.get(&mut Jar::default(), &chip).json();
    json!({ "portrait": { "base64": STANDARD.encode(portrait) }, "chip": chip })
}

fn reviewer(house: &House) -> Jar {
    let mut jar = Jar::default();
    let body = json!({ "login": "xetduyet", "password": "CanBo#Sandbox1" });
    assert_eq!(house.post(&mut jar, "/officers/signin", &body).status, 200);
    jar
}

#[test]
fn an_application_that_is_killed_at_every_request_is_approved_and_activated_once() {
    let mut house = House::start();
    let (made, jar) = citizen(&house, 0);
    let number = made["personal_number"].as_str().unwrap().to_owned();
    let officer = reviewer(&house);

    // A draft holds the evidence only when its unit of work was whole: until then the page asks for it.
    let ready = |house: &House| house.get(&mut jar.clone(), "/applications/level-1").json()["ready"] == true;
    let struck = walk(
        &mut house,
        1,
        |house| usize::from(ready(house)),
        |house, _| Step::new(&jar, "/applications/level-1", &evidence(house, &jar, &number)).slow(),
    );
    let struck = struck
        + walk(
            &mut house,
            3,
            |house| application(house, &jar).0,
            |house, place| {
                let id = application(house, &jar).1;
                match STATES[place] {
                    "none" => Step::new(&jar, "/applications/level-1/submission", &json!({})).slow(),
                    "submitted" => Step::new(&officer, format!("/officers/applications/{id}/claim"), &json!({})),
                    _ => {
                        let decision = json!({ "decision": "approve" });
                        Step::new(&officer, format!("/officers/applications/{id}/decision"), &decision)
                    }
                }
            },
        );
    let account = house.get(&mut jar.clone(), "/account").json();
    assert_eq!(
        (&account["level"], &account["granted"]),
        (&json!(0), &json!(1)),
        "{account}"
    );

    let phone = made["phone"].as_str().unwrap();
    let begun = house.post(&mut jar.clone(), "/activation", &json!({})).json();
    let page = format!("/activation/{}", begun["id"].as_str().unwrap());
    let reached = |house: &House| {
        let now = house.get(&mut jar.clone(), &page).json();
        let place = STEPS.iter().position(|step| now["step"] == **step);
        place.unwrap_or_else(|| panic!("no step that is known: {now}"))
    };
    let struck = struck
        + walk(&mut house, 2, reached, |house, place| match STEPS[place] {
            "code" => Step::new(&jar, format!("{page}/code"), &json!({ "code": code(house, phone) })),
            _ => {
                let secrets = json!({
                    "passcode": "528491",
                    "question_1": "first-school", "answer_1": "Trường Làng",
                    "question_2": "dish", "answer_2": "Canh chua",
                });
                Step::new(&jar, format!("{page}/secrets"), &secrets).slow()
            }
        });

    let account = house.get(&mut jar.clone(), "/account").json();
    assert_eq!(account["level"], 1, "{account}");
    assert_eq!(STATES[application(&house, &jar).0], "activated");
    assert!(struck >= 6, "{struck}");
    house.is_sound();
}
