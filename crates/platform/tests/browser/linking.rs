//! The portal's old accounts, consents and another screen, as people meet them.

use crate::cdp::{Answer, Browser, Visitor};
use crate::journey::sandbox::Sandbox;
use crate::journey::{citizen, picture};

#[tokio::test]
async fn an_old_account_is_linked_at_the_sign_in_and_one_sign_out_ends_it_everywhere() -> Answer<()> {
    let sandbox = Sandbox::start().await?;
    let person = sandbox.citizens().await?.remove(5);
    let credentials = sandbox.account(&person, 2).await?;
    let browser = Browser::launch(None).await?;
    let scriptless = Visitor {
        script: false,
        ..Visitor::PHONE
    };
    let phone = browser.visit(&scriptless).await?;

    phone.goto(&sandbox.portal).await?;
    phone.follow("#login").await?;
    citizen::sign_in(&phone, &person, &credentials.password).await?;
    phone.screenshot(&picture("consent-terms")).await?;
    phone.follow("#consent-agree").await?;
    phone.follow("#old-other").await?;
    let refused = phone.text("#said").await?;
    phone.follow("#old-no-number").await?;
    phone.follow("#to-vneid").await?;
    phone.screenshot(&picture("linking-confirm")).await?;
    phone.follow("#linking-agree").await?;
    phone.follow("#linking-back").await?;
    let linked = phone.text("#linked").await?;
    phone.screenshot(&picture("portal-linked")).await?;

    phone.goto(&format!("{}/account/links", sandbox.url)).await?;
    phone.wait_for("#links").await?;
    phone.screenshot(&picture("links")).await?;
    phone.goto(&format!("{}/account/consents", sandbox.url)).await?;
    phone.wait_for("[data-state=standing]").await?;
    phone.screenshot(&picture("consents")).await?;
    phone.follow("#signout").await?;
    let mut left = String::new();
    for _ in 0..50 {
        phone.goto(&sandbox.portal).await?;
        left = phone.text("#main").await?;
        if !left.contains(&person.full_name) {
            break;
        }
    }

    assert!(refused.contains("người khác"), "{refused}");
    assert!(linked.starts_with("thieu-so-"), "{linked}");
    assert!(left.contains("Đăng nhập bằng VNeID"), "{left}");
    phone.goto(&format!("{}/account", sandbox.url)).await?;
    phone.wait_for("#signin-form").await?;
    browser.close().await
}

#[tokio::test]
async fn a_phone_lets_another_screen_in_that_shows_the_same_words() -> Answer<()> {
    let sandbox = Sandbox::start().await?;
    let person = sandbox.citizens().await?.remove(6);
    let credentials = sandbox.account(&person, 2).await?;
    let browser = Browser::launch(None).await?;
    let phone = browser.visit(&Visitor::PHONE).await?;
    phone.goto(&format!("{}/signin", sandbox.url)).await?;
    citizen::sign_in(&phone, &person, &credentials.password).await?;
    let screen = browser.visit(&Visitor::DESK).await?;

    screen.goto(&format!("{}/signin/screen", sandbox.url)).await?;
    screen.follow("#screen-show").await?;
    let (words, number) = (
        screen.text("#screen-words").await?,
        screen.text("#screen-number").await?,
    );
    screen.screenshot(&picture("screen-code")).await?;
    let link = screen
        .evaluate("document.querySelector('#screen-address').textContent")
        .await?;
    phone.goto(link.as_str().unwrap_or_default().trim()).await?;
    let same = phone.text("#approve-words").await?;
    phone
        .click(&format!("input[name=number][value=\"{}\"]", number.trim()))
        .await?;
    phone.fill("#passcode", "281946").await?;
    phone.screenshot(&picture("screen-approve")).await?;
    phone.follow("#approve-send").await?;
    phone.wait_for("[data-approved=true]").await?;
    screen.wait_for("#account").await?;

    assert_eq!(same, words);
    assert_eq!(screen.text("#full-name").await?, person.full_name);
    for page in [&phone, &screen] {
        assert_eq!(page.complaints(), [""; 0]);
    }
    browser.close().await
}
