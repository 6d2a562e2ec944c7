//! Every page that can be reached by links, or by its address alone, is accessible (WCAG 2.2 AA, as far as axe-core can tell), fits a phone, and is
//! light: for a visitor, a citizen of level 2 and officers of every role, in both languages.
//!
//! What the sources of the platform route and no crawl reaches is named below, with the reason.
//!
//! `cargo xtask test` brings axe-core and names it in `VNEID_TEST_AXE`. Without that these tests fail and say so.

use std::collections::{BTreeSet, VecDeque};
use std::fmt::Write as _;
use std::path::Path;

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

const LANGUAGES: [&str; 2] = ["vi", "en"];

const ROLES: [&str; 7] = [
    "counter",
    "reviewer",
    "chief",
    "inspector",
    "investigator",
    "ministry",
    "administrator",
];

/// Whether an address is a page for who asks: answered, as HTML, without being sent elsewhere.
const IS_PAGE: &str = "fetch(PATH, { redirect: 'manual', headers: { accept: 'text/html' } })
    .then(answer => answer.ok && (answer.headers.get('content-type') || '').startsWith('text/html'))";

/// What is routed and no crawl reaches, by the reason.
const NOT_REACHED: &[(&str, &[&str])] = &[
    (
        "no page: a file, a picture, or for programs",
        &[
            "/.well-known/jwt-vc-issuer",
            "/.well-known/oauth-authorization-server",
            "/.well-known/openid-configuration",
            "/.well-known/openid-credential-issuer",
            "/.well-known/security.txt",
            "/account/history/export",
            "/applications/{id}/portrait",
            "/chips/readings/{token}",
            "/counter/worker.js",
            "/counter/{id}/evidence/{kind}",
            "/declarations/checkpoint/manifest.webmanifest",
            "/declarations/checkpoint/worker.js",
            "/guide/code/{lang}/{what}",
            "/guide/pdf/{lang}/{what}",
            "/inspection/manifest.webmanifest",
            "/inspection/worker.js",
            "/issuance/authority",
            "/issuance/status",
            "/issuance/status/{list}",
            "/issuance/trust-list",
            "/issuance/trust-list/keys",
            "/issuance/trust-list/versions",
            "/issuance/types/{vct}",
            "/ledger/checkpoint",
            "/ledger/checkpoint/witnessed",
            "/ledger/consistency/{old}/{new}",
            "/ledger/proof/{leaf}",
            "/ledger/tile/{*path}",
            "/news/kept",
            "/news/worker.js",
            "/news/{article}/picture",
            "/officers/applications/{id}/card-portrait",
            "/officers/applications/{id}/evidence/{kind}",
            "/officers/connections/{id}/letter",
            "/officers/news/{article}/picture",
            "/officers/policies/decision",
            "/officers/procedures/{id}/files/{name}",
            "/officers/reports/{id}/attachments/{place}",
            "/officers/statistics/{table}",
            "/presentation/objects/{id}",
            "/procedures/dossiers/{id}/files/{name}",
            "/sandbox/people/{number}/card.png",
            "/sandbox/people/{number}/chip.json",
            "/sandbox/people/{number}/portrait.jpg",
            "/sandbox/people/{number}/qr.png",
            "/sandbox/people/{number}/qr.txt",
            "/sso/jwks",
            "/sso/userinfo",
            "/statistics/{table}",
            "/procedures/drafts/worker.js",
            "/stays/list.csv",
            "/wallet/manifest.webmanifest",
            "/wallet/worker.js",
        ],
    ),
    (
        "in the middle of something that has to be begun",
        &[
            "/account/security/device/moves/{ask}",
            "/activation/{id}",
            "/applications/level-1",
            "/linking/link",
            "/linking/proposals/{id}",
            "/partners/invitation",
            "/payments/{id}",
            "/presentation/requests/{id}",
            "/recovery/cases/{ticket}",
            "/recovery/not-me/{token}",
            "/recovery/password/{reset}",
            "/registration/{draft}",
            "/registration/{draft}/card",
            "/registration/{draft}/check",
            "/registration/{draft}/code",
            "/registration/{draft}/done",
            "/registration/{draft}/password",
            "/sandbox/bank-counter/{state}",
            "/sandbox/over-18/{id}",
            "/sandbox/payments/{reference}",
            "/sandbox/people/{number}/fate",
            "/signin/device",
            "/signin/screen/approve",
            "/signin/screen/here",
            "/signin/second",
            "/sso/authorize",
            "/sso/logout",
            "/sso/resume",
        ],
    ),
    (
        "about something that nobody has sent or asked for in a fresh sandbox",
        &[
            "/applications/wards/{application}",
            "/certificates/verification/{number}/{code}",
            "/counter/{id}/receipt",
            "/documents/dependants/{id}",
            "/documents/handovers/{id}",
            "/documents/integration/{id}",
            "/documents/{kind}/report",
            "/inspection/papers/{id}",
            "/officers/alerts/{id}",
            "/officers/applications/{id}",
            "/officers/certificates/copies/{certificate}",
            "/officers/connections/{id}",
            "/officers/contests/{id}",
            "/officers/locks/{id}",
            "/officers/news/{article}/edit",
            "/officers/reports/{id}",
            "/partners/connections/{id}",
            "/procedures/dossiers/{id}",
            "/procedures/drafts/{id}",
            "/procedures/drafts/{id}/check",
            "/reports/sent/{link}",
            "/stays/drafts/{id}",
            "/stays/facilities/{id}",
        ],
    ),
];

/// What was looked at.
#[derive(Default)]
struct Reached {
    paths: BTreeSet<String>,
    pages: usize,
    heaviest: (f64, String),
    faults: Vec<String>,
}

impl Reached {
    fn add(&mut self, other: Self) {
        self.paths.extend(other.paths);
        self.pages += other.pages;
        self.faults.extend(other.faults);
        if other.heaviest.0 > self.heaviest.0 {
            self.heaviest = other.heaviest;
        }
    }
}

#[tokio::test]
async fn every_page_is_accessible_fits_a_phone_and_is_light_in_both_languages_or_is_named() -> Answer<()> {
    let routes = routes(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src")))?;

    let (visitors, citizens, officers) =
        tokio::try_join!(for_visitors(&routes), for_a_citizen(&routes), for_officers(&routes))?;
    let mut told = String::new();
    let mut all = Reached::default();
    for (who, reached) in [("visitor", visitors), ("citizen", citizens), ("officers", officers)] {
        let (weight, path) = &reached.heaviest;
        writeln!(
            told,
            "{who}: {} pages, the heaviest {path} with {weight} bytes",
            reached.pages
        )?;
        all.add(reached);
    }
    let missed = routes
        .iter()
        .filter(|route| !all.paths.iter().any(|path| fits(route, path)));
    let missed: BTreeSet<&str> = missed.map(String::as_str).collect();
    for route in &missed {
        writeln!(told, "not reached: {route}")?;
    }
    std::fs::write(Path::new(env!("CARGO_TARGET_TMPDIR")).join("pages.txt"), told)?;

    assert_eq!(all.faults, [""; 0]);
    let named = NOT_REACHED.iter().flat_map(|(_, routes)| routes.iter().copied());
    assert_eq!(missed, named.collect());
    Ok(())
}

async fn for_visitors(routes: &[String]) -> Answer<Reached> {
    let sandbox = Sandbox::start().await?;
    let browser = Browser::launch(None).await?;
    let mut reached = Reached::default();
    for language in LANGUAGES {
        let phone = Visitor {
            language,
            ..Visitor::PHONE
        };
        let page = browser.visit(&phone).await?;
        reached.add(walk(&page, &sandbox, ("/", routes), &mut BTreeSet::new()).await?);
        page.close().await?;
    }
    browser.close().await?;
    Ok(reached)
}

async fn for_a_citizen(routes: &[String]) -> Answer<Reached> {
    let sandbox = Sandbox::start().await?;
    let person = sandbox.citizens().await?.remove(0);
    let credentials = sandbox.account(&person, 2).await?;
    let browser = Browser::launch(None).await?;
    let mut reached = Reached::default();
    for (turn, language) in LANGUAGES.into_iter().enumerate() {
        let dark = Visitor {
            dark: true,
            language,
            ..Visitor::PHONE
        };
        let page = browser.visit(&dark).await?;
        page.goto(&sandbox.portal).await?;
        page.follow("#login").await?;
        citizen::sign_in(&page, &person, &credentials.password).await?;
        if turn == 0 {
            page.follow("#consent-agree").await?;
        }
        let mut seen = BTreeSet::from(["/sandbox".to_owned()]);
        reached.add(walk(&page, &sandbox, ("/account", routes), &mut seen).await?);
        page.close().await?;
    }
    browser.close().await?;
    Ok(reached)
}

async fn for_officers(routes: &[String]) -> Answer<Reached> {
    let sandbox = Sandbox::start().await?;
    let browser = Browser::launch(None).await?;
    let mut reached = Reached::default();
    for language in LANGUAGES {
        let mut seen: BTreeSet<String> = ["/sandbox", "/", "/authenticity"].map(str::to_owned).into();
        for role in ROLES {
            let officer = sandbox.officers(role).await?.remove(0);
            let phone = Visitor {
                language,
                ..Visitor::PHONE
            };
            let page = browser.visit(&phone).await?;
            officers::sign_in(&page, &sandbox, &officer).await?;
            seen.remove("/officers/desk");
            reached.add(walk(&page, &sandbox, ("/officers/desk", routes), &mut seen).await?);
            page.close().await?;
        }
    }
    browser.close().await?;
    Ok(reached)
}

/// Looks at a page, at all that its links lead to, and at what is routed and answers without more; tells what is wrong with what is reached.
async fn walk(
    page: &Page,
    sandbox: &Sandbox,
    (from, routes): (&str, &[String]),
    seen: &mut BTreeSet<String>,
) -> Answer<Reached> {
    let axe = axe()?;
    let mut reached = Reached::default();
    let mut waiting = VecDeque::from([from.to_owned()]);
    seen.insert(from.to_owned());
    page.goto(&format!("{}{from}", sandbox.url)).await?;
    for route in routes
        .iter()
        .filter(|route| stands_alone(route) && !seen.contains(*route))
    {
        if page.evaluate(&IS_PAGE.replace("PATH", &format!("'{route}'"))).await? == true {
            waiting.push_back(route.clone());
        }
    }
    seen.extend(waiting.iter().cloned());
    while let Some(path) = waiting.pop_front() {
        page.goto(&format!("{}{path}", sandbox.url)).await?;
        if page.evaluate("document.contentType").await? != "text/html" {
            continue;
        }
        reached.paths.insert(path.clone());
        reached.pages += 1;
        page.evaluate(&axe).await?;
        for fault in strings(&page.evaluate(JUDGED).await?) {
            reached.faults.push(format!("{path}: {fault}"));
        }
        if page.evaluate(TOO_WIDE).await? == true {
            reached.faults.push(format!("{path}: wider than a phone"));
        }
        let weight = page.evaluate(WEIGHT).await?.as_f64().unwrap_or(f64::MAX);
        if weight > reached.heaviest.0 {
            reached.heaviest = (weight, path.clone());
        }
        if weight > HEAVIEST {
            reached.faults.push(format!("{path}: {weight} bytes"));
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
    Ok(reached)
}

/// The addresses that the sources of the platform answer when they are opened, with `{…}` for what varies.
fn routes(folder: &Path) -> Answer<Vec<String>> {
    let mut routes = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            routes.extend(self::routes(&path)?);
        } else if path.ends_with("mod.rs") {
            let text = std::fs::read_to_string(&path)?;
            let named = text.split(".route(").skip(1).filter_map(|after| {
                let (address, answers) = after.trim_start().strip_prefix('"')?.split_once('"')?;
                let answers = answers.strip_prefix(',')?.trim_start();
                answers.starts_with("get(").then(|| address.to_owned())
            });
            routes.extend(named);
        }
    }
    routes.sort();
    routes.dedup();
    Ok(routes)
}

/// Whether an address needs nothing to be known, and opening it begins nothing.
fn stands_alone(route: &str) -> bool {
    !route.contains('{') && !route.starts_with("/sso/")
}

/// Whether a path is one of a route.
fn fits(route: &str, path: &str) -> bool {
    let (route, path) = (route.split('/'), path.split('/'));
    let same = |(wanted, found): (&str, &str)| wanted == found || (wanted.starts_with('{') && !found.is_empty());
    route.clone().count() == path.clone().count() && route.zip(path).all(same)
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
