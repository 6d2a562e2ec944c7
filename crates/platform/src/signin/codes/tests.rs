//! One-time codes, also when many addresses try at once.

use futures_util::future::join_all;

use super::{Purpose, send, spend};
use crate::accounts::Level;
use crate::testing::{Holder, TestApp};

async fn code_of(app: &TestApp, holder: &Holder) -> String {
    let phone = holder.citizen.phone.clone().unwrap().e164();
    let text = app.mailbox(&phone).await[0].text.clone();
    text.split(|letter: char| !letter.is_ascii_digit())
        .find(|digits| digits.len() == 6)
        .unwrap()
        .to_owned()
}

async fn sent(app: &TestApp, holder: &Holder) -> String {
    let phone = holder.citizen.phone.clone().unwrap();
    send(app, holder.person, Purpose::Raise, &phone).await.unwrap();
    code_of(app, holder).await
}

#[tokio::test]
async fn a_code_sent_works_once_for_its_purpose_and_in_time() {
    let app = TestApp::start().await;
    let holder = app.holder(app.citizen(), Level::One).await;

    let code = sent(&app, &holder).await;
    let elsewhere = spend(&app, holder.person, Purpose::Device, &code).await;
    let first = spend(&app, holder.person, Purpose::Raise, &code).await;
    let again = spend(&app, holder.person, Purpose::Raise, &code).await;
    let code = sent(&app, &holder).await;
    app.advance(jiff::SignedDuration::from_secs(301));
    let late = spend(&app, holder.person, Purpose::Raise, &code).await;

    assert!(first.is_ok());
    for refused in [elsewhere, again, late] {
        assert_eq!(refused.unwrap_err().slug(), "signin-wrong-code");
    }
}

#[tokio::test]
async fn ten_thousand_addresses_try_a_code_no_oftener_than_one() {
    let app = TestApp::start().await;
    let holder = app.holder(app.citizen(), Level::One).await;
    let code = sent(&app, &holder).await;

    let guesses = (0..10_000)
        .map(|guess| format!("{guess:06}"))
        .filter(|guess| *guess != code);
    let tried = join_all(guesses.map(|guess| {
        let (app, person) = ((*app).clone(), holder.person);
        async move { spend(&app, person, Purpose::Raise, &guess).await }
    }));
    assert!(tried.await.iter().all(Result::is_err));
    let right_but_late = spend(&app, holder.person, Purpose::Raise, &code).await;

    assert_eq!(right_but_late.unwrap_err().slug(), "signin-wrong-code");
}

#[tokio::test]
async fn a_person_gets_five_codes_a_day_for_a_purpose() {
    let app = TestApp::start().await;
    let holder = app.holder(app.citizen(), Level::One).await;
    let phone = holder.citizen.phone.clone().unwrap();

    let mut slugs = Vec::new();
    for _ in 0..6 {
        slugs.push(
            send(&app, holder.person, Purpose::Raise, &phone)
                .await
                .err()
                .map(|problem| problem.slug()),
        );
    }
    let other = send(&app, holder.person, Purpose::Device, &phone).await;
    app.advance(jiff::SignedDuration::from_hours(25));
    let next_day = send(&app, holder.person, Purpose::Raise, &phone).await;
    app.run_jobs().await;

    assert_eq!(slugs[..5], [None; 5]);
    assert_eq!(slugs[5], Some("signin-too-many-codes"));
    assert!(other.is_ok() && next_day.is_ok());
}
