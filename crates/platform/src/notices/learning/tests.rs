use jiff::SignedDuration;
use nation::sources::{Fate, Fault, Source as Database};
use serde_json::{Value, json};

use super::*;
use crate::accounts::Level;
use crate::notices::daily;
use crate::officers::{self, Role};
use crate::registries::Source;
use crate::testing::{Holder, TestApp};
use crate::{documents, locks, registries};

/// The insurance of everybody ends on this day.
const ENDS: &str = "31/12/2026";

async fn run(app: &TestApp) {
    daily::start(app).await.unwrap();
    app.run_jobs().await;
}

fn days(days: i64) -> SignedDuration {
    SignedDuration::from_hours(24 * days)
}

/// Some people with accounts from before the queue: nobody has put them there.
async fn from_before(app: &TestApp, which: std::ops::Range<usize>, level: Level) -> Vec<Holder> {
    let mut people = Vec::new();
    for citizen in app.citizens().skip(which.start).take(which.len()) {
        let holder = app.holder(citizen, level).await;
        let person = holder.person;
        app.db
            .write(move |tx| daily::expect_nothing(tx, &person))
            .await
            .unwrap();
        people.push(holder);
    }
    people
}

/// How many of some people are told of the end of their insurance.
async fn told(app: &TestApp, people: &mut [Holder]) -> usize {
    let mut told = 0;
    for holder in people {
        app.sign_in(holder).await;
        let inbox = holder.client.get("/notices?kind=deadline").await.text();
        told += usize::from(inbox.contains(ENDS));
    }
    told
}

/// What the platform has looked at to remind somebody.
async fn looks(app: &TestApp, holder: &mut Holder) -> Vec<Value> {
    app.sign_in(holder).await;
    let history = holder.client.get("/account/history?purpose=reminder").await.json();
    history["looks"].as_array().unwrap().clone()
}

async fn asked(app: &TestApp) -> (i64, i64) {
    let days = app.db.read(|conn| list_learned(conn, 1)).await.unwrap();
    (days[0].asked, days[0].silent)
}

async fn wait(app: &TestApp) -> i64 {
    let now = app.now();
    app.db.read(move |conn| waiting(conn, now, 100)).await.unwrap()
}

#[tokio::test]
async fn whoever_never_opened_the_wallet_is_told_before_a_paper_ends_and_sees_who_looked() {
    let app = TestApp::start().await;
    let mut people = from_before(&app, 0..6, Level::Two).await;

    run(&app).await;
    app.advance(days(8));
    run(&app).await;

    assert!(told(&app, &mut people).await >= 4, "30 days before");
    let seen = looks(&app, &mut people[0]).await;
    assert_eq!(seen.len(), 1);
    assert_eq!(
        (&seen[0]["who"], &seen[0]["what"]),
        (&json!("platform"), &json!(["licence", "health-insurance"]))
    );
}

#[tokio::test]
async fn the_end_of_a_card_is_learned_by_the_daily_review_of_locks() {
    let app = TestApp::start().await;
    let today = app.clock.today();
    let ends = |citizen: &nation::Person| citizen.valid_card(today).and_then(|card| card.expires_on);
    let later = today + jiff::Span::new().days(10);
    let found = app
        .citizens()
        .find(|citizen| ends(citizen).is_some_and(|ends| ends > later));
    let citizen = found.unwrap();
    let until = today.until(ends(&citizen).unwrap()).unwrap().get_days();
    let mut holder = app.holder(citizen, Level::One).await;

    locks::review_now(&app).await.unwrap();
    app.run_jobs().await;
    app.advance(days(i64::from(until) - 7));
    run(&app).await;

    app.sign_in(&mut holder).await;
    let inbox = holder.client.get("/notices?kind=deadline").await;
    assert!(inbox.text().contains("/documents/id-cards"), "{inbox}");
}

#[tokio::test]
async fn nobody_is_asked_about_without_level_2_or_whose_papers_are_out_of_the_wallet_or_who_has_died() {
    let app = TestApp::start().await;
    let mut one = from_before(&app, 0..1, Level::One).await;
    let mut others = from_before(&app, 1..4, Level::Two).await;
    let (removes, dies) = (others[0].person, others[1].person);
    app.db
        .write(move |tx| {
            documents::remove_from_wallet(tx, &removes, Source::DrivingLicence)?;
            documents::remove_from_wallet(tx, &removes, Source::HealthInsurance)
        })
        .await
        .unwrap();
    let act = locks::Act::raise(&app, dies, locks::Ground::Death, locks::By::Platform, "")
        .await
        .unwrap();
    app.db.write(move |tx| locks::apply(tx, &act)).await.unwrap();

    run(&app).await;

    assert_eq!(looks(&app, &mut one[0]).await, Vec::<Value>::new());
    assert_eq!(looks(&app, &mut others[0]).await, Vec::<Value>::new());
    assert_eq!(looks(&app, &mut others[2]).await.len(), 1);
    assert_eq!((asked(&app).await.0, wait(&app).await), (2, 0));
}

#[tokio::test]
async fn about_whom_a_source_was_silent_it_is_asked_again_the_next_day() {
    let app = TestApp::start().await;
    let mut people = from_before(&app, 0..3, Level::Two).await;
    let down = Fault {
        down: true,
        ..Fault::default()
    };
    app.faults().set(Database::HealthInsurance, down);

    run(&app).await;
    let first = asked(&app).await;
    app.faults().clear();
    app.advance(days(1));
    run(&app).await;
    let second = asked(&app).await;
    // While the first that is tried fails all others wait a quarter of an hour.
    app.advance(SignedDuration::from_mins(16));
    app.run_jobs().await;
    app.advance(days(7));
    run(&app).await;

    assert!(first.1 == first.0 && first.0 > 0, "{first:?}");
    assert!(second.0 > 0 && second.1 == 0, "{second:?}");
    assert!(told(&app, &mut people).await >= 2);
}

#[tokio::test]
async fn no_more_are_asked_about_than_the_operator_allows() {
    let app = TestApp::start_with(|config| config.notices.learn_per_second = 2).await;
    from_before(&app, 0..12, Level::Two).await;

    run(&app).await;
    let first = asked(&app).await.0;
    app.advance(SignedDuration::from_secs(4));
    app.run_jobs().await;
    let early = asked(&app).await.0;
    app.advance(SignedDuration::from_secs(1));
    app.run_jobs().await;

    assert_eq!((first, early, asked(&app).await.0), (10, 10, 12));
}

#[tokio::test]
async fn with_a_rate_of_nothing_nobody_is_asked_about() {
    let app = TestApp::start_with(|config| config.notices.learn_per_second = 0).await;
    from_before(&app, 0..2, Level::Two).await;

    run(&app).await;

    assert_eq!((asked(&app).await, wait(&app).await), ((0, 0), 2));
}

#[tokio::test]
async fn a_walk_that_is_killed_after_any_step_goes_on_where_it_was() {
    let app = TestApp::start_with(|config| config.notices.learn_per_second = 0).await;
    from_before(&app, 0..5, Level::Two).await;
    let now = app.now();
    app.db.write(move |tx| store::begin_walk(tx, now)).await.unwrap();

    let mut turns = 0;
    while jobs::walk_on(&app, 2).await.unwrap() {
        turns += 1;
    }

    let walked = app.db.read(walk).await.unwrap().unwrap();
    assert_eq!((turns, walked.passed, wait(&app).await), (2, 5, 5));
    assert!(walked.finished_at.is_some());
}

#[tokio::test]
async fn when_a_source_tells_of_a_change_the_person_is_asked_about_anew() {
    let app = TestApp::start().await;
    let people = from_before(&app, 0..1, Level::Two).await;
    run(&app).await;
    let before = wait(&app).await;
    let revoked = Fate {
        licence: Some((nation::licence::LicenceState::Revoked, app.clock.today())),
        ..Fate::default()
    };

    app.faults().fates().set(people[0].citizen.number.as_str(), revoked);
    registries::read_all(&app).await;
    app.run_jobs().await;

    assert_eq!((before, wait(&app).await), (0, 1));
}

#[tokio::test]
async fn operators_see_how_far_learning_has_come() {
    const PASSWORD: &str = "Hoa#Sen2026x";
    let app = TestApp::start().await;
    from_before(&app, 0..2, Level::Two).await;
    officers::appoint(&app, "admin", "Cán bộ", Role::Administrator, "00004", PASSWORD)
        .await
        .unwrap();
    let mut administrator = app.client();
    administrator
        .post("/officers/signin", &json!({ "login": "admin", "password": PASSWORD }))
        .await;

    run(&app).await;
    let seen = administrator.get("/officers/notices").await;
    let page = administrator.browser().get("/officers/notices").await.text();

    assert_eq!(
        (seen.at("/walk/passed"), seen.at("/waiting")),
        ("2".to_owned(), "0".to_owned())
    );
    assert_eq!(seen.at("/learned/0/asked"), "2");
    assert!(
        page.contains("id=\"walk\"") && page.contains("id=\"learned\""),
        "{page}"
    );
}
