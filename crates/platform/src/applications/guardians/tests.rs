use ::http::StatusCode;
use jiff::SignedDuration;
use nation::people::{Kinship, Life};
use nation::{Nation, Person};
use serde_json::{Value, json};

use super::super::tests::{
    PASSCODE, activate, citizen, code_in, decide, face, first_secrets, newest_sms, officer, send_level_1,
};
use crate::officers::Role;
use crate::testing::{Client, TestApp};

/// A parent who can have an account, and a child under 14 with a card.
fn family(app: &TestApp) -> (Person, Person) {
    family_with(app, 0)
}

/// The same, of a child who is at least so old.
fn family_with(app: &TestApp, least: i16) -> (Person, Person) {
    let (nation, today) = (app.nation(), app.clock.today());
    let parent_of = |nation: &Nation, child: &Person| {
        let parents = [Kinship::Mother, Kinship::Father];
        let related = parents
            .into_iter()
            .flat_map(|kind| child.related(kind).collect::<Vec<_>>());
        let mut people = related.filter_map(|index| nation.person(index));
        people.find(|parent| {
            parent.life(today) == Life::Alive && parent.phone.is_some() && parent.valid_card(today).is_some()
        })
    };
    let people = (0..nation.people()).filter_map(|index| nation.person(index));
    let children =
        people.filter(|person| (least..14).contains(&person.age(today)) && person.valid_card(today).is_some());
    let mut families = children.filter_map(|child| Some((parent_of(nation, &child)?, child)));
    families.next().unwrap()
}

async fn begin(app: &TestApp, child: &Person, client: &mut Client) -> String {
    let opened = client
        .post("/applications/wards", &json!({ "number": child.number.as_str() }))
        .await;
    assert_eq!(opened.status, StatusCode::OK, "{opened}");
    let path = format!("/applications/wards/{}", opened.at("/application"));
    let asked = client.post(&format!("{path}/reading"), &json!({})).await;
    let chip = app.reading(child, &asked.at("/reading/challenge"));
    let portrait = face(app, child);
    let files: [(&str, &[u8]); 2] = [("portrait", &portrait), ("chip", &chip)];
    let attached = client.upload(&path, &[], &files).await;
    assert_eq!(attached.status, StatusCode::OK, "{attached}");
    path
}

fn of_the_child() -> Value {
    json!({
        "password": "Hoa!Sen-2026x", "password_again": "Hoa!Sen-2026x",
        "passcode": "739205", "passcode_again": "739205",
        "question_1": "first-school", "answer_1": "Trường Làng", "question_2": "dish", "answer_2": "Canh chua",
    })
}

#[tokio::test]
async fn a_parent_applies_for_a_child_and_confirms_before_it_is_activated() {
    let app = TestApp::start().await;
    let (parent, child) = family(&app);
    let mut client = citizen(&app, &parent, 2).await;
    let mut reviewer = officer(&app, "xetduyet", Role::Reviewer).await;
    let phone = parent.phone.as_ref().unwrap().national();

    let wards = client.get("/applications/wards").await;
    let path = begin(&app, &child, &mut client).await;
    let sent = client.post(&format!("{path}/submission"), &json!({})).await;
    let id = sent.at("/id");
    decide(&mut reviewer, &id, &json!({ "decision": "approve" })).await;
    app.run_jobs().await;
    let start = json!({ "number": child.number.as_str(), "phone": phone });
    let started = app.client().post("/activation", &start).await;
    let activation = format!("/activation/{}", started.at("/id"));
    let code = code_in(&newest_sms(&app, &parent).await);
    let mut tablet = app.client();
    tablet
        .post(&format!("{activation}/code"), &json!({ "code": code }))
        .await;
    let secrets = of_the_child();
    let unconfirmed = tablet.post(&format!("{activation}/secrets"), &secrets).await;
    let waiting = client.get(&format!("/applications/{id}")).await;
    let wrong = client
        .post(
            &format!("/applications/{id}/confirmation"),
            &json!({ "passcode": "000000" }),
        )
        .await;
    let passcode = json!({ "passcode": PASSCODE });
    let confirmed = client
        .post(&format!("/applications/{id}/confirmation"), &passcode)
        .await;
    let activated = tablet.post(&format!("{activation}/secrets"), &secrets).await;
    let shown = client.get(&format!("/applications/{id}")).await;
    let listed = client.get("/applications").await;
    let looks = looks_of_guardians(&app, &child).await;
    app.run_jobs().await;

    assert!(wards.text().contains(child.number.as_str()), "{wards}");
    assert_eq!(sent.at("/ward"), child.full_name, "{sent}");
    assert_eq!(unconfirmed.at("/type"), "/problems/applications-guardian-first");
    assert_eq!(waiting.at("/to_confirm"), "true");
    assert_ne!(wrong.status, StatusCode::OK);
    assert_eq!(confirmed.at("/to_confirm"), "false", "{confirmed}");
    assert_eq!(activated.at("/step"), "done", "{activated}");
    assert_eq!(shown.at("/state"), "activated");
    assert!(listed.text().contains(&child.full_name), "{listed}");
    assert!(looks >= 3, "{looks} looks of the guardian are in the history");
}

/// How many looks of a guardian are in the history of somebody who signs in.
async fn looks_of_guardians(app: &TestApp, child: &Person) -> usize {
    let mut client = app.client();
    let form = json!({ "number": child.number.as_str(), "password": "Hoa!Sen-2026x" });
    let signed_in = client.post("/signin", &form).await;
    assert_eq!(signed_in.status, StatusCode::OK, "{signed_in}");
    let history = client.get("/account/history").await;
    history.text().matches("\"guardian\"").count()
}

#[tokio::test]
async fn only_a_parent_of_level_2_applies_and_nobody_else_sees_it() {
    let app = TestApp::start().await;
    let (parent, child) = family(&app);
    let other = app
        .citizens()
        .find(|person| {
            person.index != parent.index
                && child
                    .related(Kinship::Mother)
                    .chain(child.related(Kinship::Father))
                    .all(|index| index != person.index)
        })
        .unwrap();
    let mut stranger = citizen(&app, &other, 2).await;
    let mut client = citizen(&app, &parent, 2).await;
    let form = json!({ "number": child.number.as_str() });

    let refused = stranger.post("/applications/wards", &form).await;
    let path = begin(&app, &child, &mut client).await;
    let seen = stranger.get(&path).await;
    let own = client.post("/applications/wards", &form).await;
    let of_adult = client
        .post("/applications/wards", &json!({ "number": parent.number.as_str() }))
        .await;

    assert_eq!(refused.at("/type"), "/problems/applications-not-guardian");
    assert_eq!(seen.status, StatusCode::NOT_FOUND);
    assert_eq!(format!("/applications/wards/{}", own.at("/application")), path);
    assert_eq!(of_adult.at("/type"), "/problems/applications-not-guardian");
}

#[tokio::test]
async fn a_parent_of_level_1_is_told_what_is_needed() {
    let app = TestApp::start().await;
    let (parent, _) = family(&app);
    let mut client = citizen(&app, &parent, 1).await;

    let refused = client.get("/applications/wards").await;

    assert_eq!(refused.at("/type"), "/problems/applications-guardian-level");
}

/// Takes a child's application for level 2, with the parent who attends; answers its id.
async fn take_level_2(app: &TestApp, counter: &mut Client, (parent, child): (&Person, &Person)) -> String {
    let phone = parent.phone.as_ref().unwrap().national();
    let fields = [
        ("number", child.number.as_str()),
        ("phone", phone.as_str()),
        ("guardian", parent.number.as_str()),
    ];
    let found = counter.upload("/counter", &fields, &[]).await;
    assert_eq!(found.status, StatusCode::OK, "{found}");
    let id = found.at("/id");
    let portrait = face(app, child);
    let [left, right] = [7, 2].map(|finger| nation::picture::fingerprint_png(child, finger).unwrap());
    let chip = app.chip(child);
    let files: [(&str, &[u8]); 4] = [
        ("portrait", &portrait),
        ("chip", &chip),
        ("left-print", &left),
        ("right-print", &right),
    ];
    let attached = counter.upload(&format!("/counter/{id}"), &[], &files).await;
    assert_eq!(attached.status, StatusCode::OK, "{attached}");
    let sent = counter.post(&format!("/counter/{id}/submission"), &json!({})).await;
    assert_eq!(sent.status, StatusCode::OK, "{sent}");
    app.run_jobs().await;
    id
}

#[tokio::test]
async fn a_parent_who_attends_at_a_counter_confirms_level_2_even_with_an_account_opened_later() {
    let app = TestApp::start().await;
    let (parent, child) = family_with(&app, 6);
    let mut counter = officer(&app, "tiepnhan", Role::Counter).await;
    let mut reviewer = officer(&app, "xetduyet", Role::Reviewer).await;

    let id = take_level_2(&app, &mut counter, (&parent, &child)).await;
    let opened = reviewer
        .post(&format!("/officers/applications/{id}/claim"), &json!({}))
        .await;
    decide(&mut reviewer, &id, &json!({ "decision": "approve" })).await;
    app.run_jobs().await;
    // The parent opens an account only now: what waits is found by the number.
    let mut client = citizen(&app, &parent, 0).await;
    let nothing_yet = client.get("/applications").await;
    let own = send_level_1(&app, &parent, &mut client).await;
    decide(&mut reviewer, &own, &json!({ "decision": "approve" })).await;
    let later = async || {
        // So that the next message is the newest.
        app.run_jobs().await;
        app.advance(SignedDuration::from_secs(1));
    };
    later().await;
    activate(&app, &parent, &mut client, &first_secrets()).await;
    let waiting = client.get(&format!("/applications/{id}")).await;
    let phone = parent.phone.as_ref().unwrap().national();
    let start = json!({ "number": child.number.as_str(), "phone": phone });
    later().await;
    let started = app.client().post("/activation", &start).await;
    let activation = format!("/activation/{}", started.at("/id"));
    let code = code_in(&newest_sms(&app, &parent).await);
    let mut tablet = app.client();
    tablet
        .post(&format!("{activation}/code"), &json!({ "code": code }))
        .await;
    let unconfirmed = tablet.post(&format!("{activation}/secrets"), &of_the_child()).await;
    let confirmation = format!("/applications/{id}/confirmation");
    let confirmed = client.post(&confirmation, &json!({ "passcode": PASSCODE })).await;
    let activated = tablet.post(&format!("{activation}/secrets"), &of_the_child()).await;
    let looks = looks_of_guardians(&app, &child).await;
    app.run_jobs().await;

    assert_eq!(opened.at("/opened/guardian/full_name"), parent.full_name, "{opened}");
    assert!(!nothing_yet.text().contains(&child.full_name), "{nothing_yet}");
    assert_eq!(waiting.at("/to_confirm"), "true", "{waiting}");
    assert_eq!(unconfirmed.at("/type"), "/problems/applications-guardian-first");
    assert_eq!(confirmed.at("/to_confirm"), "false", "{confirmed}");
    assert_eq!(activated.at("/step"), "done", "{activated}");
    assert!(looks >= 1, "{looks} looks of the guardian are in the history");
}
