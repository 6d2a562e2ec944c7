//! A request typed without network: kept on the device, there again after the page was closed, and sent once the network is back.

use serde_json::json;

use crate::cdp::{Answer, Browser, Page, Visitor};
use crate::documents::open;
use crate::journey::picture;
use crate::journey::sandbox::Sandbox;

const PURPOSE: &str = "Xác nhận cư trú để nhập học";

/// Opens a draft that the device keeps, too; its address.
async fn begin(page: &Page, sandbox: &Sandbox) -> Answer<String> {
    let holder = sandbox.citizens().await?.remove(3);
    open(page, sandbox, &holder).await?;
    page.goto(&format!("{}/procedures/ct07", sandbox.url)).await?;
    page.follow("#open-draft").await?;
    page.wait_until("document.documentElement.dataset.kept === 'yes'")
        .await?;
    page.url().await
}

#[tokio::test]
async fn what_is_typed_without_network_is_there_after_a_reload_and_is_sent_when_the_network_is_back() -> Answer<()> {
    let mut sandbox = Sandbox::start().await?;
    let browser = Browser::launch(None).await?;
    let page = browser.visit(&Visitor::PHONE).await?;
    let draft = begin(&page, &sandbox).await?;

    sandbox.cut().await?;
    page.fill("#purpose", PURPOSE).await?;
    page.wait_until("!document.querySelector('#offline').hidden").await?;
    page.goto(&draft).await?;
    page.wait_for("#draft-form[data-kept] #purpose").await?;
    let read_again = page.evaluate("document.querySelector('#purpose').value").await?;
    page.fill("#purpose", &format!("{PURPOSE} lớp 6")).await?;
    page.screenshot(&picture("draft-offline")).await?;
    page.goto(&draft).await?;
    page.wait_for("#draft-form[data-kept] #purpose").await?;

    sandbox.mend().await?;
    page.wait_for("#kept-until").await?;
    let saved = page.evaluate("document.querySelector('#purpose').value").await?;
    let kept = page
        .evaluate("Object.keys(localStorage).filter((key) => key.startsWith('vneid-draft-')).length")
        .await?;

    assert_eq!(read_again, json!(PURPOSE));
    assert_eq!(saved, json!(format!("{PURPOSE} lớp 6")));
    assert_eq!(kept, json!(0), "what was sent is not kept on the device");
    page.evaluate("document.querySelector('#content').value = 'relatives'; true")
        .await?;
    page.follow("#go-check").await?;
    page.wait_for("#all").await?;
    assert!(page.text("#purpose").await?.contains("lớp 6"));
    browser.close().await
}

#[tokio::test]
async fn a_copy_that_was_not_sent_overwrites_nothing_that_another_device_saved_since() -> Answer<()> {
    let mut sandbox = Sandbox::start().await?;
    let browser = Browser::launch(None).await?;
    let page = browser.visit(&Visitor::PHONE).await?;
    let draft = begin(&page, &sandbox).await?;
    sandbox.cut().await?;
    page.fill("#purpose", PURPOSE).await?;
    page.wait_until("!document.querySelector('#offline').hidden").await?;
    page.goto("about:blank").await?;
    sandbox.mend().await?;
    let laptop = format!(
        "fetch('{draft}', {{ method: 'POST', headers: {{ 'content-type': 'application/json', accept: 'application/json' }},
           body: JSON.stringify({{ purpose: 'Từ máy tính', go: 'keep' }}) }}).then((answer) => answer.status)"
    );

    // The laptop knows nothing of the copy on the phone.
    page.goto(&format!("{}/procedures", sandbox.url)).await?;
    assert_eq!(page.evaluate(&laptop).await?, json!(200));
    page.goto(&draft).await?;
    page.wait_until("!document.querySelector('#conflict').hidden").await?;
    let shown = page.evaluate("document.querySelector('#purpose').value").await?;
    page.screenshot(&picture("draft-conflict")).await?;
    page.click("#conflict-mine").await?;
    page.wait_until("document.querySelector('#saved').dataset.kept === 'yes'")
        .await?;
    page.goto(&draft).await?;
    let decided = page.evaluate("document.querySelector('#purpose').value").await?;

    assert_eq!(shown, json!("Từ máy tính"));
    assert_eq!(decided, json!(PURPOSE));
    browser.close().await
}
