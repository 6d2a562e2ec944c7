use serde_json::{Value, json};

use crate::applications::tests::{citizen, officer, officer_of, send_level_1, send_with_face_of};
use crate::officers::Role;
use crate::testing::TestApp;

#[tokio::test]
async fn a_batch_does_what_is_lawful_and_names_what_is_not() {
    let app = TestApp::start().await;
    let mut people = app.citizens();
    let (sound, doubtful, other) = (people.next().unwrap(), people.next().unwrap(), people.next().unwrap());
    let mut client = citizen(&app, &sound, 0).await;
    let clear = send_level_1(&app, &sound, &mut client).await;
    let mut client = citizen(&app, &doubtful, 0).await;
    let unclear = send_with_face_of(&app, &other, &doubtful, &mut client).await;
    app.run_jobs().await;
    let mut reviewer = officer(&app, "xetduyet", Role::Reviewer).await;
    let nobodys = "0".repeat(32);
    let ids = json!([clear, unclear, nobodys]);

    let claimed = reviewer
        .post("/officers/queue/batch", &json!({ "what": "claim", "application": ids }))
        .await;
    let approved = reviewer
        .post(
            "/officers/queue/batch",
            &json!({ "what": "approve", "application": ids }),
        )
        .await;
    let refused = reviewer
        .post(
            "/officers/queue/batch",
            &json!({ "what": "refuse", "application": ids }),
        )
        .await;
    let none = reviewer
        .post("/officers/queue/batch", &json!({ "what": "claim", "application": [] }))
        .await;
    let page = reviewer
        .clone()
        .browser()
        .form(
            "/officers/queue/batch",
            &[("what", "release"), ("application", &unclear), ("application", &clear)],
        )
        .await
        .text();
    app.run_jobs().await;

    assert_eq!(claimed.at("/done"), "2", "{claimed}");
    let outcomes: Vec<Value> = approved.json()["outcomes"].as_array().unwrap().clone();
    let why: Vec<&str> = outcomes
        .iter()
        .map(|outcome| outcome["refused"].as_str().unwrap_or("done"))
        .collect();
    assert_eq!(why, ["done", "applications-batch-risk", "not-found"]);
    assert_eq!(refused.at("/errors/0/field"), "what");
    assert_eq!(none.at("/errors/0/field"), "application");
    assert!(page.contains("1 / 2"), "{page}");
}

#[tokio::test]
async fn a_batch_is_not_for_the_counter_and_not_beyond_the_jurisdiction() {
    let app = TestApp::start().await;
    let person = app.citizen();
    let mut client = citizen(&app, &person, 0).await;
    let id = send_level_1(&app, &person, &mut client).await;
    app.run_jobs().await;
    let mut counter = officer(&app, "tiepnhan", Role::Counter).await;
    let mut elsewhere = officer_of(&app, "xetduyet", Role::Reviewer, "00004").await;
    let batch = json!({ "what": "claim", "application": [id] });

    let by_counter = counter.post("/officers/queue/batch", &batch).await.at("/type");
    let by_other = elsewhere.post("/officers/queue/batch", &batch).await;

    assert_eq!(by_counter, "/problems/officers-other-role");
    assert_eq!(by_other.at("/outcomes/0/refused"), "officers-jurisdiction");
}
