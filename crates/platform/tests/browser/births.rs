//! A birth from the form to the insurance card: one request, three bodies, an officer at the desk.

use std::path::Path;

use nation::people::{Kinship, MaritalStatus};
use nation::{Nation, Person};
use platform::sandbox::people::can_register;
use serde_json::json;

use crate::cdp::{Answer, Browser, Failure, Page, Visitor};
use crate::documents::{known_as, nation, open, today};
use crate::journey::sandbox::{Officer, Sandbox};
use crate::journey::{officers, picture};

/// How many people are looked through.
const LOOKED_THROUGH: u64 = 3000;

/// A married woman whose husband is known.
fn mother(nation: &Nation, on: jiff::civil::Date) -> Option<Person> {
    let mut people = (0..LOOKED_THROUGH).filter_map(|index| nation.person(index));
    let fits = |one: &Person| {
        one.sex == civil::Sex::Female
            && one.marital_status == Some(MaritalStatus::Married)
            && one.related(Kinship::Spouse).next().is_some()
            && can_register(one, on)
    };
    people.find(fits)
}

/// Lets the bodies decide, and the platform ask them.
async fn let_bodies_decide(sandbox: &Sandbox, page: &Page, until: &str) -> Answer<()> {
    for _ in 0..6 {
        sandbox.post("/sandbox/clock", &json!({ "advance": "PT16M" })).await?;
        for _ in 0..20 {
            page.goto(&page.url().await?).await?;
            if page.evaluate(until).await? == json!(true) {
                return Ok(());
            }
        }
    }
    Err(Failure::new(format!("it does not come about: {until}")))
}

async fn declare(page: &Page, sandbox: &Sandbox, kept: &Path) -> Answer<()> {
    page.goto(&format!("{}/procedures/birth", sandbox.url)).await?;
    page.follow("#open-draft").await?;
    for (field, said) in [
        ("#child_name", "Nguyễn Minh Khôi"),
        ("#birth_place", "Bệnh viện Phụ sản Hà Nội"),
        ("#ethnicity", "Kinh"),
        ("#origin", "Hà Nội"),
        ("#facility", "Trạm y tế phường"),
    ] {
        page.fill(field, said).await?;
    }
    let born = today(sandbox).await?;
    page.evaluate(&format!(
        "document.querySelector('#child_sex').value = 'male'; document.querySelector('#child_birth').value = '{born}'; true"
    ))
    .await?;
    page.screenshot(kept).await?;
    page.follow("#go-check").await?;
    page.click("#consent-share").await?;
    page.follow("#send").await?;
    page.wait_for("#parts").await
}

async fn register_residence(browser: &Browser, sandbox: &Sandbox, officer: &Officer) -> Answer<()> {
    let page = browser.visit(&Visitor::DESK).await?;
    officers::sign_in(&page, sandbox, officer).await?;
    page.follow("#desk-procedures").await?;
    page.screenshot(&picture("birth-desk-list")).await?;
    page.follow("#waiting tbody a").await?;
    page.follow("#claim").await?;
    page.click("#what-received").await?;
    page.follow("#decide").await?;
    page.screenshot(&picture("birth-desk")).await?;
    page.click("#what-granted").await?;
    page.follow("#decide").await?;
    page.wait_for("#result").await?;
    assert_eq!(page.complaints(), [""; 0]);
    page.close().await
}

#[tokio::test]
async fn a_child_is_born_and_has_its_insurance_card() -> Answer<()> {
    let sandbox = Sandbox::start().await?;
    let reviewers = sandbox.officers("reviewer").await?;
    let officer = reviewers.first().ok_or_else(|| Failure::new("no reviewer"))?;
    let on = today(&sandbox).await?;
    let mother = mother(&nation(), on).ok_or_else(|| Failure::new("no mother"))?;
    let mother = known_as(&mother)?;
    let browser = Browser::launch(None).await?;
    let page = browser.visit(&Visitor::PHONE).await?;
    open(&page, &sandbox, &mother).await?;

    declare(&page, &sandbox, &picture("birth-form")).await?;
    page.screenshot(&picture("birth-sent")).await?;
    let whole = page.url().await?;
    let at_police = "!!document.querySelector('#part-birth-residence')";
    let_bodies_decide(&sandbox, &page, at_police).await?;
    register_residence(&browser, &sandbox, officer).await?;
    page.goto(&whole).await?;
    let_bodies_decide(&sandbox, &page, "!!document.querySelector('#result')").await?;
    page.screenshot(&picture("birth-result")).await?;

    assert!(page.text("#result").await?.contains("TE1"));
    page.goto(&format!("{}/documents/dependants", sandbox.url)).await?;
    if page.evaluate("!!document.querySelector('#passcode')").await? == json!(true) {
        page.fill("#passcode", crate::documents::PASSCODE).await?;
        page.follow("#documents-show").await?;
        page.goto(&format!("{}/documents/dependants", sandbox.url)).await?;
    }
    assert!(page.text("#dependants").await?.contains("Nguyễn Minh Khôi"));
    page.screenshot(&picture("birth-dependants")).await?;
    page.evaluate("[...document.querySelectorAll('#dependants li')].find(li => li.textContent.includes('Minh Khôi')).querySelector('a.btn').id = 'newborn'; true")
        .await?;
    page.follow("#newborn").await?;
    page.wait_for("#paper-health-insurance").await?;
    page.screenshot(&picture("birth-insurance-card")).await?;
    assert_eq!(page.complaints(), [""; 0]);
    browser.close().await
}
