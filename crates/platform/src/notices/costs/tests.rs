use super::*;
use crate::notices::command::Command;
use crate::shell::jobs::JobId;
use crate::testing::TestApp;

/// A centre takes so many parts of a message.
async fn taken(app: &TestApp, gateway: &str, parts: usize) {
    let id = JobId::draw(&app.chance);
    let names = (0..parts).map(|part| format!("{id}-{part}")).collect();
    delivery::took(app, id, ("sms", gateway), names).await.unwrap();
}

async fn of(app: &TestApp, gateway: &str) -> Vec<(String, i64, i64, i64)> {
    let costs = table(app, 60).await.unwrap().into_iter();
    costs
        .filter(|cost| cost.gateway == gateway)
        .map(|cost| (cost.day, cost.messages, cost.parts, cost.vnd))
        .collect()
}

#[tokio::test]
async fn parts_are_counted_by_gateway_and_day_also_after_they_were_settled() {
    let app = TestApp::start_with(|config| {
        let centre = r#"{"address":"one:2775","system_id":"v","password":"/p","sender":"VNeID","vnd_per_part":300}"#;
        config.notices.smpp = vec![serde_json::from_str(centre).unwrap()];
    })
    .await;
    taken(&app, "one:2775", 3).await;
    taken(&app, "one:2775", 1).await;
    taken(&app, "other:2775", 2).await;

    let now = of(&app, "one:2775").await;
    app.advance(SignedDuration::from_hours(24 * 9));
    taken(&app, "one:2775", 1).await;
    while settle(&app).await.unwrap() {}
    let later = of(&app, "one:2775").await;
    let left = app.db.read(store::oldest).await.unwrap();
    let told = Command::Costs { days: 60 }.run(&app).await.unwrap();

    let first = ("2026-11-23".to_owned(), 2, 4, 1200);
    assert_eq!(now, std::slice::from_ref(&first));
    assert_eq!(later, [("2026-12-02".to_owned(), 1, 1, 300), first]);
    assert_eq!(of(&app, "other:2775").await, [("2026-11-23".to_owned(), 1, 2, 0)]);
    assert_eq!(left, Some(app.now()), "what is old is gone");
    assert!(told.contains("one:2775") && told.contains("1200"), "{told}");
}

#[tokio::test]
async fn settling_twice_counts_once() {
    let app = TestApp::start().await;
    taken(&app, "one:2775", 2).await;
    app.advance(SignedDuration::from_hours(24 * 8));

    let (one, other) = tokio::join!(settle(&app), settle(&app));
    while settle(&app).await.unwrap() {}

    assert!(one.is_ok() && other.is_ok());
    assert_eq!(of(&app, "one:2775").await, [("2026-11-23".to_owned(), 1, 2, 0)]);
}
