//! What a citizen does about devices: a new phone with the old one at hand and without it, a stolen phone shut out from a borrowed one.

use serde_json::{Value, json};

use super::sandbox::{Citizen, Sandbox};
use super::{citizen, officers, picture};
use crate::cdp::{Answer, Browser, Page, Visitor};

/// A phone with a screen lock, which keeps passkeys; `synced` by its provider, or only there.
pub async fn authenticator(page: &Page, synced: bool) -> Answer<String> {
    page.call("WebAuthn.enable", json!({})).await?;
    let options = json!({
        "protocol": "ctap2", "ctap2Version": "ctap2_1", "transport": "internal", "hasResidentKey": true,
        "hasUserVerification": true, "isUserVerified": true, "automaticPresenceSimulation": true,
        "defaultBackupEligibility": synced, "defaultBackupState": synced,
    });
    let added = page
        .call("WebAuthn.addVirtualAuthenticator", json!({ "options": options }))
        .await?;
    Ok(added["authenticatorId"].as_str().unwrap_or_default().to_owned())
}

struct Holder {
    sandbox: Sandbox,
    citizen: Citizen,
    password: String,
    passcode: String,
}

impl Holder {
    async fn of(nth: usize) -> Answer<Self> {
        let sandbox = Sandbox::start().await?;
        let citizen = sandbox.citizens().await?.remove(nth);
        let path = format!("/sandbox/people/{}/account", citizen.number);
        let made = sandbox.post(&path, &json!({ "level": 2 })).await?;
        let text = |name: &str| made[name].as_str().unwrap_or_default().to_owned();
        Ok(Self {
            password: text("password"),
            passcode: text("passcode"),
            sandbox,
            citizen,
        })
    }

    fn at(&self, path: &str) -> String {
        format!("{}{path}", self.sandbox.url)
    }

    async fn sign_in(&self, page: &Page) -> Answer<()> {
        page.goto(&self.at("/signin")).await?;
        citizen::sign_in(page, &self.citizen, &self.password).await
    }

    /// Makes this phone the person's first device.
    async fn bind(&self, phone: &Page) -> Answer<()> {
        phone.goto(&self.at("/account/security/device")).await?;
        phone.follow("#device-bind-send").await?;
        phone.follow("#send-code").await?;
        phone
            .fill("#code", &self.sandbox.code(&self.citizen.phone).await?)
            .await?;
        phone.fill("#phone-passcode", &self.passcode).await?;
        phone.follow("#by-phone-send").await?;
        phone.wait_for("#here").await
    }

    async fn make_passkey(&self, phone: &Page) -> Answer<()> {
        phone.goto(&self.at("/account/security/passkeys")).await?;
        phone.fill("#label", "Điện thoại của tôi").await?;
        phone.fill("#secret", &self.passcode).await?;
        phone.follow("#passkey-make-send").await?;
        phone.wait_for("[data-passkey-id]").await
    }

    /// The code that the device shows for what is asked of it.
    async fn shown(&self, device: &Page) -> Answer<String> {
        device.goto(&self.at("/account/security/device")).await?;
        device.text(".ask-code").await
    }
}

#[tokio::test]
async fn a_new_phone_with_the_old_one_at_hand() -> Answer<()> {
    let holder = Holder::of(3).await?;
    let browser = Browser::launch(None).await?;
    let (old, new) = (
        browser.visit(&Visitor::PHONE).await?,
        browser.visit(&Visitor::PHONE).await?,
    );
    holder.sign_in(&old).await?;
    holder.bind(&old).await?;
    old.screenshot(&picture("device")).await?;

    holder.sign_in(&new).await?;
    new.wait_for("#second-device").await?;
    new.screenshot(&picture("second-step")).await?;
    let code = holder.shown(&old).await?;
    old.screenshot(&picture("device-asked")).await?;
    new.fill("#shown", &code).await?;
    new.follow("#second-device-send").await?;
    new.goto(&holder.at("/account/security/device")).await?;
    new.follow("#device-bind-send").await?;
    let code = holder.shown(&old).await?;
    new.fill("#shown", &code).await?;
    new.fill("#passcode", &holder.passcode).await?;
    new.screenshot(&picture("device-move")).await?;
    new.follow("#by-old-send").await?;

    new.wait_for("#here").await?;
    old.goto(&holder.at("/account")).await?;
    old.wait_for("#signin-form").await?;
    assert_eq!(new.complaints(), [""; 0]);
    browser.close().await
}

#[tokio::test]
async fn a_new_phone_without_the_old_one_by_the_counter() -> Answer<()> {
    let holder = Holder::of(4).await?;
    let browser = Browser::launch(None).await?;
    let (old, new) = (
        browser.visit(&Visitor::PHONE).await?,
        browser.visit(&Visitor::PHONE).await?,
    );
    holder.sign_in(&old).await?;
    holder.bind(&old).await?;
    let desk = browser.visit(&Visitor::DESK).await?;
    officers::sign_in(&desk, &holder.sandbox, &holder.sandbox.officers("counter").await?[0]).await?;

    desk.goto(&holder.at("/officers/recovery")).await?;
    desk.fill("#number", &holder.citizen.number).await?;
    desk.click("#card_seen").await?;
    desk.follow("#officer-recovery-send").await?;
    let voucher = desk.text("#voucher").await?;
    desk.screenshot(&picture("officer-recovery")).await?;
    new.goto(&holder.at("/recovery")).await?;
    new.screenshot(&picture("recovery")).await?;
    new.follow("#to-counter").await?;
    for (field, text) in [
        ("#number", holder.citizen.number.as_str()),
        ("#voucher", &voucher),
        ("#password", "Buom-Vang#33x"),
        ("#repeat", "Buom-Vang#33x"),
        ("#passcode", "802913"),
    ] {
        new.fill(field, text).await?;
    }
    new.follow("#counter-send").await?;

    new.wait_for("#means").await?;
    new.screenshot(&picture("security")).await?;
    new.goto(&holder.at("/account/security/device")).await?;
    new.wait_for("#here").await?;
    old.goto(&holder.at("/account")).await?;
    old.wait_for("#signin-form").await?;
    assert_eq!(new.complaints(), [""; 0]);
    browser.close().await
}

/// A phone with a device key and a passkey is stolen; the provider of passkeys brings the passkey to a borrowed one, on which its holder signs in.
async fn stolen_and_borrowed(holder: &Holder, browser: &Browser) -> Answer<(Page, Page)> {
    let (stolen, borrowed) = (
        browser.visit(&Visitor::PHONE).await?,
        browser.visit(&Visitor::PHONE).await?,
    );
    let own = authenticator(&stolen, true).await?;
    holder.sign_in(&stolen).await?;
    holder.bind(&stolen).await?;
    holder.make_passkey(&stolen).await?;

    let lent = authenticator(&borrowed, true).await?;
    let kept = stolen
        .call("WebAuthn.getCredentials", json!({ "authenticatorId": own }))
        .await?;
    let credential: Value = kept["credentials"][0].clone();
    borrowed
        .call(
            "WebAuthn.addCredential",
            json!({ "authenticatorId": lent, "credential": credential }),
        )
        .await?;
    borrowed.goto(&holder.at("/signin")).await?;
    borrowed.follow("#signin-passkey-send").await?;
    borrowed.wait_for("#full-name").await?;
    Ok((stolen, borrowed))
}

#[tokio::test]
async fn a_stolen_phone_is_locked_from_a_borrowed_one_and_its_thief_unlocks_nothing() -> Answer<()> {
    let holder = Holder::of(6).await?;
    let browser = Browser::launch(None).await?;
    let (stolen, borrowed) = stolen_and_borrowed(&holder, &browser).await?;

    borrowed.goto(&holder.at("/account/locks")).await?;
    borrowed.fill("#lock #reason", "điện thoại bị lấy cắp").await?;
    borrowed.click("#confirm").await?;
    borrowed.screenshot(&picture("lock-borrowed")).await?;
    borrowed.follow("#lock-send").await?;
    borrowed.wait_for("#locked").await?;
    borrowed.screenshot(&picture("locked")).await?;

    // The thief knows the password and holds the device: what opens is the page of the lock, and the passcode locks for itself after five tries.
    stolen.goto(&holder.at("/account")).await?;
    stolen.wait_for("#signin-form").await?;
    citizen::sign_in(&stolen, &holder.citizen, &holder.password).await?;
    stolen.goto(&holder.at("/eid")).await?;
    stolen.wait_for("#problem").await?;
    stolen.goto(&holder.at("/account/locks")).await?;
    for _ in 0..6 {
        stolen.fill("#unlock #reason", "tìm thấy").await?;
        stolen.fill("#passcode", "000111").await?;
        stolen.follow("#unlock-send").await?;
        stolen.wait_for("#problem").await?;
    }
    stolen.screenshot(&picture("thief")).await?;
    assert!(
        stolen.text("#problem").await?.contains("hôm sau"),
        "{}",
        stolen.text("#problem").await?
    );
    stolen.goto(&holder.at("/account/locks")).await?;
    stolen.wait_for("#standing[data-locked=true]").await?;
    assert_eq!(borrowed.complaints(), [""; 0]);
    browser.close().await
}

#[tokio::test]
async fn a_stolen_phone_is_shut_out_from_a_borrowed_one_by_a_passkey() -> Answer<()> {
    let holder = Holder::of(5).await?;
    let browser = Browser::launch(None).await?;
    let (stolen, borrowed) = stolen_and_borrowed(&holder, &browser).await?;
    stolen.goto(&holder.at("/account/security/passkeys")).await?;
    stolen.screenshot(&picture("passkeys")).await?;
    borrowed.goto(&holder.at("/account/security/device")).await?;
    borrowed.click("#device summary").await?;
    borrowed.fill("#remove-secret", &holder.passcode).await?;
    borrowed.follow("#device-remove").await?;

    stolen.goto(&holder.at("/account")).await?;
    stolen.wait_for("#signin-form").await?;
    assert_eq!(borrowed.complaints(), [""; 0]);
    browser.close().await
}
