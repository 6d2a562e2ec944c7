use jiff::SignedDuration;
use jiff::civil::date;
use nation::sources::{Fault, Source};
use serde_json::json;

use super::*;
use crate::accounts::Level;
use crate::applications::tests::officer_of;
use crate::officers::Role;
use crate::procedures::tests::{decide, open, reviewer};
use crate::registries;
use crate::testing::{Answer, Client, Holder, PASSCODE, TestApp};

#[test]
fn a_term_lasts_thirty_days_at_least_and_two_years_at_most() {
    let begins = date(2026, 11, 23);

    assert_eq!(
        term(begins, date(2026, 12, 22)),
        Some("procedure-temporary-residence-fault-short")
    );
    assert_eq!(term(begins, date(2026, 12, 23)), None);
    assert_eq!(term(begins, date(2028, 11, 23)), None);
    assert_eq!(
        term(begins, date(2028, 11, 24)),
        Some("procedure-temporary-residence-fault-long")
    );
    assert_eq!(
        term(begins, date(2026, 11, 1)),
        Some("procedure-temporary-residence-fault-short")
    );
}

#[test]
fn a_term_is_renewed_in_its_last_fifteen_days() {
    let last = date(2026, 12, 8);

    assert!(!may_renew(last, date(2026, 11, 22)));
    assert!(may_renew(last, date(2026, 11, 23)));
    assert!(may_renew(last, last));
    assert!(!may_renew(last, date(2026, 12, 9)));
}

async fn send(holder: &mut Holder, draft: &str) -> Answer {
    let agreed = json!({
        "consent-share": "on", "consent-truth": "on", "fee": "exempt", "version": "2025-07-01",
    });
    holder.client.post(&format!("{draft}/check"), &agreed).await
}

/// Asks the owner, who answers.
async fn agree(asker: &mut Client, owner: &mut Holder) {
    let question = json!({
        "number": owner.citizen.number.as_str(), "role": "owner", "commune": "00070", "address": "Số 5 Phố Thử",
    });
    asker.post("/residence/agreements", &question).await;
    let id = owner.client.get("/residence/agreements").await.at("/asked_of_me/0/id");
    let answer = json!({ "answer": "agree", "passcode": PASSCODE });
    let given = owner
        .client
        .post(&format!("/residence/agreements/{id}/answer"), &answer)
        .await;
    assert_eq!(given.at("/asked_of_me/0/state"), "agreed", "{given}");
}

#[tokio::test]
async fn in_a_rented_dwelling_nothing_is_sent_in_before_the_owner_agrees() {
    let app = TestApp::start().await;
    let mut people = app.citizens();
    let mut tenant = app.holder(people.next().unwrap(), Level::Two).await;
    let mut owner = app.holder(people.next().unwrap(), Level::Two).await;
    app.secrets(&owner).await;
    let draft = open(&mut tenant.client, "temporary-residence").await;
    let filled = json!({
        "request": "register", "commune": "00070", "address": "số 5 phố thử", "dwelling": "rented",
        "begins": "2026-11-23", "ends": "2027-11-23", "go": "check",
    });
    let checked = tenant.client.post(&draft, &filled).await;

    let alone = send(&mut tenant, &draft).await;
    agree(&mut tenant.client, &mut owner).await;
    let sent = send(&mut tenant, &draft).await;
    let mut officer = officer_of(&app, "reviewer", Role::Reviewer, "00070").await;
    let desk = format!("/officers/procedures/{}", sent.at("/id"));
    officer.post(&format!("{desk}/claim"), &json!({})).await;
    let seen = officer.get(&desk).await;
    let page = officer.browser().get(&desk).await;

    let findings = &seen.json()["findings"];
    assert_eq!(
        findings["found"][0]["facts"][1][1],
        owner.citizen.number.masked(),
        "{seen}"
    );
    assert!(page.text().contains("Agreed to in VNeID"), "{page}");
    assert_eq!(checked.status, 200, "{checked}");
    assert_eq!(alone.at("/errors/0/field"), "address", "{alone}");
    assert_eq!(sent.at("/status"), "new", "{sent}");
    assert!(sent.text().contains("Hoàn Kiếm"), "{sent}");
    app.run_jobs().await;
}

/// An officer of the commune takes a dossier up and grants it.
async fn grant(app: &TestApp, dossier: &str) {
    let mut officer = officer_of(app, "reviewer", Role::Reviewer, "00070").await;
    let desk = format!("/officers/procedures/{dossier}");
    officer.post(&format!("{desk}/claim"), &json!({})).await;
    decide(&mut officer, dossier, "received", "").await;
    let granted = decide(&mut officer, dossier, "granted", "Đã xác minh chỗ ở").await;
    assert_eq!(granted.at("/status"), "returned", "{granted}");
}

/// What the wallet says of where somebody lives.
async fn dwelling(app: &TestApp, holder: &mut Holder) -> String {
    app.sign_in(holder).await;
    holder.client.post("/documents", &json!({ "passcode": PASSCODE })).await;
    holder.client.get("/documents/residence").await.text()
}

#[tokio::test]
async fn what_is_granted_stands_in_the_residence_database_and_is_renewed_in_its_last_days() {
    let app = TestApp::start().await;
    let mut holder = app.holder(app.citizen(), Level::Two).await;
    app.secrets(&holder).await;
    let draft = open(&mut holder.client, "temporary-residence").await;
    let filled = json!({
        "request": "register", "commune": "Phường Hoàn Kiếm, Hà Nội", "address": "Số 5 Phố Thử", "dwelling": "own",
        "begins": "2026-11-23", "ends": "2026-12-23", "go": "check",
    });
    holder.client.post(&draft, &filled).await;
    let sent = send(&mut holder, &draft).await;
    app.run_jobs().await;
    let down = Fault {
        down: true,
        ..Fault::default()
    };

    app.faults().set(Source::Residence, down);
    grant(&app, &sent.at("/id")).await;
    app.run_jobs().await;
    app.faults().clear();
    let before = dwelling(&app, &mut holder).await;
    app.advance(SignedDuration::from_mins(6));
    app.run_jobs().await;
    registries::read_all(&app).await;
    app.run_jobs().await;
    let recorded = dwelling(&app, &mut holder).await;
    app.advance(SignedDuration::from_hours(24 * 16));
    app.run_jobs().await;
    app.sign_in(&mut holder).await;
    let draft = open(&mut holder.client, "temporary-residence").await;
    let mut renewed = filled.clone();
    renewed["request"] = json!("renew");
    renewed["term_ends"] = json!("2026-12-23");
    renewed["ends"] = json!("2027-12-23");
    renewed["begins"] = json!("2026-12-09");
    let checked = holder.client.post(&draft, &renewed).await;

    assert!(!before.contains("Số 5 Phố Thử"), "{before}");
    assert!(recorded.contains("Số 5 Phố Thử, Phường Hoàn Kiếm"), "{recorded}");
    assert_eq!(checked.status, 200, "{checked}");
    assert!(
        checked.text().contains("Số 5 Phố Thử"),
        "what runs out is known: {checked}"
    );
    app.run_jobs().await;
}

#[tokio::test]
async fn a_declared_absence_stands_in_the_residence_database() {
    let app = TestApp::start().await;
    let citizen = app.citizen();
    let mut holder = app.holder(citizen.clone(), Level::Two).await;
    app.secrets(&holder).await;
    let mut officer = reviewer(&app, &citizen).await;
    let draft = open(&mut holder.client, "absence").await;
    let filled = json!({
        "ground": "long", "reason": "Đi làm xa", "begins": "2026-11-23", "ends": "2027-12-01", "destination": "Đà Nẵng", "go": "check",
    });
    let checked = holder.client.post(&draft, &filled).await;
    let agreed = json!({ "consent-share": "on", "consent-truth": "on", "version": checked.at("/version") });
    let sent = holder.client.post(&format!("{draft}/check"), &agreed).await;
    let desk = format!("/officers/procedures/{}", sent.at("/id"));
    officer.post(&format!("{desk}/claim"), &json!({})).await;
    decide(&mut officer, &sent.at("/id"), "received", "").await;
    let granted = decide(&mut officer, &sent.at("/id"), "granted", "Đã ghi nhận").await;

    app.run_jobs().await;
    let recorded = dwelling(&app, &mut holder).await;

    assert_eq!(granted.at("/status"), "returned", "{granted}");
    assert!(recorded.contains("23/11/2026 – 01/12/2027: Đà Nẵng"), "{recorded}");
    app.run_jobs().await;
}
