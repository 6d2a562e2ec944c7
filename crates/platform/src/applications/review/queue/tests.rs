use jiff::SignedDuration;
use serde_json::json;

use crate::applications::tests::{citizen, officer, officer_of, send_level_1};
use crate::officers::Role;
use crate::registries;
use crate::testing::{Client, TestApp};

/// An application for level 1 that waits; answers its id and the commune of the applicant's home.
async fn waiting(app: &TestApp, nth: usize) -> (String, String) {
    let person = app.citizens().nth(nth).unwrap();
    let mut client = citizen(app, &person, 0).await;
    let id = send_level_1(app, &person, &mut client).await;
    app.run_jobs().await;
    let record = registries::person(app, &person.number, "test")
        .await
        .unwrap()
        .unwrap()
        .record;
    (id, record.permanent_residence.unwrap().commune_code)
}

async fn ids(client: &mut Client, query: &str) -> Vec<String> {
    let queue = client.get(&format!("/officers/queue{query}")).await.json();
    let entries = queue["entries"].as_array().unwrap().clone();
    entries
        .iter()
        .map(|entry| entry["id"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn each_officer_has_the_queue_of_the_own_jurisdiction() {
    let app = TestApp::start().await;
    let (id, home) = waiting(&app, 0).await;
    let commune = civil::units::commune(&home).unwrap();
    let mut at_home = officer_of(&app, "tainha", Role::Reviewer, &home).await;
    let mut province = officer_of(&app, "tinh", Role::Reviewer, commune.province).await;
    let mut ministry = officer(&app, "bo", Role::Reviewer).await;
    let elsewhere = civil::units::communes()
        .find(|other| other.province != commune.province)
        .unwrap();
    let mut stranger = officer_of(&app, "noikhac", Role::Reviewer, elsewhere.code).await;

    assert_eq!(ids(&mut at_home, "").await, [id.as_str()]);
    assert_eq!(ids(&mut province, &format!("?unit={home}")).await, [id.as_str()]);
    assert_eq!(ids(&mut ministry, &format!("?unit={home}")).await, [id.as_str()]);
    assert_eq!(ids(&mut ministry, &format!("?unit={}", elsewhere.code)).await, [""; 0]);
    assert_eq!(ids(&mut stranger, "").await, [""; 0]);
    assert_eq!(
        ids(&mut stranger, &format!("?unit={home}")).await,
        [""; 0],
        "asking does not widen it"
    );
    assert_eq!(stranger.get("/officers/desk").await.at("/work/waiting"), "0");
    let claimed = at_home
        .post(&format!("/officers/applications/{id}/claim"), &json!({}))
        .await;
    assert_eq!(claimed.at("/may/decide"), "true", "{claimed}");
}

#[tokio::test]
async fn the_queue_is_filtered_by_risk_age_state_and_lateness() {
    let app = TestApp::start().await;
    let (id, _) = waiting(&app, 0).await;
    let reviewer = officer(&app, "xetduyet", Role::Reviewer).await;

    let fits = |queries: &'static [&'static str]| {
        let mut reviewer = reviewer.clone();
        async move {
            let mut found = Vec::new();
            for query in queries {
                found.push(ids(&mut reviewer, query).await.len());
            }
            found
        }
    };
    let fresh = fits(&[
        "?risk=low",
        "?risk=high",
        "?age=1",
        "?state=submitted",
        "?state=proposed",
        "?late=on",
    ])
    .await;
    app.advance(SignedDuration::from_hours(72));
    app.run_jobs().await;
    let mut reviewer = officer(&app, "xetduyet", Role::Reviewer).await;
    let late = ids(&mut reviewer, "?late=on").await;
    let old = ids(&mut reviewer, "?age=3").await;

    assert_eq!(fresh, [1, 0, 0, 1, 0, 0]);
    assert_eq!((late, old), (vec![id.clone()], vec![id]));
}

#[tokio::test]
async fn the_most_urgent_free_application_is_taken_up_by_one_key() {
    let app = TestApp::start().await;
    let (first, _) = waiting(&app, 0).await;
    app.advance(SignedDuration::from_hours(48));
    let (second, _) = waiting(&app, 1).await;
    let mut one = officer(&app, "xetduyet", Role::Reviewer).await;
    let mut other = officer(&app, "xetduyet2", Role::Reviewer).await;

    let taken = one.post("/officers/queue/next", &json!({})).await.at("/id");
    let next = other.post("/officers/queue/next", &json!({})).await.at("/id");
    let nothing = other.post("/officers/queue/next", &json!({})).await.at("/type");

    assert_eq!((taken, next), (first, second));
    assert_eq!(nothing, "/problems/applications-nothing-waits");
}

#[tokio::test]
async fn a_chief_sees_what_is_late_and_gives_it_back_to_the_queue() {
    let app = TestApp::start().await;
    let (id, home) = waiting(&app, 0).await;
    app.advance(SignedDuration::from_hours(72));
    app.run_jobs().await;
    let mut reviewer = officer(&app, "xetduyet", Role::Reviewer).await;
    let mut chief = officer_of(&app, "chihuy", Role::Chief, &home).await;
    let mut stranger = officer_of(&app, "noikhac", Role::Chief, "00004").await;
    let release = format!("/officers/applications/{id}/release");
    reviewer
        .post(&format!("/officers/applications/{id}/claim"), &json!({}))
        .await;

    let late = chief.get("/officers/late").await;
    let page = chief.clone().browser().get("/officers/late").await.text();
    let beyond = stranger.get(&format!("/officers/late?unit={home}")).await.at("/type");
    let not_theirs = stranger.post(&release, &json!({})).await.at("/type");
    let freed = chief.post(&release, &json!({})).await;
    let decided = reviewer
        .post(
            &format!("/officers/applications/{id}/decision"),
            &json!({ "decision": "approve" }),
        )
        .await;

    assert_eq!(late.at("/entries/0/id"), id, "{late}");
    assert!(page.contains(&release), "{page}");
    assert_eq!(beyond, "/problems/officers-jurisdiction");
    assert_eq!(not_theirs, "/problems/officers-jurisdiction");
    assert_eq!(freed.at("/state"), "submitted", "{freed}");
    assert_eq!(decided.at("/type"), "/problems/applications-not-claimed");
}
