use ::http::StatusCode;
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::accounts::Level;
use crate::officers::{self, Role};
use crate::testing::{Answer, Client, Holder, TestApp};

const PASSWORD: &str = "Hoa#Sen2026x";
/// The first day of the description of CT07 that comes with the program.
const SINCE: &str = "2025-07-01";

/// A reviewer of the unit that is competent for a person.
pub(crate) async fn reviewer(app: &TestApp, person: &nation::Person) -> Client {
    officer(app, "reviewer", Role::Reviewer, person.permanent_residence.commune.code).await
}

async fn officer(app: &TestApp, login: &str, role: Role, unit: &str) -> Client {
    officers::appoint(app, login, "Trần Văn Duyệt", role, unit, PASSWORD)
        .await
        .unwrap();
    let mut client = app.client();
    let signed_in = client
        .post("/officers/signin", &json!({ "login": login, "password": PASSWORD }))
        .await;
    assert_eq!(signed_in.status, StatusCode::OK, "{signed_in}");
    client
}

/// A new draft of a procedure for oneself: its address.
pub(super) async fn open(client: &mut Client, code: &str) -> String {
    open_with(client, code, &json!({ "whom": "self" })).await
}

pub(super) async fn open_with(client: &mut Client, code: &str, form: &Value) -> String {
    let opened = client.post(&format!("/procedures/{code}"), form).await;
    assert_eq!(opened.status, StatusCode::OK, "{opened}");
    format!("/procedures/drafts/{}", opened.at("/id"))
}

/// Fills CT07 in and sends it; what the applicant is shown.
async fn send(holder: &mut Holder) -> Answer {
    let draft = open(&mut holder.client, "ct07").await;
    let filled = json!({ "content": "relatives", "purpose": "Nhập học cho con", "go": "check" });
    let checked = holder.client.post(&draft, &filled).await;
    assert_eq!(checked.status, StatusCode::OK, "{checked}");
    let agreed = json!({ "consent-share": "on", "version": checked.at("/version") });
    holder.client.post(&format!("{draft}/check"), &agreed).await
}

pub(super) async fn decide(officer: &mut Client, dossier: &str, what: &str, words: &str) -> Answer {
    let address = format!("/officers/procedures/{dossier}/decision");
    officer.post(&address, &json!({ "what": what, "words": words })).await
}

fn field<'a>(form: &'a Value, name: &str) -> Option<&'a Value> {
    form["fields"]
        .as_array()
        .unwrap()
        .iter()
        .find(|field| field["name"] == name)
}

#[tokio::test]
async fn a_request_goes_from_the_form_to_the_result_in_the_citizens_hands() {
    let app = TestApp::start().await;
    let citizen = app.citizen();
    let mut holder = app.holder(citizen.clone(), Level::Two).await;
    let mut officer = reviewer(&app, &citizen).await;

    let sent = send(&mut holder).await;
    let id = sent.at("/id");
    let waiting = officer.get("/officers/procedures").await;
    let closed = officer.get(&format!("/officers/procedures/{id}")).await;
    let claimed = officer
        .post(&format!("/officers/procedures/{id}/claim"), &json!({}))
        .await;
    decide(&mut officer, &id, "received", "").await;
    let decided = decide(&mut officer, &id, "granted", "Đã đối chiếu").await;
    let tracked = holder.client.get(&format!("/procedures/dossiers/{id}")).await;
    let page = holder
        .client
        .clone()
        .browser()
        .get(&format!("/procedures/dossiers/{id}"))
        .await;
    let looks = holder.client.get("/account/history").await;

    assert_eq!(sent.at("/status"), "new", "{sent}");
    assert!(sent.at("/number").starts_with("CT07-261123-"), "{sent}");
    // Three working days; the 24th is a holiday.
    assert!(sent.at("/deadline_at").starts_with("2026-11-27T16:59:59"), "{sent}");
    assert_eq!(waiting.at("/dossiers/0/id"), id);
    assert_eq!(
        closed.json()["values"],
        json!([]),
        "nothing is shown before it is taken up"
    );
    assert!(claimed.text().contains(citizen.number.as_str()), "{claimed}");
    assert_eq!(decided.at("/status"), "returned", "{decided}");
    assert_eq!(tracked.at("/status_code"), "10");
    assert_eq!(tracked.at("/decision/granted"), "true");
    let events: Vec<String> = tracked.json()["steps"]
        .as_array()
        .unwrap()
        .iter()
        .map(|step| step["event"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(events, ["submitted", "received", "begun", "granted", "returned"]);
    assert!(
        page.text().contains("id=\"result\"") && !page.text().contains(">procedure"),
        "{}",
        page.text()
    );
    assert!(
        looks.text().contains("Trần Văn Duyệt"),
        "the officer's look is in the history: {looks}"
    );
    let told = holder.client.get("/notices").await.text();
    assert_eq!(told.matches("procedures/dossiers").count(), 3, "{told}");
    app.run_jobs().await;
}

#[tokio::test]
async fn what_was_granted_is_in_the_wallet() {
    let app = TestApp::start().await;
    let citizen = app.citizen();
    let mut client = crate::applications::tests::citizen(&app, &citizen, 2).await;
    let mut officer = reviewer(&app, &citizen).await;
    let draft = open(&mut client, "ct07").await;
    let filled = json!({ "content": "relatives", "purpose": "Nhập học", "go": "check" });
    client.post(&draft, &filled).await;
    let agreed = json!({ "consent-share": "on", "version": SINCE });
    let id = client.post(&format!("{draft}/check"), &agreed).await.at("/id");
    let wallet = json!({ "passcode": crate::applications::tests::PASSCODE });
    let before = client.post("/documents", &wallet).await;
    officer
        .post(&format!("/officers/procedures/{id}/claim"), &json!({}))
        .await;
    decide(&mut officer, &id, "received", "").await;
    decide(&mut officer, &id, "granted", "").await;

    let after = client.get("/documents").await;
    let page = client.clone().browser().get("/documents").await;

    assert_eq!(before.json()["results"], json!([]));
    assert_eq!(after.at("/results/0/id"), id);
    assert!(page.text().contains("id=\"results\""), "{}", page.text());
    app.run_jobs().await;
}

#[tokio::test]
async fn what_the_state_knows_is_shown_with_its_source_and_never_asked() {
    let app = TestApp::start().await;
    let citizen = app.citizen();
    let mut holder = app.holder(citizen.clone(), Level::Two).await;

    let draft = open(&mut holder.client, "ct07").await;
    let form = holder.client.get(&draft).await.json();
    let typed = holder
        .client
        .post(&draft, &json!({ "full_name": "Kẻ Mạo Danh", "purpose": "x" }))
        .await
        .json();
    let page = holder.client.clone().browser().get(&draft).await.text();

    let name = field(&form, "full_name").unwrap();
    assert_eq!(
        (&name["value"], &name["told"]["source"]),
        (&json!(citizen.full_name), &json!("population"))
    );
    assert_eq!(field(&typed, "full_name").unwrap()["value"], citizen.full_name);
    assert!(field(&form, "purpose").unwrap()["told"].is_null());
    assert!(
        !page.contains("name=\"full_name\"") && page.contains("name=\"purpose\""),
        "{page}"
    );
    assert!(!page.contains(">procedure"), "{page}");
}

#[tokio::test]
async fn whatever_is_typed_is_kept_and_nothing_wrong_is_sent_in() {
    let app = TestApp::start().await;
    let mut holder = app.holder(app.citizen(), Level::Two).await;
    let draft = open(&mut holder.client, "ct07").await;

    let wrong = json!({ "content": "moon", "purpose": "x".repeat(501), "go": "check" });
    let refused = holder.client.post(&draft, &wrong).await;
    let kept = holder.client.get(&draft).await.json();
    let blind = json!({ "consent-share": "on", "version": SINCE });
    let sent = holder.client.post(&format!("{draft}/check"), &blind).await;
    let right = json!({ "content": "relatives", "purpose": "x", "go": "check" });
    holder.client.post(&draft, &right).await;
    let page = holder.client.clone().browser().get(&format!("{draft}/check")).await;
    let unagreed = holder
        .client
        .post(&format!("{draft}/check"), &json!({ "version": SINCE }))
        .await;
    let first = holder.client.post(&format!("{draft}/check"), &blind).await;
    let twice = holder.client.post(&format!("{draft}/check"), &blind).await;

    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(
        (refused.at("/errors/0/field"), refused.at("/errors/1/field")),
        ("content".into(), "purpose".into())
    );
    assert_eq!(field(&kept, "content").unwrap()["value"], "moon");
    assert_eq!(sent.status, StatusCode::UNPROCESSABLE_ENTITY, "{sent}");
    assert_eq!(unagreed.at("/errors/0/field"), "consent-share");
    assert!(page.sends_once("send-form"), "{page}");
    assert_eq!((first.status, twice.status), (StatusCode::OK, StatusCode::NOT_FOUND));
    app.run_jobs().await;
}

#[tokio::test]
async fn the_limit_stands_still_while_something_is_missing_and_never_ends_earlier() {
    let app = TestApp::start().await;
    let citizen = app.citizen();
    let mut holder = app.holder(citizen.clone(), Level::Two).await;
    let mut officer = reviewer(&app, &citizen).await;
    let id = send(&mut holder).await.at("/id");
    officer
        .post(&format!("/officers/procedures/{id}/claim"), &json!({}))
        .await;
    decide(&mut officer, &id, "received", "").await;

    let silent = decide(&mut officer, &id, "more-asked", " ").await;
    decide(&mut officer, &id, "more-asked", "Thiếu tên trường").await;
    let paused = holder.client.get(&format!("/procedures/dossiers/{id}")).await;
    // From Monday 09:00 to Wednesday 09:00; Tuesday is a holiday: one working day.
    app.advance(SignedDuration::from_hours(48));
    let mut other = app.holder(app.citizens().nth(1).unwrap(), Level::Two).await;
    let stranger = other
        .client
        .post(
            &format!("/procedures/dossiers/{id}/supplement"),
            &json!({ "words": "x" }),
        )
        .await;
    app.sign_in(&mut holder).await;
    let supplied = holder
        .client
        .post(
            &format!("/procedures/dossiers/{id}/supplement"),
            &json!({ "words": "Trường Ba Đình" }),
        )
        .await;

    assert_eq!(silent.at("/errors/0/field"), "words");
    assert_eq!(
        (paused.at("/status_code"), paused.at("/left_minutes")),
        ("5".into(), "null".into())
    );
    assert_eq!(stranger.status, StatusCode::NOT_FOUND);
    assert_eq!(supplied.at("/status"), "processing", "{supplied}");
    assert!(
        supplied.at("/deadline_at").starts_with("2026-11-30T16:59:59"),
        "{supplied}"
    );
    app.run_jobs().await;
}

#[tokio::test]
async fn a_document_that_was_missing_is_seen_by_its_applicant_and_by_who_holds_the_dossier() {
    let app = TestApp::start().await;
    let citizen = app.citizen();
    let mut holder = app.holder(citizen.clone(), Level::Two).await;
    let mut other = app.holder(app.citizens().nth(1).unwrap(), Level::Two).await;
    let mut officer = reviewer(&app, &citizen).await;
    let id = send(&mut holder).await.at("/id");
    let desk = format!("/officers/procedures/{id}");
    officer.post(&format!("{desk}/claim"), &json!({})).await;
    decide(&mut officer, &id, "received", "").await;
    decide(&mut officer, &id, "more-asked", "Thiếu giấy xác nhận của trường").await;
    let address = format!("/procedures/dossiers/{id}/supplement");
    let words = [("words", "Đã bổ sung")];

    let program = holder.client.upload(&address, &words, &[("file", b"MZ program")]).await;
    let taken = holder
        .client
        .upload(&address, &words, &[("file", b"%PDF-1.7 school")])
        .await;
    let file = format!("/procedures/dossiers/{id}/files/supplement-1");
    let (own, foreign) = (holder.client.get(&file).await, other.client.get(&file).await);
    let at_desk = officer.get(&format!("{desk}/files/supplement-1")).await;
    officer.post(&format!("{desk}/release"), &json!({})).await;
    let released = officer.get(&format!("{desk}/files/supplement-1")).await;

    assert_eq!(program.at("/errors/0/field"), "file");
    assert_eq!(taken.at("/files/0/name"), "supplement-1");
    assert_eq!(
        (own.body.as_slice(), at_desk.body.as_slice()),
        (&b"%PDF-1.7 school"[..], &b"%PDF-1.7 school"[..])
    );
    assert_eq!(
        (foreign.status, released.status),
        (StatusCode::NOT_FOUND, StatusCode::FORBIDDEN)
    );
    app.run_jobs().await;
}

#[tokio::test]
async fn of_two_officers_one_holds_a_dossier_and_another_unit_sees_nothing() {
    let app = TestApp::start().await;
    let citizen = app.citizen();
    let mut holder = app.holder(citizen.clone(), Level::Two).await;
    let mut one = reviewer(&app, &citizen).await;
    let commune = citizen.permanent_residence.commune.code;
    let mut other = officer(&app, "second", Role::Reviewer, commune).await;
    let elsewhere = if commune == "00004" { "00070" } else { "00004" };
    let mut far = officer(&app, "far", Role::Reviewer, elsewhere).await;
    let id = send(&mut holder).await.at("/id");
    let claim = format!("/officers/procedures/{id}/claim");

    let (first, second) = (one.post(&claim, &json!({})).await, other.post(&claim, &json!({})).await);
    let forced = decide(&mut other, &id, "received", "").await;
    let (list, shown) = (
        far.get("/officers/procedures").await,
        far.get(&format!("/officers/procedures/{id}")).await,
    );

    assert_eq!((first.status, second.status), (StatusCode::OK, StatusCode::CONFLICT));
    assert_eq!(forced.status, StatusCode::FORBIDDEN);
    assert_eq!(list.json()["dossiers"], json!([]));
    assert_eq!(shown.at("/type"), "/problems/officers-jurisdiction");
    app.run_jobs().await;
}

#[tokio::test]
async fn what_an_officer_who_is_away_holds_a_chief_gives_back_and_nobody_else() {
    let app = TestApp::start().await;
    let citizen = app.citizen();
    let mut holder = app.holder(citizen.clone(), Level::Two).await;
    let commune = citizen.permanent_residence.commune.code;
    let mut away = reviewer(&app, &citizen).await;
    let mut other = officer(&app, "second", Role::Reviewer, commune).await;
    let mut chief = officer(&app, "chief", Role::Chief, commune).await;
    let desk = format!("/officers/procedures/{}", send(&mut holder).await.at("/id"));
    away.post(&format!("{desk}/claim"), &json!({})).await;

    let refused = other.post(&format!("{desk}/release"), &json!({})).await;
    let page = chief.clone().browser().get(&desk).await;
    let given_back = chief.post(&format!("{desk}/release"), &json!({})).await;
    let again = chief.post(&format!("{desk}/release"), &json!({})).await;
    let taken = other.post(&format!("{desk}/claim"), &json!({})).await;

    assert_eq!(refused.status, StatusCode::FORBIDDEN, "{refused}");
    assert!(page.text().contains("id=\"release-for-other\""), "{page}");
    assert_eq!(given_back.at("/taken"), "false", "{given_back}");
    assert_eq!(again.status, StatusCode::CONFLICT, "{again}");
    assert_eq!(taken.at("/mine"), "true", "{taken}");
    app.run_jobs().await;
}

#[tokio::test]
async fn older_requests_are_a_page_further_and_parts_do_not_push_them_away() {
    let app = TestApp::start().await;
    let mut holder = app.holder(app.citizen(), Level::Two).await;
    let first = send(&mut holder).await.at("/id");
    for _ in 0..50 {
        app.advance(SignedDuration::from_secs(1));
        send(&mut holder).await;
    }

    let newest = holder.client.get("/procedures").await;
    let page = holder.client.clone().browser().get("/procedures").await;
    let older = holder
        .client
        .get(&format!("/procedures?before={}", newest.at("/older")))
        .await;

    assert_eq!(newest.json()["dossiers"].as_array().unwrap().len(), 50);
    assert!(page.text().contains("id=\"older\""), "{page}");
    assert_eq!(older.at("/dossiers/0/id"), first, "{older}");
    assert_eq!(older.json()["older"], Value::Null);
    app.run_jobs().await;
}

#[tokio::test]
async fn rules_that_change_at_midnight_while_a_draft_is_open_are_told_and_nothing_typed_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    let ours = include_str!("catalogue/ct07/procedure.toml");
    let tomorrow = ours
        .replace("from = \"2025-07-01\"", "from = \"2026-11-24\"")
        .replace("\"household\", \"relatives\"", "\"household\"");
    std::fs::write(folder.path().join("ct07.toml"), tomorrow).unwrap();
    let descriptions = Some(folder.path().to_owned());
    let app = TestApp::start_with(|config| config.procedures.descriptions = descriptions).await;
    let mut holder = app.holder(app.citizen(), Level::Two).await;
    let draft = open(&mut holder.client, "ct07").await;
    let filled = json!({ "content": "relatives", "purpose": "Nhập học cho con", "go": "check" });
    let before = holder.client.post(&draft, &filled).await;

    // From Monday 09:00 to Tuesday 00:30.
    app.advance(SignedDuration::from_mins(15 * 60 + 30));
    app.sign_in(&mut holder).await;
    let agreed = json!({ "consent-share": "on", "version": before.at("/version") });
    let sent = holder.client.post(&format!("{draft}/check"), &agreed).await;
    let form = holder.client.get(&draft).await.json();
    let mended = json!({ "content": "household", "go": "check" });
    let checked = holder.client.post(&draft, &mended).await;
    let again = json!({ "consent-share": "on", "version": checked.at("/version") });
    let sent_again = holder.client.post(&format!("{draft}/check"), &again).await;

    assert_eq!(
        (before.status, before.at("/version")),
        (StatusCode::OK, SINCE.to_owned())
    );
    assert_eq!(sent.at("/type"), "/problems/procedures-changed", "{sent}");
    assert_eq!(sent.at("/errors/0/field"), "content");
    assert_eq!(form["changed"], "2026-11-24");
    assert_eq!(field(&form, "purpose").unwrap()["value"], "Nhập học cho con");
    assert_eq!(checked.at("/version"), "2026-11-24");
    assert_eq!(sent_again.status, StatusCode::OK, "{sent_again}");
    assert!(sent_again.at("/number").starts_with("CT07-261124-"), "{sent_again}");
    app.run_jobs().await;
}

#[tokio::test]
async fn a_child_is_asked_for_by_who_acts_for_it_and_by_nobody_else() {
    let app = TestApp::start().await;
    let today = app.clock.today();
    let (mother, child) = app
        .citizens()
        .filter(|one| one.marital_status != Some(nation::people::MaritalStatus::Divorced))
        .find_map(|mother| {
            let children = mother.related(nation::people::Kinship::Child);
            let child = children
                .filter_map(|index| app.nation().person(index))
                .find(|child| child.age(today) < 13)?;
            Some((mother, child))
        })
        .unwrap();
    let mut stranger = app
        .holder(
            app.citizens()
                .find(|one| {
                    one.number != mother.number
                        && one
                            .related(nation::people::Kinship::Child)
                            .all(|index| app.nation().person(index).unwrap().number != child.number)
                })
                .unwrap(),
            Level::Two,
        )
        .await;
    let mut holder = app.holder(mother, Level::Two).await;
    let asked = json!({ "whom": "child", "child": child.number });

    let own = holder.client.post("/procedures/ct07", &asked).await;
    let form = holder
        .client
        .get(&format!("/procedures/drafts/{}", own.at("/id")))
        .await
        .json();
    let refused = stranger.client.post("/procedures/ct07", &asked).await;

    assert_eq!(field(&form, "full_name").unwrap()["value"], child.full_name);
    assert_eq!(refused.at("/type"), "/problems/procedures-not-acting");
    assert!(!refused.text().contains(&child.full_name));
}
