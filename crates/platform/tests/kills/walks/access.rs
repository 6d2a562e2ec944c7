//! What leads into an account: another device, another phone, a recovery.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use crypto::sign::{Algorithm, Signer as _, SoftKey};
use serde_json::{Map, Value, json};

use super::{PASSWORD, Step, citizen, code, signed_in, walk};
use crate::house::{House, Jar};

const DEVICE: &str = "/account/security/device";
const PHONE: &str = "/account/security/phone";

/// The proof of a key over a challenge of the platform.
fn proof(house: &House, key: &SoftKey, challenge: &Value) -> String {
    let public = serde_json::to_value(key.public()).unwrap();
    let jwk = json!({ "kty": public["kty"], "crv": public["crv"], "x": public["x"], "y": public["y"] });
    let mut members = Map::new();
    members.insert("typ".to_owned(), json!("vneid-device+jwt"));
    members.insert("jwk".to_owned(), jwk);
    let claims = json!({ "challenge": challenge, "aud": house.origin() });
    crypto::jws::sign_with(key, members, claims.to_string().as_bytes()).unwrap()
}

/// Signs in with the key of a device; answers where it leads, and the browser.
fn sign_in(house: &House, made: &Value, key: &SoftKey) -> (Value, Jar) {
    let mut jar = Jar::default();
    let form = house.get(&mut jar, "/signin").json();
    let proof = proof(house, key, &form["challenge"]);
    let body = json!({ "number": made["personal_number"], "password": made["password"], "proof": proof });
    let answer = house.post(&mut jar, "/signin", &body);
    assert_eq!(answer.status, 200, "{}", answer.body);
    (answer.json(), jar)
}

/// Begins to make a browser the device; answers the page of it.
fn begin_move(house: &House, jar: &Jar, key: &SoftKey) -> String {
    let challenge = house.get(&mut jar.clone(), DEVICE).json()["challenge"].clone();
    let begun = house.post(
        &mut jar.clone(),
        &format!("{DEVICE}/moves"),
        &json!({ "proof": proof(house, key, &challenge) }),
    );
    let ask = begun.json()["ask"]
        .as_str()
        .unwrap_or_else(|| panic!("{}", begun.body))
        .to_owned();
    format!("{DEVICE}/moves/{ask}")
}

#[test]
fn a_change_of_device_that_is_killed_leaves_one_device_the_old_or_the_new() {
    let mut house = House::start();
    let (made, first) = citizen(&house, 2);
    let [old, new] = [1, 2].map(|seed| SoftKey::from_seed(Algorithm::Es256, &[seed; 32]).unwrap());
    let phone = made["phone"].as_str().unwrap().to_owned();
    let page = begin_move(&house, &first, &old);
    house.post(&mut first.clone(), &format!("{page}/code"), &json!({}));
    let bind = json!({ "passcode": made["passcode"], "code": code(&house, &phone) });
    let mut holder = first;
    assert_eq!(house.post(&mut holder, &page, &bind).status, 200);
    // The new browser comes in by the code that the old device shows.
    let (second, mut guest) = sign_in(&house, &made, &new);
    let shown = house.get(&mut holder.clone(), DEVICE).json();
    let entry = json!({ "ticket": second["ticket"], "shown": shown["asks"][0]["code"] });
    assert_eq!(house.post(&mut guest, "/signin/second", &entry).status, 200);

    let struck = walk(
        &mut house,
        1,
        |house| usize::from(sign_in(house, &made, &new).0["next"] == "/account"),
        |house, _| {
            let page = begin_move(house, &guest, &new);
            let asks = house.get(&mut holder.clone(), DEVICE).json();
            let asked = asks["asks"]
                .as_array()
                .unwrap()
                .iter()
                .find(|ask| ask["kind"] == "move");
            let shown = &asked.unwrap_or_else(|| panic!("{asks}"))["code"];
            Step::new(&guest, page, &json!({ "passcode": made["passcode"], "shown": shown })).slow()
        },
    );

    assert!(struck >= 1);
    assert_eq!(house.get(&mut holder.clone(), "/account").status, 401);
    assert!(
        sign_in(&house, &made, &old).0["ticket"].is_string(),
        "the old key is no device any more"
    );
    let (_, jar) = sign_in(&house, &made, &new);
    assert_eq!(house.get(&mut jar.clone(), DEVICE).json()["here"], true);
    house.is_sound();
}

#[test]
fn a_change_of_phone_that_is_killed_is_under_way_or_done_and_ends() {
    let mut house = House::start();
    let (made, jar) = citizen(&house, 2);
    let (old, new) = (made["phone"].as_str().unwrap().to_owned(), "+84900000009");
    let look = |house: &House| house.get(&mut jar.clone(), PHONE).json();
    let before = look(&house)["masked_phone"].clone();

    let struck = walk(
        &mut house,
        2,
        |house| {
            let now = look(house);
            match (now["masked_phone"] == before, now["change"].is_null()) {
                (true, true) => 0,
                (true, false) => 1,
                (false, true) => 2,
                (false, false) => panic!("no state that is known: {now}"),
            }
        },
        |house, place| {
            if place == 0 {
                let begin = json!({ "phone": "0900000009", "passcode": made["passcode"] });
                return Step::new(&jar, PHONE, &begin).slow();
            }
            let change = look(house)["change"]["change"].as_str().unwrap().to_owned();
            let codes = json!({ "code": code(house, new), "old_code": code(house, &old) });
            Step::new(&jar, format!("{PHONE}/{change}"), &codes)
        },
    );

    assert!(struck >= 2, "{struck}");
    house.is_sound();
}

/// The states of a recovery in their order.
const CASE: [&str; 4] = ["gathering", "cooling", "open", "finished"];

#[test]
fn a_recovery_that_is_killed_at_every_request_goes_through_its_states_and_no_others() {
    let mut house = House::start();
    let (made, before) = citizen(&house, 2);
    let number = made["personal_number"].as_str().unwrap().to_owned();
    let facts = json!({
        "number": number, "full_name": made["full_name"], "way": "card-and-face",
        "date_of_birth": house.get(&mut before.clone(), "/account").json()["date_of_birth"],
    });
    let mut jar = Jar::default();
    let begun = house.post(&mut jar, "/recovery/cases", &facts).json();
    let page = format!(
        "/recovery/cases/{}",
        begun["ticket"].as_str().unwrap_or_else(|| panic!("{begun}"))
    );
    let invited = house.post(&mut jar, &format!("{page}/reader"), &json!({})).json();
    bring_chip(&house, invited["address"].as_str().unwrap(), &number);
    let reached = |house: &House| {
        let now = house.get(&mut Jar::default(), &page).json();
        let place = CASE.iter().position(|state| now["state"] == **state);
        place.unwrap_or_else(|| panic!("no state that is known: {now}"))
    };

    let picture = house.get(&mut Jar::default(), &format!("/sandbox/people/{number}/portrait.jpg"));
    let portrait = json!({ "portrait": { "base64": STANDARD.encode(picture.bytes) } });
    let proven = walk(&mut house, 1, reached, |_, _| {
        Step::new(&jar, format!("{page}/portrait"), &portrait).slow()
    });
    house.post(&mut Jar::default(), "/sandbox/clock", &json!({ "advance": "PT25H" }));
    assert_eq!(CASE[reached(&house)], "open");
    let secrets = json!({ "password": PASSWORD, "repeat": PASSWORD, "passcode": "528491" });
    let finished = walk(&mut house, 3, reached, |_, _| {
        Step::new(&jar, page.clone(), &secrets).slow()
    });

    assert!(proven >= 1 && finished >= 1, "{proven} {finished}");
    assert_eq!(house.get(&mut before.clone(), "/account").status, 401);
    let renewed = json!({ "personal_number": number, "password": PASSWORD });
    assert_eq!(house.get(&mut signed_in(&house, &renewed), "/account").status, 200);
    house.is_sound();
}

/// A reader follows an invitation and brings the chip of somebody's card.
fn bring_chip(house: &House, address: &str, number: &str) {
    let told = house.get(&mut Jar::default(), address).json();
    let challenge: civil::chip::ChipFile = serde_json::from_value(told["challenge"].clone()).unwrap();
    let digits = challenge
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect::<Vec<_>>()
        .concat();
    let chip = format!("/sandbox/people/{number}/chip.json?challenge={digits}");
    let reading = house.get(&mut Jar::default(), &chip).json();
    let brought = house.post(&mut Jar::default(), address, &reading);
    assert_eq!(brought.status, 200, "{}", brought.body);
}
