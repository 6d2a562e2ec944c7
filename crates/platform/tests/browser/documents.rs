//! The wallet of documents, as citizens use it: an adult with all papers, a mother of two, a paper that is mended at its source.

use jiff::ToSpan as _;
use jiff::civil::Date;
use nation::people::{Kinship, MaritalStatus};
use nation::{Nation, Person};
use platform::sandbox::people::can_register;
use serde_json::json;

use crate::cdp::{Answer, Browser, Failure, Page, Visitor};
use crate::journey::sandbox::{Citizen, Sandbox};
use crate::journey::{citizen, picture};

/// The passcode of every account that the sandbox makes at once.
pub(crate) const PASSCODE: &str = "281946";

/// The people whom the sandbox knows, of whom so many are looked through.
const LOOKED_THROUGH: u64 = 300_000;

pub(crate) fn nation() -> Nation {
    Nation::new(1, 1_000_000)
}

pub(crate) fn known_as(person: &Person) -> Answer<Citizen> {
    let phone = person
        .phone
        .as_ref()
        .ok_or_else(|| Failure::new("nobody without a phone"))?;
    Ok(Citizen {
        number: person.number.as_str().to_owned(),
        full_name: person.full_name.clone(),
        phone: phone.e164(),
    })
}

pub(crate) async fn today(sandbox: &Sandbox) -> Answer<Date> {
    let now = sandbox.get("/sandbox/clock").await?["now"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    let now: jiff::Timestamp = now.parse().map_err(|_unreadable| Failure::new("no clock"))?;
    Ok(jiff::tz::Offset::constant(7).to_datetime(now).date())
}

/// Signs in and opens the wallet.
pub(crate) async fn open(page: &Page, sandbox: &Sandbox, holder: &Citizen) -> Answer<()> {
    let credentials = sandbox.account(holder, 2).await?;
    page.goto(&format!("{}/signin", sandbox.url)).await?;
    citizen::sign_in(page, holder, &credentials.password).await?;
    page.goto(&format!("{}/documents", sandbox.url)).await?;
    page.fill("#passcode", PASSCODE).await?;
    page.follow("#documents-show").await?;
    page.wait_for("#papers").await
}

/// Somebody with a licence, a motorcycle or a car, and an insurance card: the source databases say so.
pub(crate) async fn adult(sandbox: &Sandbox) -> Answer<Citizen> {
    let on = today(sandbox).await?;
    let nation = nation();
    let people = (0..2000).filter_map(|index| nation.person(index));
    for person in people.filter(|person| can_register(person, on) && person.age(on) > 24) {
        if nation::licence::licence(&nation, &person, on).is_some() {
            let holder = known_as(&person)?;
            let credentials = sandbox.account(&holder, 2).await?;
            let line = sandbox.line();
            let form = json!({ "number": holder.number, "password": credentials.password });
            let cookie = line.cookie("/signin", &form).await?;
            let answer = line
                .post(&cookie, "/documents", &json!({ "passcode": PASSCODE }))
                .await?;
            let papers = answer["papers"].as_array().cloned().unwrap_or_default();
            let wanted = [
                "driving-licence",
                "vehicles",
                "health-insurance",
                "social-insurance",
                "health-book",
                "passport",
            ];
            let here = |kind: &&str| {
                papers
                    .iter()
                    .any(|paper| paper["kind"] == **kind && paper["state"] == "here")
            };
            if wanted.iter().all(here) {
                return Ok(holder);
            }
        }
    }
    Err(Failure::new("nobody has all papers"))
}

#[tokio::test]
async fn an_adult_finds_all_papers_on_one_page_and_each_on_its_own() -> Answer<()> {
    let sandbox = Sandbox::start().await?;
    let holder = adult(&sandbox).await?;
    let browser = Browser::launch(None).await?;
    for (visitor, kept) in [(Visitor::PHONE, "phone"), (Visitor::DESK, "desk")] {
        let page = browser.visit(&visitor).await?;
        open(&page, &sandbox, &holder).await?;
        page.screenshot(&picture(&format!("documents-{kept}"))).await?;

        for kind in [
            "personal",
            "id-cards",
            "driving-licence",
            "vehicles",
            "health-insurance",
            "social-insurance",
            "health-book",
        ] {
            page.goto(&format!("{}/documents", sandbox.url)).await?;
            page.follow(&format!("#paper-{kind}")).await?;
            page.wait_for("#paper").await?;
            page.screenshot(&picture(&format!("document-{kind}-{kept}"))).await?;
        }

        page.goto(&format!("{}/account/history", sandbox.url)).await?;
        assert!(page.text("#looks").await?.contains("Cơ sở dữ liệu"));
        assert_eq!(page.complaints(), [""; 0]);
        page.close().await?;
    }
    browser.close().await
}

/// A mother of two whose elder child turns 14 tomorrow.
fn mother(nation: &Nation, today: Date) -> Answer<(Person, Person)> {
    let people = (0..LOOKED_THROUGH).filter_map(|index| nation.person(index));
    for mother in people.filter(|person| can_register(person, today)) {
        let children = mother.related(Kinship::Child).filter_map(|index| nation.person(index));
        let mut children: Vec<Person> = children.collect();
        children.sort_by_key(|child| child.date_of_birth);
        let woman = mother.sex == civil::Sex::Female && mother.marital_status != Some(MaritalStatus::Divorced);
        let Some(tomorrow) = today.checked_add(1.day()).ok() else {
            continue;
        };
        let turns = |child: &Person| {
            child
                .date_of_birth
                .checked_add(14.years())
                .is_ok_and(|day| day == tomorrow)
        };
        if woman && children.len() == 2 && children.first().is_some_and(turns) {
            return Ok((mother, children.remove(0)));
        }
    }
    Err(Failure::new("no mother of such children"))
}

#[tokio::test]
async fn a_mother_of_two_loses_sight_of_the_papers_of_the_one_who_turns_14_tomorrow() -> Answer<()> {
    let sandbox = Sandbox::start().await?;
    let (mother, elder) = mother(&nation(), today(&sandbox).await?)?;
    let browser = Browser::launch(None).await?;
    let phone = browser.visit(&Visitor::PHONE).await?;

    open(&phone, &sandbox, &known_as(&mother)?).await?;
    phone.follow("#to-dependants").await?;
    phone.screenshot(&picture("dependants-before")).await?;
    phone.follow("#dependants li:first-child a.btn").await?;
    assert_eq!(phone.text("#dependant").await?, elder.full_name);
    phone.screenshot(&picture("dependant")).await?;
    sandbox.post("/sandbox/clock", &json!({ "advance": "PT25H" })).await?;
    open(&phone, &sandbox, &known_as(&mother)?).await?;
    phone.follow("#to-dependants").await?;

    let list = phone.text("#dependants").await?;
    phone.screenshot(&picture("dependants-after")).await?;
    assert!(
        list.contains("Từ 14 đến 18 tuổi") && list.contains(&elder.full_name),
        "{list}"
    );
    let buttons = phone
        .evaluate("document.querySelectorAll('#dependants a.btn').length")
        .await?;
    assert_eq!(buttons, json!(1));
    assert_eq!(phone.complaints(), [""; 0]);
    browser.close().await
}

#[tokio::test]
async fn a_paper_that_differs_is_mended_at_its_source_and_comes_into_the_wallet() -> Answer<()> {
    let sandbox = Sandbox::start().await?;
    let holder = adult(&sandbox).await?;
    let browser = Browser::launch(None).await?;
    let phone = browser.visit(&Visitor::PHONE).await?;
    open(&phone, &sandbox, &holder).await?;
    phone.goto(&format!("{}/documents/vehicles", sandbox.url)).await?;
    let plate = phone.text("#paper-number").await?;
    let chassis = phone.evaluate("[...document.querySelectorAll('#parts li:first-child dt')].find((dt) => dt.textContent === 'Số khung').nextElementSibling.textContent").await?;
    let chassis = chassis.as_str().unwrap_or_default().to_owned();
    sandbox
        .post(
            &format!("/sandbox/people/{}/fate", holder.number),
            &json!({ "fate": "vehicle-misfiled" }),
        )
        .await?;

    phone.goto(&format!("{}/documents/integration", sandbox.url)).await?;
    declare(&phone, &plate, &chassis).await?;
    phone.wait_for("#matched[data-matched=differs]").await?;
    phone.screenshot(&picture("integration-differs")).await?;
    phone.follow("#correct").await?;
    phone.wait_for("#reports li.card").await?;
    phone.screenshot(&picture("reports-asked")).await?;
    phone.wait_until(&report_is("sent")).await?;
    // The body decides after a day; it is asked every two hours.
    sandbox.post("/sandbox/clock", &json!({ "advance": "PT26H" })).await?;
    open(&phone, &sandbox, &holder).await?;
    phone.wait_until(&report_is("accepted")).await?;
    phone.goto(&format!("{}/documents/integration", sandbox.url)).await?;
    declare(&phone, &plate, &chassis).await?;

    phone.wait_for("#matched[data-matched=matched]").await?;
    phone.screenshot(&picture("integration-matched")).await?;
    phone.follow("#to-paper").await?;
    assert_eq!(phone.text("#paper-number").await?, plate);
    assert_eq!(phone.complaints(), [""; 0]);
    browser.close().await
}

/// The only report stands so by now.
fn report_is(state: &str) -> String {
    format!(
        "fetch('/documents/reports').then((answer) => answer.json()).then((told) => told.reports[0].state === '{state}')"
    )
}

async fn declare(page: &Page, plate: &str, chassis: &str) -> Answer<()> {
    page.click("#kind-vehicles").await?;
    page.fill("#number", plate).await?;
    page.fill("#second", chassis).await?;
    page.follow("#declare-send").await
}
