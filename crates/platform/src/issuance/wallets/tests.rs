use ::http::StatusCode;
use serde_json::json;

use crate::accounts::Level;
use crate::sandbox::holders::PASSCODE;
use crate::testing::TestApp;
use crate::testing::app_wallet::AppWallet;
use crate::testing::wallet::card_holder;

#[tokio::test]
async fn documents_are_offered_for_the_passcode_alone() {
    let app = TestApp::start().await;
    let mut holder = card_holder(&app).await;

    let wrong = holder
        .client
        .post("/wallets/offer", &json!({"eid": "on", "passcode": "000999"}))
        .await;
    let nothing = holder
        .client
        .post("/wallets/offer", &json!({"passcode": PASSCODE}))
        .await;
    let mut browser = holder.client.clone().browser();
    let form = browser.get("/wallets").await;
    let page = browser
        .form(
            "/wallets/offer",
            &[("eid", "on"), ("driving_licence", "on"), ("passcode", PASSCODE)],
        )
        .await;

    assert_eq!(wrong.at("/type"), "/problems/signin-wrong-passcode");
    assert_eq!(nothing.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(form.text().contains(r#"id="wallets-offer""#) && form.text().contains(r#"id="no-wallets""#));
    assert!(
        page.text().contains(r#"src="data:image/svg+xml;base64,"#),
        "{}",
        page.text()
    );
    assert!(page.text().contains("openid-credential-offer://?credential_offer="));
}

#[tokio::test]
async fn who_has_no_electronic_identity_card_is_told_how_to_get_one() {
    let app = TestApp::start().await;
    let account = crate::sandbox::holders::make(&app, &app.citizen(), Level::One)
        .await
        .unwrap();
    let mut holder = crate::testing::Holder {
        person: account.person,
        citizen: app.citizen(),
        client: app.client(),
    };
    app.sign_in(&mut holder).await;

    let refused = holder
        .client
        .post("/wallets/offer", &json!({"eid": "on", "passcode": PASSCODE}))
        .await;

    assert_eq!(refused.at("/type"), "/problems/issuance-level-needed");
}

#[tokio::test]
async fn what_a_wallet_holds_is_seen_and_taken_back_by_its_holder_alone() {
    let app = TestApp::start().await;
    let mut holder = card_holder(&app).await;
    let wallet = AppWallet::new(1);
    wallet.bind(&app, &mut holder).await;
    wallet.take(&app, &mut holder).await;

    let shown = holder.client.get("/wallets").await;
    let path = format!("/wallets/{}/revocation", shown.at("/wallets/0/batch"));
    let other = app.citizens().nth(5).unwrap();
    let mut stranger = app.holder(other, Level::One).await;
    let foreign = stranger.client.post(&path, &json!({})).await;
    let kept = holder.client.get("/wallets").await;
    let revoked = holder.client.post(&path, &json!({})).await;

    let held = shown.json()["wallets"].as_array().unwrap().len();
    assert!(
        held >= 4 && held.is_multiple_of(2),
        "each document in two formats: {shown}"
    );
    assert_eq!(shown.at("/wallets/0/own"), "true");
    assert_eq!(foreign.json()["wallets"], json!([]));
    assert_eq!(kept.json()["wallets"].as_array().unwrap().len(), held);
    assert_eq!(revoked.json()["wallets"].as_array().unwrap().len(), held - 1);
}
