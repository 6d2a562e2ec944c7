use ::http::StatusCode;
use jiff::SignedDuration;
use nation::Person;
use serde_json::{Value, json};

use super::super::tests::{citizen, code_in, decide, first_secrets, newest_sms, officer, send_level_1};
use crate::officers::Role;
use crate::testing::{Client, TestApp};

/// A citizen whose application for level 1 has just been approved.
async fn approved(app: &TestApp) -> (Person, Client, String) {
    let person = app.citizen();
    let mut client = citizen(app, &person, 0).await;
    let mut reviewer = officer(app, "xetduyet", Role::Reviewer).await;
    let id = send_level_1(app, &person, &mut client).await;
    let decided = decide(&mut reviewer, &id, &json!({ "decision": "approve" })).await;
    assert_eq!(decided.at("/state"), "approved");
    app.run_jobs().await;
    (person, client, id)
}

fn own(person: &Person) -> Value {
    json!({ "number": person.number.as_str(), "phone": person.phone.as_ref().unwrap().national() })
}

/// Starts an activation; answers its path.
async fn start(client: &mut Client, person: &Person) -> String {
    let started = client.post("/activation", &own(person)).await;
    assert_eq!(started.status, StatusCode::OK, "{started}");
    format!("/activation/{}", started.at("/id"))
}

async fn confirm(client: &mut Client, path: &str, code: &str) -> u16 {
    client
        .post(&format!("{path}/code"), &json!({ "code": code }))
        .await
        .status
        .as_u16()
}

#[tokio::test]
async fn a_stranger_cannot_tell_who_has_something_to_activate() {
    let app = TestApp::start().await;
    let (person, _, _) = approved(&app).await;
    let nobody = app.citizens().nth(1).unwrap();
    let other_phone = json!({ "number": person.number.as_str(), "phone": "0900000009" });

    let mut answers = Vec::new();
    for begin in [own(&person), own(&nobody), other_phone] {
        let mut stranger = app.client();
        let started = stranger.post("/activation", &begin).await;
        let path = format!("/activation/{}", started.at("/id"));
        let page = stranger.get(&path).await;
        let wrong = stranger
            .post(&format!("{path}/code"), &json!({ "code": "000000" }))
            .await;
        let again = stranger.post(&format!("{path}/resend"), &json!({})).await;
        let id = started.at("/id");
        answers.push([started, page, wrong, again].map(|answer| answer.to_string().replace(&id, "ID")));
    }
    app.run_jobs().await;

    assert_eq!(answers[0], answers[1]);
    assert_eq!(answers[0], answers[2]);
    assert!(app.mailbox("+84900000009").await.is_empty());
}

#[tokio::test]
async fn a_code_is_tried_five_times_and_lives_five_minutes() {
    let app = TestApp::start().await;
    let (person, mut client, _) = approved(&app).await;
    let path = start(&mut client, &person).await;
    let code = code_in(&newest_sms(&app, &person).await);
    for _ in 0..5 {
        assert_eq!(confirm(&mut client, &path, "000000").await, 403);
    }

    let sixth = confirm(&mut client, &path, &code).await;
    let path = start(&mut client, &person).await;
    let code = code_in(&newest_sms(&app, &person).await);
    app.advance(SignedDuration::from_mins(5));
    let late = confirm(&mut client, &path, &code).await;
    client.post(&format!("{path}/resend"), &json!({})).await;
    let code = code_in(&newest_sms(&app, &person).await);
    let right = confirm(&mut client, &path, &code).await;
    let replayed = confirm(&mut client, &path, &code).await;

    assert_eq!((sixth, late, right, replayed), (403, 403, 200, 403));
}

#[tokio::test]
async fn the_sixth_code_of_a_day_is_not_sent() {
    let app = TestApp::start().await;
    let (person, mut client, _) = approved(&app).await;
    let before = app.mailbox(&person.phone.as_ref().unwrap().e164()).await.len();
    for _ in 0..5 {
        start(&mut client, &person).await;
    }

    let sixth = client.post("/activation", &own(&person)).await;
    app.run_jobs().await;
    let sent = app.mailbox(&person.phone.as_ref().unwrap().e164()).await.len() - before;
    app.advance(SignedDuration::from_hours(24));
    let next_day = app.client().post("/activation", &own(&person)).await.status;

    assert_eq!(sixth.at("/type"), "/problems/applications-too-many-codes");
    assert_eq!(sent, 5);
    assert_eq!(next_day, StatusCode::OK);
    app.run_jobs().await;
}

#[tokio::test]
async fn weak_secrets_are_refused_field_by_field_and_can_be_sent_again() {
    let app = TestApp::start().await;
    let (person, mut client, _) = approved(&app).await;
    let path = start(&mut client, &person).await;
    let code = code_in(&newest_sms(&app, &person).await);
    confirm(&mut client, &path, &code).await;
    let born = person.date_of_birth.strftime("%d%m%y").to_string();

    let mut refused = Vec::new();
    for passcode in ["111111", "123456", "12345", &born] {
        let mut secrets = first_secrets();
        secrets["passcode"] = passcode.into();
        let answer = client.post(&format!("{path}/secrets"), &secrets).await;
        refused.push((answer.status.as_u16(), answer.at("/errors/0/field")));
    }
    let mut same = first_secrets();
    same["question_2"] = "first-school".into();
    let same = client.post(&format!("{path}/secrets"), &same).await;
    let good = client.post(&format!("{path}/secrets"), &first_secrets()).await;
    app.run_jobs().await;

    assert!(
        refused
            .iter()
            .all(|(status, field)| *status == 422 && field == "passcode"),
        "{refused:?}"
    );
    assert_eq!(same.at("/errors/0/field"), "question_2");
    assert_eq!(good.at("/step"), "done");
}

#[tokio::test]
async fn secrets_without_a_confirmed_code_are_refused() {
    let app = TestApp::start().await;
    let (person, mut client, _) = approved(&app).await;
    let path = start(&mut client, &person).await;
    app.run_jobs().await;

    let early = client.post(&format!("{path}/secrets"), &first_secrets()).await;
    let code = code_in(&newest_sms(&app, &person).await);
    confirm(&mut client, &path, &code).await;
    app.advance(SignedDuration::from_mins(30));
    let late = client.post(&format!("{path}/secrets"), &first_secrets()).await;

    assert_eq!(early.at("/type"), "/problems/applications-code-first");
    assert_eq!(late.at("/type"), "/problems/applications-code-first");
}

#[tokio::test]
async fn who_has_a_password_sets_a_passcode_only_when_signed_in() {
    let app = TestApp::start().await;
    let (person, mut client, _) = approved(&app).await;
    let mut stranger = app.client();
    let path = start(&mut stranger, &person).await;
    let code = code_in(&newest_sms(&app, &person).await);
    stranger.post(&format!("{path}/code"), &json!({ "code": code })).await;

    let outside = stranger.post(&format!("{path}/secrets"), &first_secrets()).await;
    let page = stranger.get(&path).await;
    let inside = client.post(&format!("{path}/secrets"), &first_secrets()).await;
    app.run_jobs().await;

    assert_eq!(outside.status, StatusCode::UNAUTHORIZED);
    assert_eq!(page.at("/step"), "signin");
    assert_eq!(inside.at("/step"), "done");
}

#[tokio::test]
async fn after_the_seventh_day_only_the_hotline_can_help() {
    let app = TestApp::start().await;
    let (person, _, id) = approved(&app).await;
    app.advance(SignedDuration::from_hours(7 * 24 + 14));
    let mut client = citizen(&app, &person, 0).await;

    let at_eleven_in_the_evening = client.get("/activation").await;
    app.advance(SignedDuration::from_hours(1));
    let at_midnight = client.get("/activation").await;
    let page = client.clone().browser().get("/activation").await.text();
    let by_code = client.post("/activation", &own(&person)).await;
    app.run_jobs().await;
    let shown = client.get(&format!("/applications/{id}")).await;

    assert_eq!(at_eleven_in_the_evening.status, StatusCode::OK);
    assert_eq!(at_midnight.status, StatusCode::GONE);
    assert_eq!(by_code.status, StatusCode::GONE);
    assert!(page.contains("1900.0368"), "{page}");
    assert_eq!(shown.at("/state"), "lapsed");
}

#[tokio::test]
async fn a_level_that_was_not_activated_lapses_and_can_be_applied_for_again() {
    let app = TestApp::start().await;
    let (person, _, id) = approved(&app).await;
    app.advance(SignedDuration::from_hours(8 * 24));
    app.run_jobs().await;
    let mut client = citizen(&app, &person, 0).await;

    let shown = client.get(&format!("/applications/{id}")).await;
    let told = newest_sms(&app, &person).await;
    let again = send_level_1(&app, &person, &mut client).await;
    app.run_jobs().await;

    assert_eq!(shown.at("/state"), "lapsed");
    assert!(told.contains("1900.0368"), "{told}");
    assert_ne!(again, id);
}

#[tokio::test]
async fn an_activation_sent_twice_at_once_happens_once() {
    let app = TestApp::start().await;
    let (person, mut client, id) = approved(&app).await;
    let path = start(&mut client, &person).await;
    let code = code_in(&newest_sms(&app, &person).await);
    confirm(&mut client, &path, &code).await;

    let send = |mut client: Client| {
        let path = format!("{path}/secrets");
        async move { client.post(&path, &first_secrets()).await.status.as_u16() }
    };
    let (one, other) = tokio::join!(send(client.clone()), send(client.clone()));
    app.run_jobs().await;
    let shown = client.get(&format!("/applications/{id}")).await;

    let mut statuses = [one, other];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409]);
    assert_eq!(
        shown.json()["timeline"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|event| event["what"] == "activated")
            .count(),
        1
    );
}
