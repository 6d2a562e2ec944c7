use axum::response::IntoResponse as _;
use axum::{Json, Router};
use serde_json::{Value, json};

use super::{read_on, store};
use crate::registries::Source;
use crate::testing::TestApp;

/// A feed of so many changes; the numbers belong to nobody here.
fn feed(count: i64) -> Router {
    Router::new().fallback(move |Json(question): Json<Value>| async move {
        let after = question["after"].as_i64().unwrap();
        let change = |sequence| json!({ "sequence": sequence, "personal_number": "001090912345", "kind": "card" });
        let changes: Vec<Value> = (after + 1..=count).map(change).collect();
        Json(json!({ "request_id": question["request_id"], "last": count, "changes": changes })).into_response()
    })
}

async fn place(app: &TestApp) -> i64 {
    app.db.read(|conn| store::place(conn, Source::IdCard)).await.unwrap()
}

#[tokio::test]
async fn a_feed_is_read_on_from_where_it_was_left() {
    let app = TestApp::start_with_sources(feed(3), |_| {}).await;

    let taken = [
        read_on(&app, Source::IdCard).await.unwrap(),
        read_on(&app, Source::IdCard).await.unwrap(),
    ];
    app.run_jobs().await;

    assert_eq!(taken, [3, 0]);
    assert_eq!(place(&app).await, 3);
}

#[tokio::test]
async fn a_feed_that_began_anew_is_read_from_its_beginning() {
    let app = TestApp::start_with_sources(feed(2), |_| {}).await;
    let now = app.now();
    app.db
        .write(move |tx| store::advance(tx, Source::IdCard, (0, 9), now))
        .await
        .unwrap();

    read_on(&app, Source::IdCard).await.unwrap();
    let taken = read_on(&app, Source::IdCard).await.unwrap();
    app.run_jobs().await;

    assert_eq!((taken, place(&app).await), (2, 2));
}

#[tokio::test]
async fn a_feed_with_a_gap_is_not_taken_up() {
    let gap = Router::new().fallback(|Json(question): Json<Value>| async move {
        let change = json!({ "sequence": 2, "personal_number": "001090912345", "kind": "card" });
        Json(json!({ "request_id": question["request_id"], "last": 2, "changes": [change] }))
    });
    let app = TestApp::start_with_sources(gap, |_| {}).await;

    let refused = read_on(&app, Source::IdCard).await;

    assert!(refused.is_err());
    assert_eq!(place(&app).await, 0);
}
