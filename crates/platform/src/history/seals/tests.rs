use ::http::StatusCode;
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::applications::tests::{citizen, officer, officer_of};
use crate::ledger;
use crate::officers::Role;
use crate::testing::{Client, TestApp};

fn order(ends_on: &str) -> Value {
    json!({ "court": "TAND thành phố Hà Nội", "number": "05/QĐ-TA", "case": "12/VA-2026", "ends_on": ends_on })
}

async fn looks(client: &mut Client) -> usize {
    let shown = client.get("/account/history?purpose=investigation").await;
    shown.json()["looks"].as_array().unwrap().len()
}

async fn again(app: &TestApp, person: &nation::Person) -> Client {
    let mut client = app.client();
    let form = json!({ "number": person.number.as_str(), "password": crate::sandbox::holders::PASSWORD });
    client.post("/signin", &form).await;
    client
}

#[tokio::test]
async fn a_sealed_look_is_committed_at_once_hidden_until_the_order_lapses_and_opens_by_itself() {
    let app = TestApp::start().await;
    let person = app.citizen();
    let mut client = citizen(&app, &person, 2).await;
    let mut investigator = officer_of(&app, "dieutra", Role::Investigator, "01").await;

    let entered = investigator.post("/officers/seals", &order("2026-12-01")).await;
    let seal = entered.at("/seals/0/seal");
    let form = json!({ "number": person.number.as_str(), "case": "12/VA-2026", "seal": seal });
    let found = investigator.post("/officers/lookups", &form).await;
    ledger::turn(&app).await.unwrap();
    let whole = ledger::check_records(&app).await;
    let hidden = looks(&mut client).await;
    let extended = investigator
        .post(&format!("/officers/seals/{seal}"), &order("2026-12-05"))
        .await;
    let shorter = investigator
        .post(&format!("/officers/seals/{seal}"), &order("2026-12-02"))
        .await;
    app.advance(SignedDuration::from_hours(24 * 9));
    let mut client = again(&app, &person).await;
    let still = looks(&mut client).await;
    app.run_jobs().await;
    app.advance(SignedDuration::from_hours(24 * 4));
    let mut client = again(&app, &person).await;
    let by_time = looks(&mut client).await;
    app.run_jobs().await;
    let open = client.get("/account/history?purpose=investigation").await;
    let late = investigator_again(&app)
        .await
        .post(&format!("/officers/seals/{seal}"), &order("2027-01-05"))
        .await;

    assert_eq!(found.at("/found/full_name"), person.full_name, "{found}");
    assert_eq!(whole, 0);
    assert_eq!((hidden, still, by_time), (0, 0, 1));
    assert_eq!(extended.status, StatusCode::OK, "{extended}");
    assert_eq!(shorter.at("/type"), "/problems/history-seal-lapsed");
    assert_eq!(open.at("/looks/0/case"), "12/VA-2026");
    assert_eq!(open.at("/looks/0/was_sealed"), "true");
    assert_eq!(late.at("/type"), "/problems/history-seal-lapsed");
}

async fn investigator_again(app: &TestApp) -> Client {
    let mut client = app.client();
    let form = json!({ "login": "dieutra", "password": crate::applications::tests::OFFICERS_PASSWORD });
    client.post("/officers/signin", &form).await;
    client
}

#[tokio::test]
async fn a_look_up_without_an_order_is_seen_at_once_and_needs_a_case() {
    let app = TestApp::start().await;
    let person = app.citizen();
    let mut client = citizen(&app, &person, 2).await;
    let mut investigator = officer_of(&app, "dieutra", Role::Investigator, "01").await;
    let mut reviewer = officer(&app, "xetduyet", Role::Reviewer).await;

    let form = |case: &str| json!({ "number": person.number.as_str(), "case": case });
    let without = investigator.post("/officers/lookups", &form("")).await;
    let found = investigator.post("/officers/lookups", &form("12/VA-2026")).await;
    let unfit = reviewer.post("/officers/lookups", &form("12/VA-2026")).await;
    let unknown =
        json!({ "number": person.number.as_str(), "case": "12/VA-2026", "seal": "00000000000000000000000000000000" });
    let unknown = investigator.post("/officers/lookups", &unknown).await;

    assert_eq!(without.at("/errors/0/field"), "case");
    assert_eq!(found.at("/found/sealed"), "false");
    assert_eq!(looks(&mut client).await, 1);
    assert_eq!(unfit.status, StatusCode::FORBIDDEN);
    assert_eq!(unknown.at("/type"), "/problems/history-seal-lapsed");
}
