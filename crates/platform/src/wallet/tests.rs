use ::http::StatusCode;
use crypto::sign::{Algorithm, SoftKey};
use jiff::SignedDuration;
use serde_json::json;

use super::rules::tests::proof;
use crate::applications::tests::{PASSCODE, citizen};
use crate::testing::TestApp;

const AUDIENCE: &str = "http://localhost:8080/wallet";

fn device(seed: u8) -> SoftKey {
    SoftKey::from_seed(Algorithm::Es256, &[seed; 32]).unwrap()
}

#[tokio::test]
async fn the_card_is_issued_to_the_device_that_proves_its_key_for_the_passcode() {
    let app = TestApp::start().await;
    let mut client = citizen(&app, &app.citizen(), 2).await;
    let made = proof(&device(3), AUDIENCE, app.now());

    let wrong = client
        .post("/wallet/credentials", &json!({ "passcode": "000999", "proof": made }))
        .await;
    let kept = client
        .post("/wallet/credentials", &json!({ "passcode": PASSCODE, "proof": made }))
        .await;
    let history = client.get("/account/history").await;
    let nobody = app
        .client()
        .post("/wallet/credentials", &json!({ "passcode": PASSCODE, "proof": made }))
        .await;

    assert_eq!(wrong.at("/type"), "/problems/signin-wrong-passcode");
    assert_eq!(kept.at("/credentials/0/vct"), "urn:vneid:eid:1", "{kept}");
    assert!(kept.at("/credentials/0/sd_jwt").contains('~') && kept.at("/pass").len() > 300);
    assert!(history.text().contains(r#""purpose":"issuance""#), "{history}");
    assert_eq!(nobody.status, StatusCode::UNAUTHORIZED);
    app.run_jobs().await;
}

#[tokio::test]
async fn a_proof_that_is_old_or_for_another_site_is_refused() {
    let app = TestApp::start().await;
    let mut client = citizen(&app, &app.citizen(), 2).await;
    let old = proof(&device(3), AUDIENCE, app.now() - SignedDuration::from_mins(3));
    let elsewhere = proof(&device(3), "https://evil.example/wallet", app.now());

    for proof in [old.as_str(), elsewhere.as_str(), "", "a.b.c"] {
        let refused = client
            .post("/wallet/credentials", &json!({ "passcode": PASSCODE, "proof": proof }))
            .await;
        assert_eq!(refused.at("/type"), "/problems/wallet-device-not-proven", "{refused}");
    }
    app.run_jobs().await;
}

#[tokio::test]
async fn a_pass_is_renewed_for_the_device_that_holds_the_card_alone() {
    let app = TestApp::start().await;
    let mut client = citizen(&app, &app.citizen(), 2).await;
    let take = |seed| json!({ "passcode": PASSCODE, "proof": proof(&device(seed), AUDIENCE, app.now()) });
    let renew = |seed| json!({ "proof": proof(&device(seed), AUDIENCE, app.now()) });

    let before = client.post("/wallet/pass", &renew(3)).await;
    client.post("/wallet/credentials", &take(3)).await;
    let mine = client.post("/wallet/pass", &renew(3)).await;
    client.post("/wallet/credentials", &take(4)).await;
    let moved = client.post("/wallet/pass", &renew(3)).await;

    assert_eq!(before.at("/type"), "/problems/wallet-other-device");
    assert!(mine.at("/pass").len() > 300, "{mine}");
    assert_eq!(moved.at("/type"), "/problems/wallet-other-device");
    app.run_jobs().await;
}

#[tokio::test]
async fn the_page_shows_nothing_of_anybody() {
    let app = TestApp::start().await;
    let person = app.citizen();
    let client = citizen(&app, &person, 2).await;

    let page = client.browser().get("/wallet").await;

    assert_eq!(page.status, StatusCode::OK);
    assert!(!page.text().contains(&person.full_name) && !page.text().contains(person.number.as_str()));
    app.run_jobs().await;
}
