//! Passkeys, through the router, with an authenticator in software that can be made to lie.

use serde_json::{Value, json};

use crate::accounts::Level;
use crate::shell::session::Kind;
use crate::signin::{Passcode, hash_passcode, set_passcode};
use crate::testing::{Answer, Authenticator, Client, Holder, TestApp};

const PASSCODE: &str = "739154";

/// A citizen with a passcode.
async fn holder(app: &TestApp, nth: usize) -> Holder {
    let citizen = app.citizens().nth(nth).unwrap();
    let holder = app.holder(citizen, Level::Two).await;
    let hash = hash_passcode(app, &Passcode::check(PASSCODE, &[]).unwrap())
        .await
        .unwrap();
    let (vault, person, now) = (app.vault.clone(), holder.person, app.now());
    app.db
        .write(move |tx| set_passcode(tx, &vault, &person, &hash, now))
        .await
        .unwrap();
    holder
}

async fn begin(client: &mut Client) -> Value {
    let challenge = client
        .post("/account/security/passkeys/challenge", &json!({ "secret": PASSCODE }))
        .await;
    challenge.json()
}

async fn make(client: &mut Client, authenticator: &mut Authenticator) -> Answer {
    let challenge = begin(client).await;
    let credential = authenticator.make(&challenge["options"]);
    let answer = json!({ "ceremony": challenge["ceremony"], "credential": credential, "label": "My phone" });
    client.post("/account/security/passkeys", &answer).await
}

/// The same, with the holder told.
async fn made(app: &TestApp, client: &mut Client, authenticator: &mut Authenticator) -> Answer {
    let answer = make(client, authenticator).await;
    app.run_jobs().await;
    answer
}

async fn ask(client: &mut Client) -> Value {
    client.post("/signin/passkey/challenge", &json!({})).await.json()
}

async fn prove(client: &mut Client, authenticator: &mut Authenticator) -> Answer {
    let challenge = ask(client).await;
    let credential = authenticator.prove(&challenge["options"]);
    let answer = json!({ "ceremony": challenge["ceremony"], "credential": credential });
    client.post("/signin/passkey", &answer).await
}

#[tokio::test]
async fn a_passkey_alone_signs_in_without_number_and_password() {
    let app = TestApp::start().await;
    let mut holder = holder(&app, 0).await;
    let mut phone = Authenticator::new(1);

    let kept = made(&app, &mut holder.client, &mut phone).await;
    let mut stranger = app.client();
    let signed_in = prove(&mut stranger, &mut phone).await;

    assert_eq!(kept.at("/passkeys/0/label"), "My phone");
    insta::assert_snapshot!(signed_in, @r#"
    200 OK
    {"next":"/account"}
    "#);
    assert_eq!(
        stranger.get("/account").await.at("/full_name"),
        holder.citizen.full_name
    );
    let options = ask(&mut stranger).await;
    assert_eq!(options["options"]["userVerification"], "required");
}

#[tokio::test]
async fn a_passkey_asks_for_a_resident_key_and_a_verified_holder() {
    let app = TestApp::start().await;
    let mut holder = holder(&app, 0).await;

    let challenge = begin(&mut holder.client).await;

    insta::assert_snapshot!(challenge["options"]["authenticatorSelection"], @r#"{"residentKey":"required","requireResidentKey":true,"userVerification":"required"}"#);
    assert_eq!(challenge["options"]["rp"]["id"], "localhost");
    assert!(
        !challenge["options"]
            .to_string()
            .contains(holder.citizen.number.as_str())
    );
}

#[tokio::test]
async fn a_passkey_of_another_origin_is_refused() {
    let app = TestApp::start().await;
    let mut holder = holder(&app, 0).await;
    let mut phone = Authenticator::new(1);
    let mut fooled = phone.clone();
    fooled.origin = "https://vneid-gov.example".to_owned();

    let made_there = made(&app, &mut holder.client, &mut fooled).await;
    made(&app, &mut holder.client, &mut phone).await;
    phone.origin = "https://vneid-gov.example".to_owned();
    let proven_there = prove(&mut app.client(), &mut phone).await;

    insta::assert_snapshot!(made_there, @r#"
    403 Forbidden
    {"type":"/problems/passkey-refused","status":403,"title":"The passkey was not accepted","detail":"Try again with a passkey that you made for VNeID, or use another way."}
    "#);
    assert_eq!(proven_there.at("/type"), "/problems/passkey-refused");
}

#[tokio::test]
async fn a_copied_a_changed_and_an_unverified_passkey_are_refused() {
    let app = TestApp::start().await;
    let mut holder = holder(&app, 0).await;
    let mut phone = Authenticator::new(1);
    made(&app, &mut holder.client, &mut phone).await;
    let copy = phone.clone();
    assert_eq!(prove(&mut app.client(), &mut phone).await.status, 200);

    let mut cloned = copy.clone();
    let mut unverified = phone.clone();
    unverified.verifies = false;
    let mut moved = phone.clone();
    moved.synced = true;
    moved.counter = 100;
    let mut unknown = Authenticator::new(9);
    unknown.make(&json!({ "user": { "id": crypto::base64url::encode([9; 16]) }, "rp": { "id": "localhost" }, "challenge": "AA" }));

    for authenticator in [&mut cloned, &mut unverified, &mut moved, &mut unknown] {
        assert_eq!(
            prove(&mut app.client(), authenticator).await.at("/type"),
            "/problems/passkey-refused"
        );
    }
    phone.counter = 40;
    assert_eq!(prove(&mut app.client(), &mut phone).await.status, 200);
}

#[tokio::test]
async fn a_ceremony_is_answered_once_in_time_and_by_whom_it_was_begun() {
    let app = TestApp::start().await;
    let mut holder = holder(&app, 0).await;
    let mut other = self::holder(&app, 1).await;
    // Synced passkeys do not count, so that a replay is not found by its counter.
    let mut phone = Authenticator::new(1);
    phone.synced = true;

    let challenge = begin(&mut holder.client).await;
    let credential = phone.make(&challenge["options"]);
    let answer = json!({ "ceremony": challenge["ceremony"], "credential": credential, "label": "Phone" });
    let of_another = other.client.post("/account/security/passkeys", &answer).await;
    let first = holder.client.post("/account/security/passkeys", &answer).await;
    app.run_jobs().await;
    let again = holder.client.post("/account/security/passkeys", &answer).await;

    let challenge = ask(&mut app.client()).await;
    let proof = json!({ "ceremony": challenge["ceremony"], "credential": phone.prove(&challenge["options"]) });
    let opened = app.client().post("/signin/passkey", &proof).await;
    let replayed = app.client().post("/signin/passkey", &proof).await;
    let challenge = ask(&mut app.client()).await;
    let late = json!({ "ceremony": challenge["ceremony"], "credential": phone.prove(&challenge["options"]) });
    app.advance(jiff::SignedDuration::from_mins(6));
    let late = app.client().post("/signin/passkey", &late).await;

    assert_eq!((first.status.as_u16(), opened.status.as_u16()), (200, 200));
    for answer in [of_another, again, replayed, late] {
        assert_eq!(answer.at("/type"), "/problems/passkey-expired");
    }
}

#[tokio::test]
async fn a_session_alone_makes_and_removes_no_passkey() {
    let app = TestApp::start().await;
    let mut holder = holder(&app, 0).await;
    let kept = made(&app, &mut holder.client, &mut Authenticator::new(1)).await;
    let id = kept.at("/passkeys/0/passkey");

    let begun = holder
        .client
        .post("/account/security/passkeys/challenge", &json!({ "secret": "111111" }))
        .await;
    let removed = holder
        .client
        .form(
            &format!("/account/security/passkeys/{id}/remove"),
            &[("secret", "111111")],
        )
        .await;

    for answer in [begun, removed] {
        assert_eq!(answer.at("/type"), "/problems/signin-wrong-passcode");
    }
}

#[tokio::test]
async fn the_last_means_of_signing_in_is_not_removed() {
    let app = TestApp::start().await;
    let mut holder = holder(&app, 0).await;
    let kept = made(&app, &mut holder.client, &mut Authenticator::new(1)).await;
    let first = kept.at("/passkeys/0/passkey");
    let form = [("secret", PASSCODE)];

    let last = holder
        .client
        .form(&format!("/account/security/passkeys/{first}/remove"), &form)
        .await;
    made(&app, &mut holder.client, &mut Authenticator::new(2)).await;
    let removed = holder
        .client
        .form(&format!("/account/security/passkeys/{first}/remove"), &form)
        .await;

    assert_eq!(last.at("/type"), "/problems/signin-last-means");
    assert_eq!(removed.json()["passkeys"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_citizens_passkey_is_no_officers() {
    let app = TestApp::start().await;
    let mut holder = holder(&app, 0).await;
    let mut phone = Authenticator::new(1);
    made(&app, &mut holder.client, &mut phone).await;

    let challenge = crate::shell::passkey::ask(&app, Kind::Officer, None).unwrap();
    let credential = phone.prove(&challenge.options);
    let answer = crate::shell::passkey::Answer {
        ceremony: challenge.ceremony,
        credential,
    };
    let refused = crate::shell::passkey::prove(&app, Kind::Officer, &answer).await;

    assert_eq!(refused.err().unwrap().slug(), "passkey-refused");
}
