//! The legal clock, as the citizen, the reviewer and the chief see it; and a reviewer who works by keys alone.

use serde_json::json;

use crate::cdp::{Answer, Browser, Page, Visitor};
use crate::journey::citizen::{self, Portrait};
use crate::journey::sandbox::Sandbox;
use crate::journey::{Files, officers, picture};

/// Presses a key where nobody types.
async fn press(page: &Page, key: &str) -> Answer<()> {
    let event = format!("document.dispatchEvent(new KeyboardEvent('keydown', {{ key: '{key}', bubbles: true }}))");
    page.evaluate(&event).await.map(drop)
}

#[tokio::test]
async fn the_clock_goes_red_and_an_officer_works_by_keys() -> Answer<()> {
    let sandbox = Sandbox::start().await?;
    let citizen = sandbox.citizens().await?.remove(3);
    let files = Files::of(&sandbox, &citizen.number).await?;
    let credentials = sandbox.account(&citizen, 0).await?;
    let browser = Browser::launch(None).await?;
    let phone = browser.visit(&Visitor::PHONE).await?;
    phone.goto(&format!("{}/signin", sandbox.url)).await?;
    citizen::sign_in(&phone, &citizen, &credentials.password).await?;
    citizen::apply_for_level_1(&phone, &sandbox, &citizen, Portrait::File(&files.face), "clock").await?;
    let dossier = phone.url().await?;
    let reviewer = &sandbox.officers("reviewer").await?[0];
    let desk = browser.visit(&Visitor::DESK).await?;
    officers::sign_in(&desk, &sandbox, reviewer).await?;
    desk.follow("#desk-queue").await?;
    desk.wait_for("#queue tbody tr:not(.late) .badge").await?;
    desk.screenshot(&picture("queue-calm")).await?;

    sandbox.post("/sandbox/clock", &json!({ "advance": "P8D" })).await?;

    officers::sign_in(&desk, &sandbox, reviewer).await?;
    desk.follow("#desk-queue").await?;
    desk.wait_for("#queue tbody tr.late .badge.bad").await?;
    desk.screenshot(&picture("queue-late")).await?;
    let on_phone = browser.visit(&Visitor::PHONE).await?;
    on_phone.goto(&format!("{}/signin", sandbox.url)).await?;
    citizen::sign_in(&on_phone, &citizen, &credentials.password).await?;
    on_phone.goto(&dossier).await?;
    on_phone.wait_for("#overdue").await?;
    on_phone.wait_for("#deadline.late").await?;
    on_phone.screenshot(&picture("dossier-late")).await?;
    let ministry = browser.visit(&Visitor::DESK).await?;
    officers::sign_in(&ministry, &sandbox, &sandbox.officers("ministry").await?[0]).await?;
    ministry.follow("#desk-late").await?;
    ministry.wait_for("#late tbody tr.late").await?;

    press(&desk, "n").await?;
    desk.wait_for("#decision-form").await?;
    desk.screenshot(&picture("dossier-keys")).await?;
    press(&desk, "a").await?;
    assert_eq!(desk.evaluate("document.querySelector('#approve').checked").await?, true);
    press(&desk, "m").await?;
    press(&desk, "1").await?;
    desk.fill("#remark", "Xin chụp lại ở nơi sáng hơn").await?;
    desk.evaluate(
        "document.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', ctrlKey: true, bubbles: true }))",
    )
    .await?;
    desk.wait_for("#filters").await?;
    on_phone.goto(&dossier).await?;
    on_phone.wait_for("#paused").await?;
    on_phone.goto(&format!("{}/on-time", sandbox.url)).await?;
    on_phone.wait_for("#figures-empty, #figures").await?;
    assert_eq!(desk.complaints(), [""; 0]);
    assert_eq!(on_phone.complaints(), [""; 0]);
    browser.close().await
}
