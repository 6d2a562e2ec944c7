use jiff::SignedDuration;
use serde_json::json;

use super::jobs;
use crate::applications::tests::citizen;
use crate::procedures::linked::tests::again;
use crate::procedures::tests::open;
use crate::testing::TestApp;

#[tokio::test]
async fn a_draft_is_removed_after_its_last_day_and_not_before() {
    let app = TestApp::start().await;
    let person = app.citizen();
    let mut client = citizen(&app, &person, 2).await;
    let old = open(&mut client, "ct07").await;
    let kept = open(&mut client, "ct07").await;
    jobs::begin(&app).await.unwrap();
    app.run_jobs().await;
    let told = client.get(&old).await;
    let page = client.clone().browser().get(&old).await.text();

    app.advance(SignedDuration::from_hours(24 * 60));
    app.run_jobs().await;
    let mut client = again(&app, &person, client).await;
    client
        .post(&kept, &json!({ "purpose": "Nhập học", "go": "keep" }))
        .await;
    app.advance(SignedDuration::from_hours(24 * 30));
    app.run_jobs().await;
    let mut client = again(&app, &person, client).await;
    let last_day = client.get("/procedures").await.json()["drafts"]
        .as_array()
        .unwrap()
        .len();
    app.advance(SignedDuration::from_hours(24));
    app.run_jobs().await;
    let mut client = again(&app, &person, client).await;
    let left = client.get("/procedures").await.json()["drafts"].clone();

    // Ninety days from the 23rd of November.
    assert_eq!(told.at("/kept_until"), "2027-02-21", "{told}");
    assert!(page.contains("21/02/2027"), "{page}");
    assert_eq!(last_day, 2, "on its last day it is still there");
    let ids: Vec<&str> = left
        .as_array()
        .unwrap()
        .iter()
        .map(|draft| draft["id"].as_str().unwrap())
        .collect();
    assert_eq!(ids.len(), 1, "{left}");
    assert!(kept.ends_with(ids[0]), "what was saved again stays: {left}");
}

#[tokio::test]
async fn what_stands_in_for_a_draft_shows_nothing_of_anybody() {
    let app = TestApp::start().await;
    let person = app.citizen();
    let mut client = citizen(&app, &person, 2).await.browser();

    let page = client.get("/procedures/drafts").await.text();
    let worker = client.get("/procedures/drafts/worker.js").await.text();

    assert!(page.contains("data-kept") && !page.contains(">procedures-"), "{page}");
    assert!(
        !page.contains(person.number.as_str()) && !page.contains(&person.full_name),
        "{page}"
    );
    assert!(worker.contains("const STANDS_IN = true"), "{worker}");
    app.run_jobs().await;
}

#[tokio::test]
async fn what_lay_unsent_on_one_device_overwrites_nothing_that_another_saved_since() {
    let app = TestApp::start().await;
    let mut client = citizen(&app, &app.citizen(), 2).await;
    let draft = open(&mut client, "ct07").await;
    let since = client.get(&draft).await.at("/saved_at");
    app.advance(SignedDuration::from_mins(1));
    let keep = |purpose: &str, since: &str| json!({ "purpose": purpose, "since": since, "go": "keep" });

    let laptop = client.post(&draft, &keep("Từ máy tính", &since)).await;
    app.advance(SignedDuration::from_mins(1));
    let phone = client.post(&draft, &keep("Từ điện thoại", &since)).await;
    let after = client.get(&draft).await;
    let goes_on = client
        .post(&draft, &keep("Từ máy tính, tiếp", &laptop.at("/saved_at")))
        .await;

    assert_eq!(phone.at("/type"), "/problems/procedures-draft-changed", "{phone}");
    assert!(after.text().contains("Từ máy tính"), "{after}");
    assert_eq!(goes_on.status, 200, "{goes_on}");
    app.run_jobs().await;
}

#[tokio::test]
async fn of_two_devices_that_save_at_once_the_second_is_told() {
    let app = TestApp::start().await;
    let mut laptop = citizen(&app, &app.citizen(), 2).await;
    let draft = open(&mut laptop, "ct07").await;
    let since = laptop.get(&draft).await.at("/saved_at");
    let mut phone = laptop.clone();
    app.advance(SignedDuration::from_mins(1));
    let keep = |purpose: &str| json!({ "purpose": purpose, "since": since, "go": "keep" });
    let (typed, other) = (keep("Từ máy tính"), keep("Từ điện thoại"));

    let (one, two) = tokio::join!(laptop.post(&draft, &typed), phone.post(&draft, &other));

    let mut answers = [one.status.as_u16(), two.status.as_u16()];
    answers.sort_unstable();
    assert_eq!(answers, [200, 409], "{one} {two}");
    app.run_jobs().await;
}
