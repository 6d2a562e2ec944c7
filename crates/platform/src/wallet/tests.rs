use ::http::StatusCode;
use jiff::SignedDuration;
use serde_json::json;

use super::rules::tests::proof;
use crate::issuance::{self, Standing};
use crate::recovery;
use crate::sandbox::holders::PASSCODE;
use crate::testing::app_wallet::AppWallet;
use crate::testing::wallet::{card_holder, key};
use crate::testing::{Holder, TestApp};

const AUDIENCE: &str = "http://localhost:8080/wallet";
const EID: &str = "vneid_eid_sd_jwt";

async fn begin() -> (TestApp, Holder, AppWallet) {
    let app = TestApp::start().await;
    let mut holder = card_holder(&app).await;
    let wallet = AppWallet::new(3);
    wallet.bind(&app, &mut holder).await;
    (app, holder, wallet)
}

#[tokio::test]
async fn the_card_is_fetched_like_by_any_wallet_for_the_passcode_and_the_devices_key() {
    let (app, mut holder, wallet) = begin().await;
    let made = wallet.proof(&app);

    let wrong = holder
        .client
        .post("/wallet/offer", &json!({ "passcode": "000999", "proof": made }))
        .await;
    let taken = wallet.take(&app, &mut holder).await;
    let pass = wallet.pass(&app, &mut holder).await;
    let history = holder.client.get("/account/history").await.json();
    let form = json!({ "passcode": PASSCODE, "proof": made });
    let nobody = app.client().post("/wallet/offer", &form).await;

    assert_eq!(wrong.at("/type"), "/problems/signin-wrong-passcode");
    assert!(
        taken.len() >= 4 && taken.len().is_multiple_of(2),
        "card, licence and more, each in both formats"
    );
    assert!(taken[EID].contains('~'));
    assert!(pass.at("/pass").len() > 300, "{pass}");
    let looks = history["looks"].as_array().unwrap();
    let issued = looks.iter().filter(|look| look["purpose"] == "issuance");
    assert_eq!(issued.count(), taken.len());
    assert_eq!(nobody.status, StatusCode::UNAUTHORIZED);
    app.run_jobs().await;
}

#[tokio::test]
async fn a_proof_that_is_old_or_for_another_site_is_refused() {
    let (app, mut holder, wallet) = begin().await;
    let old = proof(&wallet.device, AUDIENCE, app.now() - SignedDuration::from_mins(3));
    let elsewhere = proof(&wallet.device, "https://evil.example/wallet", app.now());

    for proof in [old.as_str(), elsewhere.as_str(), "", "a.b.c"] {
        let refused = holder
            .client
            .post("/wallet/offer", &json!({ "passcode": PASSCODE, "proof": proof }))
            .await;
        assert_eq!(refused.at("/type"), "/problems/wallet-device-not-proven", "{refused}");
    }
    app.run_jobs().await;
}

#[tokio::test]
async fn the_card_is_issued_to_the_persons_one_device_alone() {
    let (app, mut holder, wallet) = begin().await;
    let other = AppWallet::new(4);
    let mut without = Holder {
        person: holder.person,
        citizen: app.citizens().nth(7).unwrap(),
        client: app.client(),
    };
    without.person = crate::sandbox::holders::make(&app, &without.citizen, crate::accounts::Level::Two)
        .await
        .unwrap()
        .person;
    app.sign_in(&mut without).await;

    let offered = wallet.offer(&app, &mut holder).await;
    let token = wallet.token(&app, &offered).await.at("/access_token");
    let elsewhere = other.offer(&app, &mut holder).await;
    let foreign_key = wallet.credential(&app, &token, EID, &key(9)).await;
    let none = wallet.offer(&app, &mut without).await;

    assert_eq!(elsewhere.at("/type"), "/problems/wallet-other-device");
    assert_eq!(foreign_key.at("/error"), "invalid_proof", "{foreign_key}");
    assert_eq!(none.at("/type"), "/problems/wallet-no-device");
    app.run_jobs().await;
}

#[tokio::test]
async fn what_the_old_device_holds_is_suspended_when_a_new_one_comes_and_revoked_when_it_fetches_anew() {
    let (app, mut holder, wallet) = begin().await;
    let status = |text: &str| {
        let parsed = credentials::sdjwt::SdJwt::parse(text).unwrap();
        parsed.unverified_status().unwrap()
    };
    let first = wallet.take(&app, &mut holder).await;
    let second = wallet.take(&app, &mut holder).await;
    let new = AppWallet::new(4);
    new.bind(&app, &mut holder).await;
    let old_pass = wallet.pass(&app, &mut holder).await;
    let no_card_yet = new.pass(&app, &mut holder).await;
    let third = new.take(&app, &mut holder).await;

    let addresses: Vec<String> = [&first, &second, &third].map(|taken| status(&taken[EID]).uri).into();
    let verifier = issuance::verifier(&app, &addresses).await.unwrap();
    let judged = |text: &str| {
        let verdict = verifier.text(text, &credentials::verify::Session::at(app.now()));
        let codes = verdict.reasons.into_iter().map(|reason| reason.code);
        codes.filter(|code| code.starts_with("status/")).collect::<Vec<_>>()
    };

    assert_eq!(judged(&first[EID]), ["status/revoked"]);
    assert_eq!(judged(&second[EID]), ["status/locked"]);
    assert_eq!(judged(&third[EID]), Vec::<String>::new());
    assert_eq!(old_pass.at("/type"), "/problems/wallet-other-device");
    assert_eq!(no_card_yet.status, StatusCode::NOT_FOUND);
    app.run_jobs().await;
}

#[tokio::test]
async fn nothing_is_offered_over_a_locked_card_nor_before_the_right_has_returned() {
    let (app, mut holder, wallet) = begin().await;
    let (person, now) = (holder.person, app.now());
    app.db
        .write(move |tx| issuance::set_status(tx, &person, Standing::Suspended, now))
        .await
        .unwrap();
    let offered = wallet.offer(&app, &mut holder).await;
    let token = wallet.token(&app, &offered).await.at("/access_token");
    let locked = wallet.credential(&app, &token, EID, &wallet.device).await;
    app.db
        .write(move |tx| issuance::set_status(tx, &person, Standing::Valid, now))
        .await
        .unwrap();
    recovery::recovered(&app, person).await;

    let waits = wallet.offer(&app, &mut holder).await;
    let still_waits = wallet.credential(&app, &token, EID, &wallet.device).await;
    let to_another = holder
        .client
        .post("/wallets/offer", &json!({"eid": "on", "passcode": PASSCODE}))
        .await;
    app.advance(SignedDuration::from_hours(25));
    app.sign_in(&mut holder).await;
    let returned = wallet.offer(&app, &mut holder).await;

    assert_eq!(locked.at("/error"), "credential_request_denied", "{locked}");
    assert_eq!(waits.at("/type"), "/problems/recovery-right-waits");
    assert_eq!(still_waits.at("/error"), "credential_request_denied");
    assert_eq!(to_another.at("/type"), "/problems/recovery-right-waits");
    assert_eq!(returned.status, StatusCode::OK, "{returned}");
    app.run_jobs().await;
}

#[tokio::test]
async fn the_page_shows_nothing_of_anybody() {
    let (app, holder, _) = begin().await;

    let page = holder.client.clone().browser().get("/wallet").await;

    assert_eq!(page.status, StatusCode::OK);
    let citizen = &holder.citizen;
    assert!(!page.text().contains(&citizen.full_name) && !page.text().contains(citizen.number.as_str()));
    app.run_jobs().await;
}
