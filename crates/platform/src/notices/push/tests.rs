use std::sync::{Arc, Mutex};

use axum::extract::State;
use axum::http::HeaderMap;
use axum::routing::post as posting;
use crypto::jwk::PublicKey;
use serde_json::json;

use super::*;
use crate::accounts::Level;
use crate::notices::{Kind, Note, inform};
use crate::statistics::Measure;
use crate::testing::{Holder, TestApp};

/// The key and the secret of the browser of RFC 8291, appendix A.
const KEY: &str = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
const AUTH: &str = "BTBZMqHH6r4Tts7J_aSIgg";

type Heard = Arc<Mutex<Vec<(HeaderMap, Vec<u8>)>>>;

/// A push service that answers the same to everybody.
async fn service(answer: StatusCode) -> (String, Heard) {
    let heard = Heard::default();
    let take = move |State(heard): State<Heard>, headers: HeaderMap, body: axum::body::Bytes| async move {
        heard.lock().unwrap().push((headers, body.to_vec()));
        answer
    };
    let router = Router::new()
        .route("/push/{browser}", posting(take))
        .with_state(heard.clone());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/push/one", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    (address, heard)
}

async fn subscribed(holder: &mut Holder, endpoint: &str) -> crate::testing::Answer {
    let subscription = json!({ "endpoint": endpoint, "expirationTime": null, "keys": { "p256dh": KEY, "auth": AUTH } });
    holder.client.post("/notices/push", &subscription).await
}

async fn told(app: &TestApp, holder: &Holder, once: &str) {
    let note = Note::new(Kind::Greeting, "notices-daily-birthday", once).link("/notices");
    let (at, person, now) = (App::clone(app), holder.person, app.now());
    app.db
        .write(move |tx| inform(&at, tx, &person, &note, now))
        .await
        .unwrap();
    app.run_jobs().await;
}

#[tokio::test]
async fn a_push_service_gets_a_message_it_cannot_read_with_a_proof_of_our_key() {
    let app = TestApp::start().await;
    let mut holder = app.holder(app.citizen(), Level::One).await;
    let (endpoint, heard) = service(StatusCode::CREATED).await;
    let page = subscribed(&mut holder, &endpoint).await;

    told(&app, &holder, "one").await;
    told(&app, &holder, "one").await;

    let heard = heard.lock().unwrap();
    let [(headers, body)] = heard.as_slice() else {
        panic!("told {} times", heard.len())
    };
    assert_eq!(app.tallies.of(Measure::Messages, "push"), 1);
    assert_eq!(headers["content-encoding"], "aes128gcm");
    assert_eq!(headers["urgency"], "very-low");
    assert_eq!(headers["topic"].len(), 32);
    assert!(!String::from_utf8_lossy(body).contains("VNeID") && body.len() > 103);
    let authorization = headers["authorization"].to_str().unwrap();
    let (token, key) = authorization
        .strip_prefix("vapid t=")
        .unwrap()
        .split_once(", k=")
        .unwrap();
    assert_eq!(key, page.at("/key"));
    let key = PublicKey::from_p256_point(&base64url::decode(key).unwrap()).unwrap();
    let parts: Vec<&str> = token.split('.').collect();
    let claims: serde_json::Value = serde_json::from_slice(&base64url::decode(parts[1]).unwrap()).unwrap();
    assert_eq!(claims["aud"], endpoint.strip_suffix("/push/one").unwrap());
    let signed = format!("{}.{}", parts[0], parts[1]);
    let signature = base64url::decode(parts[2]).unwrap();
    crypto::sign::verify(&key, signed.as_bytes(), &signature).unwrap();
}

#[tokio::test]
async fn a_subscription_that_is_gone_is_dropped_and_not_asked_again() {
    let app = TestApp::start().await;
    let mut holder = app.holder(app.citizen(), Level::One).await;
    let (endpoint, heard) = service(StatusCode::GONE).await;
    subscribed(&mut holder, &endpoint).await;

    told(&app, &holder, "one").await;
    told(&app, &holder, "two").await;

    assert_eq!(heard.lock().unwrap().len(), 1);
    assert_eq!(app.tallies.of(Measure::Messages, "push"), 0);
    assert_eq!(holder.client.get("/notices/push").await.at("/browsers"), "[]");
    assert_eq!(holder.client.get("/notices").await.at("/unread"), "2");
}

#[tokio::test]
async fn a_service_that_is_down_is_tried_again_and_told_once() {
    let app = TestApp::start().await;
    let mut holder = app.holder(app.citizen(), Level::One).await;
    let (down, _) = service(StatusCode::SERVICE_UNAVAILABLE).await;
    subscribed(&mut holder, &down).await;

    told(&app, &holder, "one").await;
    let due = crate::shell::jobs::count_due(&app).await.unwrap();
    app.advance(jiff::SignedDuration::from_secs(5));
    let again = crate::shell::jobs::count_due(&app).await.unwrap();

    assert_eq!((due, again), (0, 1));
    holder.client.post("/notices/read", &json!({})).await;
    app.run_jobs().await;
}

#[tokio::test]
async fn addresses_inside_and_keys_that_are_none_are_refused_by_field() {
    let app = TestApp::start_with(|config| {
        config.sandbox = false;
        config.public_url = "https://id.example.vn".to_owned();
    })
    .await;
    let mut holder = app.holder(app.citizen(), Level::One).await;

    for endpoint in [
        "http://push.example/x",
        "https://127.0.0.1/x",
        "https://10.0.0.1/x",
        "https://localhost/x",
        "https://metadata.internal/x",
        "nothing",
    ] {
        let refused = subscribed(&mut holder, endpoint).await;
        assert_eq!(
            (refused.status.as_u16(), refused.at("/errors/0/field")),
            (422, "endpoint".to_owned()),
            "{endpoint}"
        );
    }
    let no_key = json!({ "endpoint": "https://push.example/x", "keys": { "p256dh": "AAAA", "auth": AUTH } });
    let refused = holder.client.post("/notices/push", &no_key).await;
    assert_eq!(refused.at("/errors/0/field"), "keys");
    assert_eq!(subscribed(&mut holder, "https://push.example/x").await.status, 200);
}

#[tokio::test]
async fn a_browser_that_changes_hands_leaves_the_person_who_had_it() {
    let app = TestApp::start().await;
    let mut people = app.citizens();
    let mut one = app.holder(people.next().unwrap(), Level::One).await;
    let mut other = app.holder(people.next().unwrap(), Level::One).await;
    let (endpoint, _) = service(StatusCode::CREATED).await;

    subscribed(&mut one, &endpoint).await;
    let taken = subscribed(&mut other, &endpoint).await;

    assert_eq!(one.client.get("/notices/push").await.at("/browsers"), "[]");
    let push = taken.at("/browsers/0/push");
    let removed = other
        .client
        .post(&format!("/notices/push/{push}/removal"), &json!({}))
        .await;
    assert_eq!(removed.at("/browsers"), "[]");
}

#[tokio::test]
async fn a_person_has_so_many_browsers_and_the_first_makes_room() {
    let app = TestApp::start().await;
    let mut holder = app.holder(app.citizen(), Level::One).await;

    for one in 0..10 {
        subscribed(&mut holder, &format!("http://127.0.0.1:9/push/{one}")).await;
        app.advance(jiff::SignedDuration::from_secs(1));
    }

    let browsers = holder.client.get("/notices/push").await.json();
    assert_eq!(
        browsers["browsers"].as_array().unwrap().len(),
        usize::try_from(MOST).unwrap()
    );
}

#[tokio::test]
async fn a_locked_account_sends_no_push_messages_any_more() {
    let app = TestApp::start().await;
    let mut holder = app.holder(app.citizen(), Level::Two).await;
    let (endpoint, heard) = service(StatusCode::CREATED).await;
    subscribed(&mut holder, &endpoint).await;

    let lock = json!({ "reason": "Mất điện thoại", "confirm": "yes" });
    let locked = holder.client.post("/account/locks", &lock).await;
    told(&app, &holder, "after").await;

    assert_eq!(locked.status, 200, "{locked}");
    assert_eq!(heard.lock().unwrap().len(), 0);
}

#[tokio::test]
async fn the_worker_and_the_page_are_served() {
    let app = TestApp::start().await;
    let holder = app.holder(app.citizen(), Level::One).await;
    let mut browser = holder.client.browser();

    let worker = browser.get("/notices/push/worker.js").await;
    let page = browser.get("/notices/push").await.text();

    assert!(
        worker.headers["content-type"]
            .to_str()
            .unwrap()
            .starts_with("text/javascript")
    );
    assert!(worker.text().contains("showNotification") && page.contains("id=\"push-on\""));
}
