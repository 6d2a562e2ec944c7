use jiff::SignedDuration;

use super::*;
use crate::accounts::Level;
use crate::notices::{Kind, Note, inform};
use crate::shell::jobs::count_of;
use crate::testing::{Holder, TestApp};

/// The kind of the jobs that carry notes.
const CARRY: &str = "notices-carry";

fn days(days: i64) -> SignedDuration {
    SignedDuration::from_hours(24 * days)
}

async fn told(app: &TestApp, holder: &Holder, names: impl IntoIterator<Item = &'static str>) {
    for name in names {
        let note = Note::new(Kind::Greeting, "notices-title", name);
        let (at, person, now) = ((*app).clone(), holder.person, app.now());
        app.db
            .write(move |tx| inform(&at, tx, &person, &note, now))
            .await
            .unwrap();
    }
}

async fn notes(app: &TestApp, holder: &mut Holder) -> usize {
    app.sign_in(holder).await;
    let inbox = holder.client.get("/notices?kind=greeting").await.json();
    inbox["notes"].as_array().unwrap().len()
}

/// The nights from now to so many days later, each of them run.
async fn nights(app: &TestApp, count: i64) {
    app.advance(days(count));
    begin(app).await.unwrap();
    app.run_jobs().await;
}

#[tokio::test]
async fn what_was_read_a_year_ago_is_gone_and_what_was_not_read_stays() {
    let app = TestApp::start().await;
    let mut people = app.citizens();
    let mut reader = app.holder(people.next().unwrap(), Level::One).await;
    let mut other = app.holder(people.next().unwrap(), Level::One).await;
    told(&app, &reader, ["one", "two"]).await;
    told(&app, &other, ["one"]).await;
    reader.client.post("/notices/read", &serde_json::json!({})).await;
    app.run_jobs().await;

    nights(&app, 364).await;
    let before = (notes(&app, &mut reader).await, notes(&app, &mut other).await);
    nights(&app, 2).await;
    let after = (notes(&app, &mut reader).await, notes(&app, &mut other).await);

    assert_eq!((before, after), ((2, 1), (0, 1)));
}

#[tokio::test]
async fn jobs_that_were_done_are_removed_and_those_that_were_given_up_stay() {
    let app = TestApp::start().await;
    let holder = app.holder(app.citizen(), Level::One).await;
    told(&app, &holder, ["lost"]).await;
    outbox::give_up_all(&app, "no centre takes it").await.unwrap();
    told(&app, &holder, ["one", "two", "three"]).await;
    app.run_jobs().await;
    let mut there = vec![count_of(&app, CARRY).await.unwrap()];
    for wait in [29, 2] {
        nights(&app, wait).await;
        there.push(count_of(&app, CARRY).await.unwrap());
    }

    assert_eq!(there, [4, 4, 1]);
    assert!(outbox::count_dead(&app).await.unwrap() > 0);
}

#[tokio::test]
async fn removing_that_is_killed_after_any_piece_goes_on_with_what_is_left() {
    let app = TestApp::start().await;
    let mut holder = app.holder(app.citizen(), Level::One).await;
    told(&app, &holder, ["one", "two", "three", "four", "five"]).await;
    holder.client.post("/notices/read", &serde_json::json!({})).await;
    app.run_jobs().await;
    let later = app.now() + days(1);

    // Each turn is a process that removes one piece and dies.
    let mut left = Vec::new();
    loop {
        let more = piece(&app, (later, later), 2).await.unwrap();
        left.push(notes(&app, &mut holder).await);
        if !more {
            break;
        }
    }

    assert_eq!(left.first(), Some(&3));
    assert_eq!(left.last(), Some(&0), "{left:?}");
}

#[tokio::test]
async fn a_node_more_orders_no_second_night() {
    let app = TestApp::start().await;
    begin(&app).await.unwrap();
    begin(&app).await.unwrap();

    assert_eq!(outbox::count_due(&app).await.unwrap(), 1);
    app.run_jobs().await;
}
