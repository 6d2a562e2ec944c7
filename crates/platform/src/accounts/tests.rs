use jiff::civil::date;

use super::*;
use crate::applications::tests::attach_level_1;
use crate::shell::session::{Kind, Opening};
use crate::testing::{Client, TestApp};

fn identity(number: &str) -> Identity {
    Identity {
        number: PersonalNumber::parse(number).unwrap(),
        full_name: "Trần Thị An".to_owned(),
        date_of_birth: date(1999, 1, 15),
        sex: Sex::Female,
    }
}

async fn opened(app: &TestApp, number: &str) -> Result<PersonId, db::Error> {
    let phone = Phone::parse("0900000001").unwrap();
    let account = NewAccount::draw(app, PersonId::draw(&app.chance), &identity(number), &phone).unwrap();
    let person = account.person();
    app.db.write(move |tx| open(tx, &account)).await?;
    Ok(person)
}

async fn signed_in(app: &TestApp, person: PersonId) -> Client {
    let opening = Opening::draw(app, Kind::Citizen, *person.bytes(), 1, "pwd");
    let cookie = opening.cookie(app);
    app.db.write(move |tx| opening.insert(tx)).await.unwrap();
    app.client().with_cookie(&cookie[0].1)
}

async fn state(client: &mut Client) -> (String, String) {
    let answer = client.get("/account").await;
    (answer.at("/state"), answer.at("/level"))
}

#[tokio::test]
async fn the_page_leads_from_each_state_to_the_next() {
    let app = TestApp::start().await;
    let person = opened(&app, "001199000001").await.unwrap();
    let mut client = signed_in(&app, person).await;

    insta::assert_snapshot!(client.get("/account").await, @r#"
    200 OK
    {"full_name":"Trần Thị An","masked_number":"00********01","date_of_birth":"1999-01-15","masked_phone":"090****001","level":0,"granted":0,"state":"new","lapses_at":"2026-12-23T02:00:00Z","created_at":"2026-11-23T02:00:00Z","applied":null,"next":"/applications/level-1"}
    "#);

    app.db.write(move |tx| applied(tx, &person)).await.unwrap();
    assert_eq!(state(&mut client).await, ("applied".to_owned(), "0".to_owned()));

    let (now, by) = (app.now(), app.now() + SignedDuration::from_hours(7 * 24));
    app.db
        .write(move |tx| grant(tx, &person, Level::One, now, by))
        .await
        .unwrap();
    assert_eq!(state(&mut client).await, ("granted".to_owned(), "0".to_owned()));
    assert_eq!(client.get("/account").await.at("/next"), "/activation");

    assert!(app.db.write(move |tx| activate(tx, &person, now)).await.unwrap());
    assert_eq!(state(&mut client).await, ("active".to_owned(), "1".to_owned()));
    let page = client.clone().browser().get("/account").await.text();
    assert!(page.contains("Want your electronic identity card?"), "{page}");
}

#[tokio::test]
async fn a_level_is_activated_once_and_only_in_time() {
    let app = TestApp::start().await;
    let person = opened(&app, "001199000001").await.unwrap();
    let (now, by) = (app.now(), app.now() + SignedDuration::from_hours(7 * 24));
    let late = by + SignedDuration::from_micros(1);
    let activated = async |at| app.db.write(move |tx| activate(tx, &person, at)).await.unwrap();
    let granted = async |level| app.db.write(move |tx| grant(tx, &person, level, now, by)).await;

    assert!(!activated(now).await, "nothing was granted");
    granted(Level::One).await.unwrap();
    assert!(!activated(late).await, "too late");
    granted(Level::One).await.unwrap();
    assert!(activated(by).await);
    assert!(!activated(by).await, "twice");
    assert_eq!(granted(Level::One).await, Err(db::Error::NoRow));
    granted(Level::Two).await.unwrap();
    assert_eq!(granted(Level::One).await, Err(db::Error::NoRow));
}

#[tokio::test]
async fn a_number_has_one_account_even_when_two_are_opened_at_once() {
    let app = TestApp::start().await;

    let (one, two) = tokio::join!(opened(&app, "001199000001"), opened(&app, "001199000001"));

    let refused = one.and(two).unwrap_err();
    assert_eq!(refused, db::Error::Taken("account_number.number_digest".to_owned()));
}

#[tokio::test]
async fn an_account_of_level_0_lapses_with_all_its_rows_and_the_number_is_free_again() {
    let app = TestApp::start().await;
    let person = opened(&app, "001199000001").await.unwrap();
    let mut client = signed_in(&app, person).await;

    app.advance(SignedDuration::from_hours(30 * 24) - SignedDuration::from_secs(1));
    app.run_jobs().await;
    let vault = app.vault.clone();
    let before = app.db.read(move |conn| find(conn, &vault, &person)).await.unwrap();
    app.advance(SignedDuration::from_secs(1));
    app.run_jobs().await;

    assert!(before.is_some());
    assert_eq!(client.get("/account").await.status, 401);
    opened(&app, "001199000001").await.unwrap();
}

#[tokio::test]
async fn an_account_with_an_application_does_not_lapse_until_it_is_refused() {
    let app = TestApp::start().await;
    let person = opened(&app, "001199000001").await.unwrap();
    let there = async || {
        let vault = app.vault.clone();
        app.run_jobs().await;
        app.db
            .read(move |conn| find(conn, &vault, &person))
            .await
            .unwrap()
            .is_some()
    };

    app.db.write(move |tx| applied(tx, &person)).await.unwrap();
    app.advance(SignedDuration::from_hours(31 * 24));
    assert!(there().await);
    let lapsing = Lapsing::draw(&app, person);
    app.db.write(move |tx| refused(tx, &lapsing)).await.unwrap();
    assert!(there().await);
    app.advance(SignedDuration::from_hours(30 * 24));
    assert!(!there().await);
}

#[tokio::test]
async fn a_cancelled_number_still_leads_to_its_person_and_to_nobody_else() {
    let app = TestApp::start().await;
    let person = opened(&app, "001199000001").await.unwrap();
    let (vault, now) = (app.vault.clone(), app.now());

    app.db
        .write(move |tx| renumber(tx, &vault, &person, &identity("001199000002"), now))
        .await
        .unwrap();

    for number in ["001199000001", "001199000002"] {
        let (vault, number) = (app.vault.clone(), PersonalNumber::parse(number).unwrap());
        let found = app.db.read(move |conn| person_of(conn, &vault, &number)).await.unwrap();
        assert_eq!(found, Some(person));
    }
    let taken = opened(&app, "001199000001").await.unwrap_err();
    assert_eq!(taken, db::Error::Taken("account_number.number_digest".to_owned()));
}

#[tokio::test]
async fn a_citizen_sees_the_own_data_with_their_source_and_it_is_written_in_the_history() {
    let app = TestApp::start().await;
    let mut holder = app.holder(app.citizen(), Level::Two).await;

    let answer = holder.client.get("/account/personal").await;
    let page = holder.client.clone().browser().get("/account/personal").await.text();

    assert_eq!(answer.at("/full_name"), holder.citizen.full_name);
    assert_eq!(
        (answer.at("/source"), answer.at("/fresh")),
        ("population".to_owned(), "true".to_owned())
    );
    assert_eq!(answer.at("/as_of"), app.now().to_string());
    assert!(answer.at("/more/permanent_residence/text").contains(','));
    assert!(
        !answer.text().contains(holder.citizen.number.as_str()),
        "numbers are masked"
    );
    assert!(
        page.contains("id=\"residence\"") && !page.contains("id=\"stale\""),
        "{page}"
    );
    let history = holder.client.get("/account/history").await;
    assert_eq!(history.at("/looks/0/purpose"), "own-data");
    assert_eq!(history.at("/looks/0/who"), "holder");
}

#[tokio::test]
async fn level_1_sees_its_identity_alone_and_level_0_nothing() {
    let app = TestApp::start().await;
    let mut people = app.citizens();
    let mut one = app.holder(people.next().unwrap(), Level::One).await;
    let mut zero = app.holder(people.next().unwrap(), Level::Zero).await;

    let seen = one.client.get("/account/personal").await;
    let refused = zero.client.get("/account/personal").await;

    assert_eq!(seen.at("/more"), "null");
    assert_eq!(refused.status, 403);
    assert_eq!(refused.at("/type"), "/problems/accounts-level-1-needed");
}

#[tokio::test]
async fn while_the_source_is_silent_a_copy_says_how_old_it_is() {
    let app = TestApp::start().await;
    let mut people = app.citizens();
    let mut holder = app.holder(people.next().unwrap(), Level::One).await;
    let mut other = app.holder(people.next().unwrap(), Level::One).await;
    holder.client.get("/account/personal").await;
    let seen_at = app.now();

    let down = nation::sources::Fault {
        down: true,
        ..nation::sources::Fault::default()
    };
    app.faults().set(nation::sources::Source::Population, down);
    app.advance(SignedDuration::from_hours(2));
    let copy = holder.client.get("/account/personal").await;
    let page = holder.client.browser().get("/account/personal").await.text();
    let never_seen = other.client.get("/account/personal").await;

    assert_eq!(
        (copy.at("/fresh"), copy.at("/as_of")),
        ("false".to_owned(), seen_at.to_string())
    );
    assert!(
        page.contains("id=\"stale\"") && page.contains("09:00 23/11/2026"),
        "{page}"
    );
    assert_eq!(never_seen.status, 503);
}

#[tokio::test]
async fn the_page_leads_to_the_application_that_is_under_way() {
    let app = TestApp::start().await;
    let mut holder = app.holder(app.citizen(), Level::Zero).await;

    attach_level_1(&app, &holder.citizen, &mut holder.client).await;
    let sent = holder
        .client
        .post("/applications/level-1/submission", &serde_json::json!({}))
        .await;
    let account = holder.client.get("/account").await;
    let page = holder.client.browser().get("/account").await.text();

    assert_eq!(
        (account.at("/state"), account.at("/applied")),
        ("applied".to_owned(), "1".to_owned())
    );
    assert_eq!(account.at("/next"), format!("/applications/{}", sent.at("/id")));
    assert!(page.contains("Your level 1 application is being reviewed"), "{page}");
    app.run_jobs().await;
}
