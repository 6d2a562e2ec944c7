use jiff::SignedDuration;
use jiff::civil::date;
use serde_json::json;

use super::*;
use crate::accounts::Level;
use crate::notices::command::Command;
use crate::registries;
use crate::shell::jobs as outbox;
use crate::testing::{Holder, TestApp};

async fn expected(app: &TestApp, holder: &Holder, occasion: Occasion, day: Option<Date>) {
    let person = holder.person;
    app.db
        .write(move |tx| expect(tx, &person, occasion, day))
        .await
        .unwrap();
}

async fn run(app: &TestApp) {
    start(app).await.unwrap();
    app.run_jobs().await;
}

/// How many notes of a kind somebody has, who signs in to see them.
async fn notes(app: &TestApp, holder: &mut Holder, kind: &str) -> usize {
    app.sign_in(holder).await;
    let inbox = holder.client.get(&format!("/notices?kind={kind}")).await.json();
    inbox["notes"].as_array().unwrap().len()
}

fn days(days: i64) -> SignedDuration {
    SignedDuration::from_hours(24 * days)
}

#[tokio::test]
async fn each_is_told_once_on_each_day_however_often_the_run_is_begun() {
    let app = TestApp::start().await;
    let mut holder = app.holder(app.citizen(), Level::Two).await;
    expected(&app, &holder, Occasion::Card, Some(date(2026, 12, 23))).await;
    let phone = holder.citizen.phone.clone().unwrap().e164();

    for _ in 0..3 {
        run(&app).await;
    }

    assert_eq!(notes(&app, &mut holder, "deadline").await, 1);
    let messages = app.mailbox(&phone).await;
    assert_eq!(messages.len(), 1);
    assert!(messages[0].text.contains("23/12/2026"), "{}", messages[0].text);
    app.advance(days(23));
    run(&app).await;
    assert_eq!(notes(&app, &mut holder, "deadline").await, 2, "seven days before");
}

#[tokio::test]
async fn a_run_that_is_killed_after_any_piece_goes_on_where_it_was() {
    let app = TestApp::start().await;
    let mut people = Vec::new();
    for citizen in app.citizens().take(5) {
        let holder = app.holder(citizen, Level::One).await;
        expected(&app, &holder, Occasion::Licence, Some(date(2026, 11, 30))).await;
        people.push(holder);
    }

    // Each turn of this loop is a process that begins the day and dies after one piece; the order of its next piece is lost with it.
    let mut turns = 0;
    loop {
        start(&app).await.unwrap();
        turns += 1;
        if !piece(&app).await.unwrap() {
            break;
        }
    }
    app.run_jobs().await;

    assert!(turns > 10, "one turn for each round at least");
    for holder in &mut people {
        assert_eq!(notes(&app, holder, "deadline").await, 1);
    }
}

#[tokio::test]
async fn a_birthday_is_greeted_in_the_inbox_and_by_nothing_that_costs() {
    let app = TestApp::start().await;
    let mut people = app.citizens();
    let mut holder = app.holder(people.next().unwrap(), Level::One).await;
    let mut unwilling = app.holder(people.next().unwrap(), Level::One).await;
    for holder in [&holder, &unwilling] {
        expected(&app, holder, Occasion::Birthday, Some(date(1990, 11, 23))).await;
    }
    let wishes = json!({ "greeting.inbox": false, "lang": "vi", "quiet_from": 22, "quiet_to": 7 });
    unwilling.client.post("/notices/choices", &wishes).await;

    run(&app).await;

    assert_eq!(
        (
            notes(&app, &mut holder, "greeting").await,
            notes(&app, &mut unwilling, "greeting").await
        ),
        (1, 0)
    );
    assert_eq!(app.mailbox(&holder.citizen.phone.clone().unwrap().e164()).await, []);
}

#[tokio::test]
async fn the_birthdays_of_accounts_from_before_are_learned_with_the_first_run() {
    let app = TestApp::start().await;
    let mut holder = app.holder(app.citizen(), Level::One).await;
    expected(&app, &holder, Occasion::Birthday, None).await;
    run(&app).await;

    let born = holder.citizen.date_of_birth;
    let is_birthday = |ahead: &i64| {
        let day = app.clock.today() + jiff::Span::new().days(*ahead);
        (day.month(), day.day()) == (born.month(), born.day())
    };
    let ahead = (1..1500).find(is_birthday).unwrap();
    app.advance(days(ahead));
    run(&app).await;

    assert_eq!(notes(&app, &mut holder, "greeting").await, 1);
}

#[tokio::test]
async fn a_day_without_a_run_is_made_up_for_but_not_its_birthdays() {
    let app = TestApp::start().await;
    let mut holder = app.holder(app.citizen(), Level::One).await;
    run(&app).await;
    expected(&app, &holder, Occasion::Insurance, Some(date(2026, 12, 24))).await;
    expected(&app, &holder, Occasion::Birthday, Some(date(1990, 11, 24))).await;

    app.advance(days(3));
    run(&app).await;

    assert_eq!(
        (
            notes(&app, &mut holder, "deadline").await,
            notes(&app, &mut holder, "greeting").await
        ),
        (1, 0)
    );
}

#[tokio::test]
async fn what_was_renewed_or_taken_back_is_not_told() {
    let app = TestApp::start().await;
    let mut people = app.citizens();
    let mut renewed = app.holder(people.next().unwrap(), Level::One).await;
    let mut gone = app.holder(people.next().unwrap(), Level::One).await;
    for holder in [&renewed, &gone] {
        expected(&app, holder, Occasion::Card, Some(date(2026, 11, 30))).await;
    }

    expected(&app, &renewed, Occasion::Card, Some(date(2036, 11, 30))).await;
    let person = gone.person;
    app.db.write(move |tx| expect_nothing(tx, &person)).await.unwrap();
    run(&app).await;

    assert_eq!(
        (
            notes(&app, &mut renewed, "deadline").await,
            notes(&app, &mut gone, "deadline").await
        ),
        (0, 0)
    );
}

#[tokio::test]
async fn the_end_of_a_card_is_known_as_soon_as_its_source_says_it() {
    let app = TestApp::start().await;
    let today = app.clock.today();
    let ends_later = |citizen: &nation::Person| {
        let ends = citizen.valid_card(today).and_then(|card| card.expires_on);
        ends.filter(|ends| *ends > today + jiff::Span::new().days(10))
    };
    let citizen = app.citizens().find(|citizen| ends_later(citizen).is_some()).unwrap();
    let ends = ends_later(&citizen).unwrap();
    let mut holder = app.holder(citizen, Level::Two).await;
    registries::cards(&app, &holder.citizen.number, "test").await.unwrap();

    let until = app.clock.today().until(ends).unwrap().get_days();
    app.advance(days(i64::from(until) - 7));
    app.run_jobs().await;
    let before = notes(&app, &mut holder, "deadline").await;
    run(&app).await;

    assert_eq!((before, notes(&app, &mut holder, "deadline").await), (0, 1));
}

#[tokio::test]
async fn the_time_for_activating_a_level_is_told_until_it_is_activated() {
    let app = TestApp::start().await;
    let mut people = app.citizens();
    let mut waits = app.holder(people.next().unwrap(), Level::Zero).await;
    let mut active = app.holder(people.next().unwrap(), Level::Zero).await;
    let (now, due) = (app.now(), app.now() + days(3));
    let (one, other) = (waits.person, active.person);
    app.db
        .write(move |tx| {
            for person in [&one, &other] {
                crate::accounts::grant(tx, person, Level::One, now, due)?;
            }
            crate::accounts::activate(tx, &other, now)
        })
        .await
        .unwrap();

    run(&app).await;

    assert_eq!(
        (
            notes(&app, &mut waits, "deadline").await,
            notes(&app, &mut active, "deadline").await
        ),
        (1, 0)
    );
}

#[tokio::test]
async fn the_day_orders_the_next_and_a_node_more_orders_nothing_more() {
    let app = TestApp::start().await;
    begin(&app).await.unwrap();
    begin(&app).await.unwrap();

    app.run_jobs().await;
    // 07:31 of the next day in Viet Nam.
    app.advance(SignedDuration::from_mins(22 * 60 + 31));
    let due = outbox::count_due(&app).await.unwrap();
    app.run_jobs().await;

    assert_eq!(due, 1);
    let told = Command::Daily { now: false }.run(&app).await.unwrap();
    assert!(
        told.contains("2026-11-23 birthday") && told.contains("2026-11-24 birthday") && !told.contains("under way"),
        "{told}"
    );
}
