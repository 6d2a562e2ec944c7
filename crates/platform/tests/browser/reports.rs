//! Reports and declarations, as people meet them: an anonymous report is answered, and a slip is checked with no network.

use serde_json::json;

use crate::cdp::{Answer, Browser, Failure, Page, Visitor};
use crate::journey::sandbox::{Citizen, Sandbox};
use crate::journey::{citizen, officers, picture};

async fn signed_in(page: &Page, sandbox: &Sandbox, holder: &Citizen) -> Answer<()> {
    let credentials = sandbox.account(holder, 2).await?;
    page.goto(&format!("{}/signin", sandbox.url)).await?;
    citizen::sign_in(page, holder, &credentials.password).await
}

/// Presses the button of a form twice before the answer is there, and comes back to the page: how often it was sent, whether the button rested,
/// and whether it still does. Nothing leaves the page.
const PRESSED_TWICE: &str = "(async () => {
    const button = document.getElementById('report-send');
    let sent = 0;
    const stop = (event) => { if (!event.defaultPrevented) sent += 1; event.preventDefault(); };
    window.addEventListener('submit', stop);
    button.click();
    button.click();
    await new Promise((done) => setTimeout(done, 50));
    const rested = button.disabled;
    window.dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }));
    window.removeEventListener('submit', stop);
    return [sent, rested, button.disabled];
})()";

/// Fills the form of a crime in Phường Hoàn Kiếm, with a picture, anonymously and with nothing kept.
async fn report(page: &Page, sandbox: &Sandbox, folder: &std::path::Path) -> Answer<String> {
    let photo = folder.join("photo.png");
    let drawn = image::GrayImage::from_fn(320, 240, |x, y| image::Luma([u8::try_from((x + y) % 256).unwrap_or(0)]));
    drawn.save(&photo).map_err(|error| Failure::new(error.to_string()))?;
    page.goto(&format!("{}/reports", sandbox.url)).await?;
    page.screenshot(&picture("reports-phone")).await?;
    page.follow("#new-crime").await?;
    page.fill("#province", "01").await?;
    page.wait_until("document.querySelector('#commune option[value=\"00070\"]') !== null")
        .await?;
    page.click("#matter-theft").await?;
    page.fill("#summary", "Thấy người lạ phá khóa xe trước số 12").await?;
    page.fill("#commune", "00070").await?;
    page.choose_file("#attachments", &photo).await?;
    page.click("#anonymous").await?;
    page.click("#keep").await?;
    page.click("#pledge").await?;
    page.screenshot(&picture("report-form-phone")).await?;
    assert_eq!(page.evaluate(PRESSED_TWICE).await?, json!([1, true, false]));
    page.follow("#report-send").await?;
    page.wait_for("#only-code").await?;
    page.screenshot(&picture("report-receipt-phone")).await?;
    page.text("#code").await
}

#[tokio::test]
async fn an_anonymous_report_is_answered() -> Answer<()> {
    let sandbox = Sandbox::start().await?;
    let holder = sandbox.citizens().await?.remove(3);
    let folder = tempfile::tempdir()?;
    let browser = Browser::launch(None).await?;
    let phone = browser.visit(&Visitor::PHONE).await?;
    signed_in(&phone, &sandbox, &holder).await?;
    let code = report(&phone, &sandbox, folder.path()).await?;

    let desk = browser.visit(&Visitor::DESK).await?;
    let reviewers = sandbox.officers("reviewer").await?;
    let officer = reviewers.iter().find(|officer| officer.login == "xetduyet3");
    officers::sign_in(
        &desk,
        &sandbox,
        officer.ok_or_else(|| Failure::new("no reviewer of the ward"))?,
    )
    .await?;
    desk.follow("#desk-reports").await?;
    desk.screenshot(&picture("reports-desk")).await?;
    desk.follow("#reports li a").await?;
    desk.wait_until("document.querySelector('#files img').naturalWidth > 0")
        .await?;
    let seen = desk.text("#main").await?;
    desk.follow("#act-receive").await?;
    desk.fill("#text", "Xe màu gì, biển số bao nhiêu?").await?;
    desk.follow("#act-ask").await?;

    let stranger = browser.visit(&Visitor::PHONE).await?;
    stranger.goto(&format!("{}/reports/follow", sandbox.url)).await?;
    stranger.fill("#code", &code).await?;
    stranger.follow("#follow-send").await?;
    stranger.fill("#text", "Xe màu đỏ").await?;
    stranger.follow("#message-send").await?;
    let url = desk.url().await?;
    desk.goto(&url).await?;
    let trace = desk.text("#trace").await?;
    desk.fill("#text", "Đã bắt giữ. Cảm ơn quý vị.").await?;
    desk.screenshot(&picture("report-desk")).await?;
    desk.follow("#act-answer").await?;
    stranger.goto(&format!("{}/reports/follow", sandbox.url)).await?;
    stranger.fill("#code", &code).await?;
    stranger.follow("#follow-send").await?;
    stranger.screenshot(&picture("report-followed")).await?;
    phone.goto(&format!("{}/reports", sandbox.url)).await?;

    assert!(
        !seen.contains(&holder.full_name) && !seen.contains(&holder.number),
        "{seen}"
    );
    assert!(trace.contains("Xe màu đỏ"), "{trace}");
    assert!(stranger.text("#trace").await?.contains("Đã bắt giữ"));
    phone.wait_for("#none").await?;
    phone.goto(&format!("{}/account/history", sandbox.url)).await?;
    assert!(!phone.text("#main").await?.contains("Công an xem đơn"));
    for page in [&phone, &desk, &stranger] {
        assert_eq!(page.complaints(), [""; 0]);
    }
    browser.close().await
}

#[tokio::test]
async fn a_slip_is_checked_at_a_checkpoint_with_no_network() -> Answer<()> {
    let mut sandbox = Sandbox::start().await?;
    let holder = sandbox.citizens().await?.remove(3);
    let browser = Browser::launch(None).await?;
    let phone = browser.visit(&Visitor::PHONE).await?;
    signed_in(&phone, &sandbox, &holder).await?;
    phone.goto(&format!("{}/declarations/health", sandbox.url)).await?;
    phone.click("#symptom-fever").await?;
    phone.click("#contact-no").await?;
    phone.click("#pledge").await?;
    phone.follow("#declare").await?;
    phone.screenshot(&picture("declaration-slip")).await?;
    let code = phone
        .evaluate("document.querySelector('#slip-text').textContent")
        .await?;
    let code = code.as_str().unwrap_or_default().to_owned();
    let drawn = phone
        .evaluate("(async () => { const { onPicture } = await import('/assets/inspection/camera.js'); const image = new Image(); image.src = document.querySelector('#slip-code').src; await image.decode(); const canvas = document.createElement('canvas'); canvas.width = canvas.height = 900; const pen = canvas.getContext('2d'); pen.fillStyle = 'white'; pen.fillRect(0, 0, 900, 900); pen.drawImage(image, 40, 40, 820, 820); return onPicture(await new Promise((done) => canvas.toBlob(done))); })()")
        .await?;
    let guard = browser.visit(&Visitor::PHONE).await?;
    guard
        .goto(&format!("{}/declarations/checkpoint?lang=vi", sandbox.url))
        .await?;
    guard.wait_for("html[data-kit=kept][data-kept=yes]").await?;

    sandbox.cut().await?;
    guard.goto(&format!("{}/declarations/checkpoint", sandbox.url)).await?;
    guard.wait_for("html[data-kit=kept]").await?;
    guard.fill("#code", &code).await?;
    guard.click("#judge").await?;
    guard.wait_for("#verdict.caution").await?;
    guard.screenshot(&picture("checkpoint-offline")).await?;
    let name = guard.text("#slip-name").await?;
    let changed = code.replacen(".eyJ", ".eyK", 1);
    guard.fill("#code", &changed).await?;
    guard.click("#judge").await?;
    guard.wait_for("#verdict.reject").await?;

    assert_eq!(drawn, json!(code), "a camera reads the code from the screen");
    assert_eq!(name, holder.full_name);
    sandbox.mend().await?;
    browser.close().await
}
