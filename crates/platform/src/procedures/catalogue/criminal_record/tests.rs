use ::http::StatusCode;
use serde_json::{Value, json};

use crate::accounts::Level;
use crate::applications::tests::officer_of;
use crate::officers::Role;
use crate::procedures::tests::{decide, open_with};
use crate::testing::{Answer, Client, Holder, PASSCODE, TestApp};

/// A citizen of level 2 with a passcode.
async fn holder_of(app: &TestApp) -> Holder {
    let holder = app.holder(app.citizen(), Level::Two).await;
    app.secrets(&holder).await;
    holder
}

/// What is typed, with changes.
fn typed(changes: &Value) -> Value {
    let mut form = json!({
        "life.0.from": "9/2015", "life.0.to": "nay", "life.0.home": "Hà Nội", "kind": "1", "asker": "self",
        "purpose": "Xin việc", "delivery": "electronic", "go": "check",
    });
    for (name, value) in changes.as_object().unwrap() {
        form[name] = value.clone();
    }
    form
}

async fn filled(client: &mut Client, changes: &Value) -> (String, Answer) {
    let draft = open_with(
        client,
        "criminal-record",
        &json!({ "whom": "self", "passcode": PASSCODE }),
    )
    .await;
    let checked = client.post(&draft, &typed(changes)).await;
    (draft, checked)
}

async fn send(client: &mut Client, changes: &Value, group: &str) -> Answer {
    let (draft, checked) = filled(client, changes).await;
    assert_eq!(checked.status, StatusCode::OK, "{checked}");
    let agreed = json!({
        "consent-share": "on", "consent-truth": "on", "fee": group, "version": checked.at("/version"),
    });
    client.post(&format!("{draft}/check"), &agreed).await
}

async fn pay(client: &mut Client, sent: &Answer) -> String {
    let order = client.get(&sent.at("/payment")).await;
    let page = format!("/sandbox/payments/{}", order.at("/reference"));
    let paid = client.post(&page, &json!({})).await;
    assert_eq!(paid.status, StatusCode::OK, "{paid}");
    order.at("/amount")
}

/// A reviewer of the province of somebody's home.
async fn reviewer(app: &TestApp, holder: &Holder) -> Client {
    let province = holder.citizen.permanent_residence.commune.province;
    officer_of(app, "reviewer", Role::Reviewer, province).await
}

/// A reviewer of the province of somebody's home takes a dossier up and grants it.
async fn grant(app: &TestApp, holder: &Holder, dossier: &str) -> Answer {
    let mut officer = reviewer(app, holder).await;
    grant_as(&mut officer, dossier).await
}

async fn grant_as(officer: &mut Client, dossier: &str) -> Answer {
    let claimed = officer
        .post(&format!("/officers/procedures/{dossier}/claim"), &json!({}))
        .await;
    assert_eq!(claimed.status, StatusCode::OK, "{claimed}");
    decide(officer, dossier, "received", "").await;
    decide(officer, dossier, "granted", "Đã tra cứu").await
}

#[tokio::test]
async fn a_certificate_is_asked_for_paid_granted_and_in_the_holders_hands() {
    let app = TestApp::start().await;
    let mut holder = holder_of(&app).await;

    let sent = send(&mut holder.client, &json!({}), "full").await;
    let amount = pay(&mut holder.client, &sent).await;
    let decided = grant(&app, &holder, &sent.at("/id")).await;
    app.run_jobs().await;
    let dossier = holder
        .client
        .get(&format!("/procedures/dossiers/{}", sent.at("/id")))
        .await;
    let certificates = holder.client.get("/certificates").await;

    assert_eq!((sent.at("/status"), amount.as_str()), ("payment".to_owned(), "200000"));
    assert_eq!(decided.at("/status"), "returned", "{decided}");
    assert_eq!(dossier.at("/decision/link"), "/certificates");
    assert_eq!(certificates.at("/certificates/0/kind"), "1");
    assert_eq!(certificates.at("/certificates/0/purpose"), "Xin việc");
    let province = certificates.at("/certificates/0/issued_by");
    assert!(province.starts_with("Công an "), "{province}");
}

#[tokio::test]
async fn the_limit_is_five_working_days_and_the_fee_is_that_of_the_group_with_each_copy_over_two() {
    let app = TestApp::start().await;
    let mut holder = holder_of(&app).await;

    let paper = json!({ "copies": "5", "delivery": "desk" });
    let reduced = send(&mut holder.client, &paper, "reduced").await;
    let amount = pay(&mut holder.client, &reduced).await;
    let exempt = send(&mut holder.client, &json!({}), "exempt").await;
    // Who thinks better of paper pays for none.
    let electronic = send(&mut holder.client, &json!({ "copies": "5" }), "full").await;
    let without = pay(&mut holder.client, &electronic).await;
    app.run_jobs().await;

    assert_eq!((amount.as_str(), without.as_str()), ("115000", "200000"));
    assert_eq!(exempt.at("/status"), "new", "nothing is due: {exempt}");
    // Five working days from Monday; Tuesday the 24th is a holiday.
    assert!(exempt.at("/deadline_at").starts_with("2026-12-01T16:59:59"), "{exempt}");
}

#[tokio::test]
async fn what_does_not_fit_together_is_refused_by_field() {
    let app = TestApp::start().await;
    let mut holder = holder_of(&app).await;
    let mut wrong = async |changes: Value| {
        let (_, checked) = filled(&mut holder.client, &changes).await;
        assert_eq!(checked.status, StatusCode::UNPROCESSABLE_ENTITY, "{checked}");
        checked.at("/errors/0/field")
    };

    assert_eq!(
        wrong(json!({ "delivery": "post", "address": "Hà Nội" })).await,
        "copies"
    );
    assert_eq!(wrong(json!({ "delivery": "post", "copies": "1" })).await, "address");
    assert_eq!(wrong(json!({ "asker": "organisation" })).await, "organisation");
    assert_eq!(wrong(json!({ "kind": "3" })).await, "kind");
    assert_eq!(wrong(json!({ "delivery": "desk", "copies": "21" })).await, "copies");
    assert_eq!(wrong(json!({ "delivery": "desk", "copies": "0" })).await, "copies");
}

#[tokio::test]
async fn for_number_2_nobody_is_asked_which_organisation_wants_it() {
    let app = TestApp::start().await;
    let mut holder = holder_of(&app).await;

    let whole = json!({ "kind": "2", "asker": "organisation", "organisation": "Công ty" });
    let sent = send(&mut holder.client, &whole, "exempt").await;
    grant(&app, &holder, &sent.at("/id")).await;
    app.run_jobs().await;
    let certificates = holder.client.get("/certificates").await;

    assert_eq!(certificates.at("/certificates/0/kind"), "2");
    assert!(!sent.text().contains("Công ty"), "{sent}");
}

#[tokio::test]
async fn who_decides_sees_what_the_database_says_now_and_that_look_is_in_the_history() {
    let app = TestApp::start().await;
    let convicted = convicted(&app).await;
    let mut holder = app.holder(convicted, Level::Two).await;
    app.secrets(&holder).await;
    let sent = send(&mut holder.client, &json!({}), "exempt").await;
    let mut officer = reviewer(&app, &holder).await;
    let page = format!("/officers/procedures/{}", sent.at("/id"));

    let closed = officer.get(&page).await;
    let claimed = officer.post(&format!("{page}/claim"), &json!({})).await;
    let html = officer.clone().browser().get(&page).await.text();
    app.faults().set(
        nation::sources::Source::Justice,
        nation::sources::Fault {
            down: true,
            ..nation::sources::Fault::default()
        },
    );
    let silent = officer.get(&page).await;
    app.faults().clear();
    let looks = holder.client.get("/account/history").await.json();

    assert_eq!(closed.json()["findings"], Value::Null, "{closed}");
    let found = claimed.json()["findings"]["found"].as_array().unwrap().len();
    assert!(found > 0, "{claimed}");
    assert!(
        html.contains("id=\"findings\"") && !html.contains(">procedure"),
        "{html}"
    );
    assert_eq!(silent.json()["findings"]["found"], Value::Null, "{silent}");
    let seen = looks["looks"].as_array().unwrap().iter();
    let seen = seen.filter(|look| look["what"].to_string().contains("judicial-record"));
    assert_eq!(seen.count(), 2, "of a silent database nothing was seen: {looks}");
    app.run_jobs().await;
}

/// Somebody of whom the judicial-record database has something.
async fn convicted(app: &TestApp) -> nation::Person {
    for person in app.citizens() {
        let subject = crate::registries::Subject {
            number: person.number.clone(),
            full_name: person.full_name.clone(),
            date_of_birth: person.date_of_birth,
        };
        let answer = crate::registries::record::<crate::registries::JudicialRecord>(app, &subject, "test").await;
        let record = answer.unwrap().map(|answer| answer.record);
        if record.is_some_and(|record| !record.convictions.is_empty()) {
            return person;
        }
    }
    panic!("nobody was ever convicted");
}

#[tokio::test]
async fn printed_copies_are_ready_and_collected_at_the_unit_and_their_holder_is_told() {
    let app = TestApp::start().await;
    let mut holder = holder_of(&app).await;
    let paper = json!({ "copies": "2", "delivery": "desk" });
    let sent = send(&mut holder.client, &paper, "exempt").await;
    let mut officer = reviewer(&app, &holder).await;
    grant_as(&mut officer, &sent.at("/id")).await;
    app.run_jobs().await;
    let certificate = holder
        .client
        .get("/certificates")
        .await
        .at("/certificates/0/certificate");
    let theirs = format!("/certificates/{certificate}");
    let page = format!("/officers/certificates/copies/{certificate}");
    let mut elsewhere = officer_of(&app, "elsewhere", Role::Reviewer, "96").await;

    let asked = holder.client.get(&theirs).await;
    let waiting = officer.get("/officers/certificates/copies").await;
    let early = officer.post(&page, &json!({ "what": "handed" })).await;
    let foreign = elsewhere.get(&page).await;
    let file = officer.post(&format!("{page}/file"), &json!({})).await;
    let ready = officer.post(&page, &json!({ "what": "ready" })).await;
    let told = holder.client.get("/notices").await.text();
    let html = holder.client.clone().browser().get(&theirs).await.text();
    let handed = officer.post(&page, &json!({ "what": "handed" })).await;
    let twice = officer.post(&page, &json!({ "what": "handed" })).await;
    let none = officer.get("/officers/certificates/copies").await;
    let html_of_officer = officer.clone().browser().get(&page).await.text();
    let looks = holder.client.get("/account/history").await.text();

    assert_eq!(asked.at("/copies/copies"), "2", "{asked}");
    assert_eq!(waiting.at("/copies/0/certificate"), certificate, "{waiting}");
    assert!(!waiting.text().contains(&holder.citizen.full_name), "{waiting}");
    assert_eq!(early.status, StatusCode::CONFLICT);
    assert_eq!(foreign.status, StatusCode::FORBIDDEN, "{foreign}");
    assert!(file.text().starts_with("%PDF"), "the officer has the file to print");
    assert_eq!(ready.at("/full_name"), holder.citizen.full_name, "{ready}");
    assert!(told.contains("are ready"), "{told}");
    assert!(
        html.contains("id=\"copies\"") && html.contains("ready to be collected"),
        "{html}"
    );
    assert!(handed.at("/standing/handed_at").len() > 10, "{handed}");
    assert_eq!(twice.status, StatusCode::CONFLICT);
    assert_eq!(none.json()["copies"], json!([]));
    assert!(!html_of_officer.contains(">certificates-"), "{html_of_officer}");
    assert!(looks.contains("Cán bộ reviewer"), "{looks}");
    app.run_jobs().await;
}

#[tokio::test]
async fn the_form_opens_for_the_passcode_alone() {
    let app = TestApp::start().await;
    let mut holder = holder_of(&app).await;

    let without = holder
        .client
        .post("/procedures/criminal-record", &json!({ "whom": "self" }))
        .await;
    let wrong = json!({ "whom": "self", "passcode": "000000" });
    let wrong = holder.client.post("/procedures/criminal-record", &wrong).await;
    let page = holder.client.clone().browser().get("/procedures/criminal-record").await;
    let none = holder.client.get("/procedures").await.json();
    let right = json!({ "whom": "self", "passcode": PASSCODE });
    let right = holder.client.post("/procedures/criminal-record", &right).await;

    for refused in [without, wrong] {
        assert_eq!(refused.at("/type"), "/problems/signin-wrong-passcode", "{refused}");
    }
    assert!(page.text().contains("id=\"passcode\""), "{page}");
    assert_eq!(none["drafts"], json!([]));
    assert_eq!(right.status, StatusCode::OK, "{right}");
}

#[tokio::test]
async fn the_officer_sees_which_fee_was_claimed() {
    let app = TestApp::start().await;
    let mut holder = holder_of(&app).await;
    let mut officer = reviewer(&app, &holder).await;
    let sent = send(&mut holder.client, &json!({}), "exempt").await;
    let desk = format!("/officers/procedures/{}", sent.at("/id"));

    let before = officer.get(&desk).await;
    officer.post(&format!("{desk}/claim"), &json!({})).await;
    let held = officer.get(&desk).await;
    let page = officer.clone().browser().get(&desk).await;
    app.run_jobs().await;

    assert_eq!(
        before.json()["fee"],
        Value::Null,
        "who does not hold it sees nothing of it"
    );
    assert_eq!(held.json()["fee"], json!(["exempt", 0]));
    assert!(page.text().contains("id=\"fee\""), "{page}");
}
