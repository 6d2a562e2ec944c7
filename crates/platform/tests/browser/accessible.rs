//! Every page that can be reached by links is accessible (WCAG 2.2 AA, as far as axe-core can tell), fits a phone, and is light.
//!
//! `cargo xtask test` brings axe-core and names it in `VNEID_TEST_AXE`. Without that these tests fail and say so.

use std::collections::{BTreeSet, VecDeque};

use serde_json::Value;

use crate::cdp::{Answer, Browser, Failure, Page, Visitor};
use crate::journey::sandbox::Sandbox;
use crate::journey::{citizen, officers};

/// What a page may weigh, with all that it loads to be shown, in bytes. Data that it keeps for later (lists of status) is not part of it.
const HEAVIEST: f64 = 300_000.0;

/// Pages of the same shape are looked at once: a number or an identifier in the address makes no other page.
const SHAPE: &str =
    "(path => path.split('/').map(part => /[0-9]/.test(part) && part.length > 5 ? '*' : part).join('/'))";

/// Where the links of a page lead, with the shape of each; what is a file, a question or another language is left out.
const LINKS: &str = "[...document.querySelectorAll('a[href]:not([download]):not([hreflang])')]
    .map(link => new URL(link.href))
    .filter(to => to.origin === location.origin && !to.search && !/\\.[a-z0-9]+$/.test(to.pathname))
    .map(to => [to.pathname, SHAPE(to.pathname)])";

/// What is wrong with a page, in lines: the rule, and the first element that breaks it.
const JUDGED: &str = "axe.run(document, { resultTypes: ['violations'] }).then(found => found.violations
    .map(rule => `${rule.id}: ${rule.nodes[0].html.slice(0, 200)}`))";

const TOO_WIDE: &str = "document.documentElement.scrollWidth > innerWidth";

const WEIGHT: &str = "[...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]
    .filter(entry => entry.initiatorType !== 'fetch').reduce((sum, entry) => sum + entry.decodedBodySize, 0)";

#[tokio::test]
async fn every_page_that_a_visitor_reaches_is_accessible() -> Answer<()> {
    let sandbox = Sandbox::start().await?;
    let browser = Browser::launch(None).await?;
    let page = browser.visit(&Visitor::PHONE).await?;

    let from = [
        "/",
        "/signin",
        "/registration",
        "/sandbox",
        "/on-time",
        "/inspection",
        "/receipts",
    ];
    let faults = walk(&page, &sandbox, &from, &mut BTreeSet::new()).await?;

    assert_eq!(faults, [""; 0]);
    browser.close().await
}

#[tokio::test]
async fn every_page_that_a_citizen_of_level_2_reaches_is_accessible() -> Answer<()> {
    let sandbox = Sandbox::start().await?;
    let person = sandbox.citizens().await?.remove(0);
    let credentials = sandbox.account(&person, 2).await?;
    let browser = Browser::launch(None).await?;
    let page = browser
        .visit(&Visitor {
            dark: true,
            ..Visitor::PHONE
        })
        .await?;
    page.goto(&format!("{}/signin", sandbox.url)).await?;
    citizen::sign_in(&page, &person, &credentials.password).await?;

    let faults = walk(
        &page,
        &sandbox,
        &["/account"],
        &mut BTreeSet::from(["/sandbox".to_owned()]),
    )
    .await?;

    assert_eq!(faults, [""; 0]);
    browser.close().await
}

#[tokio::test]
async fn every_page_that_an_officer_reaches_is_accessible() -> Answer<()> {
    let sandbox = Sandbox::start().await?;
    let browser = Browser::launch(None).await?;
    let mut seen: BTreeSet<String> = ["/sandbox", "/", "/authenticity"].map(str::to_owned).into();
    let mut faults = Vec::new();

    for role in [
        "counter",
        "reviewer",
        "chief",
        "inspector",
        "investigator",
        "ministry",
        "administrator",
    ] {
        let officer = sandbox.officers(role).await?.remove(0);
        let page = browser.visit(&Visitor::PHONE).await?;
        officers::sign_in(&page, &sandbox, &officer).await?;
        seen.remove("/officers/desk");
        faults.extend(walk(&page, &sandbox, &["/officers/desk"], &mut seen).await?);
        page.close().await?;
    }

    assert_eq!(faults, [""; 0]);
    browser.close().await
}

/// Follows every link from some pages on, and tells what is wrong with what is reached.
async fn walk(page: &Page, sandbox: &Sandbox, from: &[&str], seen: &mut BTreeSet<String>) -> Answer<Vec<String>> {
    let axe = axe()?;
    let mut waiting: VecDeque<String> = from.iter().map(|path| (*path).to_owned()).collect();
    seen.extend(waiting.iter().cloned());
    let mut faults = Vec::new();
    while let Some(path) = waiting.pop_front() {
        page.goto(&format!("{}{path}", sandbox.url)).await?;
        if page.evaluate("document.contentType").await? != "text/html" {
            continue;
        }
        page.evaluate(&axe).await?;
        for fault in strings(&page.evaluate(JUDGED).await?) {
            faults.push(format!("{path}: {fault}"));
        }
        if page.evaluate(TOO_WIDE).await? == true {
            faults.push(format!("{path}: wider than a phone"));
        }
        let weight = page.evaluate(WEIGHT).await?.as_f64().unwrap_or(f64::MAX);
        if weight > HEAVIEST {
            faults.push(format!("{path}: {weight} bytes"));
        }
        for link in page
            .evaluate(&LINKS.replace("SHAPE", SHAPE))
            .await?
            .as_array()
            .into_iter()
            .flatten()
        {
            if let (Some(path), Some(shape)) = (link[0].as_str(), link[1].as_str())
                && seen.insert(shape.to_owned())
            {
                waiting.push_back(path.to_owned());
            }
        }
    }
    Ok(faults)
}

#[expect(
    clippy::disallowed_methods,
    reason = "where axe-core is, is told by who runs the tests"
)]
fn axe() -> Answer<String> {
    let path = std::env::var_os("VNEID_TEST_AXE").ok_or_else(|| {
        Failure::new("VNEID_TEST_AXE is not set: run the browser tests with `cargo xtask test --only browser`")
    })?;
    // What a script ends with is what it answers: nothing of axe itself is wanted.
    Ok(format!("{}; null", std::fs::read_to_string(path)?))
}

fn strings(values: &Value) -> Vec<String> {
    let values = values.as_array().into_iter().flatten();
    values.filter_map(|value| value.as_str().map(str::to_owned)).collect()
}
