//! A criminal record certificate: asked for and paid, decided by the police, received, and verified by somebody else.

use serde_json::json;

use crate::cdp::{Answer, Browser, Failure, Page, Visitor};
use crate::documents::PASSCODE;
use crate::journey::sandbox::{Citizen, Credentials, Sandbox};
use crate::journey::{citizen, officers, picture};

/// Fills the request in and sends it; ends on the page of the payment.
async fn ask(page: &Page, sandbox: &Sandbox) -> Answer<()> {
    page.goto(&format!("{}/certificates", sandbox.url)).await?;
    page.wait_for("#no-certificates").await?;
    page.follow("#ask").await?;
    page.fill("#passcode", PASSCODE).await?;
    page.follow("#open-draft").await?;
    for (field, said) in [
        ("[id='life.0.from']", "9/2015"),
        ("[id='life.0.to']", "nay"),
        ("[id='life.0.home']", "Phường Ba Đình, Hà Nội"),
        ("[id='life.0.work']", "Sinh viên, sau là kỹ sư"),
        ("#purpose", "Nộp hồ sơ xin việc"),
    ] {
        page.fill(field, said).await?;
    }
    page.evaluate(
        "document.querySelector('#kind').value = '1'; document.querySelector('#delivery').value = 'electronic'; true",
    )
    .await?;
    page.follow("#save").await?;
    page.evaluate("document.querySelector('#asker').value = 'self'; true")
        .await?;
    page.screenshot(&picture("certificate-form")).await?;
    page.follow("#go-check").await?;
    for tick in ["#consent-share", "#consent-truth", "#fee-full"] {
        page.click(tick).await?;
    }
    page.screenshot(&picture("certificate-check")).await?;
    page.follow("#send").await?;
    page.wait_for("#order").await
}

async fn grant(browser: &Browser, sandbox: &Sandbox) -> Answer<()> {
    let reviewers = sandbox.officers("reviewer").await?;
    let officer = reviewers.first().ok_or_else(|| Failure::new("no reviewer"))?;
    let page = browser.visit(&Visitor::DESK).await?;
    officers::sign_in(&page, sandbox, officer).await?;
    page.goto(&format!("{}/officers/procedures", sandbox.url)).await?;
    page.follow("#waiting tbody a").await?;
    page.follow("#claim").await?;
    page.click("#what-received").await?;
    page.follow("#decide").await?;
    page.screenshot(&picture("certificate-desk")).await?;
    page.click("#what-granted").await?;
    page.follow("#decide").await?;
    page.wait_for("#result").await?;
    assert_eq!(page.complaints(), [""; 0]);
    page.close().await
}

/// The PDF, as the holder's browser downloads it.
async fn download(sandbox: &Sandbox, holder: &Citizen, credentials: &Credentials, path: &str) -> Answer<Vec<u8>> {
    let form = json!({ "number": holder.number, "password": credentials.password });
    let cookie = sandbox.line().cookie("/signin", &form).await?;
    let asked = reqwest::Client::new().post(format!("{}{path}/file", sandbox.url));
    let given = asked.header("cookie", cookie).json(&json!({ "passcode": PASSCODE }));
    Ok(given.send().await?.error_for_status()?.bytes().await?.to_vec())
}

#[tokio::test]
async fn a_certificate_is_asked_for_paid_received_and_verified_by_somebody_else() -> Answer<()> {
    let sandbox = Sandbox::start().await?;
    let holder = sandbox.citizens().await?.remove(2);
    let credentials = sandbox.account(&holder, 2).await?;
    let browser = Browser::launch(None).await?;
    let phone = browser.visit(&Visitor::PHONE).await?;
    phone.goto(&format!("{}/signin", sandbox.url)).await?;
    citizen::sign_in(&phone, &holder, &credentials.password).await?;

    ask(&phone, &sandbox).await?;
    phone.screenshot(&picture("certificate-payment")).await?;
    phone.follow("#pay").await?;
    phone.follow("#trial-pay").await?;
    grant(&browser, &sandbox).await?;
    let issued = async {
        loop {
            phone.goto(&format!("{}/certificates", sandbox.url)).await?;
            if phone.evaluate("!!document.querySelector('section.card h2 a')").await? == json!(true) {
                return Ok::<_, Failure>(());
            }
        }
    };
    tokio::time::timeout(crate::cdp::PATIENCE, issued)
        .await
        .map_err(|_elapsed| Failure::new("no certificate comes"))??;
    phone.screenshot(&picture("certificate-list")).await?;
    phone.follow("section.card h2 a").await?;
    phone.screenshot(&picture("certificate")).await?;
    let path = phone.url().await?.replace(&sandbox.url, "");
    let pdf = download(&sandbox, &holder, &credentials, &path).await?;
    let file = sandbox.data().join("phieu.pdf");
    std::fs::write(&file, &pdf)?;

    let employer = browser.visit(&Visitor::DESK).await?;
    employer
        .goto(&format!("{}/certificates/verification", sandbox.url))
        .await?;
    employer.fill("#number", "LLTP-0000-0000-0000").await?;
    employer.fill("#code", "0000-0000-0000-0000").await?;
    employer.follow("#check").await?;
    employer.wait_for("#problem").await?;
    employer.screenshot(&picture("certificate-unknown")).await?;
    employer.choose_file("#file", &file).await?;
    employer.follow("#check-file").await?;
    employer.wait_for("#result[data-standing=valid]").await?;
    employer.screenshot(&picture("certificate-verified")).await?;

    assert!(employer.text("#result-holder").await?.contains(&holder.full_name));
    for page in [&phone, &employer] {
        assert_eq!(page.complaints(), [""; 0]);
    }
    phone.goto(&format!("{}/account/history", sandbox.url)).await?;
    assert!(phone.text("#looks").await?.contains("kiểm tra phiếu lý lịch tư pháp"));
    browser.close().await
}
