//! An administrator gives out a code, an officer enrols a passkey by it and confirms with it at the next sign-in.

use super::sandbox::Sandbox;
use super::{officers, picture, security};
use crate::cdp::{Answer, Browser, Visitor};

#[tokio::test]
async fn an_officer_enrols_a_passkey_by_a_code_and_confirms_with_it() -> Answer<()> {
    let sandbox = Sandbox::start().await?;
    let browser = Browser::launch(None).await?;
    let (chief, desk) = (
        browser.visit(&Visitor::DESK).await?,
        browser.visit(&Visitor::DESK).await?,
    );
    let (administrator, counter) = (
        sandbox.officers("administrator").await?,
        sandbox.officers("counter").await?,
    );
    let at = |path: &str| format!("{}{path}", sandbox.url);

    officers::sign_in(&chief, &sandbox, &administrator[0]).await?;
    chief.follow("#desk-officers").await?;
    chief.follow(&format!("#passkeys-{}", counter[0].login)).await?;
    chief.click("#reason-first").await?;
    chief.follow("#give-send").await?;
    let code = chief.text("#code").await?;
    chief.screenshot(&picture("officer-code")).await?;

    security::authenticator(&desk, false).await?;
    officers::sign_in(&desk, &sandbox, &counter[0]).await?;
    desk.follow("#my-passkeys").await?;
    desk.fill("#code", "AAAA-AAAA").await?;
    desk.fill("#label", "Máy tính cơ quan").await?;
    desk.click("#passkey-make-send").await?;
    desk.wait_until("document.querySelector('#passkey-make .fault').textContent !== ''")
        .await?;
    desk.fill("#code", &code).await?;
    desk.follow("#passkey-make-send").await?;
    desk.wait_for("#officer-name").await?;
    desk.goto(&at("/officers/passkey")).await?;
    desk.wait_for(".passkey").await?;
    desk.screenshot(&picture("officer-passkey")).await?;

    desk.goto(&at("/officers/desk")).await?;
    desk.follow("#officer-signout").await?;
    officers::sign_in(&desk, &sandbox, &counter[0]).await?;
    desk.follow("#my-passkeys").await?;
    desk.follow("#passkey-prove-send").await?;
    desk.wait_for("#officer-name").await?;
    desk.goto(&at("/officers/passkey")).await?;
    desk.wait_for("#second-factor.good").await?;

    chief.goto(&at("/officers")).await?;
    chief.follow(&format!("#passkeys-{}", counter[0].login)).await?;
    chief.wait_for(".passkey").await?;
    for page in [&chief, &desk] {
        // The wrong code was answered with an error, which the browser notes.
        assert!(
            page.complaints().iter().all(|line| line.contains("403")),
            "{:?}",
            page.complaints()
        );
    }
    browser.close().await
}
