use ::http::StatusCode;
use jiff::SignedDuration;
use serde_json::json;

use crate::applications::tests::{OFFICERS_PASSWORD, citizen, officer, send_level_1};
use crate::officers::Role;
use crate::testing::TestApp;

const REMARK: &str = "Ảnh bị mờ, xin chụp lại ở nơi sáng & rõ <hơn>";

#[tokio::test]
async fn what_was_typed_is_there_again_after_the_session_ended() {
    let app = TestApp::start_with(|config| config.session_hours = 1).await;
    let person = app.citizen();
    let mut client = citizen(&app, &person, 0).await;
    let id = send_level_1(&app, &person, &mut client).await;
    app.run_jobs().await;
    let mut browser = officer(&app, "xetduyet", Role::Reviewer).await.browser();
    let place = format!("/officers/applications/{id}");
    browser.form(&format!("{place}/claim"), &[]).await;
    app.advance(SignedDuration::from_hours(2));

    let typed = [("decision", "more"), ("reasons", "portrait-poor"), ("remark", REMARK)];
    let ended = browser.form(&format!("{place}/decision"), &typed).await;
    let page = ended.text();
    let next = page
        .split(r#"name="next" value=""#)
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap()
        .to_owned();
    let fields = [
        ("login", "xetduyet"),
        ("password", OFFICERS_PASSWORD),
        ("next", next.as_str()),
    ];
    let back = browser.form("/officers/signin", &fields).await.location();
    let again = browser.get(&back).await.text();
    let elsewhere = browser.get(&back.replace(&id, &"0".repeat(32))).await.status;

    assert_eq!(ended.status, StatusCode::UNAUTHORIZED);
    assert!(page.contains(r#"id="officer-signin""#), "{page}");
    assert!(!page.contains("Ảnh bị mờ") && !back.contains("mờ"), "it travels sealed");
    assert!(
        again.contains("Ảnh bị mờ, xin chụp lại ở nơi sáng &#38; rõ &#60;hơn&#62;</textarea>"),
        "{again}"
    );
    assert!(again.contains(r#"id="ask-more" accesskey="m" checked"#), "{again}");
    assert!(again.contains(r#"id="reason-portrait-poor" checked"#), "{again}");
    assert_eq!(elsewhere, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn what_was_typed_is_shown_when_the_claim_is_lost_and_survives_a_new_claim() {
    let app = TestApp::start().await;
    let person = app.citizen();
    let mut client = citizen(&app, &person, 0).await;
    let id = send_level_1(&app, &person, &mut client).await;
    let mut browser = officer(&app, "xetduyet", Role::Reviewer).await.browser();
    let place = format!("/officers/applications/{id}");
    browser.form(&format!("{place}/claim"), &[]).await;
    app.advance(SignedDuration::from_hours(4));
    app.run_jobs().await;

    let typed = [
        ("decision", "refuse"),
        ("reasons", "face-differs"),
        ("remark", "Không phải một người"),
    ];
    let lost = browser.form(&format!("{place}/decision"), &typed).await;
    let page = lost.text();
    let claim = page
        .split(&format!(r#"action="{place}/claim"#))
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap()
        .to_owned();
    let to = browser.form(&format!("{place}/claim{claim}"), &[]).await.location();
    let again = browser.get(&to).await.text();

    assert_eq!(lost.status, StatusCode::CONFLICT);
    assert!(
        page.contains(r#"id="typed""#) && page.contains("Không phải một người"),
        "{page}"
    );
    assert!(again.contains("Không phải một người</textarea>"), "{again}");
}

#[tokio::test]
async fn a_claim_ends_by_itself_after_four_hours() {
    let app = TestApp::start().await;
    let person = app.citizen();
    let mut client = citizen(&app, &person, 0).await;
    let id = send_level_1(&app, &person, &mut client).await;
    let mut reviewer = officer(&app, "xetduyet", Role::Reviewer).await;
    let place = format!("/officers/applications/{id}");
    reviewer.post(&format!("{place}/claim"), &json!({})).await;

    app.advance(SignedDuration::from_mins(239));
    app.run_jobs().await;
    let before = reviewer.get(&place).await.at("/state");
    app.advance(SignedDuration::from_mins(1));
    app.run_jobs().await;
    let after = reviewer.get(&place).await.at("/state");

    assert_eq!((before.as_str(), after.as_str()), ("claimed", "submitted"));
}
