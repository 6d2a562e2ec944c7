use jiff::SignedDuration;
use serde_json::json;

use super::*;
use crate::testing::{Client, TestApp};

const PASSWORD: &str = "Canbo@2026";

async fn with_officers() -> TestApp {
    let app = TestApp::start().await;
    for (login, name, role) in [
        ("tiepnhan", "Lê Văn Cường", Role::Counter),
        ("xetduyet", "Phạm Thị Dung", Role::Reviewer),
        ("quantri", "Vũ Minh Đức", Role::Administrator),
    ] {
        appoint(&app, login, name, role, "00004", PASSWORD).await.unwrap();
    }
    app
}

async fn sign_in(app: &TestApp, login: &str, password: &str) -> (Client, u16) {
    let mut client = app.client();
    let answer = client
        .post("/officers/signin", &json!({ "login": login, "password": password }))
        .await;
    (client, answer.status.as_u16())
}

#[tokio::test]
async fn an_officer_signs_in_and_sees_the_desk() {
    let app = with_officers().await;
    let (mut client, _) = sign_in(&app, "tiepnhan", PASSWORD).await;

    let answer = client.get("/officers/desk").await;

    insta::assert_snapshot!(answer, @r#"
    200 OK
    {"login":"tiepnhan","full_name":"Lê Văn Cường","unit":"Công an Phường Ba Đình","role":"counter","second_factor":"not-needed","work":null,"tiles":[{"id":"desk-counter","to":"/counter"},{"id":"desk-originals","to":"/counter/originals"},{"id":"desk-locks","to":"/counter/locks"},{"id":"desk-recovery","to":"/officers/recovery"},{"id":"desk-requests","to":"/officers/locks"},{"id":"desk-stays","to":"/officers/stays"},{"id":"desk-facilities","to":"/officers/stays/facilities"},{"id":"desk-policies","to":"/officers/policies"}]}
    "#);
}

#[tokio::test]
async fn a_browser_comes_back_to_the_page_it_wanted() {
    let app = with_officers().await;
    let mut browser = app.client().browser();

    let sent = browser.get("/officers/desk").await.location();
    let form = browser.get(&sent).await.text();
    let fields = [("login", "quantri"), ("password", PASSWORD), ("next", "/officers")];
    let back = browser.form("/officers/signin", &fields).await.location();
    let list = browser.get(&back).await.text();

    assert_eq!(sent, "/officers/signin?next=%2Fofficers%2Fdesk");
    assert!(form.contains(r#"name="next" value="/officers/desk""#), "{form}");
    assert!(list.contains("Phạm Thị Dung"), "{list}");
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_login_are_answered_alike() {
    let app = with_officers().await;

    let mut answers = Vec::new();
    for login in ["tiepnhan", "nobody"] {
        let body = json!({ "login": login, "password": "Wrong@2026" });
        answers.push(app.client().post("/officers/signin", &body).await.to_string());
    }

    assert_eq!(answers[0], answers[1]);
    insta::assert_snapshot!(answers[0], @r#"
    403 Forbidden
    {"type":"/problems/officers-signin-wrong","status":403,"title":"The login or the password is wrong","detail":"Please check both and try again. Five wrong tries in a row lock the login for 15 minutes."}
    "#);
}

#[tokio::test]
async fn five_wrong_passwords_lock_the_login_for_fifteen_minutes() {
    let app = with_officers().await;
    for _ in 0..5 {
        sign_in(&app, "tiepnhan", "Wrong@2026").await;
    }

    let (_, locked) = sign_in(&app, "tiepnhan", PASSWORD).await;
    app.advance(SignedDuration::from_mins(15));
    let (_, free) = sign_in(&app, "tiepnhan", PASSWORD).await;

    assert_eq!((locked, free), (403, 200));
}

#[tokio::test]
async fn many_tries_at_once_do_not_get_past_the_lock() {
    let app = with_officers().await;
    let tries = (0..12).map(|_| sign_in(&app, "tiepnhan", "Wrong@2026"));
    futures_util::future::join_all(tries).await;

    let (_, status) = sign_in(&app, "tiepnhan", PASSWORD).await;

    assert_eq!(status, 403);
}

#[tokio::test]
async fn four_wrong_passwords_are_forgotten_by_a_right_one() {
    let app = with_officers().await;

    let mut last = 0;
    for _ in 0..3 {
        for _ in 0..4 {
            sign_in(&app, "tiepnhan", "Wrong@2026").await;
        }
        last = sign_in(&app, "tiepnhan", PASSWORD).await.1;
    }

    assert_eq!(last, 200);
}

#[tokio::test]
async fn an_officer_outside_the_role_is_told_so() {
    let app = with_officers().await;
    let (mut client, _) = sign_in(&app, "tiepnhan", PASSWORD).await;

    let answer = client.get("/officers").await;

    insta::assert_snapshot!(answer, @r#"
    403 Forbidden
    {"type":"/problems/officers-other-role","status":403,"title":"This is not part of your role","detail":"Go back to your desk, or sign in with a login of the role that may do this."}
    "#);
}

#[tokio::test]
async fn a_session_ends_at_sign_out_and_by_itself() {
    let app = with_officers().await;
    let (mut leaving, _) = sign_in(&app, "tiepnhan", PASSWORD).await;
    let mut kept_cookie = leaving.clone();
    let (mut idle, _) = sign_in(&app, "xetduyet", PASSWORD).await;

    leaving.form("/officers/signout", &[]).await;
    let after_leaving = kept_cookie.get("/officers/desk").await.status;
    app.advance(SignedDuration::from_hours(12));
    let after_hours = idle.get("/officers/desk").await.status;

    assert_eq!((after_leaving.as_u16(), after_hours.as_u16()), (401, 401));
}

#[tokio::test]
async fn appointing_again_keeps_the_identity_and_a_new_password_ends_the_sessions() {
    let app = with_officers().await;
    let (mut client, _) = sign_in(&app, "tiepnhan", PASSWORD).await;
    let known_as = |name, password| appoint(&app, "tiepnhan", name, Role::Reviewer, "00070", password);

    let first = known_as("Lê Văn Cường", PASSWORD).await.unwrap();
    let while_kept = client.get("/officers/desk").await;
    let second = known_as("Lê Văn Cường", "Another@2026").await.unwrap();
    let when_changed = client.get("/officers/desk").await.status;

    assert_eq!(first, second);
    assert_eq!(while_kept.at("/role"), "reviewer");
    assert_eq!(when_changed.as_u16(), 401);
}

#[tokio::test]
async fn an_unsound_appointment_is_refused() {
    let app = TestApp::start().await;

    for (login, commune, password) in [
        ("", "00004", PASSWORD),
        ("an", "99999", PASSWORD),
        ("an", "00004", "short"),
    ] {
        let refused = appoint(&app, login, "Lê Văn Cường", Role::Counter, commune, password).await;

        assert_eq!(refused.unwrap_err().slug(), "officers-appointment");
    }
}
