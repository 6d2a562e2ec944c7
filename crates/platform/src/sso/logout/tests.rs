use ::http::{StatusCode, header};
use crypto::jwk::JwkSet;
use crypto::jws;
use crypto::sign::Algorithm;
use serde_json::{Value, json};

use crate::accounts::Level;
use crate::signals::tests::{Got, listen};
use crate::sso::tests::{PORTAL, VERIFIER, begin, code, exchange, portal, verified};
use crate::testing::{Holder, PASSWORD, TestApp};

const BYE: &str = "https%3A%2F%2Fportal.example%2Fbye";

/// Somebody signed in to the portal, with the ID token.
async fn visiting() -> (TestApp, Holder, String) {
    let (app, mut holder) = begin(Level::One).await;
    let code = code(&mut holder, "portal", PORTAL, "openid").await;
    let hint = exchange(&app, &code, VERIFIER).await.at("/id_token");
    (app, holder, hint)
}

async fn is_signed_in(holder: &mut Holder) -> bool {
    holder.client.get("/account/history").await.status == StatusCode::OK
}

/// Asks to sign out with these parameters; the status and whether the person is still signed in.
async fn ask(holder: &mut Holder, query: &str) -> (StatusCode, bool) {
    let answer = holder.client.get(&format!("/sso/logout?{query}")).await;
    (answer.status, is_signed_in(holder).await)
}

#[tokio::test]
async fn oidcc_rp_initiated_logout_discovery_endpoint_verification() {
    let app = TestApp::start().await;

    let document = app.client().get("/.well-known/openid-configuration").await;

    assert_eq!(document.at("/end_session_endpoint"), "http://localhost:8080/sso/logout");
}

#[tokio::test]
async fn oidcc_rp_initiated_logout_no_post_logout_redirect_uri() {
    let (_app, mut holder, hint) = visiting().await;

    let answer = ask(&mut holder, &format!("id_token_hint={hint}&state=x")).await;

    assert_eq!(answer, (StatusCode::OK, false));
}

#[tokio::test]
async fn oidcc_rp_initiated_logout_no_params() {
    let (_app, mut holder, _) = visiting().await;

    assert_eq!(
        ask(&mut holder, "").await,
        (StatusCode::OK, true),
        "the person is asked"
    );
}

#[tokio::test]
async fn oidcc_rp_initiated_logout_only_state() {
    let (_app, mut holder, _) = visiting().await;

    assert_eq!(ask(&mut holder, "state=x").await, (StatusCode::OK, true));
}

#[tokio::test]
async fn oidcc_rp_initiated_logout_no_id_token_hint() {
    let (_app, mut holder, _) = visiting().await;

    let (status, signed_in) = ask(&mut holder, &format!("post_logout_redirect_uri={BYE}")).await;

    assert_eq!(
        (status, signed_in),
        (StatusCode::BAD_REQUEST, true),
        "nobody knows whose address it is"
    );
}

#[tokio::test]
async fn oidcc_rp_initiated_logout_modified_id_token_hint() {
    let (_app, mut holder, hint) = visiting().await;
    let (head, signature) = hint.rsplit_once('.').unwrap();
    let flipped = if signature.starts_with('A') { "B" } else { "A" };
    let modified = format!("{head}.{flipped}{}", &signature[1..]);

    let answer = ask(
        &mut holder,
        &format!("id_token_hint={modified}&post_logout_redirect_uri={BYE}"),
    )
    .await;

    assert_eq!(answer, (StatusCode::BAD_REQUEST, true));
}

#[tokio::test]
async fn oidcc_rp_initiated_logout_bad_id_token_hint() {
    let (_app, mut holder, _) = visiting().await;

    assert_eq!(
        ask(&mut holder, "id_token_hint=none").await,
        (StatusCode::BAD_REQUEST, true)
    );
}

#[tokio::test]
async fn oidcc_rp_initiated_logout_query_added_to_post_logout_redirect_uri() {
    let (_app, mut holder, hint) = visiting().await;

    let answer = ask(
        &mut holder,
        &format!("id_token_hint={hint}&post_logout_redirect_uri={BYE}%3Fa%3Db"),
    )
    .await;

    assert_eq!(answer, (StatusCode::BAD_REQUEST, true));
}

#[tokio::test]
async fn oidcc_backchannel_logout_discovery_endpoint_verification() {
    let app = TestApp::start().await;

    let document = app.client().get("/.well-known/openid-configuration").await.json();

    assert_eq!(document["backchannel_logout_supported"], true);
    assert_eq!(document["backchannel_logout_session_supported"], true);
}

#[tokio::test]
async fn oidcc_frontchannel_logout_discovery_endpoint_verification() {
    let app = TestApp::start().await;

    let document = app.client().get("/.well-known/openid-configuration").await.json();

    assert_eq!(document["frontchannel_logout_supported"], true);
    assert_eq!(document["frontchannel_logout_session_supported"], true);
}

/// The portal again, which listens for logout tokens, and somebody signed in to it.
async fn heard() -> (TestApp, Holder, String, Got) {
    let (app, mut holder) = begin(Level::One).await;
    let (url, got) = listen(Vec::new()).await;
    let more = json!({
        "backchannel_logout_uri": url, "backchannel_logout_session_required": true,
        "grant_types": ["authorization_code", "refresh_token"],
    });
    portal(&app, "portal", PORTAL, more).await;
    let code = code(&mut holder, "portal", PORTAL, "openid").await;
    let hint = exchange(&app, &code, VERIFIER).await.at("/id_token");
    (app, holder, hint, got)
}

/// The claims of the one logout token that the portal got.
async fn logout_token(app: &TestApp, got: &Got) -> Value {
    let body = match got.lock().unwrap().as_slice() {
        [(_, body)] => body.clone(),
        other => panic!("not one token: {other:?}"),
    };
    let token = body.strip_prefix("logout_token=").unwrap();
    let keys = JwkSet::parse(&app.client().get("/sso/jwks").await.body).unwrap();
    let verified = jws::verify(token, &keys, &[Algorithm::Es256]).unwrap();
    assert_eq!(verified.header().typ(), Some("logout+jwt"));
    verified.claims().unwrap()
}

#[tokio::test]
async fn oidcc_backchannel_rp_initiated_logout_reaches_the_relying_party() {
    let (app, mut holder, hint, got) = heard().await;

    let out = holder.client.get(&format!("/sso/logout?id_token_hint={hint}")).await;
    app.run_jobs().await;
    app.run_jobs().await;

    let (told, known) = (logout_token(&app, &got).await, verified(&app, &hint).await);
    assert_eq!(out.status, StatusCode::OK);
    assert_eq!(
        (&told["sub"], &told["sid"]),
        (&json!(known.sub), &json!(known.sid.unwrap()))
    );
    assert!(
        told["events"]
            .get("http://schemas.openid.net/event/backchannel-logout")
            .is_some()
    );
    assert!(told.get("nonce").is_none());
}

#[tokio::test]
async fn however_a_session_ends_the_relying_parties_hear_of_it_and_refresh_tokens_end() {
    let (app, mut holder, hint, got) = heard().await;

    holder.client.post("/signout", &json!({})).await;
    app.run_jobs().await;

    let told = logout_token(&app, &got).await;
    assert_eq!(told["sid"], json!(verified(&app, &hint).await.sid.unwrap()));
}

#[tokio::test]
async fn who_signs_in_again_in_the_same_browser_stays_signed_in_at_relying_parties_until_the_end() {
    let (app, mut holder, hint, got) = heard().await;
    let number = holder.citizen.number.as_str().to_owned();
    app.secrets(&holder).await;

    let again = json!({ "number": number, "password": PASSWORD });
    holder.client.post("/signin", &again).await;
    app.run_jobs().await;
    let after_signing_in = got.lock().unwrap().len();
    holder.client.post("/signout", &json!({})).await;
    app.run_jobs().await;

    assert_eq!(after_signing_in, 0);
    let told = logout_token(&app, &got).await;
    assert_eq!(told["sid"], json!(verified(&app, &hint).await.sid.unwrap()));
}

#[tokio::test]
async fn oidcc_frontchannel_rp_initiated_logout_loads_the_relying_partys_address() {
    let (app, mut holder) = begin(Level::One).await;
    let more = json!({
        "frontchannel_logout_uri": "https://portal.example/out", "frontchannel_logout_session_required": true,
    });
    portal(&app, "portal", PORTAL, more).await;
    let code = code(&mut holder, "portal", PORTAL, "openid").await;
    let hint = exchange(&app, &code, VERIFIER).await.at("/id_token");
    let sid = verified(&app, &hint).await.sid.unwrap();

    let asked = format!("/sso/logout?id_token_hint={hint}&post_logout_redirect_uri={BYE}&state=x");
    let out = holder.client.clone().browser().get(&asked).await;
    app.run_jobs().await;

    let frame = format!("https://portal.example/out?iss=http%3A%2F%2Flocalhost%3A8080&amp;sid={sid}");
    assert!(
        out.text().contains("<iframe") && out.text().contains(&sid),
        "{frame} {out}"
    );
    assert!(out.text().contains("https://portal.example/bye?state=x"));
    let policy = out.headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
    assert!(policy.contains("frame-src https://portal.example"), "{policy}");
}
