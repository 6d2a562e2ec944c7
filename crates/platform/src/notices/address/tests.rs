use jiff::SignedDuration;
use serde_json::json;

use crate::accounts::Level;
use crate::testing::{Answer, Holder, TestApp};

const ADDRESS: &str = "an.tran@thu.example";

async fn given(holder: &mut Holder, address: &str) -> Answer {
    holder.client.post("/notices/email", &json!({ "email": address })).await
}

async fn proved(holder: &mut Holder, code: &str) -> Answer {
    holder
        .client
        .post("/notices/email/proof", &json!({ "code": code }))
        .await
}

/// The code of the newest e-mail to an address.
async fn code(app: &TestApp, address: &str) -> String {
    let letters = app.mailbox(address).await;
    let words = letters[0].text.split(|letter: char| !letter.is_ascii_digit());
    words.into_iter().find(|word| word.len() == 6).unwrap().to_owned()
}

#[tokio::test]
async fn an_address_is_in_use_once_its_code_came_back_and_its_holder_is_told() {
    let app = TestApp::start().await;
    let mut holder = app.holder(app.citizen(), Level::One).await;

    let given = given(&mut holder, ADDRESS).await;
    let code = code(&app, ADDRESS).await;
    let proved_once = proved(&mut holder, &code).await;
    let twice = proved(&mut holder, &code).await;
    app.run_jobs().await;

    assert_eq!(
        (given.at("/address"), given.at("/waits")),
        ("null".to_owned(), "a***@thu.example".to_owned())
    );
    assert_eq!(
        (proved_once.at("/address"), proved_once.at("/waits")),
        ("a***@thu.example".to_owned(), "null".to_owned())
    );
    assert_eq!(twice.at("/type"), "/problems/notices-email-wrong-code");
    assert_eq!(app.mailbox(ADDRESS).await.len(), 2, "the code, and that it is in use");
    let page = holder.client.clone().browser().get("/notices/email").await.text();
    assert!(
        page.contains("id=\"address\"") && !page.contains("id=\"proof\""),
        "{page}"
    );
    let removed = holder.client.post("/notices/email/removal", &json!({})).await;
    assert_eq!(removed.at("/address"), "null");
    app.run_jobs().await;
}

#[tokio::test]
async fn a_code_is_tried_a_few_times_within_a_few_minutes() {
    let app = TestApp::start().await;
    let mut holder = app.holder(app.citizen(), Level::One).await;

    given(&mut holder, ADDRESS).await;
    let first = code(&app, ADDRESS).await;
    for _ in 0..5 {
        assert_eq!(proved(&mut holder, "abcdef").await.status, 403);
    }
    let tried_too_often = proved(&mut holder, &first).await.status;
    app.advance(SignedDuration::from_secs(1));
    given(&mut holder, ADDRESS).await;
    let second = code(&app, ADDRESS).await;
    app.advance(SignedDuration::from_mins(10));
    let too_late = proved(&mut holder, &second).await.status;

    assert_eq!((tried_too_often.as_u16(), too_late.as_u16()), (403, 403));
    assert_eq!(holder.client.get("/notices/email").await.at("/address"), "null");
}

#[tokio::test]
async fn so_many_codes_are_sent_in_a_day_and_to_no_address_that_is_none() {
    let app = TestApp::start().await;
    let mut holder = app.holder(app.citizen(), Level::One).await;

    let wrong = given(&mut holder, "an@localhost").await;
    for _ in 0..5 {
        assert_eq!(given(&mut holder, ADDRESS).await.status, 200);
    }
    let sixth = given(&mut holder, ADDRESS).await;
    let sent = app.mailbox(ADDRESS).await.len();
    app.advance(SignedDuration::from_hours(25));
    app.sign_in(&mut holder).await;
    let next_day = given(&mut holder, ADDRESS).await;
    app.run_jobs().await;

    assert_eq!(
        (wrong.status.as_u16(), wrong.at("/errors/0/field")),
        (422, "email".to_owned())
    );
    assert_eq!((sixth.status.as_u16(), sent), (429, 5));
    assert_eq!(next_day.status, 200);
}
