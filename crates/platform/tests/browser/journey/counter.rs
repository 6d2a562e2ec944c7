//! Level 2 at the counter, with the devices on the officer's table, and through a cut of the network.

use super::citizen::{self, Card};
use super::sandbox::{Citizen, Officer, Sandbox};
use super::{Files, officers, picture};
use crate::cdp::{Answer, Browser, Page, Visitor};

/// Takes the print of both index fingers from the scanner.
async fn take_prints(page: &Page) -> Answer<()> {
    for field in ["left-print", "right-print"] {
        page.click(&format!("#{field}-agent")).await?;
        page.wait_until(&format!("document.querySelector('#{field}').files.length === 1"))
            .await?;
    }
    Ok(())
}

/// Takes the portrait with the camera.
async fn take_portrait(page: &Page) -> Answer<()> {
    page.click("#portrait-camera").await?;
    page.wait_until("[...document.querySelectorAll('.capture video')].some((video) => video.videoWidth > 0)")
        .await?;
    page.click("#portrait-camera").await?;
    page.wait_until("document.querySelector('#portrait').files.length === 1")
        .await
}

/// Finds the person by the card and comes to the page of the application.
async fn find(page: &Page, citizen: &Citizen, files: &Files) -> Answer<()> {
    page.follow("#desk-counter").await?;
    page.wait_for("#find[data-keeps]").await?;
    page.choose_file("#picture", &files.card).await?;
    page.fill("#phone", &citizen.phone).await?;
    page.follow("#find-send").await?;
    page.wait_for("#taking[data-keeps]").await
}

#[tokio::test]
async fn level_2_goes_from_reception_to_the_card_by_three_officers() -> Answer<()> {
    let sandbox = Sandbox::start().await?;
    let citizen = sandbox.citizens().await?.remove(3);
    let files = Files::of(&sandbox, &citizen.number).await?;
    let browser = Browser::launch(Some(&files.video_of_face)).await?;
    let phone = browser.visit(&Visitor::PHONE).await?;
    citizen::register(&phone, &sandbox, &citizen, Card::Picture(&files.card)).await?;
    let counters = sandbox.officers("counter").await?;

    let reception = desk_of(&browser, &sandbox, &counters[0]).await?;
    find(&reception, &citizen, &files).await?;
    take_portrait(&reception).await?;
    reception.click("#driving-licence").await?;
    reception.follow("#taking-send").await?;
    reception.wait_for("#comparisons .good").await?;

    let second = desk_of(&browser, &sandbox, &counters[1]).await?;
    find(&second, &citizen, &files).await?;
    take_prints(&second).await?;
    second.click("#chip-agent").await?;
    second.wait_for(".agent[data-found=original]").await?;
    second.follow("#taking-send").await?;
    second.wait_for("#chip-proof.good").await?;
    second
        .wait_until("document.querySelectorAll('#comparisons .good').length === 3")
        .await?;
    second.screenshot(&picture("counter-taking")).await?;
    second.follow("#submit-application").await?;
    second.wait_for("#receipt #originals").await?;
    second.screenshot(&picture("counter-receipt")).await?;
    second.follow("#receipt-check").await?;
    second.wait_for("#genuine").await?;

    let reviewer = desk_of(&browser, &sandbox, &sandbox.officers("reviewer").await?[0]).await?;
    officers::approve_first(&reviewer, &picture("counter-dossier")).await?;
    citizen::activate(&phone, &sandbox).await?;
    citizen::confirm_first_activation(&phone, &sandbox, &citizen).await?;
    assert_eq!(phone.text("#level").await?, "Mức 2");
    assert_eq!(citizen::open_card(&phone).await?, citizen.full_name.to_uppercase());
    for page in [reception, second, reviewer] {
        assert_eq!(page.complaints(), [""; 0]);
    }
    browser.close().await
}

async fn desk_of(browser: &Browser, sandbox: &Sandbox, officer: &Officer) -> Answer<Page> {
    let page = browser.visit(&Visitor::DESK).await?;
    officers::sign_in(&page, sandbox, officer).await?;
    Ok(page)
}

#[tokio::test]
async fn the_counter_goes_on_through_a_cut_of_the_network() -> Answer<()> {
    let mut sandbox = Sandbox::start().await?;
    let citizen = sandbox.citizens().await?.remove(4);
    let files = Files::of(&sandbox, &citizen.number).await?;
    let browser = Browser::launch(Some(&files.video_of_face)).await?;
    let page = desk_of(&browser, &sandbox, &sandbox.officers("counter").await?[0]).await?;
    let desk = format!("{}/counter/desk", sandbox.url);
    page.goto(&desk).await?;
    page.wait_for("#desk[data-ready]").await?;
    page.wait_until("navigator.serviceWorker.controller !== null").await?;

    page.fill("#number", &citizen.number).await?;
    page.choose_file("#picture", &files.card).await?;
    page.fill("#phone", &citizen.phone).await?;
    take_portrait(&page).await?;
    take_prints(&page).await?;
    page.choose_file("#chip", &files.chip).await?;
    sandbox.cut().await?;
    page.click("#desk-done").await?;
    page.wait_for("#desk[data-waiting='1'][data-line=cut]").await?;
    page.fill("#phone", "0900 000 009").await?;
    page.wait_until("new Promise((done) => setTimeout(() => done(true), 400))")
        .await?;
    page.screenshot(&picture("counter-desk-cut")).await?;

    // The page is there without a network, and so is what was typed.
    page.goto(&desk).await?;
    page.wait_for("#desk[data-ready][data-waiting='1'][data-line=cut]")
        .await?;
    assert_eq!(
        page.evaluate("document.querySelector('#phone').value").await?,
        "0900 000 009"
    );

    sandbox.mend().await?;
    page.wait_for("#desk[data-waiting='0'] li[data-state=sent] a").await?;
    page.follow("li[data-state=sent] a").await?;
    assert_eq!(page.text("#full-name").await?, citizen.full_name);
    page.wait_for("#receipt-code").await?;
    browser.close().await
}

#[tokio::test]
async fn an_officer_whose_session_ends_in_the_middle_loses_nothing_that_was_typed() -> Answer<()> {
    let sandbox = Sandbox::start().await?;
    let citizen = sandbox.citizens().await?.remove(5);
    let files = Files::of(&sandbox, &citizen.number).await?;
    let browser = Browser::launch(None).await?;
    let officer = sandbox.officers("counter").await?.remove(0);
    let page = desk_of(&browser, &sandbox, &officer).await?;
    find(&page, &citizen, &files).await?;
    let address = page.url().await?;

    page.choose_file("#portrait", &files.face).await?;
    page.fill("#card-request", "CC-2026/000123").await?;
    page.click("#health-insurance").await?;
    page.wait_until("new Promise((done) => setTimeout(() => done(true), 600))")
        .await?;
    page.call("Network.clearBrowserCookies", serde_json::json!({})).await?;
    page.follow("#taking-send").await?;
    officers::sign_in(&page, &sandbox, &officer).await?;
    page.goto(&address).await?;
    page.wait_for("#taking-restored").await?;

    assert_eq!(
        page.evaluate("document.querySelector('#portrait').files.length")
            .await?,
        1
    );
    assert_eq!(
        page.evaluate("document.querySelector('#card-request').value").await?,
        "CC-2026/000123"
    );
    assert_eq!(
        page.evaluate("document.querySelector('#health-insurance').checked")
            .await?,
        true
    );
    page.follow("#taking-send").await?;
    page.wait_for("#pictures img").await?;
    page.wait_for("#taking[data-keeps]").await?;
    // What has arrived is not offered again.
    assert_eq!(
        page.evaluate("document.querySelector('#taking-restored')").await?,
        serde_json::Value::Null
    );
    browser.close().await
}
