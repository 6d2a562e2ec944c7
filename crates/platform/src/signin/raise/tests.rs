//! Stronger authentication within a session.

use serde_json::json;

use crate::accounts::Level;
use crate::signin::{Passcode, hash_passcode, set_passcode};
use crate::testing::{Authenticator, Holder, TestApp};

const PASSCODE: &str = "739154";

async fn holder(app: &TestApp) -> Holder {
    let holder = app.holder(app.citizen(), Level::Two).await;
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

async fn assurance(holder: &mut Holder) -> String {
    holder.client.get("/account/security").await.at("/assurance")
}

#[tokio::test]
async fn a_code_to_the_phone_raises_a_session_by_password_to_level_2() {
    let app = TestApp::start().await;
    let mut holder = holder(&app).await;
    let before = assurance(&mut holder).await;

    let ways = holder.client.get("/signin/raise?level=2&next=/account/history").await;
    holder.client.post("/signin/raise/code", &json!({ "level": 2 })).await;
    let phone = holder.citizen.phone.clone().unwrap().e164();
    let text = app.mailbox(&phone).await[0].text.clone();
    let code: String = text
        .chars()
        .skip_while(|letter| !letter.is_ascii_digit())
        .take(6)
        .collect();
    let wrong = holder
        .client
        .form("/signin/raise/phone", &[("secret", "000000"), ("level", "2")])
        .await;
    let right = holder
        .client
        .form(
            "/signin/raise/phone",
            &[("secret", &code), ("level", "2"), ("next", "/account/history")],
        )
        .await;

    assert_eq!((before.as_str(), assurance(&mut holder).await.as_str()), ("1", "2"));
    assert_eq!(ways.at("/by_phone"), "true");
    assert_eq!(wrong.at("/type"), "/problems/signin-wrong-code");
    assert_eq!(right.at("/next"), "/account/history");
}

#[tokio::test]
async fn two_secrets_that_are_both_known_raise_nothing() {
    let app = TestApp::start().await;
    let mut holder = holder(&app).await;

    let ways = holder.client.get("/signin/raise?level=2").await;
    holder
        .client
        .form("/signin/raise/passcode", &[("secret", PASSCODE), ("level", "2")])
        .await;

    assert_eq!(ways.at("/by_passcode"), "false");
    assert_eq!(assurance(&mut holder).await, "1");
}

#[tokio::test]
async fn only_the_holders_own_passkey_raises_the_session() {
    let app = TestApp::start().await;
    let mut holder = holder(&app).await;
    let mut phone = Authenticator::new(1);
    let challenge = holder
        .client
        .post("/account/security/passkeys/challenge", &json!({ "secret": PASSCODE }))
        .await
        .json();
    let made =
        json!({ "ceremony": challenge["ceremony"], "credential": phone.make(&challenge["options"]), "label": "Phone" });
    holder.client.post("/account/security/passkeys", &made).await;
    app.run_jobs().await;
    let mut other = app.holder(app.citizens().nth(1).unwrap(), Level::Two).await;

    let challenge = other.client.post("/signin/passkey/challenge", &json!({})).await.json();
    let proof = json!({ "ceremony": challenge["ceremony"], "credential": phone.prove(&challenge["options"]) });
    let of_another = other.client.post("/signin/raise/passkey", &proof).await;
    let challenge = holder
        .client
        .post("/signin/raise/passkey/challenge", &json!({}))
        .await
        .json();
    let proof = json!({ "ceremony": challenge["ceremony"], "credential": phone.prove(&challenge["options"]) });
    let own = holder.client.post("/signin/raise/passkey", &proof).await;

    assert_eq!(of_another.at("/type"), "/problems/signin-passkey-of-another");
    assert_eq!(own.status, 200);
    assert_eq!(
        (assurance(&mut holder).await, assurance(&mut other).await),
        ("2".to_owned(), "1".to_owned())
    );
}
