//! What goes wrong on the way, as a person meets it.

use crate::cdp::{Answer, Browser, Visitor};
use crate::journey::citizen;
use crate::journey::sandbox::Sandbox;

#[tokio::test]
async fn a_picture_of_50_mb_is_refused_on_the_page() -> Answer<()> {
    let sandbox = Sandbox::start().await?;
    let citizen = sandbox.citizens().await?.remove(0);
    let folder = tempfile::tempdir()?;
    let picture = folder.path().join("large.jpg");
    std::fs::write(&picture, vec![0; 50_000_000])?;
    let browser = Browser::launch(None).await?;
    let page = browser.visit(&Visitor::PHONE).await?;

    citizen::begin(&page, &sandbox, &citizen).await?;
    page.choose_file("#picture", &picture).await?;
    page.follow("#picture-submit").await?;

    assert!(page.text("#problem").await?.contains("12 MB"));
    page.wait_for("#picture-form").await?;
    browser.close().await
}

#[tokio::test]
async fn a_code_is_paid_for_by_script_while_the_form_is_filled_in() -> Answer<()> {
    let sandbox = Sandbox::with_toll(14).await?;
    let citizen = sandbox.citizens().await?.remove(0);
    let (folder, browser) = (tempfile::tempdir()?, Browser::launch(None).await?);
    let card = folder.path().join("card.png");
    std::fs::write(
        &card,
        sandbox
            .file(&format!("/sandbox/people/{}/card.png", citizen.number))
            .await?,
    )?;
    let page = browser.visit(&Visitor::PHONE).await?;

    citizen::register(&page, &sandbox, &citizen, citizen::Card::Picture(&card)).await?;

    assert_eq!(page.complaints(), [""; 0]);
    browser.close().await
}

#[tokio::test]
async fn without_script_a_code_is_sent_after_a_short_wait() -> Answer<()> {
    let sandbox = Sandbox::with_toll(14).await?;
    let citizen = sandbox.citizens().await?.remove(0);
    let (folder, browser) = (tempfile::tempdir()?, Browser::launch(None).await?);
    let card = folder.path().join("card.png");
    std::fs::write(
        &card,
        sandbox
            .file(&format!("/sandbox/people/{}/card.png", citizen.number))
            .await?,
    )?;
    let scriptless = Visitor {
        script: false,
        ..Visitor::PHONE
    };
    let page = browser.visit(&scriptless).await?;
    citizen::begin(&page, &sandbox, &citizen).await?;
    page.choose_file("#picture", &card).await?;
    page.follow("#picture-submit").await?;

    page.click("#terms").await?;
    let told = page.text("#toll-wait").await?;
    page.follow("#terms-submit").await?;
    let early = page.text("#problem").await?;
    sandbox
        .post("/sandbox/clock", &serde_json::json!({ "advance": "PT10S" }))
        .await?;
    page.click("#terms").await?;
    page.follow("#terms-submit").await?;

    page.wait_for("#code-form").await?;
    assert!(told.contains("5 giây") && early.contains("đợi"), "{told} {early}");
    browser.close().await
}
