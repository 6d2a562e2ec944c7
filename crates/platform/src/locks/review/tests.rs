use jiff::SignedDuration;
use nation::card::CardState;
use nation::sources::Fate;

use super::begin;
use crate::applications::tests::{citizen, newest_sms};
use crate::locks::{Act, By, Ground, Standing, apply, standing};
use crate::testing::TestApp;

async fn standing_of(app: &TestApp, person: &nation::Person) -> Standing {
    let (vault, number) = (app.vault.clone(), person.number.clone());
    let found = app.db.read(move |conn| {
        let id = crate::accounts::person_of(conn, &vault, &number)?.unwrap();
        standing(conn, &id)
    });
    found.await.unwrap()
}

fn grounds(standing: &Standing) -> Vec<Ground> {
    standing.grounds().iter().map(|stands| stands.ground).collect()
}

/// Another day, with its review.
async fn tomorrow(app: &TestApp) {
    app.advance(SignedDuration::from_hours(24));
    app.run_jobs().await;
}

#[tokio::test]
async fn a_card_that_is_held_locks_and_unlocks_by_itself_when_it_is_back() {
    let app = TestApp::start().await;
    let person = app.citizen();
    citizen(&app, &person, 2).await;
    begin(&app).await.unwrap();
    app.run_jobs().await;
    let before = standing_of(&app, &person).await;

    let number = person.number.as_str();
    let held = Some((CardState::Held, app.clock.today()));
    app.faults().fates().set(
        number,
        Fate {
            card: held,
            ..Fate::default()
        },
    );
    tomorrow(&app).await;
    let locked = standing_of(&app, &person).await;
    let told = newest_sms(&app, &person).await;
    app.faults().fates().set(number, Fate::default());
    tomorrow(&app).await;
    let unlocked = standing_of(&app, &person).await;
    let told_again = newest_sms(&app, &person).await;

    assert_eq!(grounds(&before), []);
    assert_eq!(grounds(&locked), [Ground::CardHeld]);
    assert!(locked.eid_locked() && told.contains("bi giu"), "{told}");
    assert_eq!(grounds(&unlocked), []);
    assert!(told_again.contains("da duoc mo khoa"), "{told_again}");
}

#[tokio::test]
async fn a_death_locks_everything_and_nobody_is_told() {
    let app = TestApp::start().await;
    let person = app.citizen();
    let mut client = citizen(&app, &person, 2).await;
    let fate = Fate {
        died_on: Some(app.clock.today()),
        ..Fate::default()
    };
    let before = app.mailbox(&person.phone.as_ref().unwrap().e164()).await.len();

    app.faults().fates().set(person.number.as_str(), fate);
    begin(&app).await.unwrap();
    app.run_jobs().await;
    let after = app.mailbox(&person.phone.as_ref().unwrap().e164()).await.len();
    let ended = client.get("/account").await;
    let form = serde_json::json!({ "number": person.number.as_str(), "password": crate::sandbox::holders::PASSWORD });
    let mut again = app.client();
    again.post("/signin", &form).await;
    let refused = again.get("/account/locks").await;

    assert_eq!(grounds(&standing_of(&app, &person).await), [Ground::Death]);
    assert_eq!(before, after);
    assert_eq!(ended.status, 401);
    assert_eq!(refused.at("/type"), "/problems/locks-holder-dead");
}

#[tokio::test]
async fn an_expired_card_locks_the_account_but_not_the_card_in_the_wallet() {
    let app = TestApp::start().await;
    let person = app.citizen();
    citizen(&app, &person, 2).await;
    let expired = Some((CardState::Expired, app.clock.today()));

    app.faults().fates().set(
        person.number.as_str(),
        Fate {
            card: expired,
            ..Fate::default()
        },
    );
    begin(&app).await.unwrap();
    app.run_jobs().await;

    let standing = standing_of(&app, &person).await;
    assert_eq!((standing.account_locked(), standing.eid_locked()), (true, false));
}

#[tokio::test]
async fn the_review_leaves_the_holders_request_alone_and_decides_nothing_on_silence() {
    let app = TestApp::start().await;
    let person = app.citizen();
    citizen(&app, &person, 2).await;
    let (vault, number) = (app.vault.clone(), person.number.clone());
    let id = app
        .db
        .read(move |conn| crate::accounts::person_of(conn, &vault, &number))
        .await;
    let act = Act::raise(&app, id.unwrap().unwrap(), Ground::HolderRequest, By::Holder, "mất máy").await;
    let act = act.unwrap();
    app.db.write(move |tx| apply(tx, &act)).await.unwrap();
    let revoked = Some((CardState::Revoked, app.clock.today()));
    app.faults().fates().set(
        person.number.as_str(),
        Fate {
            card: revoked,
            ..Fate::default()
        },
    );
    let down = nation::sources::Fault {
        down: true,
        ..nation::sources::Fault::default()
    };

    app.faults().set(nation::sources::Source::IdCard, down);
    begin(&app).await.unwrap();
    app.run_jobs().await;
    let in_silence = standing_of(&app, &person).await;
    app.faults().clear();
    tomorrow(&app).await;
    let after = standing_of(&app, &person).await;

    assert_eq!(grounds(&in_silence), [Ground::HolderRequest]);
    assert_eq!(grounds(&after), [Ground::HolderRequest, Ground::CardRevoked]);
}
