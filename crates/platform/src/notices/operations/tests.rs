use serde_json::json;

use crate::accounts::Level;
use crate::notices::command::Command;
use crate::officers::{self, Role};
use crate::shell::jobs as outbox;
use crate::testing::{Client, TestApp};

const PASSWORD: &str = "Hoa#Sen2026x";

async fn officer(app: &TestApp, login: &str, role: Role, unit: &str) -> Client {
    officers::appoint(app, login, "Cán bộ", role, unit, PASSWORD)
        .await
        .unwrap();
    let mut client = app.client();
    client
        .post("/officers/signin", &json!({ "login": login, "password": PASSWORD }))
        .await;
    client
}

#[tokio::test]
async fn operators_see_runs_costs_and_what_was_given_up_and_others_do_not() {
    let app = TestApp::start().await;
    let mut administrator = officer(&app, "admin", Role::Administrator, "00004").await;
    let mut counter = officer(&app, "quay", Role::Counter, "00004").await;
    Command::Daily { now: true }.run(&app).await.unwrap();
    app.run_jobs().await;

    let seen = administrator.get("/officers/notices").await;
    let page = administrator.clone().browser().get("/officers/notices").await.text();
    let refused = counter.get("/officers/notices").await;

    assert_eq!(seen.at("/rounds/0/day"), "2026-11-23");
    assert_eq!(
        (seen.at("/costs"), seen.at("/dead")),
        ("[]".to_owned(), "[]".to_owned())
    );
    assert!(
        page.contains("id=\"runs\"") && page.contains("id=\"no-dead\""),
        "{page}"
    );
    let birthdays = r#"<td class="nowrap">23/11</td>"#;
    assert!(
        page.contains(r#"<td class="nowrap">23/11/2026</td>"#) && page.contains(birthdays),
        "{page}"
    );
    assert_eq!(refused.status, 403);
    assert_eq!(app.client().get("/officers/notices").await.status, 401);
}

#[tokio::test]
async fn what_was_given_up_is_told_and_can_be_tried_once_more() {
    let app = TestApp::start().await;
    let holder = app.holder(app.citizen(), Level::One).await;
    let phone = holder.citizen.phone.clone().unwrap().e164();
    let lost = crate::notices::sms(&app, &phone, "lost".to_owned());
    app.db.write(move |tx| outbox::enqueue(tx, &lost)).await.unwrap();
    outbox::give_up_all(&app, "no centre takes it").await.unwrap();

    let told = Command::Dead { again: false }.run(&app).await.unwrap();
    let nothing = app.mailbox(&phone).await;
    let again = Command::Dead { again: true }.run(&app).await.unwrap();

    assert!(
        told.contains("notices-send") && told.contains("no centre takes it"),
        "{told}"
    );
    assert_eq!(nothing, []);
    assert!(again.contains("1 are tried once more"), "{again}");
    assert_eq!(app.mailbox(&phone).await.len(), 1);
}
