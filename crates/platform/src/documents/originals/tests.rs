use ::http::StatusCode;
use jiff::SignedDuration;
use nation::sources::{Fate, Source as Database};
use serde_json::{Value, json};

use super::{Printed, order};
use crate::accounts;
use crate::applications::tests::{newest_sms, officer};
use crate::documents::tests::{adult, opened};
use crate::officers::Role;
use crate::testing::{Client, TestApp};

/// What is printed on the first vehicle of somebody.
async fn vehicle(client: &mut Client) -> Printed {
    let papers = client.get("/documents/vehicles").await.json();
    let part = &papers["content"]["parts"][0];
    let fields = part["fields"].as_array().unwrap();
    let chassis = fields.iter().find(|field| field["name"] == "chassis").unwrap();
    Printed {
        kind: "vehicles".to_owned(),
        number: part["title"].as_str().unwrap().to_owned(),
        second: chassis["value"].as_str().unwrap().to_owned(),
    }
}

fn misfile(app: &TestApp, person: &nation::Person) {
    let fate = Fate {
        misfiled: Some(Database::Vehicle),
        ..Fate::default()
    };
    app.faults().fates().set(person.number.as_str(), fate);
}

fn form(person: &nation::Person, printed: &Printed) -> Value {
    json!({
        "person": person.number.as_str(), "full_name": person.full_name, "seen": "yes",
        "kind": printed.kind, "number": printed.number, "second": printed.second,
    })
}

#[tokio::test]
async fn an_original_that_an_officer_has_seen_becomes_a_dossier_and_the_paper_comes_in() {
    let app = TestApp::start().await;
    let person = adult(&app).await;
    let mut client = opened(&app, &person).await;
    let printed = vehicle(&mut client).await;
    misfile(&app, &person);
    crate::registries::read_all(&app).await;
    app.run_jobs().await;
    let mut counter = officer(&app, "quay", Role::Counter).await;

    let taken = counter.post("/counter/originals", &form(&person, &printed)).await;
    for _ in 0..28 {
        app.advance(SignedDuration::from_hours(1));
        app.run_jobs().await;
    }
    crate::registries::read_all(&app).await;
    app.run_jobs().await;
    let mut client = opened(&app, &person).await;
    let reports = client.get("/documents/reports").await.json();
    let back = client.get("/documents/vehicles").await.json();
    let history = client.get("/account/history").await.text();

    assert_eq!(taken.at("/outcome"), "correcting", "{taken}");
    assert_eq!(reports["reports"][0]["state"], "accepted", "{reports}");
    assert!(reports["reports"][0]["note"].as_str().unwrap().contains("bản chính"));
    assert_eq!(back["state"], "here");
    assert!(
        history.contains("support"),
        "the officer stands in the history: {history}"
    );
    assert!(newest_sms(&app, &person).await.contains("VNeID"));
}

#[tokio::test]
async fn a_paper_that_agrees_is_taken_in_and_wrong_forms_are_told_by_field() {
    let app = TestApp::start().await;
    let person = adult(&app).await;
    let mut client = opened(&app, &person).await;
    let printed = vehicle(&mut client).await;
    client.post("/documents/vehicles/removal", &json!({})).await;
    let mut counter = officer(&app, "quay", Role::Counter).await;

    let mut unseen = form(&person, &printed);
    unseen["seen"] = json!("");
    unseen["number"] = json!("30");
    let unseen = counter.post("/counter/originals", &unseen).await;
    let mut stranger = form(&person, &printed);
    stranger["full_name"] = json!("Trần Văn Khác");
    let stranger = counter.post("/counter/originals", &stranger).await;
    let citizen = client.post("/counter/originals", &form(&person, &printed)).await;
    let taken = counter.post("/counter/originals", &form(&person, &printed)).await;
    let back = client.get("/documents/vehicles").await.json();

    let fields = [unseen.at("/errors/0/field"), unseen.at("/errors/1/field")];
    assert_eq!(fields, ["number", "seen"]);
    assert_eq!(stranger.at("/type"), "/problems/documents-original-nobody");
    assert_ne!(citizen.status, StatusCode::OK);
    assert_eq!(taken.at("/outcome"), "matched", "{taken}");
    assert_eq!(back["state"], "here");
}

#[tokio::test]
async fn what_was_noted_at_an_application_is_taken_up_once() {
    let app = TestApp::start().await;
    let holder = adult(&app).await;
    let mut client = opened(&app, &holder).await;
    let printed = vehicle(&mut client).await;
    misfile(&app, &holder);
    crate::registries::read_all(&app).await;
    app.run_jobs().await;
    let account = accounts::of_number(&app, &holder.number).await.unwrap().unwrap();
    let record =
        serde_json::to_vec(&json!({ "papers": [], "printed": [printed], "checked_by": "Lê Văn Quầy" })).unwrap();

    let parts: crate::app::App = (*app).clone();
    app.db
        .write(move |tx| order(tx, &parts, account.person, &record))
        .await
        .unwrap();
    app.run_jobs().await;
    let reports = client.get("/documents/reports").await.json();

    assert_eq!(reports["reports"].as_array().unwrap().len(), 1, "{reports}");
    assert!(reports["reports"][0]["note"].as_str().unwrap().contains("Lê Văn Quầy"));
}
