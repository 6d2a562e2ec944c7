use ::http::StatusCode;
use serde_json::{Value, json};

use crate::applications::tests::{citizen, newest_sms, officer, officer_of};
use crate::officers::Role;
use crate::testing::{Client, TestApp};

fn asked(person: &nation::Person, word: &str) -> Value {
    json!({
        "number": person.number.as_str(), "full_name": person.full_name, "word": word,
        "body": "Cơ quan Cảnh sát điều tra", "document": "12/QĐ-ĐTTH", "reason": "điều tra vụ án",
    })
}

async fn open_request(desk: &mut Client) -> String {
    desk.get("/officers/locks").await.at("/requests/0/request")
}

#[tokio::test]
async fn a_bodys_request_is_forwarded_decided_by_another_and_done_at_once() {
    let app = TestApp::start().await;
    let person = app.citizen();
    let mut client = citizen(&app, &person, 2).await;
    let mut investigator = officer_of(&app, "dieutra", Role::Investigator, "01").await;
    let mut ministry = officer(&app, "canbobo", Role::Ministry).await;

    let received = investigator.post("/officers/locks", &asked(&person, "lock")).await;
    let id = open_request(&mut investigator).await;
    let too_soon = json!({ "decision": "grant", "answer": "đủ căn cứ" });
    let early = ministry
        .post(&format!("/officers/locks/{id}/decision"), &too_soon)
        .await;
    let shown = investigator.get(&format!("/officers/locks/{id}")).await;
    let forwarded = investigator
        .post(&format!("/officers/locks/{id}/forward"), &json!({}))
        .await;
    let unfit = investigator
        .post(&format!("/officers/locks/{id}/decision"), &too_soon)
        .await;
    let granted = ministry
        .post(&format!("/officers/locks/{id}/decision"), &too_soon)
        .await;
    let twice = ministry
        .post(&format!("/officers/locks/{id}/decision"), &too_soon)
        .await;
    let told = newest_sms(&app, &person).await;
    let ended = client.get("/account").await.status;

    assert_eq!(received.status, StatusCode::OK, "{received}");
    // The 24th is a day off.
    assert_eq!(shown.at("/forward_by"), "2026-11-25T16:59:59.999999Z");
    assert_eq!(early.at("/type"), "/problems/locks-request-changed");
    assert_eq!(forwarded.at("/decide_by"), "2026-11-26T16:59:59.999999Z");
    assert_eq!(unfit.status, StatusCode::FORBIDDEN);
    assert_eq!(granted.at("/state"), "granted", "{granted}");
    assert_eq!(twice.at("/type"), "/problems/locks-request-changed");
    assert!(told.contains("theo yeu cau cua co quan co tham quyen"), "{told}");
    assert_eq!(ended, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_refusal_gives_its_reason_and_changes_nothing() {
    let app = TestApp::start().await;
    let person = app.citizen();
    let mut client = citizen(&app, &person, 2).await;
    let mut investigator = officer_of(&app, "dieutra", Role::Investigator, "01").await;
    let mut ministry = officer(&app, "canbobo", Role::Ministry).await;
    investigator.post("/officers/locks", &asked(&person, "lock")).await;
    let id = open_request(&mut investigator).await;
    investigator
        .post(&format!("/officers/locks/{id}/forward"), &json!({}))
        .await;

    let silent = json!({ "decision": "refuse", "answer": "" });
    let silent = ministry.post(&format!("/officers/locks/{id}/decision"), &silent).await;
    let refuse = json!({ "decision": "refuse", "answer": "văn bản không có dấu" });
    let refused = ministry.post(&format!("/officers/locks/{id}/decision"), &refuse).await;
    let shown = investigator.get(&format!("/officers/locks/{id}")).await;

    assert_eq!(silent.at("/errors/0/field"), "answer");
    assert_eq!(refused.at("/state"), "refused");
    assert_eq!(shown.at("/answer"), "văn bản không có dấu");
    assert_eq!(client.get("/account/locks").await.at("/account_locked"), "false");
}

#[tokio::test]
async fn a_wrong_name_a_wrong_form_and_an_unlock_of_nothing_are_refused() {
    let app = TestApp::start().await;
    let person = app.citizen();
    citizen(&app, &person, 2).await;
    let mut investigator = officer_of(&app, "dieutra", Role::Investigator, "01").await;
    let mut reviewer = officer(&app, "xetduyet", Role::Reviewer).await;

    let mut other = asked(&person, "lock");
    other["full_name"] = "Nguyễn Văn Khác".into();
    let other = investigator.post("/officers/locks", &other).await;
    let empty = investigator.post("/officers/locks", &json!({})).await;
    let nothing = investigator.post("/officers/locks", &asked(&person, "unlock")).await;
    let unfit = reviewer.post("/officers/locks", &asked(&person, "lock")).await;

    assert_eq!(other.at("/errors/0/field"), "full_name");
    let fields: Vec<String> = (0..5).map(|at| empty.at(&format!("/errors/{at}/field"))).collect();
    assert_eq!(fields, ["number", "word", "body", "document", "reason"]);
    assert_eq!(nothing.at("/type"), "/problems/locks-no-request-stands");
    assert_eq!(unfit.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_breach_is_found_by_one_decided_by_another_told_and_ends_when_it_is_remedied() {
    let app = TestApp::start().await;
    let person = app.citizen();
    let mut client = citizen(&app, &person, 2).await;
    let mut finder = officer_of(&app, "tiepnhan", Role::Counter, "00070").await;
    let mut ministry = officer(&app, "canbobo", Role::Ministry).await;
    let breach = |word: &str| {
        let mut asked = asked(&person, word);
        asked["ground"] = json!("breach");
        asked
    };

    let nothing = finder.post("/officers/locks", &breach("unlock")).await;
    let mut states = Vec::new();
    for word in ["lock", "unlock"] {
        finder.post("/officers/locks", &breach(word)).await;
        let page = format!("/officers/locks/{}", open_request(&mut finder).await);
        finder.post(&format!("{page}/forward"), &json!({})).await;
        let decision = json!({ "decision": "grant", "answer": "đủ căn cứ" });
        let decided = ministry.post(&format!("{page}/decision"), &decision).await;
        states.push((
            decided.at("/state"),
            decided.at("/ground"),
            newest_sms(&app, &person).await,
        ));
    }
    let unknown = json!({ "ground": "whim", "number": person.number.as_str(), "full_name": person.full_name, "word": "lock",
        "body": "x", "document": "12/QĐ", "reason": "y" });
    let unknown = finder.post("/officers/locks", &unknown).await;

    assert_eq!(nothing.at("/type"), "/problems/locks-no-request-stands");
    assert_eq!((states[0].0.as_str(), states[0].1.as_str()), ("granted", "breach"));
    assert!(states[0].2.contains("vi pham"), "{}", states[0].2);
    assert_eq!(states[1].0, "granted");
    assert_ne!(states[0].2, states[1].2);
    assert_eq!(client.get("/account").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(unknown.at("/errors/0/field"), "ground");
}
