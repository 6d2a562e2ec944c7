use ::http::{Method, Request};
use axum::body::Body;
use civil::Phone;
use jiff::SignedDuration;
use serde_json::json;

use super::*;
use crate::accounts::{self, Contact, Level};
use crate::notices::command::Command;
use crate::shell::jobs::Job as _;
use crate::testing::{Holder, TestApp};

/// A note with a value and a value that is a sentence itself.
fn note(kind: Kind, once: &str) -> Note {
    Note::new(kind, "documents-told-changed", once)
        .saying("source", "documents-source-driving-licence")
        .link("/documents/driving-licence")
}

async fn told(app: &TestApp, holder: &Holder, note: Note) {
    let (at, person, now) = (App::clone(app), holder.person, app.now());
    app.db
        .write(move |tx| inform(&at, tx, &person, &note, now))
        .await
        .unwrap();
}

async fn reached(app: &TestApp, holder: &Holder, email: Option<&str>, phone: &str) {
    let (vault, person) = (app.vault.clone(), holder.person);
    let contact = Contact {
        phone: Phone::parse(phone).unwrap(),
        email: email.map(str::to_owned),
    };
    app.db
        .write(move |tx| accounts::set_contact(tx, &vault, &person, &contact))
        .await
        .unwrap();
}

fn phone(holder: &Holder) -> String {
    holder.citizen.phone.clone().unwrap().e164()
}

#[tokio::test]
async fn a_note_is_in_the_inbox_in_both_languages_and_leaves_once_however_often_it_is_told() {
    let app = TestApp::start().await;
    let mut holder = app.holder(app.citizen(), Level::Two).await;
    reached(&app, &holder, Some("an@thu.example"), "0900000001").await;

    for _ in 0..2 {
        told(&app, &holder, note(Kind::Progress, "dossier 1 changed")).await;
        app.run_jobs().await;
    }

    let inbox = holder.client.get("/notices").await;
    assert_eq!(inbox.json()["notes"].as_array().unwrap().len(), 1);
    assert_eq!(
        (inbox.at("/unread"), inbox.at("/notes/0/kind")),
        ("1".to_owned(), "progress".to_owned())
    );
    assert!(
        inbox.at("/notes/0/text/vi").contains("Cục Cảnh sát giao thông")
            || inbox.at("/notes/0/text/vi").contains("giấy phép lái xe"),
        "{inbox}"
    );
    assert_ne!(inbox.at("/notes/0/text/en"), inbox.at("/notes/0/text/vi"));
    let messages = app.mailbox("+84900000001").await;
    assert_eq!(messages.len(), 1);
    assert!(messages[0].text.is_ascii(), "{}", messages[0].text);
    let letters = app.mailbox("an@thu.example").await;
    assert_eq!(letters.len(), 1);
    assert!(
        letters[0]
            .text
            .contains("http://localhost:8080/documents/driving-licence"),
        "{}",
        letters[0].text
    );
}

#[tokio::test]
async fn a_note_of_a_unit_of_work_that_fails_is_told_to_nobody() {
    let app = TestApp::start().await;
    let mut holder = app.holder(app.citizen(), Level::One).await;
    let (at, person, now) = (App::clone(&app), holder.person, app.now());

    let undone: Result<(), db::Error> = app
        .db
        .write(move |tx| {
            inform(&at, tx, &person, &note(Kind::Legal, "lost"), now)?;
            Err(db::Error::NoRow)
        })
        .await;

    assert!(undone.is_err());
    assert_eq!(holder.client.get("/notices").await.at("/notes"), "[]");
    assert_eq!(app.mailbox(&phone(&holder)).await, []);
}

#[tokio::test]
async fn a_notice_to_a_number_that_was_changed_a_second_ago_goes_to_the_new_one() {
    let app = TestApp::start().await;
    let holder = app.holder(app.citizen(), Level::One).await;
    let old = phone(&holder);

    told(&app, &holder, note(Kind::Progress, "moved")).await;
    reached(&app, &holder, None, "0900000002").await;
    app.run_jobs().await;

    assert_eq!(app.mailbox(&old).await, []);
    assert_eq!(app.mailbox("+84900000002").await.len(), 1);
}

#[tokio::test]
async fn a_phone_that_was_lost_to_somebody_else_gets_nothing() {
    let app = TestApp::start().await;
    let holder = app.holder(app.citizen(), Level::One).await;
    let (person, now) = (holder.person, app.now());

    told(&app, &holder, note(Kind::Legal, "lost phone")).await;
    app.db
        .write(move |tx| accounts::phone_is_lost(tx, &person, now))
        .await
        .unwrap();

    assert_eq!(app.mailbox(&phone(&holder)).await, []);
}

#[tokio::test]
async fn what_was_read_before_it_left_is_not_sent_after_it_unless_the_law_wants_it() {
    let app = TestApp::start().await;
    let mut holder = app.holder(app.citizen(), Level::One).await;
    told(&app, &holder, note(Kind::Progress, "read")).await;
    told(&app, &holder, note(Kind::Legal, "law")).await;

    let read = holder.client.post("/notices/read", &json!({})).await;

    assert_eq!(read.at("/unread"), "0");
    assert_eq!(app.mailbox(&phone(&holder)).await.len(), 1);
}

#[tokio::test]
async fn what_can_wait_is_held_until_morning_and_what_is_urgent_is_not() {
    let app = TestApp::start().await;
    let holder = app.holder(app.citizen(), Level::One).await;
    // 23:00 in Viet Nam.
    app.advance(SignedDuration::from_hours(14));

    told(&app, &holder, note(Kind::Progress, "waits")).await;
    told(&app, &holder, note(Kind::Security, "urgent")).await;
    let at_night = app.mailbox(&phone(&holder)).await.len();
    app.advance(SignedDuration::from_hours(8));
    let in_the_morning = app.mailbox(&phone(&holder)).await.len();

    assert_eq!((at_night, in_the_morning), (1, 2));
}

#[tokio::test]
async fn the_badge_counts_what_is_unread_and_reading_leads_to_what_it_is_about() {
    let app = TestApp::start().await;
    let mut holder = app.holder(app.citizen(), Level::Two).await;
    told(&app, &holder, note(Kind::Document, "one")).await;
    told(&app, &holder, note(Kind::Document, "two")).await;
    app.run_jobs().await;

    let before = holder.client.clone().browser().get("/account").await.text();
    let first = holder.client.get("/notices").await.at("/notes/0/note");
    let path = format!("/notices/{first}/read");
    let form = Request::builder()
        .method(Method::POST)
        .uri(path)
        .header("content-type", "application/x-www-form-urlencoded");
    let read = holder.client.clone().browser().send(form, Body::empty()).await;
    let after = holder.client.get("/notices").await;

    assert!(before.contains("id=\"nav-unread\">2<"), "{before}");
    assert_eq!(
        (read.status.as_u16(), read.location()),
        (303, "/documents/driving-licence".to_owned())
    );
    assert_eq!(after.at("/unread"), "1");
}

#[tokio::test]
async fn many_notes_are_paged_and_picked_by_kind() {
    let app = TestApp::start().await;
    let mut holder = app.holder(app.citizen(), Level::One).await;
    for one in 0..45 {
        let kind = if one % 9 == 0 { Kind::Deadline } else { Kind::Greeting };
        told(&app, &holder, note(kind, &format!("note {one}"))).await;
        if one % 4 == 0 {
            app.advance(SignedDuration::from_secs(1));
        }
    }
    app.run_jobs().await;

    let (mut seen, mut next) = (std::collections::BTreeSet::new(), "/notices".to_owned());
    loop {
        let page = holder.client.get(&next).await.json();
        for note in page["notes"].as_array().unwrap() {
            assert!(seen.insert(note["note"].as_str().unwrap().to_owned()), "shown twice");
        }
        let Some(older) = page["older"].as_str() else { break };
        next = format!("/notices?before={older}");
    }
    let deadlines = holder.client.get("/notices?kind=deadline").await.json();

    assert_eq!(seen.len(), 45);
    assert_eq!(deadlines["notes"].as_array().unwrap().len(), 5);
    assert_eq!(
        holder.client.get("/notices?before=nonsense&kind=none").await.status,
        200
    );
}

#[tokio::test]
async fn nobody_reads_anothers_notes_and_who_is_not_signed_in_none() {
    let app = TestApp::start().await;
    let mut people = app.citizens();
    let mut one = app.holder(people.next().unwrap(), Level::One).await;
    let mut other = app.holder(people.next().unwrap(), Level::One).await;
    told(&app, &one, note(Kind::Progress, "own")).await;
    app.run_jobs().await;
    let note = one.client.get("/notices").await.at("/notes/0/note");

    let read = other.client.post(&format!("/notices/{note}/read"), &json!({})).await;

    assert_eq!(read.status, 404);
    assert_eq!(one.client.get("/notices").await.at("/unread"), "1");
    assert_eq!(app.client().get("/notices").await.status, 401);
}

#[tokio::test]
async fn a_note_that_was_given_up_is_carried_again_while_it_is_known_what_has_left_and_no_longer() {
    let app = TestApp::start().await;
    let holder = app.holder(app.citizen(), Level::One).await;
    let mut sent = Vec::new();
    for (once, days) in [("fresh", 6), ("old", 8)] {
        told(&app, &holder, note(Kind::Legal, once)).await;
        outbox::give_up_all(&app, "no centre takes it").await.unwrap();
        app.advance(SignedDuration::from_hours(24 * days));

        Command::Dead { again: true }.run(&app).await.unwrap();
        sent.push(app.mailbox(&phone(&holder)).await.len());
    }

    assert_eq!(sent, [1, 1], "the old one is in the inbox alone");
}

#[tokio::test]
async fn a_note_whose_account_is_gone_is_carried_to_nobody() {
    let app = TestApp::start().await;
    let holder = app.holder(app.citizen(), Level::Zero).await;
    told(&app, &holder, note(Kind::Progress, "gone")).await;
    let person = holder.person;

    app.db
        .write(move |tx| crate::notices::forget(tx, &person))
        .await
        .unwrap();

    assert_eq!(app.mailbox(&phone(&holder)).await, []);
}

#[tokio::test]
async fn carrying_twice_at_once_sends_once() {
    let app = TestApp::start().await;
    let holder = app.holder(app.citizen(), Level::One).await;
    told(&app, &holder, note(Kind::Progress, "twice")).await;
    let carry = Carry {
        person: holder.person,
        note: note(Kind::Progress, "twice").id(&app.vault),
        priority: Priority::Usual,
    };
    let [one, two] = [0, 1].map(|_| crate::shell::jobs::JobId::draw(&app.chance));

    let (first, second) = tokio::join!(
        carry.clone().run(App::clone(&app), one),
        carry.run(App::clone(&app), two)
    );

    assert!(first.is_ok() && second.is_ok());
    assert_eq!(app.mailbox(&phone(&holder)).await.len(), 1);
}
