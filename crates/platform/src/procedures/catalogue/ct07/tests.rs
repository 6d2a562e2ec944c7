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

#[tokio::test]
async fn what_was_typed_is_never_confirmed_as_what_the_database_says() {
    let app = TestApp::start().await;
    let mut holder = app.holder(app.citizen(), Level::Two).await;
    let sent = send(&mut holder, "relatives").await;
    let id = sent.at("/id").parse().unwrap();
    let (vault, found) = (app.vault.clone(), id);
    let dossier = app
        .db
        .read(move |conn| crate::procedures::dossiers::find(conn, &vault, &found))
        .await;
    let mut filed = dossier.unwrap().unwrap().filed;
    let say = |filed: &mut super::Filed, what: &str| {
        filed
            .values
            .iter_mut()
            .find(|value| value.name == "content")
            .unwrap()
            .value = what.to_owned();
    };

    say(&mut filed, "permanent");
    let told = super::is_known(&filed);
    // A newborn whose residence is not registered yet: the parents type where it lives.
    let home = filed.values.iter_mut().find(|value| value.name == "permanent").unwrap();
    home.told = None;
    let typed = super::is_known(&filed);
    say(&mut filed, "temporary");
    let unsaid = super::is_known(&filed);

    assert_eq!((told, typed, unsaid), (true, false, false));
    app.run_jobs().await;
}
