use ::http::{Request, StatusCode, header};
use axum::body::Body;
use credentials::verify::{Outcome, Session, Verifier};
use crypto::jwk::Jwk;
use crypto::sign::{Algorithm, Signer as _, SoftKey};
use jiff::SignedDuration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::accounts;
use crate::devices;
use crate::issuance::{self, Standing};
use crate::recovery::alarm::{Alarm, What};
use crate::sandbox::holders;
use crate::shell::ids::PersonId;
use crate::testing::app_wallet::AppWallet;
use crate::testing::wallet::card_holder;
use crate::testing::{Holder, TestApp};

const EID: &str = "vneid_eid_sd_jwt";

/// What a device holds.
pub(in crate::issuance) struct Held {
    pub(in crate::issuance) card: String,
    pub(in crate::issuance) pass: Vec<u8>,
}

/// Somebody with an electronic identity card, and what the device holds.
pub(in crate::issuance) async fn held(app: &TestApp) -> (Holder, AppWallet, Held) {
    let (mut holder, wallet) = (card_holder(app).await, AppWallet::new(41));
    wallet.bind(app, &mut holder).await;
    let held = take(app, &mut holder, &wallet).await;
    (holder, wallet, held)
}

async fn take(app: &TestApp, holder: &mut Holder, wallet: &AppWallet) -> Held {
    let card = wallet.take(app, holder).await.remove(EID).unwrap();
    let pass = wallet.pass(app, holder).await.at("/pass");
    Held {
        card,
        pass: STANDARD.decode(pass).unwrap(),
    }
}

/// What a verifier with fresh lists says of the electronic identity card as SD-JWT.
async fn outcome(app: &TestApp, held: &Held) -> Outcome {
    let text = &held.card;
    let verifier = issuance::verifier(app, &Verifier::addresses_in_text(text))
        .await
        .unwrap();
    let verdict = verifier.text(text, &Session::at(app.now()));
    assert!(verdict.status.is_some(), "{verdict:?}");
    // Possession is not proved here: that alone is a reason for caution.
    let others = verdict
        .reasons
        .iter()
        .filter(|reason| reason.code != "credential/possession-not-proved");
    if verdict.outcome == Outcome::Caution && others.count() == 0 {
        return Outcome::Accept;
    }
    verdict.outcome
}

async fn set(app: &TestApp, person: PersonId, standing: Standing) {
    let now = app.now();
    app.db
        .write(move |tx| issuance::set_status(tx, &person, standing, now))
        .await
        .unwrap();
}

#[tokio::test]
async fn a_lock_is_in_the_list_at_once_and_so_is_its_end() {
    let app = TestApp::start().await;
    let (Holder { person, .. }, _, held) = held(&app).await;

    let before = outcome(&app, &held).await;
    set(&app, person, Standing::Suspended).await;
    let locked = outcome(&app, &held).await;
    set(&app, person, Standing::Valid).await;
    let unlocked = outcome(&app, &held).await;

    assert_eq!(
        [before, locked, unlocked],
        [Outcome::Accept, Outcome::Caution, Outcome::Accept]
    );
}

#[tokio::test]
async fn the_holders_own_lock_suspends_what_was_issued_and_unlocking_makes_it_valid() {
    let app = TestApp::start().await;
    let (mut holder, _, held) = held(&app).await;

    let lock = serde_json::json!({"reason": "mất điện thoại", "confirm": "yes"});
    holder.client.post("/account/locks", &lock).await;
    let locked = outcome(&app, &held).await;
    app.sign_in(&mut holder).await;
    let unlock = serde_json::json!({"reason": "đã tìm thấy", "passcode": holders::PASSCODE});
    holder.client.post("/account/locks/unlock", &unlock).await;
    let unlocked = outcome(&app, &held).await;
    app.run_jobs().await;

    assert_eq!([locked, unlocked], [Outcome::Caution, Outcome::Accept]);
}

#[tokio::test]
async fn what_was_revoked_stays_revoked_and_a_new_card_is_valid() {
    let app = TestApp::start().await;
    let (mut holder, wallet, old) = held(&app).await;
    let person = holder.person;

    set(&app, person, Standing::Revoked).await;
    let offered = wallet.offer(&app, &mut holder).await;
    let token = wallet.token(&app, &offered).await.at("/access_token");
    let refused = wallet.credential(&app, &token, EID, &wallet.device).await;
    set(&app, person, Standing::Valid).await;
    let new = take(&app, &mut holder, &wallet).await;

    assert_eq!(refused.at("/error"), "credential_request_denied");
    assert_eq!(outcome(&app, &old).await, Outcome::Reject);
    assert_eq!(outcome(&app, &new).await, Outcome::Accept);
}

#[tokio::test]
async fn a_new_card_revokes_what_was_issued_over_the_old_one() {
    let app = TestApp::start().await;
    let (mut holder, wallet, old) = held(&app).await;
    let (person, citizen) = (holder.person, holder.citizen.clone());
    let answer = crate::registries::person(&app, &citizen.number, "test")
        .await
        .unwrap()
        .unwrap();
    let portrait = nation::picture::portrait_jpeg(&citizen, app.clock.today()).unwrap();
    let card = crate::eid::NewEid::draw(&app, person, &crate::eid::Content::of(&answer), &portrait).unwrap();

    app.db.write(move |tx| crate::eid::issue(tx, &card)).await.unwrap();
    let new = take(&app, &mut holder, &wallet).await;

    assert_eq!(outcome(&app, &old).await, Outcome::Reject);
    assert_eq!(outcome(&app, &new).await, Outcome::Accept);
}

#[tokio::test]
async fn a_fresh_pass_carries_the_status_of_now() {
    let app = TestApp::start().await;
    let (mut holder, wallet, _) = held(&app).await;
    set(&app, holder.person, Standing::Suspended).await;

    let pass = wallet.pass(&app, &mut holder).await.at("/pass");

    let shown = credentials::identity_qr::Pass::parse(&STANDARD.decode(pass).unwrap()).unwrap();
    let shown = shown.show(&wallet.device, app.now(), None).unwrap();
    let verifier = issuance::verifier(&app, &[]).await.unwrap();
    assert_eq!(verifier.text(&shown, &Session::at(app.now())).outcome, Outcome::Caution);
}

#[tokio::test]
async fn a_list_is_served_signed_in_both_forms_and_may_be_kept_for_its_time() {
    let app = TestApp::start().await;
    let (_, _, held) = held(&app).await;
    let address = Verifier::addresses_in_text(&held.card).remove(0);
    let path = address.strip_prefix("http://localhost:8080").unwrap();

    let all = app.client().get("/issuance/status").await;
    let jwt = app.client().get(path).await;
    let kept = app.client().get(path).await;
    let request = Request::get(path).header(header::ACCEPT, "application/statuslist+cwt");
    let cwt = app.client().send(request, Body::empty()).await;
    app.advance(SignedDuration::from_mins(5));
    let renewed = app.client().get(path).await;
    let none = app.client().get("/issuance/status/100").await;

    assert_eq!(all.json()["status_lists"].as_array().unwrap().len(), 100);
    assert!(all.json()["status_lists"].as_array().unwrap().contains(&address.into()));
    assert_eq!(jwt.headers[header::CONTENT_TYPE], "application/statuslist+jwt");
    assert_eq!(jwt.headers[header::CACHE_CONTROL], "public, max-age=300");
    assert_eq!(jwt.body, kept.body);
    assert_ne!(jwt.body, renewed.body);
    assert!(jwt.body.len() < 4096, "{}", jwt.body.len());
    let mut verifier = issuance::verifier(&app, &[]).await.unwrap();
    assert!(verifier.keep_status_list(&jwt.text(), app.now()).is_ok());
    assert_eq!(cwt.status, StatusCode::OK);
    assert_eq!(none.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn places_are_neither_in_a_row_nor_given_twice() {
    let app = TestApp::start().await;

    let mut places = super::draw(&app, 600).await.unwrap();

    let in_a_row = places
        .windows(2)
        .filter(|pair| pair[0].list == pair[1].list && pair[0].index + 1 == pair[1].index);
    assert!(in_a_row.count() < 3);
    places.sort();
    places.dedup();
    assert_eq!(places.len(), 600);
}

/// Somebody's browser becomes the device, and the alarm that tells of it; answers where the holder says "this was not me".
async fn move_device(app: &TestApp, person: PersonId, key: &Jwk) -> String {
    let vault = app.vault.clone();
    let account = app
        .db
        .read(move |conn| accounts::own(conn, &vault, &person))
        .await
        .unwrap();
    let binding = devices::Binding::draw(app, person, key, devices::Way::OldDevice);
    let alarm = Alarm::draw(app, &account, What::Device);
    app.db
        .write(move |tx| {
            binding.carry_out(tx)?;
            alarm.raise(tx)
        })
        .await
        .unwrap();
    let messages = app.mailbox(&account.phone.e164()).await;
    let alarmed = messages
        .iter()
        .find(|message| message.text.contains("/recovery/not-me/"));
    let text = &alarmed.unwrap().text;
    text[text.find("/recovery/not-me/").unwrap()..].to_owned()
}

async fn present_device(app: &TestApp, person: PersonId) -> String {
    let device = app.db.read(move |conn| devices::current(conn, &person)).await.unwrap();
    device.unwrap().thumbprint
}

#[tokio::test]
async fn a_moved_devices_credentials_are_suspended_come_back_with_not_me_and_are_revoked_when_it_is_final() {
    let app = TestApp::start().await;
    let (mut holder, wallet, held) = held(&app).await;
    let person = holder.person;
    let new = Jwk::unnamed(
        SoftKey::from_seed(Algorithm::Es256, &[42; 32])
            .unwrap()
            .public()
            .key()
            .clone(),
    );
    app.advance(SignedDuration::from_hours(1));

    let not_me = move_device(&app, person, &new).await;
    let moved = outcome(&app, &held).await;
    let undone = holder.client.post(&not_me, &serde_json::json!({})).await;
    let (locked, back) = (outcome(&app, &held).await, present_device(&app, person).await);
    app.sign_in(&mut holder).await;
    let unlock = serde_json::json!({"reason": "đã tìm thấy", "passcode": holders::PASSCODE});
    holder.client.post("/account/locks/unlock", &unlock).await;
    let unlocked = outcome(&app, &held).await;
    app.advance(SignedDuration::from_hours(1));
    move_device(&app, person, &new).await;
    app.advance(SignedDuration::from_hours(7 * 24));
    app.run_jobs().await;

    assert_eq!(undone.at("/stopped"), "true", "{undone}");
    assert_eq!(
        [moved, locked, unlocked],
        [Outcome::Caution, Outcome::Caution, Outcome::Accept]
    );
    assert_eq!(back, Jwk::unnamed(wallet.device.public().key().clone()).thumbprint());
    assert_eq!(outcome(&app, &held).await, Outcome::Reject, "nobody undid it in time");
}
