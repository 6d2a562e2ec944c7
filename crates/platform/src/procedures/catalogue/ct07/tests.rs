use serde_json::json;

use crate::accounts::Level;
use crate::procedures::tests::open;
use crate::testing::{Answer, Holder, TestApp};

async fn send(holder: &mut Holder, content: &str) -> Answer {
    let draft = open(&mut holder.client, "ct07").await;
    let filled = json!({ "content": content, "purpose": "Nhập học cho con", "go": "check" });
    let checked = holder.client.post(&draft, &filled).await;
    let agreed = json!({ "consent-share": "on", "version": checked.at("/version") });
    holder.client.post(&format!("{draft}/check"), &agreed).await
}

#[tokio::test]
async fn what_the_database_has_is_confirmed_at_once_and_the_rest_by_an_officer() {
    let app = TestApp::start().await;
    let citizen = app.citizen();
    let mut holder = app.holder(citizen.clone(), Level::Two).await;

    let at_once = send(&mut holder, "permanent").await;
    let tracked = holder
        .client
        .get(&format!("/procedures/dossiers/{}", at_once.at("/id")))
        .await;
    let later = send(&mut holder, "relatives").await;

    assert_eq!(tracked.at("/status"), "returned", "{tracked}");
    assert_eq!(tracked.at("/decision/granted"), "true");
    assert!(tracked.text().contains("23/11/2027"), "good for a year: {tracked}");
    assert_eq!(later.at("/status"), "new", "{later}");
    app.run_jobs().await;
}
