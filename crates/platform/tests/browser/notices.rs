//! Notices: the badge, the inbox, and the wishes, in a browser without script.

use crate::cdp::{Answer, Browser, Visitor};
use crate::journey::sandbox::Sandbox;
use crate::journey::{citizen, picture};

/// The passcode of accounts that the sandbox makes.
const PASSCODE: &str = "281946";

#[tokio::test]
async fn a_citizen_reads_what_happened_and_chooses_how_to_be_told() -> Answer<()> {
    let sandbox = Sandbox::start().await?;
    let person = sandbox.citizens().await?.remove(5);
    let credentials = sandbox.account(&person, 2).await?;
    let browser = Browser::launch(None).await?;
    let scriptless = Visitor {
        script: false,
        ..Visitor::PHONE
    };
    let phone = browser.visit(&scriptless).await?;
    phone.goto(&format!("{}/account/locks", sandbox.url)).await?;
    citizen::sign_in(&phone, &person, &credentials.password).await?;
    phone.fill("#lock #reason", "mất máy").await?;
    phone.click("#confirm").await?;
    phone.follow("#lock-send").await?;
    phone.goto(&format!("{}/account/locks", sandbox.url)).await?;
    citizen::sign_in(&phone, &person, &credentials.password).await?;
    phone.fill("#unlock #reason", "đã tìm thấy").await?;
    phone.fill("#passcode", PASSCODE).await?;
    phone.follow("#unlock-send").await?;

    phone.goto(&format!("{}/account", sandbox.url)).await?;
    let badge = phone.text("#nav-unread").await?;
    phone.follow("#nav-notices").await?;
    phone.wait_for("#unread[data-unread='2']").await?;
    phone.screenshot(&picture("notices")).await?;
    phone.follow("#notes li:first-child button").await?;
    assert!(phone.url().await?.ends_with("/account/locks"));
    phone.goto(&format!("{}/notices?kind=legal", sandbox.url)).await?;
    phone.wait_for("#unread[data-unread='1']").await?;
    phone.follow("#read-all").await?;
    phone.wait_for("#unread[data-unread='0']").await?;

    phone.follow("#choices").await?;
    phone.click("[name='deadline.sms']").await?;
    phone.follow("#choices-send").await?;
    phone.wait_for("#saved").await?;
    phone.wait_for("[name='deadline.sms']:not(:checked)").await?;
    phone.wait_for("[name='legal.sms']:disabled:checked").await?;
    phone.screenshot(&picture("notice-choices")).await?;

    phone.follow("#to-email").await?;
    phone.fill("#email", "an@localhost").await?;
    phone.follow("#email-give").await?;
    phone.wait_for("#email-fault").await?;
    phone.screenshot(&picture("notice-email")).await?;
    assert!(badge.starts_with('2'), "{badge}");
    browser.close().await
}
