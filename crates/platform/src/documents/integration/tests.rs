use jiff::SignedDuration;
use nation::sources::{Fate, Source as Database};
use serde_json::{Value, json};

use crate::applications::tests::newest_sms;
use crate::documents::tests::{adult, opened};
use crate::testing::{Client, TestApp};

/// What stands on the first vehicle of somebody.
async fn vehicle(client: &mut Client) -> (String, String) {
    let papers = client.get("/documents/vehicles").await.json();
    let part = &papers["content"]["parts"][0];
    let chassis = part["fields"]
        .as_array()
        .unwrap()
        .iter()
        .find(|field| field["name"] == "chassis")
        .unwrap();
    (
        part["title"].as_str().unwrap().to_owned(),
        chassis["value"].as_str().unwrap().to_owned(),
    )
}

fn form((plate, chassis): &(String, String)) -> Value {
    json!({ "kind": "vehicles", "number": plate, "second": chassis })
}

#[tokio::test]
async fn a_paper_that_differs_is_refused_by_field_mended_at_the_source_and_then_taken_in() {
    let app = TestApp::start().await;
    let person = adult(&app).await;
    let mut client = opened(&app, &person).await;
    let printed = vehicle(&mut client).await;
    let misfiled = Fate {
        misfiled: Some(Database::Vehicle),
        ..Fate::default()
    };
    app.faults().fates().set(person.number.as_str(), misfiled);
    crate::registries::read_all(&app).await;
    app.run_jobs().await;

    let gone = client.get("/documents/vehicles").await.json();
    let refused = client.post("/documents/integration", &form(&printed)).await.json();
    let correction = format!("/documents/integration/{}/correction", refused["id"].as_str().unwrap());
    client.post(&correction, &json!({})).await;
    let twice = client.post(&correction, &json!({})).await;
    for _ in 0..28 {
        app.advance(SignedDuration::from_hours(1));
        app.run_jobs().await;
    }
    let told = newest_sms(&app, &person).await;
    let mut client = opened(&app, &person).await;
    let reports = client.get("/documents/reports").await.json();
    let accepted = client.post("/documents/integration", &form(&printed)).await.json();
    let back = client.get("/documents/vehicles").await.json();
    crate::registries::read_all(&app).await;
    app.run_jobs().await;

    assert_eq!(gone["state"], "absent");
    assert_eq!(refused["matched"], "differs");
    let differs: Vec<bool> = refused["lines"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| line["agrees"] == true)
        .collect();
    assert_eq!(differs, [false, false, false], "{refused}");
    assert_eq!(twice.at("/type"), "/problems/documents-correction-asked");
    let dossiers = reports["reports"].as_array().unwrap();
    assert_eq!(dossiers.len(), 1, "one dossier for all that differs: {reports}");
    assert_eq!(dossiers[0]["state"], "accepted");
    assert_eq!(dossiers[0]["changes"].as_array().unwrap().len(), 3);
    assert!(told.contains("VNeID"), "{told}");
    assert_eq!(
        (&accepted["matched"], &back["state"]),
        (&json!("matched"), &json!("here"))
    );
}

#[tokio::test]
async fn a_wrong_second_number_is_answered_like_a_paper_that_is_not_there() {
    let app = TestApp::start().await;
    let person = adult(&app).await;
    let mut client = opened(&app, &person).await;
    let (plate, _) = vehicle(&mut client).await;

    let wrong_chassis = client
        .post("/documents/integration", &form(&(plate, "RLXX0000".to_owned())))
        .await;
    let no_such_plate = client
        .post(
            "/documents/integration",
            &form(&("92G-999.99".to_owned(), "RLXX0000".to_owned())),
        )
        .await;

    assert_eq!(wrong_chassis.text(), no_such_plate.text());
    assert_eq!(wrong_chassis.at("/errors/0/field"), "number");
}

#[tokio::test]
async fn the_paper_of_somebody_else_is_not_taken_in_and_nothing_of_them_is_shown() {
    let app = TestApp::start().await;
    let owner = adult(&app).await;
    let mut client = opened(&app, &owner).await;
    let printed = vehicle(&mut client).await;
    let other = app.citizens().find(|person| person.number != owner.number).unwrap();
    let mut stranger = opened(&app, &other).await;

    let answer = stranger.post("/documents/integration", &form(&printed)).await;

    assert_eq!(answer.at("/matched"), "differs");
    assert!(!answer.text().contains(&owner.full_name) && !answer.text().contains(owner.number.as_str()));
}
