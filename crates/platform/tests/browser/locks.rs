//! Locks and the proof of who looked: at a counter, on the phone, and before an inspector.

use tokio::time::timeout;

use crate::cdp::{Answer, Browser, Failure, PATIENCE, Page, Visitor};
use crate::journey::sandbox::Sandbox;
use crate::journey::{citizen, officers, picture};

/// The passcode of accounts that the sandbox makes.
const PASSCODE: &str = "281946";

#[tokio::test]
async fn a_counter_locks_the_holder_unlocks_and_contests_a_look_at_the_data() -> Answer<()> {
    let sandbox = Sandbox::start().await?;
    let person = sandbox.citizens().await?.remove(3);
    let credentials = sandbox.account(&person, 2).await?;
    let browser = Browser::launch(None).await?;
    let phone = browser.visit(&Visitor::PHONE).await?;
    phone.goto(&format!("{}/signin", sandbox.url)).await?;
    citizen::sign_in(&phone, &person, &credentials.password).await?;

    let desk = browser.visit(&Visitor::DESK).await?;
    officers::sign_in(&desk, &sandbox, &sandbox.officers("counter").await?[0]).await?;
    desk.follow("#desk-locks").await?;
    desk.fill("#number", &person.number).await?;
    desk.fill("#full_name", "Nguyễn Văn Khác").await?;
    desk.follow("#find-send").await?;
    desk.wait_for("#full_name-fault").await?;
    desk.fill("#full_name", &person.full_name).await?;
    desk.follow("#find-send").await?;
    desk.screenshot(&picture("counter-locks")).await?;
    desk.fill("#lock #reason", "mất điện thoại, theo mẫu TK03").await?;
    desk.follow("#lock-send").await?;
    desk.wait_for("#found[data-locked=true]").await?;

    phone.goto(&format!("{}/account", sandbox.url)).await?;
    citizen::sign_in(&phone, &person, &credentials.password).await?;
    phone.goto(&format!("{}/eid", sandbox.url)).await?;
    phone.wait_for("#problem").await?;
    phone.goto(&format!("{}/account/locks", sandbox.url)).await?;
    phone.screenshot(&picture("locks")).await?;
    phone.fill("#unlock #reason", "đã tìm thấy điện thoại").await?;
    phone.fill("#passcode", PASSCODE).await?;
    phone.follow("#unlock-send").await?;
    phone.wait_for("#standing[data-locked=false]").await?;

    phone
        .goto(&format!("{}/account/history?who=officer", sandbox.url))
        .await?;
    phone.screenshot(&picture("history")).await?;
    phone.follow("a.contest").await?;
    phone.fill("#reason", "tôi không hiểu vì sao").await?;
    phone.follow("#contest-send").await?;
    phone.wait_for("#filed[data-contest=open]").await?;

    let inspector = browser.visit(&Visitor::DESK).await?;
    officers::sign_in(&inspector, &sandbox, &sandbox.officers("inspector").await?[0]).await?;
    inspector.follow("#desk-contests").await?;
    inspector.follow("#contests tbody a").await?;
    inspector.screenshot(&picture("contest")).await?;
    inspector.click("#outcome-lawful").await?;
    inspector.fill("#answer", "quý vị đã đến quầy yêu cầu khóa").await?;
    inspector.follow("#answer-send").await?;

    phone
        .goto(&format!("{}/account/history?who=officer&purpose=lock", sandbox.url))
        .await?;
    phone.wait_for("[data-contest=lawful]").await?;
    for page in [&phone, &desk, &inspector] {
        assert_eq!(page.complaints(), [""; 0]);
    }
    browser.close().await
}

#[tokio::test]
async fn a_holder_sees_what_stops_locks_without_script_and_a_portal_is_refused() -> Answer<()> {
    let sandbox = Sandbox::start().await?;
    let person = sandbox.citizens().await?.remove(4);
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
    phone.follow("#consent-agree").await?;

    phone.goto(&format!("{}/account/locks", sandbox.url)).await?;
    let preview = phone.text("#preview").await?;
    phone.screenshot(&picture("lock-preview")).await?;
    phone.fill("#lock #reason", "mất máy").await?;
    phone.click("#confirm").await?;
    phone.follow("#lock-send").await?;
    phone.wait_for("#locked").await?;
    the_visit_has_ended(&phone, &sandbox.portal).await?;
    phone.follow("#login").await?;
    citizen::sign_in(&phone, &person, &credentials.password).await?;
    let why = phone.text("#refused").await?;
    phone.screenshot(&picture("refused")).await?;
    phone.follow("#refused-back").await?;

    assert!(preview.contains("Cổng dịch vụ công mẫu"), "{preview}");
    assert!(why.contains("đang bị khóa"), "{why}");
    assert!(phone.url().await?.starts_with(&sandbox.portal));
    browser.close().await
}

/// The lock ends the visit at the portal, too, by a logout that travels by itself.
async fn the_visit_has_ended(page: &Page, portal: &str) -> Answer<()> {
    let ended = async {
        loop {
            page.goto(portal).await?;
            if page.evaluate("document.querySelector('#login') !== null").await? == true {
                return Ok(());
            }
        }
    };
    timeout(PATIENCE, ended)
        .await
        .map_err(|_elapsed| Failure::new("the visit at the portal never ended"))?
}
