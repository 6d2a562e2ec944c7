use ::http::StatusCode;
use jiff::SignedDuration;
use nation::Person;
use serde_json::{Value, json};

use crate::officers::{self, Role};
use crate::testing::{Answer, Client, TestApp};

pub(crate) const OFFICERS_PASSWORD: &str = "Canbo@2026";
pub(crate) const PASSCODE: &str = "281946";

/// A citizen with an account of a level, signed in.
pub(crate) async fn citizen(app: &TestApp, person: &Person, level: i64) -> Client {
    let mut client = app.client();
    let path = format!("/sandbox/people/{}/account", person.number.as_str());
    let made = client.post(&path, &json!({ "level": level })).await;
    let signin = json!({ "number": person.number.as_str(), "password": made.at("/password") });
    let signed_in = client.post("/signin", &signin).await;
    assert_eq!(signed_in.status, StatusCode::OK, "{signed_in}");
    client
}

/// An officer, appointed and signed in: of the commune 00004 at the counter, of the ministry in any other role.
pub(crate) async fn officer(app: &TestApp, login: &str, role: Role) -> Client {
    let unit = if role == Role::Counter {
        "00004"
    } else {
        officers::MINISTRY
    };
    officer_of(app, login, role, unit).await
}

/// An officer of a unit, appointed and signed in.
pub(crate) async fn officer_of(app: &TestApp, login: &str, role: Role, unit: &str) -> Client {
    officers::appoint(app, login, &format!("Cán bộ {login}"), role, unit, OFFICERS_PASSWORD)
        .await
        .unwrap();
    let mut client = app.client();
    let body = json!({ "login": login, "password": OFFICERS_PASSWORD });
    assert_eq!(client.post("/officers/signin", &body).await.status, StatusCode::OK);
    client
}

pub(crate) fn face(app: &TestApp, person: &Person) -> Vec<u8> {
    nation::picture::portrait_jpeg(person, app.clock.today()).unwrap()
}

/// The text of the newest message to a person; it is sent a second later than those before.
pub(crate) async fn newest_sms(app: &TestApp, person: &Person) -> String {
    app.advance(SignedDuration::from_secs(1));
    let phone = person.phone.as_ref().unwrap().e164();
    app.mailbox(&phone)
        .await
        .into_iter()
        .next()
        .map(|message| message.text)
        .unwrap_or_default()
}

/// The six digits in a message.
pub(crate) fn code_in(message: &str) -> String {
    let mut words = message.split(|c: char| !c.is_ascii_digit());
    words.rfind(|word| word.len() == 6).unwrap().to_owned()
}

/// Draws a challenge for the chip; answers its digits.
pub(crate) async fn challenge(client: &mut Client) -> String {
    let asked = client.post("/applications/level-1/reading", &json!({})).await;
    assert_eq!(asked.status, StatusCode::OK, "{asked}");
    asked.at("/reading/challenge")
}

/// Sends a portrait and the chip with its answer to our challenge.
pub(crate) async fn attach_level_1(app: &TestApp, person: &Person, client: &mut Client) -> Answer {
    let (face, chip) = (face(app, person), app.reading(person, &challenge(client).await));
    let files: [(&str, &[u8]); 2] = [("portrait", &face), ("chip", &chip)];
    client.upload("/applications/level-1", &[], &files).await
}

/// Sends a portrait and the chip, and the application; answers its id.
pub(crate) async fn send_level_1(app: &TestApp, person: &Person, client: &mut Client) -> String {
    let attached = attach_level_1(app, person, client).await;
    assert_eq!(attached.status, StatusCode::OK, "{attached}");
    let sent = client.post("/applications/level-1/submission", &json!({})).await;
    assert_eq!(sent.status, StatusCode::OK, "{sent}");
    sent.at("/id")
}

/// Sends the portrait of somebody else with the own chip, for the police to compare by eye; answers the application's id.
pub(crate) async fn send_with_face_of(app: &TestApp, other: &Person, person: &Person, client: &mut Client) -> String {
    let (face, chip) = (face(app, other), app.reading(person, &challenge(client).await));
    let files: [(&str, &[u8]); 2] = [("portrait", &face), ("chip", &chip)];
    client.upload("/applications/level-1", &[], &files).await;
    let despite = json!({ "despite": "on" });
    let sent = client.post("/applications/level-1/submission", &despite).await;
    assert_eq!(sent.status, StatusCode::OK, "{sent}");
    sent.at("/id")
}

/// Claims and decides an application.
pub(crate) async fn decide(reviewer: &mut Client, id: &str, decision: &Value) -> Answer {
    let claimed = reviewer
        .post(&format!("/officers/applications/{id}/claim"), &json!({}))
        .await;
    assert_eq!(claimed.status, StatusCode::OK, "{claimed}");
    reviewer
        .post(&format!("/officers/applications/{id}/decision"), decision)
        .await
}

/// Goes from the code to the level in use, with secrets of a first activation.
pub(crate) async fn activate(app: &TestApp, person: &Person, client: &mut Client, secrets: &Value) -> Answer {
    let begin = json!({ "number": person.number.as_str(), "phone": person.phone.as_ref().unwrap().national() });
    let started = client.post("/activation", &begin).await;
    assert_eq!(started.status, StatusCode::OK, "{started}");
    let path = format!("/activation/{}", started.at("/id"));
    let code = code_in(&newest_sms(app, person).await);
    let confirmed = client.post(&format!("{path}/code"), &json!({ "code": code })).await;
    assert_eq!(confirmed.status, StatusCode::OK, "{confirmed}");
    let done = client.post(&format!("{path}/secrets"), secrets).await;
    app.run_jobs().await;
    done
}

pub(crate) fn first_secrets() -> Value {
    json!({
        "passcode": PASSCODE,
        "question_1": "first-school", "answer_1": "Trường Làng",
        "question_2": "dish", "answer_2": "Canh chua",
    })
}

#[tokio::test]
async fn level_1_goes_from_portrait_to_activation() {
    let app = TestApp::start().await;
    let person = app.citizen();
    let mut client = citizen(&app, &person, 0).await;
    let mut reviewer = officer(&app, "xetduyet", Role::Reviewer).await;

    let id = send_level_1(&app, &person, &mut client).await;
    let waiting = client.get(&format!("/applications/{id}")).await;
    let told = newest_sms(&app, &person).await;
    let decided = decide(&mut reviewer, &id, &json!({ "decision": "approve" })).await;
    let approved = newest_sms(&app, &person).await;
    let activated = activate(&app, &person, &mut client, &first_secrets()).await;
    let shown = client.get(&format!("/applications/{id}")).await;
    let account = client.get("/account").await;

    assert_eq!(waiting.at("/state"), "submitted");
    // The 24th is a day off.
    assert_eq!(waiting.at("/deadline_at"), "2026-11-25T16:59:59.999999Z");
    assert_eq!(waiting.at("/law"), "Nghị định 69/2024/NĐ-CP, Điều 13");
    assert_eq!(waiting.at("/findings/chip/result"), "authentic");
    assert!(told.contains("23:59 25/11/2026"), "{told}");
    assert_eq!(decided.at("/state"), "approved", "{decided}");
    assert!(approved.contains("23:59 30/11/2026"), "{approved}");
    assert_eq!(activated.at("/step"), "done", "{activated}");
    assert_eq!(shown.at("/state"), "activated");
    assert_eq!(account.at("/level"), "1", "{account}");
    let happened: Vec<String> = (0..5).map(|at| shown.at(&format!("/timeline/{at}/what"))).collect();
    assert_eq!(happened, ["opened", "submitted", "claimed", "approved", "activated"]);
}

/// The digits of the challenge on a page.
pub(crate) fn challenge_on(page: &str) -> String {
    let (_, after) = page.split_once(r#"id="reading-challenge">"#).unwrap();
    after.split('<').next().unwrap().to_owned()
}

#[tokio::test]
async fn the_same_way_is_open_to_a_browser_without_script() {
    let app = TestApp::start().await;
    let person = app.citizen();
    let mut browser = citizen(&app, &person, 0).await.browser();
    let mut reviewer = officer(&app, "xetduyet", Role::Reviewer).await.browser();
    let face = face(&app, &person);

    let form = browser.get("/applications/level-1").await.text();
    let asked = browser.form("/applications/level-1/reading", &[]).await;
    let chip = app.reading(&person, &challenge_on(&asked.text()));
    let to = browser
        .upload("/applications/level-1", &[], &[("portrait", &face), ("chip", &chip)])
        .await;
    let check = browser.get(&to.location()).await.text();
    let to = browser
        .upload("/applications/level-1/submission", &[], &[])
        .await
        .location();
    let shown = browser.get(&to).await.text();
    app.run_jobs().await;
    let id = to.rsplit('/').next().unwrap().to_owned();
    let outline = reviewer.get(&format!("/officers/applications/{id}")).await.text();
    let claimed = reviewer
        .form(&format!("/officers/applications/{id}/claim"), &[])
        .await
        .location();
    let opened = reviewer.get(&claimed).await.text();
    let fields = [
        ("decision", "more"),
        ("reasons", "portrait-poor"),
        ("reasons", "other"),
        ("remark", "Ảnh mờ"),
    ];
    let decided = reviewer
        .form(&format!("/officers/applications/{id}/decision"), &fields)
        .await;
    app.run_jobs().await;
    let asked = browser.get("/applications/level-1").await.text();

    assert!(
        form.contains(r#"id="evidence""#) && form.contains(r#"id="ask-reading""#),
        "{form}"
    );
    assert!(check.contains(r#"data-risk="low""#), "{check}");
    assert!(
        check.contains(r#"id="compared-full-name""#) && check.contains(&person.full_name),
        "{check}"
    );
    assert!(shown.contains(r#"id="deadline""#), "{shown}");
    assert!(!outline.contains(&person.full_name), "{outline}");
    assert!(
        opened.contains(&person.full_name) && opened.contains("/evidence/portrait"),
        "{opened}"
    );
    assert_eq!(decided.location(), "/officers/queue");
    assert!(asked.contains("Ảnh mờ"), "{asked}");
}

#[tokio::test]
async fn what_is_asked_for_is_sent_and_the_limit_runs_anew() {
    let app = TestApp::start().await;
    let person = app.citizen();
    let mut client = citizen(&app, &person, 0).await;
    let mut reviewer = officer(&app, "xetduyet", Role::Reviewer).await;
    let id = send_level_1(&app, &person, &mut client).await;
    decide(
        &mut reviewer,
        &id,
        &json!({ "decision": "more", "reasons": ["portrait-poor"] }),
    )
    .await;
    app.advance(SignedDuration::from_hours(48));
    app.run_jobs().await;
    let mut client = citizen(&app, &person, 0).await;

    let again = client.post("/applications/level-1/submission", &json!({})).await;

    assert_eq!(again.at("/id"), id);
    assert_eq!(again.at("/state"), "submitted");
    assert_eq!(again.at("/deadline_at"), "2026-11-26T16:59:59.999999Z");
    assert_eq!(again.at("/reasons"), "[]");
    app.run_jobs().await;
}

#[tokio::test]
async fn a_refusal_says_why_and_leaves_the_way_to_apply_again() {
    let app = TestApp::start().await;
    let person = app.citizen();
    let mut client = citizen(&app, &person, 0).await;
    let mut reviewer = officer(&app, "xetduyet", Role::Reviewer).await;
    let id = send_level_1(&app, &person, &mut client).await;
    app.run_jobs().await;

    let refusal = json!({ "decision": "refuse", "reasons": ["other"], "remark": "Ảnh của người khác" });
    decide(&mut reviewer, &id, &refusal).await;
    let told = newest_sms(&app, &person).await;
    let shown = client.get(&format!("/applications/{id}")).await;
    let second = send_level_1(&app, &person, &mut client).await;

    assert!(told.contains("bi tu choi"), "{told}");
    assert_eq!(shown.at("/state"), "refused");
    assert_eq!(shown.at("/reasons/0"), "other");
    assert_eq!(shown.at("/remark"), "Ảnh của người khác");
    assert_ne!(second, id);
    app.run_jobs().await;
}

#[tokio::test]
async fn an_application_sent_twice_at_once_is_one() {
    let app = TestApp::start().await;
    let person = app.citizen();
    let mut client = citizen(&app, &person, 0).await;
    let face = face(&app, &person);
    let chip = app.reading(&person, &challenge(&mut client).await);

    let attach = |mut client: Client| {
        let (face, chip) = (face.clone(), chip.clone());
        async move {
            client
                .upload("/applications/level-1", &[], &[("portrait", &face), ("chip", &chip)])
                .await
                .status
                .as_u16()
        }
    };
    let (one, other) = tokio::join!(attach(client.clone()), attach(client.clone()));
    let send = |mut client: Client| async move { client.post("/applications/level-1/submission", &json!({})).await };
    let (first, second) = tokio::join!(send(client.clone()), send(client.clone()));
    app.run_jobs().await;
    let list = client.clone().get("/applications").await;

    assert!([one, other].contains(&200), "{one} {other}");
    let mut statuses = [first.status.as_u16(), second.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409], "{first}\n{second}");
    assert_eq!(list.json()["applications"].as_array().unwrap().len(), 1);
    assert_eq!(app.mailbox(&person.phone.unwrap().e164()).await.len(), 1);
}

#[tokio::test]
async fn what_is_no_portrait_is_refused_with_what_to_do() {
    let app = TestApp::start().await;
    let person = app.citizen();
    let mut client = citizen(&app, &person, 0).await;
    let face = face(&app, &person);
    let huge = vec![0_u8; 13 * 1024 * 1024];

    let missing = client.upload("/applications/level-1", &[], &[("portrait", b"")]).await;
    let text = client
        .upload("/applications/level-1", &[], &[("portrait", b"hello")])
        .await;
    let too_large = client
        .upload("/applications/level-1", &[], &[("portrait", &huge)])
        .await;
    let no_chip = client
        .upload("/applications/level-1", &[], &[("portrait", &face), ("chip", b"{}")])
        .await;
    let sent = client.post("/applications/level-1/submission", &json!({})).await;
    let list = client.get("/applications").await;

    assert_eq!(missing.at("/errors/0/field"), "portrait");
    assert_eq!(
        text.at("/errors/0/detail"),
        "This file is not a JPEG or PNG picture that can be read."
    );
    assert_eq!(too_large.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(no_chip.at("/errors/0/field"), "chip");
    assert_eq!(sent.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(list.at("/applications"), "[]");
}

#[tokio::test]
async fn nothing_is_half_written_when_a_registry_is_silent() {
    let app = TestApp::start().await;
    let person = app.citizen();
    let mut client = citizen(&app, &person, 0).await;
    attach_level_1(&app, &person, &mut client).await;
    let down = nation::sources::Fault {
        down: true,
        ..Default::default()
    };
    app.faults().set(nation::sources::Source::IdCard, down);

    let silent = client.post("/applications/level-1/submission", &json!({})).await;
    app.faults().clear();
    let again = client.post("/applications/level-1/submission", &json!({})).await;

    assert_eq!(silent.status, StatusCode::SERVICE_UNAVAILABLE, "{silent}");
    assert_eq!(again.status, StatusCode::OK, "{again}");
    app.run_jobs().await;
}

#[tokio::test]
async fn nobody_sees_another_persons_application() {
    let app = TestApp::start().await;
    let mut people = app.citizens();
    let (person, other) = (people.next().unwrap(), people.next().unwrap());
    let mut client = citizen(&app, &person, 0).await;
    let mut stranger = citizen(&app, &other, 0).await;
    let id = send_level_1(&app, &person, &mut client).await;

    let page = stranger.get(&format!("/applications/{id}")).await.status;
    let picture = stranger.get(&format!("/applications/{id}/portrait")).await.status;
    let own = client.get(&format!("/applications/{id}/portrait")).await;
    let nobody = app.client().get(&format!("/applications/{id}")).await.status;

    assert_eq!((page.as_u16(), picture.as_u16(), nobody.as_u16()), (404, 404, 401));
    assert!(own.body.starts_with(&[0xff, 0xd8]));
    app.run_jobs().await;
}

#[tokio::test]
async fn an_account_with_a_level_needs_no_application_for_it() {
    let app = TestApp::start().await;
    let mut client = citizen(&app, &app.citizen(), 1).await;

    let answer = client.get("/applications/level-1").await;

    assert_eq!(answer.status, StatusCode::CONFLICT);
    assert_eq!(answer.at("/type"), "/problems/applications-level-held");
}

#[tokio::test]
async fn a_draft_that_is_not_sent_is_forgotten_with_its_pictures() {
    let app = TestApp::start().await;
    let person = app.citizen();
    let mut client = citizen(&app, &person, 0).await;
    let attached = attach_level_1(&app, &person, &mut client).await;
    let picture = attached.at("/portrait");

    app.advance(SignedDuration::from_hours(11));
    let kept = client.get(&picture).await.status;
    app.advance(SignedDuration::from_hours(14));
    app.run_jobs().await;
    let mut client = citizen(&app, &person, 0).await;
    let gone = client.get(&picture).await.status;
    let anew = client.get("/applications/level-1").await;

    assert_eq!((kept.as_u16(), gone.as_u16()), (200, 404));
    assert_eq!(anew.at("/portrait"), "null");
}
