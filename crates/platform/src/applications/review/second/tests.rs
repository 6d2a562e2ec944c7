use serde_json::json;

use crate::applications::tests::{citizen, officer, send_with_face_of};
use crate::officers::Role;
use crate::testing::{Client, TestApp};

/// An application with the face of somebody else, taken up by a reviewer; answers its id.
async fn doubtful(app: &TestApp, reviewer: &mut Client) -> (Client, String) {
    let mut people = app.citizens();
    let (person, other) = (people.next().unwrap(), people.next().unwrap());
    let mut client = citizen(app, &person, 0).await;
    let id = send_with_face_of(app, &other, &person, &mut client).await;
    app.run_jobs().await;
    let claimed = reviewer.post(&path(&id, "claim"), &json!({})).await;
    assert_ne!(claimed.at("/opened/failing"), "[]", "{claimed}");
    (client, id)
}

fn path(id: &str, what: &str) -> String {
    format!("/officers/applications/{id}/{what}")
}

#[tokio::test]
async fn an_approval_against_a_failing_check_takes_a_second_officer() {
    let app = TestApp::start().await;
    let mut one = officer(&app, "xetduyet", Role::Reviewer).await;
    let mut other = officer(&app, "xetduyet2", Role::Reviewer).await;
    let (mut client, id) = doubtful(&app, &mut one).await;

    let without_words = one
        .post(&path(&id, "decision"), &json!({ "decision": "approve" }))
        .await;
    let reason = "Đã gọi điện, đối chiếu bản gốc";
    let proposed = one
        .post(
            &path(&id, "decision"),
            &json!({ "decision": "approve", "remark": reason }),
        )
        .await;
    let by_myself = one.post(&path(&id, "confirmation"), &json!({ "confirm": "yes" })).await;
    let shown_to_me = one.get(&format!("/officers/applications/{id}")).await;
    let waiting = client.get(&format!("/applications/{id}")).await;
    let shown_to_other = other.get(&format!("/officers/applications/{id}")).await;
    let page = other
        .clone()
        .browser()
        .get(&format!("/officers/applications/{id}"))
        .await
        .text();
    let picture = other.get(&path(&id, "evidence/portrait")).await.status.as_u16();
    let confirmed = other
        .post(&path(&id, "confirmation"), &json!({ "confirm": "yes" }))
        .await;
    let again = other
        .post(&path(&id, "confirmation"), &json!({ "confirm": "yes" }))
        .await;
    app.run_jobs().await;

    assert_eq!(without_words.at("/errors/0/field"), "remark");
    assert_eq!(proposed.at("/state"), "proposed", "{proposed}");
    assert_eq!(by_myself.at("/type"), "/problems/officers-four-eyes");
    assert_eq!(shown_to_me.at("/opened"), "null");
    assert!(
        waiting.at("/state") == "proposed" && !waiting.text().contains(reason),
        "{waiting}"
    );
    assert_eq!(shown_to_other.at("/opened/proposal"), reason);
    assert!(
        page.contains(r#"id="confirmation""#) && page.contains(r#"id="failing""#),
        "{page}"
    );
    assert_eq!(picture, 200);
    assert_eq!(confirmed.at("/state"), "approved", "{confirmed}");
    assert_eq!(again.at("/type"), "/problems/applications-changed");
}

#[tokio::test]
async fn a_proposal_that_is_not_confirmed_goes_back_to_the_queue() {
    let app = TestApp::start().await;
    let mut one = officer(&app, "xetduyet", Role::Reviewer).await;
    let mut chief = officer(&app, "chihuy", Role::Chief).await;
    let (_, id) = doubtful(&app, &mut one).await;
    let proposal = json!({ "decision": "approve", "remark": "Tin người nộp" });
    one.post(&path(&id, "decision"), &proposal).await;

    let undecided = chief.post(&path(&id, "confirmation"), &json!({})).await;
    let back = chief
        .post(&path(&id, "confirmation"), &json!({ "confirm": "no" }))
        .await;
    let queue = one.get("/officers/queue").await;

    assert_eq!(undecided.at("/errors/0/field"), "confirm");
    assert_eq!(back.at("/state"), "submitted", "{back}");
    assert_eq!(
        (queue.at("/entries/0/id"), queue.at("/entries/0/risk")),
        (id, "high".to_owned())
    );
}
