use ::http::StatusCode;
use jiff::SignedDuration;
use nation::Person;
use nation::chip::SimulatedCard;
use serde_json::{Value, json};

use crate::applications::tests::{
    PASSCODE, activate, citizen, decide, face, first_secrets, newest_sms, officer, send_level_1,
};
use crate::officers::Role;
use crate::testing::{Answer, Client, TestApp};

/// Finds a person by the picture of the card; answers the application's id.
async fn find(app: &TestApp, counter: &mut Client, person: &Person) -> Answer {
    let card = person.valid_card(app.clock.today()).unwrap();
    let picture = nation::picture::code_side(person, card).unwrap();
    let phone = person.phone.as_ref().unwrap().national();
    counter
        .upload("/counter", &[("phone", &phone)], &[("picture", &picture)])
        .await
}

/// The prints of both index fingers.
fn prints(person: &Person) -> [Vec<u8>; 2] {
    [7, 2].map(|finger| nation::picture::fingerprint_png(person, finger).unwrap())
}

async fn attach(app: &TestApp, counter: &mut Client, person: &Person, id: &str) -> Answer {
    let (face, chip) = (face(app, person), app.chip(person));
    let [left, right] = prints(person);
    let files: [(&str, &[u8]); 4] = [
        ("portrait", &face),
        ("chip", &chip),
        ("left-print", &left),
        ("right-print", &right),
    ];
    counter
        .upload(&format!("/counter/{id}"), &[("driving-licence", "on")], &files)
        .await
}

/// Takes a whole application; answers its id.
async fn take(app: &TestApp, counter: &mut Client, person: &Person) -> String {
    let found = find(app, counter, person).await;
    assert_eq!(found.status, StatusCode::OK, "{found}");
    let id = found.at("/id");
    let attached = attach(app, counter, person, &id).await;
    assert_eq!(attached.status, StatusCode::OK, "{attached}");
    let sent = counter.post(&format!("/counter/{id}/submission"), &json!({})).await;
    assert_eq!(sent.status, StatusCode::OK, "{sent}");
    id
}

fn with_password() -> Value {
    let mut secrets = first_secrets();
    secrets["password"] = "Ghe-xanh7 troi".into();
    secrets
}

#[tokio::test]
async fn level_2_goes_from_the_counter_to_the_electronic_identity_card_for_who_had_no_account() {
    let app = TestApp::start().await;
    let person = app.citizen();
    let mut counter = officer(&app, "tiepnhan", Role::Counter).await;
    let mut reviewer = officer(&app, "xetduyet", Role::Reviewer).await;

    let id = take(&app, &mut counter, &person).await;
    let receipt = counter.get(&format!("/counter/{id}/receipt")).await;
    app.run_jobs().await;
    let opened = reviewer
        .post(&format!("/officers/applications/{id}/claim"), &json!({}))
        .await;
    let decided = decide(&mut reviewer, &id, &json!({ "decision": "approve" })).await;
    newest_sms(&app, &person).await;
    let mut client = app.client();
    let activated = activate(&app, &person, &mut client, &with_password()).await;
    let signin = json!({ "number": person.number.as_str(), "password": "Ghe-xanh7 troi" });
    let signed_in = client.post("/signin", &signin).await;
    let closed = client.get("/eid").await;
    let card = client.post("/eid", &json!({ "passcode": PASSCODE })).await;
    let account = client.get("/account").await;

    assert_eq!(receipt.at("/deadline_at"), "2026-11-27T16:59:59.999999Z");
    assert_eq!(receipt.at("/originals/0"), "driving-licence");
    assert_eq!(
        opened.at("/opened/originals_checked_by"),
        "Cán bộ tiepnhan, Công an Phường Ba Đình"
    );
    assert_eq!(opened.at("/opened/pictures").matches("evidence").count(), 4, "{opened}");
    assert_eq!(decided.at("/state"), "approved", "{decided}");
    assert_eq!(activated.at("/step"), "done", "{activated}");
    assert_eq!(signed_in.status, StatusCode::OK, "{signed_in}");
    assert_eq!(closed.at("/open"), "false");
    assert_eq!(card.at("/number"), person.number.as_str(), "{card}");
    assert_eq!(card.at("/full_name"), person.full_name);
    assert!(card.at("/portrait").starts_with("data:image/jpeg;base64,"));
    assert_eq!(account.at("/level"), "2");
}

#[tokio::test]
async fn a_browser_goes_the_same_way_with_forms() {
    let app = TestApp::start().await;
    let person = app.citizen();
    let mut browser = officer(&app, "tiepnhan", Role::Counter).await.browser();

    let form = browser.get("/counter").await.text();
    let to = find(&app, &mut browser, &person).await.location();
    let page = browser.get(&to).await.text();
    let id = to.rsplit('/').next().unwrap().to_owned();
    let back = attach(&app, &mut browser, &person, &id).await.location();
    let ready = browser.get(&back).await.text();
    let picture = browser.get(&format!("/counter/{id}/evidence/portrait")).await;
    let to = browser.form(&format!("/counter/{id}/submission"), &[]).await.location();
    let receipt = browser.get(&to).await.text();
    app.run_jobs().await;

    assert!(form.contains(r#"id="find""#), "{form}");
    assert!(
        page.contains(&person.full_name) && !page.contains(r#"id="submission""#),
        "{page}"
    );
    assert!(ready.contains(r#"id="submission""#), "{ready}");
    assert!(picture.body.starts_with(&[0xff, 0xd8]));
    assert!(
        receipt.contains(r#"id="receipt""#) && receipt.contains("Driving licence"),
        "{receipt}"
    );
}

#[tokio::test]
async fn who_has_level_1_confirms_level_2_with_code_and_passcode() {
    let app = TestApp::start().await;
    let person = app.citizen();
    let mut client = citizen(&app, &person, 1).await;
    let mut counter = officer(&app, "tiepnhan", Role::Counter).await;
    let mut reviewer = officer(&app, "xetduyet", Role::Reviewer).await;
    let id = take(&app, &mut counter, &person).await;
    decide(&mut reviewer, &id, &json!({ "decision": "approve" })).await;
    newest_sms(&app, &person).await;

    let wrong = activate(&app, &person, &mut client, &json!({ "passcode": "000999" })).await;
    let early = client.post("/eid", &json!({ "passcode": PASSCODE })).await;
    let right = activate(&app, &person, &mut client, &json!({ "passcode": PASSCODE })).await;
    let card = client.post("/eid", &json!({ "passcode": PASSCODE })).await;

    assert_eq!(wrong.at("/type"), "/problems/signin-wrong-passcode");
    assert_eq!(early.at("/type"), "/problems/eid-level-needed");
    assert_eq!(right.at("/step"), "done");
    assert_eq!(card.status, StatusCode::OK);
}

#[tokio::test]
async fn who_took_an_application_does_not_decide_it_even_in_another_role() {
    let app = TestApp::start().await;
    let person = app.citizen();
    let mut officer_who_moves = officer(&app, "tiepnhan", Role::Counter).await;
    let id = take(&app, &mut officer_who_moves, &person).await;
    app.run_jobs().await;
    let mut now_reviewer = officer(&app, "tiepnhan", Role::Reviewer).await;

    let claim = now_reviewer
        .post(&format!("/officers/applications/{id}/claim"), &json!({}))
        .await;
    let page = now_reviewer
        .clone()
        .browser()
        .get(&format!("/officers/applications/{id}"))
        .await
        .text();

    assert_eq!(claim.status, StatusCode::FORBIDDEN);
    assert_eq!(claim.at("/type"), "/problems/officers-four-eyes");
    assert!(page.contains(r#"id="four-eyes""#), "{page}");
}

#[tokio::test]
async fn the_approval_of_level_2_makes_an_application_for_level_1_needless() {
    let app = TestApp::start().await;
    let person = app.citizen();
    let mut client = citizen(&app, &person, 0).await;
    let mut counter = officer(&app, "tiepnhan", Role::Counter).await;
    let mut reviewer = officer(&app, "xetduyet", Role::Reviewer).await;
    let level_1 = send_level_1(&app, &person, &mut client).await;
    let level_2 = take(&app, &mut counter, &person).await;

    decide(&mut reviewer, &level_2, &json!({ "decision": "approve" })).await;
    app.run_jobs().await;
    let shown = client.get(&format!("/applications/{level_1}")).await;
    let again = client.get("/applications/level-1").await;

    assert_eq!(shown.at("/state"), "superseded");
    assert_eq!(again.at("/type"), "/problems/applications-level-held");
}

#[tokio::test]
async fn what_is_missing_is_brought_to_any_counter_and_both_officers_have_taken_it() {
    let app = TestApp::start().await;
    let person = app.citizen();
    let mut one = officer(&app, "tiepnhan", Role::Counter).await;
    let mut other = officer(&app, "tiepnhan2", Role::Counter).await;
    let mut reviewer = officer(&app, "xetduyet", Role::Reviewer).await;
    let id = take(&app, &mut one, &person).await;
    decide(
        &mut reviewer,
        &id,
        &json!({ "decision": "more", "reasons": ["prints-poor"] }),
    )
    .await;
    app.run_jobs().await;

    let before = other.get(&format!("/counter/{id}")).await.status;
    let found = find(&app, &mut other, &person).await;
    let sent = other.post(&format!("/counter/{id}/submission"), &json!({})).await;
    app.run_jobs().await;
    let mut moved = officer(&app, "tiepnhan", Role::Reviewer).await;
    let claim = moved
        .post(&format!("/officers/applications/{id}/claim"), &json!({}))
        .await;

    assert_eq!(before, StatusCode::NOT_FOUND);
    assert_eq!(found.at("/id"), id);
    assert_eq!(found.at("/reasons/0"), "prints-poor");
    assert_eq!(sent.at("/state"), "submitted");
    assert_eq!(claim.at("/type"), "/problems/officers-four-eyes");
}

#[tokio::test]
async fn who_has_no_card_that_can_be_used_gets_seven_working_days() {
    let app = TestApp::start().await;
    let today = app.clock.today();
    let mut people = (0..app.nation().people()).filter_map(|index| app.nation().person(index));
    let person = people
        .find(|person| {
            let alive = person.life(today) == nation::people::Life::Alive && !person.incapable;
            alive && person.age(today) >= 18 && person.valid_card(today).is_none()
        })
        .unwrap();
    let mut counter = officer(&app, "tiepnhan", Role::Counter).await;
    let face = face(&app, &person);

    let fields = [("number", person.number.as_str()), ("phone", "0900000001")];
    let found = counter.upload("/counter", &fields, &[]).await;
    let id = found.at("/id");
    let [left, right] = prints(&person);
    let files: [(&str, &[u8]); 3] = [("portrait", &face), ("left-print", &left), ("right-print", &right)];
    counter.upload(&format!("/counter/{id}"), &[], &files).await;
    let early = counter.post(&format!("/counter/{id}/submission"), &json!({})).await;
    let wrong = counter
        .upload(&format!("/counter/{id}"), &[("card-request", "!!")], &[])
        .await;
    let request = [("card-request", "CC-2026/000123")];
    counter.upload(&format!("/counter/{id}"), &request, &[]).await;
    let sent = counter.post(&format!("/counter/{id}/submission"), &json!({})).await;
    app.run_jobs().await;

    assert_eq!(early.at("/errors/0/field"), "card-request", "{early}");
    assert_eq!(wrong.at("/errors/0/field"), "card-request");
    assert_eq!(sent.at("/card_request"), "CC-2026/000123");

    assert_eq!(sent.at("/basis"), "no-card", "{sent}");
    assert_eq!(sent.at("/deadline_at"), "2026-12-03T16:59:59.999999Z");
}

#[tokio::test]
async fn children_the_dead_and_the_unknown_are_refused_with_the_reason() {
    let app = TestApp::start().await;
    let today = app.clock.today();
    let people: Vec<Person> = (0..app.nation().people())
        .filter_map(|index| app.nation().person(index))
        .collect();
    let alive = |person: &&Person| person.life(today) == nation::people::Life::Alive;
    let infant = people
        .iter()
        .filter(alive)
        .find(|person| person.age(today) < 6)
        .unwrap();
    let child = people
        .iter()
        .filter(alive)
        .find(|person| (6..14).contains(&person.age(today)))
        .unwrap();
    let dead = people
        .iter()
        .find(|person| person.life(today) == nation::people::Life::Dead)
        .unwrap();
    let mut counter = officer(&app, "tiepnhan", Role::Counter).await;

    let mut refused = Vec::new();
    for number in [
        infant.number.as_str(),
        child.number.as_str(),
        dead.number.as_str(),
        "001090000001",
    ] {
        let fields = [("number", number), ("phone", "0900000001")];
        refused.push(counter.upload("/counter", &fields, &[]).await.at("/type"));
    }

    let expected = ["too-young", "needs-guardian", "dead", "unknown"];
    assert_eq!(
        refused,
        expected.map(|reason| format!("/problems/applications-ineligible-{reason}"))
    );
}

#[tokio::test]
async fn wrong_fields_and_missing_prints_are_told_on_the_form() {
    let app = TestApp::start().await;
    let person = app.citizen();
    let mut counter = officer(&app, "tiepnhan", Role::Counter).await;
    let face = face(&app, &person);

    let nothing = counter
        .upload("/counter", &[("phone", "12"), ("email", "an")], &[])
        .await;
    let no_code = counter
        .upload("/counter", &[("phone", "0900000001")], &[("picture", &face)])
        .await;
    let id = find(&app, &mut counter, &person).await.at("/id");
    counter
        .upload(&format!("/counter/{id}"), &[], &[("portrait", &face)])
        .await;
    let early = counter.post(&format!("/counter/{id}/submission"), &json!({})).await;

    let fields: Vec<String> = (0..3).map(|at| nothing.at(&format!("/errors/{at}/field"))).collect();
    assert_eq!(fields, ["phone", "email", "number"]);
    assert_eq!(no_code.at("/type"), "/problems/registration-no-code");
    assert_eq!(early.at("/errors/0/field"), "left-print");
}

#[tokio::test]
async fn two_applications_for_one_person_at_once_are_one() {
    let app = TestApp::start().await;
    let person = app.citizen();
    let mut one = officer(&app, "tiepnhan", Role::Counter).await;
    let mut other = officer(&app, "tiepnhan2", Role::Counter).await;
    let mut ids = Vec::new();
    for counter in [&mut one, &mut other] {
        let id = find(&app, counter, &person).await.at("/id");
        attach(&app, counter, &person, &id).await;
        ids.push(format!("/counter/{id}/submission"));
    }

    let nothing = json!({});
    let (first, second) = tokio::join!(one.post(&ids[0], &nothing), other.post(&ids[1], &nothing));
    app.run_jobs().await;
    let searched_again = find(&app, &mut other, &person).await;

    let mut statuses = [first.status.as_u16(), second.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409], "{first}\n{second}");
    assert_eq!(searched_again.at("/type"), "/problems/applications-open-already");
}

#[tokio::test]
async fn only_the_counter_takes_applications_and_each_look_is_in_the_history() {
    let app = TestApp::start().await;
    let person = app.citizen();
    let mut client = citizen(&app, &person, 1).await;
    let mut counter = officer(&app, "tiepnhan", Role::Counter).await;
    let mut reviewer = officer(&app, "xetduyet", Role::Reviewer).await;
    let id = find(&app, &mut counter, &person).await.at("/id");
    attach(&app, &mut counter, &person, &id).await;

    let by_reviewer = [
        reviewer.get("/counter").await.status.as_u16(),
        find(&app, &mut reviewer, &person).await.status.as_u16(),
        reviewer.get(&format!("/counter/{id}")).await.status.as_u16(),
        reviewer
            .get(&format!("/counter/{id}/evidence/portrait"))
            .await
            .status
            .as_u16(),
    ];
    counter.get(&format!("/counter/{id}/evidence/left-print")).await;
    let history = client.get("/account/history").await.json();
    app.advance(SignedDuration::from_hours(13));
    let ended = counter.get(&format!("/counter/{id}")).await.status;

    assert_eq!(by_reviewer, [403; 4]);
    assert_eq!(ended, StatusCode::UNAUTHORIZED);
    let looks: Vec<&Value> = history["looks"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|look| look["purpose"] == "enrolment")
        .collect();
    assert_eq!(looks.len(), 3);
    assert!(looks.iter().any(|look| look["what"] == json!(["fingerprints"])));
}

#[tokio::test]
async fn an_officer_who_tries_numbers_out_is_seen_although_refused() {
    let app = TestApp::start().await;
    let person = app.citizen();
    let mut client = citizen(&app, &person, 2).await;
    let mut counter = officer(&app, "tiepnhan", Role::Counter).await;

    let refused = find(&app, &mut counter, &person).await;
    let history = client.get("/account/history").await;

    assert_eq!(refused.at("/type"), "/problems/applications-level-held", "{refused}");
    assert_eq!(history.at("/looks/0/purpose"), "enrolment", "{history}");
}

#[tokio::test]
async fn a_child_comes_with_a_guardian_of_the_population_database() {
    let app = TestApp::start().await;
    let today = app.clock.today();
    let people: Vec<Person> = (0..app.nation().people())
        .filter_map(|index| app.nation().person(index))
        .collect();
    let alive = |person: &&Person| person.life(today) == nation::people::Life::Alive;
    let parent = |child: &Person| {
        let mut parents = child.related(nation::people::Kinship::Mother);
        parents
            .find_map(|index| app.nation().person(index))
            .filter(|parent| alive(&parent))
    };
    let child = people
        .iter()
        .filter(alive)
        .find(|child| (6..14).contains(&child.age(today)) && parent(child).is_some())
        .unwrap();
    let (mother, stranger) = (parent(child).unwrap(), app.citizens().nth(7).unwrap());
    let mut counter = officer(&app, "tiepnhan", Role::Counter).await;
    let mut find = async |number: &Person, guardian: &str| {
        let fields = [
            ("number", number.number.as_str()),
            ("phone", "0900000001"),
            ("guardian", guardian),
        ];
        counter.upload("/counter", &fields, &[]).await
    };

    let alone = find(child, "").await;
    let by_stranger = find(child, stranger.number.as_str()).await;
    let needless = find(&stranger, mother.number.as_str()).await;
    let form = find(child, "12").await;
    let found = find(child, mother.number.as_str()).await;

    assert_eq!(alone.at("/type"), "/problems/applications-ineligible-needs-guardian");
    assert_eq!(by_stranger.at("/errors/0/field"), "guardian");
    assert_eq!(needless.at("/errors/0/field"), "guardian");
    assert_eq!(form.at("/errors/0/field"), "guardian");
    assert_eq!(found.status, StatusCode::OK, "{found}");
    assert_eq!(found.at("/guardian/full_name"), mother.full_name);
    assert_eq!(found.at("/guardian/relation"), "mother");
}

#[tokio::test]
async fn face_and_prints_are_compared_with_the_id_card_database() {
    let app = TestApp::start().await;
    let mut people = app.citizens();
    let (person, other) = (people.next().unwrap(), people.next().unwrap());
    let mut counter = officer(&app, "tiepnhan", Role::Counter).await;
    let id = find(&app, &mut counter, &person).await.at("/id");

    let own = attach(&app, &mut counter, &person, &id).await;
    let [left, _] = prints(&other);
    let others = counter
        .upload(&format!("/counter/{id}"), &[], &[("left-print", &left)])
        .await;
    app.run_jobs().await;

    let decisions = |answer: &Answer| -> Vec<String> {
        let found = answer.json()["findings"]["comparisons"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        found
            .iter()
            .map(|one| one["decision"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(decisions(&own), ["match", "match", "match"], "{own}");
    assert_eq!(
        decisions(&others).iter().filter(|one| *one == "differs").count(),
        1,
        "{others}"
    );
}

/// Lets a reader bring a chip to an application, by the address that its page shows.
async fn bring(app: &TestApp, counter: &mut Client, (person, id): (&Person, &str), mut chip: SimulatedCard) {
    let invited = counter.post(&format!("/counter/{id}/reading"), &json!({})).await;
    let challenge: civil::chip::ChipFile = serde_json::from_value(invited.json()["challenge"].clone()).unwrap();
    let mut dice = crate::chips::reader::dice(&app.chance);
    let password = crate::chips::reader::access_number(&person.number);
    let challenge = civil::chip::Challenge(*challenge.as_array().unwrap());
    let mut session = civil::chip::reader::Session::open(&mut chip, &password, &mut dice).unwrap();
    let reading = serde_json::to_value(session.read(Some(challenge)).unwrap()).unwrap();
    let brought = app.client().post(&invited.at("/address"), &reading).await;
    assert_eq!(brought.status, StatusCode::OK, "{brought}");
}

#[tokio::test]
async fn a_reader_brings_the_chip_to_the_application_and_a_copy_is_told() {
    let app = TestApp::start().await;
    let person = app.citizen();
    let mut counter = officer(&app, "tiepnhan", Role::Counter).await;
    let id = find(&app, &mut counter, &person).await.at("/id");
    let ground = app.sandbox.as_ref().unwrap();
    let card = person.valid_card(app.clock.today()).unwrap();
    let chip = || SimulatedCard::new(app.nation(), &person, card, &ground.issuer).unwrap();

    bring(&app, &mut counter, (&person, &id), chip()).await;
    let shown = counter.get(&format!("/counter/{id}")).await;
    let kept = counter
        .upload(&format!("/counter/{id}"), &[("driving-licence", "on")], &[])
        .await;
    bring(&app, &mut counter, (&person, &id), chip().copied().unwrap()).await;
    let copied = counter.upload(&format!("/counter/{id}"), &[], &[]).await;
    app.run_jobs().await;

    assert_eq!(shown.at("/chip"), "original");
    assert_eq!(kept.at("/chip"), "original");
    assert_eq!(kept.at("/has_chip"), "true");
    assert_eq!(kept.at("/findings/chip/result"), "authentic");
    assert_eq!(kept.at("/findings/original"), "proven");
    assert_eq!(copied.at("/chip"), "copy");
    assert_eq!(copied.at("/findings/chip/result"), "refused");
    assert_eq!(copied.at("/findings/original"), "unasked");
}
