use jiff::civil::date;
use serde_json::json;

use super::*;
use crate::accounts::Level;
use crate::applications::tests::officer_of;
use crate::officers::Role;
use crate::procedures::tests::open;
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
