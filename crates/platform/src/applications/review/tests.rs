use ::http::StatusCode;
use jiff::SignedDuration;
use nation::Person;
use serde_json::json;

use super::super::tests::{citizen, decide, officer, send_level_1};
use crate::officers::Role;
use crate::testing::{Client, TestApp};

/// A citizen with an application for level 1 that waits.
async fn waiting(app: &TestApp) -> (Person, Client, String) {
    let person = app.citizen();
    let mut client = citizen(app, &person, 0).await;
    let id = send_level_1(app, &person, &mut client).await;
    app.run_jobs().await;
    (person, client, id)
}

fn path(id: &str, what: &str) -> String {
    format!("/officers/applications/{id}{what}")
}

#[tokio::test]
async fn the_queue_tells_what_is_urgent_and_not_whose_it_is() {
    let app = TestApp::start().await;
    let (person, _, id) = waiting(&app).await;
    let mut reviewer = officer(&app, "xetduyet", Role::Reviewer).await;

    let calm = reviewer.get("/officers/queue").await;
    let level_2 = reviewer.get("/officers/queue?level=2").await;
    let claimed = reviewer.get("/officers/queue?state=claimed").await;
    app.advance(SignedDuration::from_hours(3 * 24));
    app.run_jobs().await;
    let mut reviewer = officer(&app, "xetduyet", Role::Reviewer).await;
    let late = reviewer.get("/officers/queue").await;
    let page = reviewer.clone().browser().get("/officers/queue").await.text();
    let desk = reviewer.get("/officers/desk").await;

    assert_eq!(calm.at("/entries/0/id"), id);
    assert_eq!(calm.at("/entries/0/urgency"), "calm");
    assert_eq!(
        calm.at("/entries/0/minutes_left"),
        "900",
        "the rest of Monday and Wednesday; Tuesday is a day off"
    );
    assert!(!calm.text().contains(person.number.as_str()) && !calm.text().contains(&person.full_name));
    assert_eq!(
        (level_2.at("/entries"), claimed.at("/entries")),
        ("[]".to_owned(), "[]".to_owned())
    );
    assert_eq!(late.at("/entries/0/urgency"), "late");
    assert!(page.contains(r#"class="late""#), "{page}");
    assert_eq!(
        (desk.at("/work/waiting"), desk.at("/work/late")),
        ("1".to_owned(), "1".to_owned())
    );
}

#[tokio::test]
async fn the_queue_is_ordered_by_the_limit() {
    let app = TestApp::start().await;
    let mut sent = Vec::new();
    for person in app.citizens().take(3) {
        let mut client = citizen(&app, &person, 0).await;
        sent.push(send_level_1(&app, &person, &mut client).await);
        app.advance(SignedDuration::from_hours(72));
    }
    app.run_jobs().await;
    let mut reviewer = officer(&app, "xetduyet", Role::Reviewer).await;

    let queue = reviewer.get("/officers/queue").await;

    let listed: Vec<String> = (0..3).map(|at| queue.at(&format!("/entries/{at}/id"))).collect();
    assert_eq!(listed, sent);
}

#[tokio::test]
async fn of_two_reviewers_at_once_one_gets_the_application() {
    let app = TestApp::start().await;
    let (_, _, id) = waiting(&app).await;
    let one = officer(&app, "xetduyet", Role::Reviewer).await;
    let other = officer(&app, "xetduyet2", Role::Reviewer).await;

    let claim = |mut client: Client| {
        let path = path(&id, "/claim");
        async move { client.post(&path, &json!({})).await }
    };
    let (first, second) = tokio::join!(claim(one.clone()), claim(other.clone()));

    let mut statuses = [first.status.as_u16(), second.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409], "{first}\n{second}");
    let loser = if first.status == StatusCode::OK { second } else { first };
    assert_eq!(loser.at("/type"), "/problems/applications-claimed");
}

#[tokio::test]
async fn of_two_decisions_at_once_one_counts() {
    let app = TestApp::start().await;
    let (person, mut client, id) = waiting(&app).await;
    let mut reviewer = officer(&app, "xetduyet", Role::Reviewer).await;
    reviewer.post(&path(&id, "/claim"), &json!({})).await;

    let send = |mut client: Client, body: serde_json::Value| {
        let path = path(&id, "/decision");
        async move { client.post(&path, &body).await.status.as_u16() }
    };
    let refusal = json!({ "decision": "refuse", "reasons": ["face-differs"] });
    let (one, other) = tokio::join!(
        send(reviewer.clone(), json!({ "decision": "approve" })),
        send(reviewer.clone(), refusal)
    );
    app.run_jobs().await;
    let shown = client.get(&format!("/applications/{id}")).await;

    let mut statuses = [one, other];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409]);
    assert_eq!(shown.at("/state"), if one == 200 { "approved" } else { "refused" });
    assert_eq!(
        app.mailbox(&person.phone.unwrap().e164()).await.len(),
        2,
        "receipt and one result"
    );
}

#[tokio::test]
async fn only_the_reviewer_who_holds_it_sees_and_decides() {
    let app = TestApp::start().await;
    let (person, _, id) = waiting(&app).await;
    let mut holder = officer(&app, "xetduyet", Role::Reviewer).await;
    let mut other = officer(&app, "xetduyet2", Role::Reviewer).await;
    holder.post(&path(&id, "/claim"), &json!({})).await;

    let page = other.get(&path(&id, "")).await;
    let picture = other.get(&path(&id, "/evidence/portrait")).await;
    let of_card = other.get(&path(&id, "/card-portrait")).await;
    let decision = other
        .post(&path(&id, "/decision"), &json!({ "decision": "approve" }))
        .await;
    let release = other.post(&path(&id, "/release"), &json!({})).await;
    let own = holder.get(&path(&id, "/evidence/portrait")).await;
    let own_card = holder.get(&path(&id, "/card-portrait")).await;

    assert_eq!(page.at("/opened"), "null");
    assert_eq!(page.at("/claimed_by_other"), "true");
    assert!(!page.text().contains(person.number.as_str()));
    for refused in [picture, of_card, decision, release] {
        assert_eq!(refused.at("/type"), "/problems/applications-not-claimed");
    }
    assert!(own.body.starts_with(&[0xff, 0xd8]) && own_card.body.starts_with(&[0xff, 0xd8]));
}

#[tokio::test]
async fn an_officer_in_another_role_and_one_whose_session_ended_are_refused() {
    let app = TestApp::start().await;
    let (_, _, id) = waiting(&app).await;
    let mut counter = officer(&app, "tiepnhan", Role::Counter).await;
    let mut reviewer = officer(&app, "xetduyet", Role::Reviewer).await;

    let mut refused = Vec::new();
    for what in ["", "/evidence/portrait", "/card-portrait"] {
        refused.push(counter.get(&path(&id, what)).await.status.as_u16());
    }
    refused.push(counter.get("/officers/queue").await.status.as_u16());
    for what in ["/claim", "/release", "/decision"] {
        refused.push(
            counter
                .post(&path(&id, what), &json!({ "decision": "approve" }))
                .await
                .status
                .as_u16(),
        );
    }
    app.advance(SignedDuration::from_hours(13));
    let ended = reviewer.post(&path(&id, "/claim"), &json!({})).await.status;
    let browser = reviewer.browser().get("/officers/queue").await.location();

    assert_eq!(refused, [403; 7]);
    assert_eq!(ended, StatusCode::UNAUTHORIZED);
    assert_eq!(browser, "/officers/signin?next=%2Fofficers%2Fqueue");
}

#[tokio::test]
async fn every_look_of_a_reviewer_is_in_the_citizens_history() {
    let app = TestApp::start().await;
    let (_, mut client, id) = waiting(&app).await;
    let mut reviewer = officer(&app, "xetduyet", Role::Reviewer).await;
    let looks = |history: crate::testing::Answer| {
        let history = history.json();
        let all = history["looks"].as_array().unwrap().clone();
        all.into_iter()
            .filter(|look| look["purpose"] == "review")
            .collect::<Vec<_>>()
    };

    reviewer.get(&path(&id, "")).await;
    let before = looks(client.get("/account/history").await);
    reviewer.post(&path(&id, "/claim"), &json!({})).await;
    reviewer.get(&path(&id, "")).await;
    reviewer.get(&path(&id, "/evidence/portrait")).await;
    reviewer
        .post(&path(&id, "/decision"), &json!({ "decision": "approve" }))
        .await;
    let after = looks(client.get("/account/history").await);
    app.run_jobs().await;

    assert!(before.is_empty(), "the outline of an application shows nobody's data");
    assert_eq!(after.len(), 4);
    assert!(
        after
            .iter()
            .all(|look| look["name"] == "Cán bộ xetduyet, Cục Cảnh sát QLHC về TTXH (C06)")
    );
    assert!(after.iter().any(|look| look["what"] == json!(["portrait"])));
}

#[tokio::test]
async fn an_application_given_back_can_be_taken_up_by_another() {
    let app = TestApp::start().await;
    let (_, _, id) = waiting(&app).await;
    let mut one = officer(&app, "xetduyet", Role::Reviewer).await;
    let mut other = officer(&app, "xetduyet2", Role::Reviewer).await;
    one.post(&path(&id, "/claim"), &json!({})).await;

    one.post(&path(&id, "/release"), &json!({})).await;
    let taken = other.post(&path(&id, "/claim"), &json!({})).await;
    app.advance(SignedDuration::from_hours(4));
    let abandoned = one.post(&path(&id, "/claim"), &json!({})).await;
    let too_late = other
        .post(&path(&id, "/decision"), &json!({ "decision": "approve" }))
        .await;
    app.run_jobs().await;

    assert_eq!(taken.status, StatusCode::OK);
    assert_eq!(
        abandoned.status,
        StatusCode::OK,
        "a claim of four hours ago was abandoned"
    );
    assert_eq!(too_late.at("/type"), "/problems/applications-not-claimed");
}

#[tokio::test]
async fn a_decision_without_reason_changes_nothing_and_keeps_the_page() {
    let app = TestApp::start().await;
    let (_, mut client, id) = waiting(&app).await;
    let mut reviewer = officer(&app, "xetduyet", Role::Reviewer).await;

    let refused = decide(&mut reviewer, &id, &json!({ "decision": "refuse", "reasons": [] })).await;
    let page = reviewer
        .clone()
        .browser()
        .form(&path(&id, "/decision"), &[("decision", "refuse")])
        .await;
    let shown = client.get(&format!("/applications/{id}")).await;

    assert_eq!(refused.at("/errors/0/field"), "reasons");
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.text().contains(r#"id="decision-form""#), "{}", page.text());
    assert_eq!(shown.at("/state"), "claimed");
}
