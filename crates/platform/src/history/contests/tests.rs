use ::http::StatusCode;
use jiff::SignedDuration;
use serde_json::json;

use crate::applications::tests::{citizen, newest_sms, officer};
use crate::history::{self, Look, Purpose, Who};
use crate::officers::Role;
use crate::testing::{Client, TestApp};

/// A citizen whose data an officer has seen; the look's identifier.
async fn seen(app: &TestApp, name: &str) -> (nation::Person, Client, String) {
    let person = app.citizen();
    let mut client = citizen(app, &person, 2).await;
    let (vault, number) = (app.vault.clone(), person.number.clone());
    let id = app
        .db
        .read(move |conn| crate::accounts::person_of(conn, &vault, &number))
        .await;
    app.advance(SignedDuration::from_secs(1));
    let who = Who::Officer(name.to_owned());
    let look = Look::now(app, id.unwrap().unwrap(), &who, Purpose::Review, "portrait card");
    app.db.write(move |tx| history::record(tx, &look)).await.unwrap();
    let look = client.get("/account/history?who=officer").await.at("/looks/0/look");
    (person, client, look)
}

#[tokio::test]
async fn a_contested_look_is_answered_in_time_and_its_holder_sees_the_answer() {
    let app = TestApp::start().await;
    let (person, mut client, look) = seen(&app, "Lê Văn Cường, Công an Phường Ba Đình").await;
    let mut inspector = officer(&app, "thanhtra", Role::Inspector).await;

    let empty = client
        .post(&format!("/account/history/{look}/contest"), &json!({}))
        .await;
    let reason = json!({ "reason": "tôi không nộp hồ sơ nào" });
    let filed = client.post(&format!("/account/history/{look}/contest"), &reason).await;
    let twice = client.post(&format!("/account/history/{look}/contest"), &reason).await;
    let waiting = inspector.get("/officers/contests").await;
    let id = waiting.at("/contests/0/contest");
    let dossier = inspector.get(&format!("/officers/contests/{id}")).await;
    let no_answer = inspector
        .post(&format!("/officers/contests/{id}"), &json!({ "outcome": "maybe" }))
        .await;
    let answer = json!({ "outcome": "mistaken", "answer": "cán bộ mở nhầm hồ sơ" });
    let answered = inspector.post(&format!("/officers/contests/{id}"), &answer).await;
    let again = inspector.post(&format!("/officers/contests/{id}"), &answer).await;
    let told = newest_sms(&app, &person).await;
    let shown = client.get("/account/history?who=officer&purpose=review").await;
    let looks = client.get("/account/history?purpose=contest").await;

    assert_eq!(empty.at("/errors/0/field"), "reason");
    assert_eq!(filed.at("/filed/due_at"), "2026-12-23T16:59:59.999999Z", "{filed}");
    assert_eq!(twice.at("/type"), "/problems/history-contested-already");
    assert_eq!(dossier.at("/seen/purpose"), "review");
    let fields = [no_answer.at("/errors/0/field"), no_answer.at("/errors/1/field")];
    assert_eq!(fields, ["outcome", "answer"]);
    assert_eq!(answered.at("/outcome"), "mistaken", "{answered}");
    assert_eq!(again.at("/type"), "/problems/history-answered-already");
    assert!(told.contains("Thanh tra da tra loi"), "{told}");
    assert_eq!(shown.at("/looks/0/contest/answer"), "cán bộ mở nhầm hồ sơ");
    assert_eq!(looks.json()["looks"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn nobody_answers_about_the_own_look_and_only_inspectors_answer() {
    let app = TestApp::start().await;
    let name = format!("Cán bộ thanhtra, {}", crate::officers::unit(crate::officers::MINISTRY));
    let (_, mut client, look) = seen(&app, &name).await;
    let mut inspector = officer(&app, "thanhtra", Role::Inspector).await;
    let mut reviewer = officer(&app, "xetduyet", Role::Reviewer).await;
    client
        .post(
            &format!("/account/history/{look}/contest"),
            &json!({ "reason": "vì sao" }),
        )
        .await;
    let id = inspector.get("/officers/contests").await.at("/contests/0/contest");

    let answer = json!({ "outcome": "lawful", "answer": "đúng việc" });
    let own = inspector.post(&format!("/officers/contests/{id}"), &answer).await;
    let other = reviewer.get(&format!("/officers/contests/{id}")).await;

    assert_eq!(own.at("/type"), "/problems/history-four-eyes", "{own}");
    assert_eq!(other.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_citizen_contests_no_own_look_and_no_others() {
    let app = TestApp::start().await;
    let (_, mut client, look) = seen(&app, "Lê Văn Cường").await;
    let other = app.citizens().nth(1).unwrap();
    let mut stranger = citizen(&app, &other, 2).await;
    let own = client.get("/account/history?who=holder").await.at("/looks/0/look");

    let foreign = stranger.get(&format!("/account/history/{look}/contest")).await;
    let of_oneself = client.get(&format!("/account/history/{own}/contest")).await;

    assert_eq!(foreign.status, StatusCode::NOT_FOUND);
    assert_eq!(of_oneself.at("/type"), "/problems/history-own-look");
}
