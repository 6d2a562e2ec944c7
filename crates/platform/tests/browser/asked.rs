//! A clerk asks, the customer approves on the phone: the same words on both screens, and what happens when somebody else asks at the same moment.

use crate::cdp::{Answer, Browser, Visitor};
use crate::journey::sandbox::Sandbox;
use crate::journey::{citizen, picture};

/// The passcode of accounts that the sandbox makes.
const PASSCODE: &str = "281946";

/// The clerk asks for somebody; the words on the clerk's screen.
async fn ask(clerk: &crate::cdp::Page, sandbox: &Sandbox, number: &str) -> Answer<String> {
    clerk.goto(&format!("{}/sandbox/bank-counter", sandbox.url)).await?;
    clerk.fill("#number", number).await?;
    clerk.follow("#clerk-ask").await?;
    clerk.text("#clerk-words").await
}

#[tokio::test]
async fn a_clerk_asks_and_the_customer_approves_what_both_screens_show() -> Answer<()> {
    let sandbox = Sandbox::start().await?;
    let person = sandbox.citizens().await?.remove(5);
    let credentials = sandbox.account(&person, 2).await?;
    let (bank, home) = (Browser::launch(None).await?, Browser::launch(None).await?);
    let phone = home.visit(&Visitor::PHONE).await?;
    phone.goto(&format!("{}/account/requests", sandbox.url)).await?;
    citizen::sign_in(&phone, &person, &credentials.password).await?;
    phone.wait_for("#nothing").await?;
    phone.screenshot(&picture("requests-none")).await?;

    let clerk = bank.visit(&Visitor::DESK).await?;
    clerk.goto(&format!("{}/sandbox/bank-counter", sandbox.url)).await?;
    clerk.screenshot(&picture("clerk")).await?;
    let words = ask(&clerk, &sandbox, &person.number).await?;
    clerk.screenshot(&picture("clerk-waits")).await?;
    phone.goto(&format!("{}/account/requests", sandbox.url)).await?;
    let shown = phone.text("[data-words]").await?;
    phone.screenshot(&picture("requests-one")).await?;
    phone.fill("input[name=secret]", PASSCODE).await?;
    phone.follow("button[value=agree]").await?;
    phone.wait_for("#nothing").await?;
    clerk.wait_for("#clerk-outcome[data-state=approved]").await?;
    let customer = clerk.text("#clerk-customer").await?;
    clerk.screenshot(&picture("clerk-done")).await?;

    assert_eq!(shown, words);
    assert_eq!(customer, person.full_name);
    for page in [&phone, &clerk] {
        assert_eq!(page.complaints(), [""; 0]);
    }
    bank.close().await?;
    home.close().await
}

#[tokio::test]
async fn a_second_request_at_the_same_moment_is_not_approved_without_the_words_of_the_right_screen() -> Answer<()> {
    let sandbox = Sandbox::start().await?;
    let person = sandbox.citizens().await?.remove(6);
    let credentials = sandbox.account(&person, 2).await?;
    let browser = Browser::launch(None).await?;
    let phone = browser.visit(&Visitor::PHONE).await?;
    phone.goto(&format!("{}/account/requests", sandbox.url)).await?;
    citizen::sign_in(&phone, &person, &credentials.password).await?;

    let (clerk, thief) = (
        browser.visit(&Visitor::DESK).await?,
        browser.visit(&Visitor::DESK).await?,
    );
    let words = ask(&clerk, &sandbox, &person.number).await?;
    ask(&thief, &sandbox, &person.number).await?;
    phone.goto(&format!("{}/account/requests", sandbox.url)).await?;
    phone.wait_for("#several").await?;
    phone.screenshot(&picture("requests-two")).await?;
    let second = "section:nth-of-type(2)";
    phone.fill(&format!("{second} input[name=words]"), &words).await?;
    phone.fill(&format!("{second} input[name=secret]"), PASSCODE).await?;
    phone.follow(&format!("{second} button[value=agree]")).await?;
    phone.wait_for("#problem").await?;
    phone.screenshot(&picture("requests-other-words")).await?;
    let first = "section:nth-of-type(1)";
    phone.fill(&format!("{first} input[name=words]"), &words).await?;
    phone.fill(&format!("{first} input[name=secret]"), PASSCODE).await?;
    phone.follow(&format!("{first} button[value=agree]")).await?;

    clerk.wait_for("#clerk-outcome[data-state=approved]").await?;
    thief.wait_for("#clerk-words").await?;
    browser.close().await
}
