//! From a card to an account, as people do it: with the camera of a phone, and by pictures without script.

use serde_json::Value;

use crate::cdp::{Answer, Browser, Frame, Page, Visitor, y4m};
use crate::house::House;

const PASSWORD: &str = "Ghe-xanh7 troi";

fn text<'a>(person: &'a Value, field: &str) -> &'a str {
    person[field].as_str().unwrap_or_default()
}

/// Types number and phone.
async fn begin(page: &Page, house: &House, person: &Value) -> Answer<()> {
    page.goto(&format!("{}/registration", house.url)).await?;
    page.fill("#number", text(person, "personal_number")).await?;
    page.fill("#phone", text(person, "phone")).await?;
    page.follow("#registration-submit").await
}

/// Goes from the checked card to the account.
async fn finish(page: &Page, house: &House, person: &Value) -> Answer<()> {
    page.wait_for("#agrees").await?;
    page.click("#terms").await?;
    page.follow("#terms-submit").await?;
    page.fill("#code", &house.code(text(person, "phone")).await?).await?;
    page.follow("#code-submit").await?;
    page.fill("#password", PASSWORD).await?;
    page.fill("#repeat", PASSWORD).await?;
    page.follow("#password-submit").await?;
    page.follow("#done-account").await?;
    assert_eq!(page.text("#full-name").await?, text(person, "full_name"));
    assert_eq!(page.url().await?, format!("{}/account", house.url));
    Ok(())
}

async fn picture_of_card(house: &House, person: &Value) -> Answer<Vec<u8>> {
    let number = text(person, "personal_number");
    house.get(&format!("/sandbox/people/{number}/card.png")).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_before_the_camera_of_a_phone_opens_an_account() -> Answer<()> {
    let house = House::open().await?;
    let person = house.somebody().await?;
    let folder = tempfile::tempdir()?;
    let video = folder.path().join("card.y4m");
    let card = image::load_from_memory(&picture_of_card(&house, &person).await?)?;
    std::fs::write(&video, y4m(&card, Frame::Wide, 5))?;
    let browser = Browser::launch(Some(&video)).await?;
    let page = browser.visit(&Visitor::PHONE).await?;

    begin(&page, &house, &person).await?;
    page.click("#camera-start").await?;
    page.wait_until("location.pathname.endsWith('/check')").await?;
    finish(&page, &house, &person).await?;

    assert_eq!(page.complaints(), [""; 0]);
    browser.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn without_script_a_picture_of_the_card_opens_an_account() -> Answer<()> {
    let house = House::open().await?;
    let person = house.somebody().await?;
    let folder = tempfile::tempdir()?;
    let picture = folder.path().join("card.png");
    std::fs::write(&picture, picture_of_card(&house, &person).await?)?;
    let browser = Browser::launch(None).await?;
    let page = browser
        .visit(&Visitor {
            script: false,
            ..Visitor::PHONE
        })
        .await?;

    begin(&page, &house, &person).await?;
    page.choose_file("#picture", &picture).await?;
    page.follow("#picture-submit").await?;
    finish(&page, &house, &person).await?;

    assert_eq!(page.complaints(), [""; 0]);
    browser.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_picture_of_50_mb_is_refused_on_the_page() -> Answer<()> {
    let house = House::open().await?;
    let person = house.somebody().await?;
    let folder = tempfile::tempdir()?;
    let picture = folder.path().join("large.jpg");
    std::fs::write(&picture, vec![0; 50_000_000])?;
    let browser = Browser::launch(None).await?;
    let page = browser.visit(&Visitor::PHONE).await?;

    begin(&page, &house, &person).await?;
    page.choose_file("#picture", &picture).await?;
    page.follow("#picture-submit").await?;

    assert!(page.text("#problem").await?.contains("12 MB"));
    page.wait_for("#picture-form").await?;
    browser.close().await
}
