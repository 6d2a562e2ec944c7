use ::http::header;
use oidc::session_state::session_state;

use crate::accounts::Level;
use crate::sso::tests::{PORTAL, begin, param, request};
use crate::testing::TestApp;

#[tokio::test]
async fn oidcc_session_management_discovery_endpoint_verification() {
    let app = TestApp::start().await;

    let document = app.client().get("/.well-known/openid-configuration").await;
    let page = app.client().get("/sso/session").await;

    assert_eq!(
        document.at("/check_session_iframe"),
        "http://localhost:8080/sso/session"
    );
    let policy = page.headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
    assert!(policy.contains("frame-ancestors *"), "{policy}");
    assert!(!page.headers.contains_key(header::X_FRAME_OPTIONS));
}

#[tokio::test]
async fn oidcc_session_management_rp_initiated_logout() {
    let (_app, mut holder) = begin(Level::One).await;
    crate::sso::tests::code(&mut holder, "portal", PORTAL, "openid").await;

    let back = holder.client.get(&request("portal", PORTAL, "openid", &[])).await;
    let out = holder.client.post("/signout", &serde_json::json!({})).await;

    let cookie = back.headers[header::SET_COOKIE].to_str().unwrap().to_owned();
    let mark = cookie.split(';').next().unwrap().strip_prefix("vneid-state=").unwrap();
    let told = param(&back.location(), "session_state").unwrap();
    let (_, salt) = told.split_once('.').unwrap();
    assert_eq!(
        session_state("portal", PORTAL, mark, salt).unwrap(),
        told,
        "the frame finds it unchanged"
    );
    assert!(!cookie.contains("HttpOnly"), "the frame reads it");
    let ended = out.headers.get_all(header::SET_COOKIE).iter();
    assert!(
        ended
            .map(|cookie| cookie.to_str().unwrap())
            .any(|cookie| cookie.starts_with("vneid-state=;"))
    );
}
