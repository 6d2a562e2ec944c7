use jiff::SignedDuration;
use serde_json::json;

use crate::registration::tests::{accept, begin, card_of, codes, enter, give};
use crate::testing::{Answer, Client, TestApp};

/// A registration whose code has been sent.
async fn up_to_code(app: &TestApp, client: &mut Client) -> String {
    let person = app.citizen();
    let draft = begin(client, &person.number, "0900000001").await;
    give(client, &draft, &card_of(&person)).await;
    assert_eq!(accept(client, &draft).await.status, 200);
    draft
}

async fn again(client: &mut Client, draft: &str) -> Answer {
    client.post(&format!("{draft}/code/again"), &json!({})).await
}

/// A code that was not sent.
fn other_than(code: &str) -> &'static str {
    if code == "000000" { "000001" } else { "000000" }
}

#[tokio::test]
async fn five_wrong_codes_use_the_code_up_and_a_new_one_works() {
    let app = TestApp::start().await;
    let mut client = app.client();
    let draft = up_to_code(&app, &mut client).await;
    let code = codes(&app, "0900000001").await.remove(0);

    let mut answers = Vec::new();
    for _ in 0..5 {
        answers.push(enter(&mut client, &draft, other_than(&code)).await);
    }
    let right_too_late = enter(&mut client, &draft, &code).await;
    app.advance(SignedDuration::from_secs(31));
    again(&mut client, &draft).await;
    let new = codes(&app, "0900000001").await.remove(0);
    let entered = enter(&mut client, &draft, &new).await;

    insta::assert_snapshot!(answers[0], @r#"
    403 Forbidden
    {"type":"/problems/registration-wrong-code","status":403,"title":"The code is not right","detail":"Look at the newest SMS. Tries left: 4."}
    "#);
    insta::assert_snapshot!(answers[4], @r#"
    403 Forbidden
    {"type":"/problems/registration-no-tries-left","status":403,"title":"This code was entered wrongly 5 times","detail":"Press \"Send another code\" to get a new one."}
    "#);
    assert_eq!(right_too_late.at("/type"), "/problems/registration-no-tries-left");
    assert_eq!(entered.status, 200);
}

#[tokio::test]
async fn of_many_codes_tried_at_once_no_more_than_five_count() {
    let app = TestApp::start().await;
    let mut client = app.client();
    let draft = up_to_code(&app, &mut client).await;
    let code = codes(&app, "0900000001").await.remove(0);

    let wrong = (0..5).map(|_| {
        let mut client = client.clone();
        let draft = draft.clone();
        let wrong = other_than(&code);
        async move { enter(&mut client, &draft, wrong).await.status.as_u16() }
    });
    let statuses = futures_util::future::join_all(wrong).await;

    assert_eq!(statuses, [403; 5]);
    assert_eq!(enter(&mut client, &draft, &code).await.status, 403);
}

#[tokio::test]
async fn a_code_works_for_five_minutes() {
    let app = TestApp::start().await;
    let mut client = app.client();
    let draft = up_to_code(&app, &mut client).await;
    let code = codes(&app, "0900000001").await.remove(0);

    app.advance(SignedDuration::from_mins(5));
    let late = enter(&mut client, &draft, &code).await;

    insta::assert_snapshot!(late, @r#"
    403 Forbidden
    {"type":"/problems/registration-late-code","status":403,"title":"The code is no longer valid","detail":"A code is valid for 5 minutes. Press \"Send another code\" to get a new one."}
    "#);
}

#[tokio::test]
async fn a_code_works_only_once_and_only_for_its_own_registration() {
    let app = TestApp::start().await;
    let mut client = app.client();
    let draft = up_to_code(&app, &mut client).await;
    app.run_jobs().await;
    app.advance(SignedDuration::from_secs(1));
    let other = up_to_code(&app, &mut client).await;
    let code = codes(&app, "0900000001").await.remove(1);

    let elsewhere = enter(&mut client, &other, &code).await;
    let (one, two) = {
        let mut twin = client.clone();
        tokio::join!(enter(&mut client, &draft, &code), enter(&mut twin, &draft, &code))
    };
    let replayed = enter(&mut client, &draft, &code).await;

    assert_eq!(elsewhere.status, 403);
    let mut statuses = [one.status.as_u16(), two.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409]);
    insta::assert_snapshot!(replayed, @r#"
    409 Conflict
    {"type":"/problems/registration-used-code","status":409,"title":"This code has been used","detail":"The phone is confirmed. Go on with the next step."}
    "#);
    let page = client
        .clone()
        .browser()
        .form(&format!("{draft}/code"), &[("code", &code)])
        .await;
    assert!(page.text().contains(&format!("href=\"{draft}/password\"")), "{page}");
}

#[tokio::test]
async fn a_new_code_makes_the_old_one_useless_and_a_second_click_sends_none() {
    let app = TestApp::start().await;
    let mut client = app.client();
    let draft = up_to_code(&app, &mut client).await;

    accept(&mut client, &draft).await;
    again(&mut client, &draft).await;
    let at_once = codes(&app, "0900000001").await;
    app.advance(SignedDuration::from_secs(30));
    again(&mut client, &draft).await;
    let later = codes(&app, "0900000001").await;

    assert_eq!((at_once.len(), later.len()), (1, 2));
    assert_eq!(enter(&mut client, &draft, &later[1]).await.status, 403);
    assert_eq!(enter(&mut client, &draft, &later[0]).await.status, 200);
}

#[tokio::test]
async fn a_sixth_code_in_a_day_is_refused_until_midnight_in_viet_nam() {
    let app = TestApp::start().await;
    let mut client = app.client();
    let draft = up_to_code(&app, &mut client).await;
    for _ in 0..4 {
        app.run_jobs().await;
        app.advance(SignedDuration::from_secs(31));
        assert_eq!(again(&mut client, &draft).await.status, 200);
    }

    app.advance(SignedDuration::from_secs(31));
    let sixth = again(&mut client, &draft).await;
    let elsewhere = begin(&mut client, &app.citizen().number, "0900000001").await;
    give(&mut client, &elsewhere, &card_of(&app.citizen())).await;
    let by_other_draft = accept(&mut client, &elsewhere).await;
    let fifth = codes(&app, "0900000001").await;
    let entered = enter(&mut client, &draft, &fifth[0]).await;

    insta::assert_snapshot!(sixth, @r#"
    429 Too Many Requests
    {"type":"/problems/registration-too-many-codes","status":429,"title":"5 codes have been sent to this phone today","detail":"The last one still works while it is valid. New codes are sent from midnight on."}
    "#);
    assert_eq!(sixth.headers["retry-after"], (15 * 3600 - 5 * 31).to_string());
    assert_eq!(by_other_draft.status, 429);
    assert_eq!(fifth.len(), 5);
    assert_eq!(entered.status, 200, "the fifth still works");
    app.advance(SignedDuration::from_hours(15));
    app.run_jobs().await;
    up_to_code(&app, &mut client).await;
    assert_eq!(codes(&app, "0900000001").await.len(), 6);
}
