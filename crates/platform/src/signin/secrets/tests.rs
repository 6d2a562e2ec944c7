//! Change of secrets, and doing without a password.

use serde_json::json;

use crate::accounts::Level;
use crate::signin::{Passcode, Password, hash, hash_passcode, set_passcode, set_password};
use crate::testing::{Authenticator, Holder, TestApp};

const PASSWORD: &str = "Xe#Dap-Xanh7";
const PASSCODE: &str = "739154";

async fn holder(app: &TestApp) -> Holder {
    let holder = app.holder(app.citizen(), Level::Two).await;
    let password = hash(app, &Password::check(PASSWORD, &[]).unwrap()).await.unwrap();
    let passcode = hash_passcode(app, &Passcode::check(PASSCODE, &[]).unwrap())
        .await
        .unwrap();
    let (vault, person, now) = (app.vault.clone(), holder.person, app.now());
    app.db
        .write(move |tx| {
            set_password(tx, &vault, &person, &password, now)?;
            set_passcode(tx, &vault, &person, &passcode, now)
        })
        .await
        .unwrap();
    holder
}

async fn signs_in(app: &TestApp, holder: &Holder, password: &str) -> u16 {
    let form = [("number", holder.citizen.number.as_str()), ("password", password)];
    app.client().form("/signin", &form).await.status.as_u16()
}

#[tokio::test]
async fn a_new_password_takes_the_old_one_and_ends_every_other_session() {
    let app = TestApp::start().await;
    let mut holder = holder(&app).await;
    let mut elsewhere = app.client();
    let form = [("number", holder.citizen.number.as_str()), ("password", PASSWORD)];
    elsewhere.form("/signin", &form).await;

    let unproven = holder
        .client
        .form(
            "/account/security/password",
            &[("secret", "Wrong#Word99"), ("password", "Buom-Vang#33x")],
        )
        .await;
    let set = holder
        .client
        .form(
            "/account/security/password",
            &[
                ("secret", PASSWORD),
                ("password", "Buom-Vang#33x"),
                ("repeat", "Buom-Vang#33x"),
            ],
        )
        .await;
    let phone = holder.citizen.phone.clone().unwrap().e164();
    let told = app.mailbox(&phone).await[0].text.clone();

    assert_eq!(unproven.at("/type"), "/problems/signin-wrong");
    assert_eq!(set.at("/changed"), "true");
    assert_eq!(holder.client.get("/account").await.status, 200);
    assert_eq!(elsewhere.get("/account").await.status, 401);
    assert!(told.contains("Mat khau cua quy vi da duoc doi"), "{told}");
    assert_eq!(
        [
            signs_in(&app, &holder, PASSWORD).await,
            signs_in(&app, &holder, "Buom-Vang#33x").await
        ],
        [403, 200]
    );
}

#[tokio::test]
async fn a_new_password_is_neither_the_old_one_nor_made_of_own_data() {
    let app = TestApp::start().await;
    let mut holder = holder(&app).await;
    let own = format!("Aa#{}", &holder.citizen.number.as_str()[4..]);

    for (new, fault) in [
        (PASSWORD, "The new password is the present one. Choose another."),
        (
            own.as_str(),
            "Keep your name, date of birth, personal number and phone number out of the password.",
        ),
    ] {
        let refused = holder
            .client
            .form("/account/security/password", &[("secret", PASSWORD), ("password", new)])
            .await;
        assert_eq!(refused.at("/errors/0/detail"), fault);
    }
}

#[tokio::test]
async fn a_password_is_given_up_only_for_a_passkey() {
    let app = TestApp::start().await;
    let mut holder = holder(&app).await;
    let form = [("secret", PASSCODE)];

    let too_early = holder.client.form("/account/security/password/remove", &form).await;
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
    let removed = holder.client.form("/account/security/password/remove", &form).await;
    app.run_jobs().await;

    assert_eq!(too_early.at("/type"), "/problems/signin-passkey-first");
    assert_eq!(removed.at("/has_password"), "false");
    assert_eq!(signs_in(&app, &holder, PASSWORD).await, 403);
}

#[tokio::test]
async fn a_new_passcode_asks_for_the_present_one() {
    let app = TestApp::start().await;
    let mut holder = holder(&app).await;

    let unproven = holder
        .client
        .form(
            "/account/security/passcode",
            &[("current", "111222"), ("passcode", "802913")],
        )
        .await;
    let pattern = holder
        .client
        .form(
            "/account/security/passcode",
            &[("current", PASSCODE), ("passcode", "123456")],
        )
        .await;
    let set = holder
        .client
        .form(
            "/account/security/passcode",
            &[("current", PASSCODE), ("passcode", "802913")],
        )
        .await;
    app.run_jobs().await;

    assert_eq!(unproven.at("/type"), "/problems/signin-wrong-passcode");
    assert_eq!(pattern.at("/type"), "/problems/form-invalid");
    assert_eq!(set.at("/changed"), "true");
    assert!(
        crate::signin::check_passcode(&app, &holder.person, "802913")
            .await
            .is_ok()
    );
}
