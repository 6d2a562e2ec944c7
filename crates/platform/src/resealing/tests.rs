use std::collections::BTreeSet;

use ::http::StatusCode;
use serde_json::json;

use super::inventory::INVENTORY;
use super::{jobs, nothing_is_left, run_to_the_end};
use crate::applications::tests::{PASSCODE, citizen};
use crate::evidence;
use crate::migrations;
use crate::officers::{self, Role};
use crate::shell::ids::PersonId;
use crate::testing::{Client, TestApp};

const PASSWORD: &str = "Hoa#Sen2026x";

async fn administrator(app: &TestApp) -> Client {
    officers::appoint(app, "admin", "Quản trị", Role::Administrator, "00004", PASSWORD)
        .await
        .unwrap();
    let mut client = app.client();
    client
        .post("/officers/signin", &json!({ "login": "admin", "password": PASSWORD }))
        .await;
    client
}

/// Whoever adds a sealed column adds it to the inventory of `rules.rs`, or it would stay under an old key for ever.
#[test]
fn every_sealed_column_of_the_schema_is_in_the_inventory() {
    let mut columns = BTreeSet::new();
    for step in migrations::all() {
        let mut table = "";
        for line in step.sql.lines() {
            let mut words = line.split([' ', '(', ',', ';']).filter(|word| !word.is_empty());
            let all: Vec<&str> = words.by_ref().collect();
            if let Some(at) = all.iter().position(|word| *word == "TABLE") {
                table = all[at + 1..]
                    .iter()
                    .find(|word| !["IF", "NOT", "EXISTS"].contains(word))
                    .unwrap();
                if all.contains(&"DROP") {
                    columns.retain(|column: &String| !column.starts_with(&format!("{table}.")));
                }
            }
            if !line.trim_start().starts_with("--") {
                let sealed = all.iter().find(|word| word.ends_with("_sealed"));
                columns.extend(sealed.map(|column| format!("{table}.{column}")));
            }
        }
    }

    let inventory: BTreeSet<String> = INVENTORY.iter().map(super::rules::Sealed::place).collect();

    assert_eq!(inventory, columns);
}

#[tokio::test]
async fn everything_is_sealed_anew_and_opens_without_the_old_key() {
    let app = TestApp::start().await;
    let person = app.citizen();
    let mut client = citizen(&app, &person, 2).await;
    app.run_jobs().await;

    app.keys.rotate_sealing().unwrap();
    let before = jobs::left(&app).await.unwrap();
    let refused = nothing_is_left(&app).await;
    let told = run_to_the_end(&app).await.unwrap();
    nothing_is_left(&app).await.unwrap();
    let forgotten = app.keys.forget_sealing().unwrap();

    let card = client.post("/eid", &json!({ "passcode": PASSCODE })).await;
    assert_eq!(card.at("/full_name"), person.full_name);
    assert!(client.get("/account/history").await.text().contains("own-data"));
    assert!(before > 5 && refused.is_err() && forgotten == 1, "{before} {forgotten}");
    assert!(told.ends_with("Everything opens."), "{told}");
}

#[tokio::test]
async fn a_run_that_is_cut_off_goes_on_where_it_was_and_seals_each_value_once() {
    let app = TestApp::start().await;
    citizen(&app, &app.citizen(), 2).await;
    app.run_jobs().await;
    app.keys.rotate_sealing().unwrap();
    let before = jobs::left(&app).await.unwrap();

    for _ in 0..4 {
        assert!(jobs::piece(&app).await.unwrap());
    }
    let between = jobs::left(&app).await.unwrap();
    run_to_the_end(&app).await.unwrap();

    let resealed: i64 = jobs::progress(&app)
        .await
        .unwrap()
        .iter()
        .map(|column| column.resealed)
        .sum();
    assert!(between < before, "{between} of {before}");
    assert_eq!(resealed, before);
}

#[tokio::test]
async fn an_administrator_lets_the_outbox_do_it_and_sees_how_far_it_is() {
    let app = TestApp::start().await;
    citizen(&app, &app.citizen(), 1).await;
    let mut admin = administrator(&app).await;
    app.run_jobs().await;
    app.keys.rotate_sealing().unwrap();

    let before = admin.get("/resealing").await;
    let page = admin.clone().browser().get("/resealing").await;
    admin.post("/resealing", &json!({})).await;
    app.run_jobs().await;
    let after = admin.get("/resealing").await;

    assert_ne!(before.at("/left"), "0");
    assert!(page.text().contains("resealing-start"), "{}", page.text());
    assert_eq!(after.at("/left"), "0", "{after}");
}

#[tokio::test]
async fn only_an_administrator_sees_it() {
    let app = TestApp::start().await;

    let nobody = app.client().get("/resealing").await;

    assert_eq!(nobody.status, StatusCode::UNAUTHORIZED);
}

/// Evidence is outside the database: it is sealed anew by its owner's function, and an earlier key is not forgotten before.
#[tokio::test]
async fn evidence_is_sealed_anew_before_the_old_key_is_forgotten() {
    let app = TestApp::start().await;
    let person = PersonId::draw(&app.chance);
    let held = evidence::place(&app, person, "portrait", "image/jpeg", b"a portrait")
        .await
        .unwrap();
    let (piece, now) = (held.piece(), app.now());
    app.db
        .write(move |tx| evidence::keep(tx, &held, now))
        .await
        .map_err(|problem| problem.slug())
        .unwrap();
    app.keys.rotate_sealing().unwrap();

    while jobs::piece(&app).await.unwrap() {}
    let refused = nothing_is_left(&app).await;
    run_to_the_end(&app).await.unwrap();
    nothing_is_left(&app).await.unwrap();
    app.keys.forget_sealing().unwrap();

    assert!(refused.is_err_and(|left| left.to_string().contains("evidence")));
    assert_eq!(
        evidence::read(&app, &person, &piece).await.unwrap().unwrap(),
        b"a portrait"
    );
    app.run_jobs().await;
}
