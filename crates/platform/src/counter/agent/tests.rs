use ::http::{Method, Request, StatusCode, header};
use axum::body::Body;
use civil::chip::{Challenge, Reading};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use super::{Agent, router};
use crate::chips::Verdict;
use crate::chips::reader::Readers;
use crate::shell::workshop::Workshop;
use crate::testing::TestApp;

const ORIGIN: &str = "http://localhost:8080";

fn agent(app: &TestApp) -> Agent {
    let ground = app.sandbox.as_ref().unwrap();
    Agent {
        origin: ORIGIN.into(),
        readers: Readers::Simulated(ground.nation.clone(), ground.issuer.clone()),
        clock: app.clock.clone(),
        chance: app.chance.clone(),
        workshop: Workshop::new(1),
    }
}

async fn ask(agent: &Agent, method: Method, path: &str, origin: &str, body: Value) -> (StatusCode, String, Value) {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header(header::HOST, "127.0.0.1:17800")
        .header(header::ORIGIN, origin)
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from(body.to_string()))
        .unwrap();
    let response = router(agent.clone()).oneshot(request).await.unwrap();
    let status = response.status();
    let allowed = response.headers().get(header::ACCESS_CONTROL_ALLOW_ORIGIN).cloned();
    let bytes = response.into_body().collect().await.unwrap().to_bytes();
    let allowed = allowed
        .map(|origin| origin.to_str().unwrap().to_owned())
        .unwrap_or_default();
    (status, allowed, serde_json::from_slice(&bytes).unwrap_or_default())
}

#[tokio::test]
async fn a_page_of_another_site_is_refused() {
    let app = TestApp::start().await;
    let agent = agent(&app);
    let number = json!({ "number": app.citizen().number.as_str(), "finger": 7 });

    let (status, allowed, told) = ask(&agent, Method::POST, "/prints", "https://evil.example", number.clone()).await;
    let (asked, for_whom, _) = ask(&agent, Method::OPTIONS, "/prints", ORIGIN, Value::Null).await;
    let (ours, _, print) = ask(&agent, Method::POST, "/prints", ORIGIN, number).await;

    assert_eq!((status, allowed.as_str()), (StatusCode::FORBIDDEN, ""));
    assert_eq!(told["error"], "origin");
    assert_eq!((asked, for_whom.as_str()), (StatusCode::NO_CONTENT, ORIGIN));
    assert_eq!(ours, StatusCode::OK);
    assert_eq!(print["media_type"], "image/png");
}

#[tokio::test]
async fn a_card_is_read_with_the_challenge_of_the_platform() {
    let app = TestApp::start().await;
    let agent = agent(&app);
    let person = app.citizen();
    let wanted = json!({ "number": person.number.as_str(), "challenge": "AQIDBAUGBwg=" });

    let (status, _, told) = ask(&agent, Method::POST, "/cards", ORIGIN, wanted).await;

    assert_eq!(status, StatusCode::OK, "{told}");
    let reading: Reading = serde_json::from_value(told["reading"].clone()).unwrap();
    let ours = Challenge([1, 2, 3, 4, 5, 6, 7, 8]);
    assert!(Verdict::against(&reading, &app.trust, app.now(), Some(ours)).is_original());
}

#[tokio::test]
async fn what_is_not_there_is_told_by_name() {
    let app = TestApp::start().await;
    let simulated = agent(&app);
    let nothing = Agent {
        readers: Readers::Real(None),
        ..agent(&app)
    };

    let (_, _, told) = ask(&simulated, Method::GET, "/", ORIGIN, Value::Null).await;
    let (finger, _, _) = ask(&simulated, Method::POST, "/prints", ORIGIN, json!({ "finger": 7 })).await;
    let (scanner, _, _) = ask(&nothing, Method::POST, "/prints", ORIGIN, json!({ "finger": 7 })).await;
    let number = json!({ "number": app.citizen().number.as_str() });
    let (card, _, words) = ask(&nothing, Method::POST, "/cards", ORIGIN, number).await;

    assert_eq!(told["version"], 1);
    assert_eq!(finger, StatusCode::CONFLICT);
    assert_eq!(scanner, StatusCode::NOT_IMPLEMENTED);
    assert_eq!(card, StatusCode::BAD_GATEWAY, "{words}");
}
