//! What anybody can check about the platform.

use http::StatusCode;

use crate::testing::TestApp;

#[tokio::test]
async fn an_address_that_somebody_was_sent_is_judged_in_words() {
    let app = TestApp::start().await;

    let fake = app
        .client()
        .get("/authenticity?address=https%3A%2F%2Fvneid-gov.vn%2F%3Cscript%3E")
        .await;
    let page = app
        .client()
        .browser()
        .get("/authenticity?address=https%3A%2F%2Fvneid-gov.vn%2F%3Cscript%3E")
        .await;

    assert_eq!(fake.at("/verdict"), "imitation");
    assert!(page.text().contains(r#"data-verdict="imitation""#) && !page.text().contains("<script>"));
}

#[tokio::test]
async fn the_official_addresses_and_the_keys_are_told() {
    let app = TestApp::start().await;

    let told = app.client().get("/authenticity").await;

    assert_eq!(told.at("/here"), "http://localhost:8080");
    assert_eq!(told.at("/hosts/0"), "vneid.gov.vn");
    assert_eq!(told.at("/sign_in_keys/0").len(), 43);
    assert_eq!(told.at("/verdict"), "null");
}

#[tokio::test]
async fn a_finder_of_a_hole_is_told_where_to_report_it() {
    let app = TestApp::start_with(|config| config.official.security_contact = "mailto:a@example.vn".to_owned()).await;

    let told = app.client().get("/.well-known/security.txt").await;

    assert_eq!(told.status, StatusCode::OK);
    assert_eq!(told.headers["content-type"], "text/plain; charset=utf-8");
    assert_eq!(
        told.text(),
        "Contact: mailto:a@example.vn\nExpires: 2027-05-22T00:00:00Z\nPreferred-Languages: vi, en\nCanonical: http://localhost:8080/.well-known/security.txt\n"
    );
}
