//! What every request meets at the front, whatever the capability.

use axum::Router;
use axum::body::Body;
use axum::routing::get;
use http::{Request, StatusCode};
use jiff::SignedDuration;
use tower::ServiceExt as _;

use super::session::{self, Kind, Opening};
use super::turns::Asker;
use crate::testing::TestApp;

#[tokio::test]
async fn a_program_gets_json_and_a_browser_a_page_from_the_same_address() {
    let app = TestApp::start().await;

    let program = app.client().get("/").await;
    let browser = app.client().browser().get("/").await;

    assert_eq!(
        (program.status, program.at("/service")),
        (StatusCode::OK, "VNeID".to_owned())
    );
    assert_eq!(program.at("/signed_in"), "false");
    assert!(
        browser.text().contains(r#"<html lang="en">"#)
            && browser.text().contains("One account for every public service")
    );
}

#[tokio::test]
async fn the_language_asked_for_is_kept() {
    let app = TestApp::start().await;
    let mut browser = app.client().browser();

    browser.get("/?lang=vi").await;
    let next = browser.get("/").await;

    assert!(next.text().contains("Một tài khoản cho mọi dịch vụ công"));
}

#[tokio::test]
async fn what_does_not_exist_is_a_problem_and_not_a_blank_page() {
    let app = TestApp::start().await;

    let program = app.client().get("/nowhere").await;
    let browser = app.client().browser().get("/nowhere").await;

    insta::assert_snapshot!(program, @r#"
    404 Not Found
    {"type":"/problems/not-found","status":404,"title":"This page does not exist","detail":"Please check the address, or go back to the home page."}
    "#);
    assert_eq!(browser.status, StatusCode::NOT_FOUND);
    assert!(browser.text().contains("This page does not exist"));
}

#[tokio::test]
async fn a_fault_of_ours_is_told_as_one_and_ends_nothing_else() {
    let app = TestApp::start().await;
    let faulty = Router::new().route(
        "/faulty",
        get(async || -> &'static str { panic!("as the test wants it") }),
    );
    let front = super::front::before(faulty, &app);

    let answer = front
        .clone()
        .oneshot(Request::get("/faulty").body(Body::empty()).unwrap())
        .await
        .unwrap();
    let next = front
        .oneshot(Request::get("/healthz").body(Body::empty()).unwrap())
        .await
        .unwrap();

    assert_eq!(answer.status(), StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(answer.headers()["content-type"], "application/problem+json");
    assert!(answer.headers().contains_key("x-request-id"));
    assert_eq!(next.status(), StatusCode::OK);
}

#[tokio::test]
async fn another_site_cannot_make_a_signed_in_browser_change_anything() {
    let app = TestApp::start().await;
    let forged = |name: &'static str, value: &'static str| {
        Request::post("/nowhere")
            .header("cookie", "vneid=x")
            .header(name, value)
    };

    let by_fetch_metadata = app
        .client()
        .send(forged("sec-fetch-site", "cross-site"), Body::empty())
        .await;
    let by_origin = app
        .client()
        .send(forged("origin", "https://evil.example"), Body::empty())
        .await;
    let own_page = app
        .client()
        .send(forged("origin", "http://localhost:8080"), Body::empty())
        .await;

    assert_eq!([by_fetch_metadata.status, by_origin.status], [StatusCode::FORBIDDEN; 2]);
    assert_eq!(own_page.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_relying_party_may_send_people_here_by_a_form() {
    let app = TestApp::start().await;
    let sent = Request::post("/sso/authorize")
        .header("cookie", "vneid=x")
        .header("sec-fetch-site", "same-site");

    let answer = app.client().send(sent, Body::from("client_id=nobody")).await;

    assert_eq!(answer.at("/type"), "/problems/sso-client-unknown");
}

#[tokio::test]
async fn browsers_are_told_to_come_by_tls_alone_where_there_is_tls() {
    let app = TestApp::start_with(|config| config.public_url = "https://id.example.vn".to_owned()).await;

    let answer = app.client().get("/").await;

    assert_eq!(
        answer.headers["strict-transport-security"],
        "max-age=63072000; includeSubDomains"
    );
}

#[tokio::test]
async fn every_answer_keeps_itself_to_itself() {
    let app = TestApp::start().await;

    let answer = app.client().browser().get("/nowhere").await;

    let header = |name: &str| answer.headers[name].to_str().unwrap().to_owned();
    assert!(header("content-security-policy").contains("default-src 'none'"));
    assert!(header("content-security-policy").contains("form-action 'self'"));
    assert!(!header("content-security-policy").contains("unsafe"));
    assert_eq!(header("cache-control"), "no-store");
    assert_eq!(header("x-content-type-options"), "nosniff");
    assert_eq!(header("x-request-id").len(), 32);
}

#[tokio::test]
async fn an_address_that_changes_too_much_is_told_when_to_come_back() {
    let app = TestApp::start_with(|config| config.limits.of_address = 2).await;
    let mut client = app.client();
    for _ in 0..2 {
        client.post("/nowhere", &serde_json::json!({})).await;
    }

    let answer = client.post("/nowhere", &serde_json::json!({})).await;

    assert_eq!(answer.headers["retry-after"], "30");
    insta::assert_snapshot!(answer, @r#"
    429 Too Many Requests
    {"type":"/problems/too-many-requests","status":429,"title":"Too many requests","detail":"Please try again in 30 seconds."}
    "#);
}

#[tokio::test]
async fn when_too_many_ask_the_rest_is_told_to_come_back_and_those_who_run_it_are_still_answered() {
    let app = TestApp::start_with(|config| (config.limits.at_once, config.limits.waiting) = (1, 0)).await;
    let held = app.turns.take(Asker::Platform).await.unwrap();

    let answer = app.client().get("/").await;
    let health = app.client().get("/healthz").await;
    drop(held);
    let later = app.client().get("/").await;

    assert_eq!(answer.headers["retry-after"], "5");
    insta::assert_snapshot!(answer, @r#"
    503 Service Unavailable
    {"type":"/problems/overloaded","status":503,"title":"Very many people are here at the moment","detail":"Nothing is lost, and nothing was changed. Please try again in 5 seconds; documents that you have saved on your device open without us."}
    "#);
    assert_eq!([health.status, later.status], [StatusCode::OK; 2]);
}

#[tokio::test]
async fn a_session_ends_by_itself_and_at_once_when_it_is_ended() {
    let app = TestApp::start().await;
    let subject = app.chance.bytes();
    let (first, second) = (
        Opening::draw(&app, Kind::Citizen, subject, 1, "pwd"),
        Opening::draw(&app, Kind::Citizen, subject, 1, "pwd"),
    );
    let cookies = [&first, &second].map(|opening| opening.cookie(&app)[0].1.to_str().unwrap().to_owned());
    let opened = [first, second];
    app.db
        .write(move |tx| opened.iter().try_for_each(|opening| opening.insert(tx)))
        .await
        .unwrap();
    let status = async |cookie: &str| {
        app.client()
            .send(Request::get("/account/history").header("cookie", cookie), Body::empty())
            .await
            .status
    };
    assert_eq!(status(&cookies[0]).await, StatusCode::OK);

    let now = app.now();
    let newest = app
        .db
        .read(move |conn| session::list(conn, Kind::Citizen, &subject, now))
        .await
        .unwrap()
        .remove(0);
    app.db.write(move |tx| session::end(tx, &newest, now)).await.unwrap();
    let after_end = [status(&cookies[0]).await, status(&cookies[1]).await];
    app.advance(SignedDuration::from_hours(12));

    assert_eq!(after_end.iter().filter(|status| **status == StatusCode::OK).count(), 1);
    assert_eq!(
        [status(&cookies[0]).await, status(&cookies[1]).await],
        [StatusCode::UNAUTHORIZED; 2]
    );
}

#[tokio::test]
async fn a_browser_without_a_session_is_sent_to_sign_in_and_comes_back() {
    let app = TestApp::start().await;

    let answer = app.client().browser().get("/account/history").await;

    assert_eq!(
        (answer.status, answer.location().as_str()),
        (StatusCode::SEE_OTHER, "/signin?next=%2Faccount%2Fhistory")
    );
}

#[tokio::test]
async fn the_operator_sees_health_readiness_and_metrics() {
    let app = TestApp::start().await;
    let mut client = app.client();

    let answers = [
        client.get("/healthz").await,
        client.get("/readyz").await,
        client.get("/metrics").await,
    ];

    assert!(answers.iter().all(|answer| answer.status == StatusCode::OK));
    assert!(answers[2].text().contains("vneid_jobs_due"));
}

#[tokio::test]
async fn an_unchanged_asset_is_not_sent_again() {
    let app = TestApp::start().await;
    let first = app.client().get("/assets/app.css").await;
    let tag = first.headers["etag"].to_str().unwrap().to_owned();

    let again = app
        .client()
        .send(
            Request::get("/assets/app.css").header("if-none-match", tag),
            Body::empty(),
        )
        .await;

    assert_eq!((first.status, again.status), (StatusCode::OK, StatusCode::NOT_MODIFIED));
    assert!(again.body.is_empty());
}
