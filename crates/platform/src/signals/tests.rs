//! Named after the modules of the OpenID conformance suite where they port one (plan `openid-ssf-transmitter-test-plan`).

use std::sync::{Arc, Mutex};

use ::http::{Method, Request, StatusCode, header};
use axum::body::Body;
use crypto::jwk::JwkSet;
use crypto::jws;
use crypto::sign::Algorithm;
use jiff::SignedDuration;
use oidc::shared_signals::event::{ACCOUNT_DISABLED, CREDENTIAL_CHANGE, DECEASED, EID_LOCKED, VERIFICATION};
use oidc::shared_signals::{POLL, PUSH};
use serde_json::{Value, json};

use super::*;
use crate::accounts::Level;
use crate::sso::tests::{PORTAL, SECRET, VERIFIER, begin, code, exchange, portal, verified};
use crate::testing::{Answer, Holder, TestApp};

/// A receiver with its access token.
struct Receiver<'a> {
    app: &'a TestApp,
    token: String,
}

async fn token(app: &TestApp, client: &str) -> String {
    let body = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs([
            ("grant_type", "client_credentials"),
            ("resource", "http://localhost:8080/ssf"),
        ])
        .finish();
    let basic = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, format!("{client}:{SECRET}"));
    let request = Request::post("/sso/token")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(header::AUTHORIZATION, format!("Basic {basic}"));
    let answer = app.client().send(request, Body::from(body)).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer}");
    answer.at("/access_token")
}

impl<'a> Receiver<'a> {
    async fn of(app: &'a TestApp, client: &str) -> Self {
        let token = token(app, client).await;
        Self { app, token }
    }

    async fn send(&self, method: Method, path: &str, body: &Value) -> Answer {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::AUTHORIZATION, format!("Bearer {}", self.token));
        self.app.client().send(request, Body::from(body.to_string())).await
    }

    async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(Method::POST, path, body).await
    }

    async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, &Value::Null).await
    }

    /// A stream for everything that is supported, with this delivery.
    async fn stream(&self, delivery: Value) -> String {
        let wish = json!({ "events_requested": oidc::shared_signals::event::SUPPORTED, "delivery": delivery });
        let made = self.post("/ssf/streams", &wish).await;
        assert_eq!(made.status, StatusCode::CREATED, "{made}");
        made.at("/stream_id")
    }

    async fn poll(&self, stream: &str, request: Value) -> Answer {
        let mut request = request;
        request["returnImmediately"] = true.into();
        self.post(&format!("/ssf/streams/{stream}/events"), &request).await
    }
}

/// A portal that may receive signals, and a holder who has signed in to it; the holder's `sub` there.
async fn begun() -> (TestApp, Holder, String) {
    let (app, mut holder) = begin(Level::Two).await;
    receiver(&app, "portal").await;
    let code = code(&mut holder, "portal", PORTAL, "openid").await;
    let tokens = exchange(&app, &code, VERIFIER).await;
    let sub = verified(&app, &tokens.at("/id_token")).await.sub;
    (app, holder, sub)
}

async fn receiver(app: &TestApp, id: &str) {
    let more = json!({
        "grant_types": ["authorization_code", "client_credentials"],
        "vneid_resources": ["http://localhost:8080/ssf"],
    });
    portal(app, id, PORTAL, more).await;
}

async fn happens(app: &TestApp, person: PersonId, event: Event) {
    app.advance(SignedDuration::from_secs(1));
    let now = app.now();
    app.db.write(move |tx| emit(tx, &person, event, now)).await.unwrap();
}

async fn claims(app: &TestApp, set: &str) -> Value {
    let keys = JwkSet::parse(&app.client().get("/sso/jwks").await.body).unwrap();
    let verified = jws::verify(set, &keys, &[Algorithm::Es256]).unwrap();
    assert_eq!(verified.header().typ(), Some("secevent+jwt"));
    verified.claims().unwrap()
}

/// The tokens of an answer, in no order.
fn sets(answer: &Answer) -> Vec<(String, String)> {
    let sets = answer.json()["sets"].as_object().unwrap().clone();
    sets.into_iter()
        .map(|(jti, set)| (jti, set.as_str().unwrap().to_owned()))
        .collect()
}

#[tokio::test]
async fn openid_ssf_transmitter_metadata() {
    let app = TestApp::start().await;

    let told = app.client().get("/.well-known/ssf-configuration").await;

    assert_eq!(told.at("/issuer"), "http://localhost:8080");
    assert_eq!(told.at("/configuration_endpoint"), "http://localhost:8080/ssf/streams");
    assert_eq!(told.at("/jwks_uri"), "http://localhost:8080/sso/jwks");
    assert_eq!(told.json()["delivery_methods_supported"], json!([PUSH, POLL]));
}

#[tokio::test]
async fn openid_ssf_stream_control_happy_path() {
    let (app, _, _) = begun().await;
    let receiver = Receiver::of(&app, "portal").await;

    let wish = json!({ "events_requested": [DECEASED, "urn:other"], "description": "đối soát" });
    let made = receiver.post("/ssf/streams", &wish).await;
    let id = made.at("/stream_id");
    let read = receiver.get(&format!("/ssf/streams?stream_id={id}")).await;
    let all = receiver.get("/ssf/streams").await;
    let change = json!({ "stream_id": id, "events_requested": [EID_LOCKED] });
    let changed = receiver.send(Method::PATCH, "/ssf/streams", &change).await;
    let replacement = json!({ "stream_id": id, "events_requested": [ACCOUNT_DISABLED] });
    let replaced = receiver.send(Method::PUT, "/ssf/streams", &replacement).await;
    let status = receiver.get(&format!("/ssf/status?stream_id={id}")).await;
    let pause = json!({ "stream_id": id, "status": "paused", "reason": "bảo trì" });
    let paused = receiver.post("/ssf/status", &pause).await;
    let deleted = receiver
        .send(Method::DELETE, &format!("/ssf/streams?stream_id={id}"), &Value::Null)
        .await;
    let gone = receiver.get(&format!("/ssf/streams?stream_id={id}")).await;

    assert_eq!(made.status, StatusCode::CREATED);
    assert_eq!(
        (made.at("/aud"), made.at("/delivery/method")),
        ("portal".to_owned(), POLL.to_owned())
    );
    assert_eq!(made.json()["events_delivered"], json!([DECEASED]));
    assert!(
        made.at("/delivery/endpoint_url")
            .ends_with(&format!("/ssf/streams/{id}/events"))
    );
    assert_eq!(read.json(), made.json());
    assert_eq!(all.json(), json!([made.json()]));
    assert_eq!(changed.json()["events_delivered"], json!([EID_LOCKED]));
    assert_eq!(changed.at("/description"), "đối soát");
    assert_eq!(replaced.json()["events_delivered"], json!([ACCOUNT_DISABLED]));
    assert_eq!(replaced.json().get("description"), None);
    assert_eq!(status.at("/status"), "enabled");
    assert_eq!(
        (paused.at("/status"), paused.at("/reason")),
        ("paused".to_owned(), "bảo trì".to_owned())
    );
    assert_eq!(
        (deleted.status, gone.status),
        (StatusCode::NO_CONTENT, StatusCode::NOT_FOUND)
    );
}

#[tokio::test]
async fn openid_ssf_stream_control_error_create_stream_with_broken_input() {
    let (app, _, _) = begun().await;
    let receiver = Receiver::of(&app, "portal").await;

    for wish in [
        json!([1]),
        json!({ "delivery": { "method": "urn:x" } }),
        json!({ "iss": "https://x.example" }),
    ] {
        assert_eq!(
            receiver.post("/ssf/streams", &wish).await.status,
            StatusCode::BAD_REQUEST,
            "{wish}"
        );
    }
}

#[tokio::test]
async fn openid_ssf_stream_control_error_create_stream_with_duplicate_config() {
    let (app, _, _) = begun().await;
    let receiver = Receiver::of(&app, "portal").await;
    receiver.stream(json!({ "method": POLL })).await;

    let again = receiver.post("/ssf/streams", &json!({})).await;

    assert_eq!(again.status, StatusCode::CONFLICT);
}

/// Whether a request is refused without a token, with nonsense, with one about a person, and with an old one.
async fn refuses_tokens(method: Method, path: &str) {
    let (app, mut holder, _) = begun().await;
    let code = code(&mut holder, "portal", PORTAL, "openid").await;
    let of_a_person = exchange(&app, &code, VERIFIER).await.at("/access_token");
    let old = token(&app, "portal").await;
    app.advance(SignedDuration::from_mins(5));

    for token in [String::new(), "x.y.z".to_owned(), of_a_person, old] {
        let is_empty = token.is_empty();
        let receiver = Receiver { app: &app, token };
        let refused = receiver.send(method.clone(), path, &json!({})).await.status;
        let expected = if is_empty {
            StatusCode::BAD_REQUEST
        } else {
            StatusCode::UNAUTHORIZED
        };
        assert_eq!(refused, expected, "{method} {path}");
    }
    let without = app
        .client()
        .send(Request::builder().method(method).uri(path), Body::empty())
        .await;
    assert_eq!(without.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn openid_ssf_stream_control_error_create_stream_with_invalid_token() {
    refuses_tokens(Method::POST, "/ssf/streams").await;
}

#[tokio::test]
async fn openid_ssf_stream_control_error_read_stream_with_invalid_token() {
    refuses_tokens(Method::GET, "/ssf/streams").await;
}

#[tokio::test]
async fn openid_ssf_stream_control_error_update_stream_with_invalid_token() {
    refuses_tokens(Method::PATCH, "/ssf/streams").await;
}

#[tokio::test]
async fn openid_ssf_stream_control_error_replace_stream_with_invalid_token() {
    refuses_tokens(Method::PUT, "/ssf/streams").await;
}

#[tokio::test]
async fn openid_ssf_stream_control_error_delete_stream_with_invalid_token() {
    refuses_tokens(Method::DELETE, "/ssf/streams?stream_id=1").await;
}

#[tokio::test]
async fn no_other_endpoint_answers_without_a_good_token() {
    refuses_tokens(Method::POST, "/ssf/status").await;
    refuses_tokens(Method::POST, "/ssf/verification").await;
    refuses_tokens(Method::POST, "/ssf/streams/1/events").await;
}

/// Whether a request about no stream, and about another receiver's, finds nothing.
async fn finds_no_stream(method: Method, path: &str, in_query: bool) {
    let (app, _, _) = begun().await;
    receiver(&app, "other").await;
    let (own, other) = (Receiver::of(&app, "portal").await, Receiver::of(&app, "other").await);
    let foreign = own.stream(json!({ "method": POLL })).await;

    for id in ["00000000000000000000000000000000", "nonsense", &foreign] {
        let body = json!({ "stream_id": id, "status": "paused" });
        let query = if in_query {
            format!("?stream_id={id}")
        } else {
            String::new()
        };
        let answer = other.send(method.clone(), &format!("{path}{query}"), &body).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{method} {path} {id}: {answer}");
    }
    assert_eq!(
        own.get(&format!("/ssf/streams?stream_id={foreign}")).await.status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn openid_ssf_stream_control_error_read_unknown_stream() {
    finds_no_stream(Method::GET, "/ssf/streams", true).await;
}

#[tokio::test]
async fn openid_ssf_stream_control_error_update_unknown_stream() {
    finds_no_stream(Method::PATCH, "/ssf/streams", false).await;
}

#[tokio::test]
async fn openid_ssf_stream_control_error_replace_unknown_stream() {
    finds_no_stream(Method::PUT, "/ssf/streams", false).await;
}

#[tokio::test]
async fn openid_ssf_stream_control_error_delete_unknown_stream() {
    finds_no_stream(Method::DELETE, "/ssf/streams", true).await;
    finds_no_stream(Method::POST, "/ssf/status", false).await;
    finds_no_stream(Method::POST, "/ssf/verification", false).await;
}

/// Whether a change is refused whose message is malformed.
async fn refuses_bodies(method: Method) {
    let (app, _, _) = begun().await;
    let receiver = Receiver::of(&app, "portal").await;
    receiver.stream(json!({ "method": POLL })).await;

    for body in [json!("x"), json!({}), json!({ "stream_id": 1 })] {
        let answer = receiver.send(method.clone(), "/ssf/streams", &body).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{body}");
    }
}

#[tokio::test]
async fn openid_ssf_stream_control_error_update_stream_with_invalid_body() {
    refuses_bodies(Method::PATCH).await;
}

#[tokio::test]
async fn openid_ssf_stream_control_error_replace_stream_with_invalid_body() {
    refuses_bodies(Method::PUT).await;
}

#[tokio::test]
async fn openid_ssf_stream_subject_control() {
    let (app, holder, sub) = begun().await;
    let receiver = Receiver::of(&app, "portal").await;
    let stream = receiver.stream(json!({ "method": POLL })).await;
    let subject = json!({
        "stream_id": stream,
        "subject": { "format": "iss_sub", "iss": "http://localhost:8080", "sub": sub },
    });

    let removed = receiver.post("/ssf/subjects/remove", &subject).await;
    happens(&app, holder.person, Event::Deceased).await;
    let nothing = receiver.poll(&stream, json!({})).await;
    let added = receiver.post("/ssf/subjects/add", &subject).await;
    happens(&app, holder.person, Event::Deceased).await;
    let something = receiver.poll(&stream, json!({})).await;
    let foreign = json!({ "stream_id": stream, "subject": { "format": "email", "email": "a@b.example" } });
    let refused = receiver.post("/ssf/subjects/add", &foreign).await;

    assert_eq!((removed.status, added.status), (StatusCode::NO_CONTENT, StatusCode::OK));
    assert_eq!((sets(&nothing).len(), sets(&something).len()), (0, 1));
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn openid_ssf_transmitter_stream_verification_poll_only() {
    let (app, _, _) = begun().await;
    let receiver = Receiver::of(&app, "portal").await;
    let stream = receiver.stream(json!({ "method": POLL })).await;

    let asked = receiver
        .post("/ssf/verification", &json!({ "stream_id": stream, "state": "abc" }))
        .await;
    let too_soon = receiver
        .post("/ssf/verification", &json!({ "stream_id": stream }))
        .await;
    let polled = receiver.poll(&stream, json!({})).await;

    assert_eq!(
        (asked.status, too_soon.status),
        (StatusCode::NO_CONTENT, StatusCode::TOO_MANY_REQUESTS)
    );
    let (jti, set) = sets(&polled).remove(0);
    let claims = claims(&app, &set).await;
    assert_eq!(claims["events"], json!({ VERIFICATION: { "state": "abc" } }));
    assert_eq!(claims["sub_id"], json!({ "format": "opaque", "id": stream }));
    assert_eq!((&claims["aud"], &claims["jti"]), (&json!("portal"), &json!(jti)));
}

#[tokio::test]
async fn openid_ssf_transmitter_stream_verification_poll_and_ack() {
    let (app, holder, sub) = begun().await;
    let receiver = Receiver::of(&app, "portal").await;
    let stream = receiver.stream(json!({ "method": POLL })).await;
    happens(&app, holder.person, Event::EidLocked).await;
    happens(&app, holder.person, Event::PhoneChanged).await;

    let first = receiver.poll(&stream, json!({ "maxEvents": 1 })).await;
    let again = receiver.poll(&stream, json!({ "maxEvents": 1 })).await;
    let (jti, set) = sets(&first).remove(0);
    let next = receiver.poll(&stream, json!({ "ack": [jti] })).await;
    let (second, changed) = sets(&next).remove(0);
    let replayed = receiver.poll(&stream, json!({ "ack": [jti, "nonsense"] })).await;
    let end = json!({ "setErrs": { second.clone(): { "err": "invalid_request", "description": "x" } } });
    let empty = receiver.poll(&stream, end).await;

    assert_eq!(
        sets(&first),
        sets(&again)
            .into_iter()
            .map(|(jti, _)| (jti, set.clone()))
            .collect::<Vec<_>>()
    );
    assert_eq!(first.at("/moreAvailable"), "true");
    let told = claims(&app, &set).await;
    assert_eq!(
        told["sub_id"],
        json!({ "format": "iss_sub", "iss": "http://localhost:8080", "sub": sub })
    );
    assert!(told["events"].get(EID_LOCKED).is_some() && told.get("sub").is_none() && told.get("exp").is_none());
    let changed = claims(&app, &changed).await;
    assert_eq!(changed["events"][CREDENTIAL_CHANGE]["credential_type"], "phone-sms");
    assert_eq!(sets(&replayed).len(), 1);
    assert_eq!(empty.json(), json!({ "sets": {} }));
}

#[tokio::test]
async fn openid_ssf_transmitter_stream_verification_ack_only() {
    let (app, holder, _) = begun().await;
    receiver(&app, "other").await;
    let own = Receiver::of(&app, "portal").await;
    let other = Receiver::of(&app, "other").await;
    let (stream, foreign) = (
        own.stream(json!({ "method": POLL })).await,
        other.stream(json!({ "method": POLL })).await,
    );
    happens(&app, holder.person, Event::Deceased).await;
    let (jti, _) = sets(&own.poll(&stream, json!({})).await).remove(0);

    other.poll(&foreign, json!({ "ack": [jti] })).await;
    let still = own.poll(&stream, json!({})).await;
    let acknowledged = own.poll(&stream, json!({ "ack": [jti], "maxEvents": 0 })).await;
    let gone = own.poll(&stream, json!({})).await;

    assert_eq!(sets(&still).len(), 1);
    assert_eq!((sets(&acknowledged).len(), sets(&gone).len()), (0, 0));
}

#[tokio::test]
async fn who_does_not_know_the_person_hears_nothing() {
    let (app, holder, _) = begun().await;
    receiver(&app, "other").await;
    let other = Receiver::of(&app, "other").await;
    let stream = other.stream(json!({ "method": POLL })).await;

    happens(&app, holder.person, Event::AccountLocked).await;

    assert_eq!(sets(&other.poll(&stream, json!({})).await).len(), 0);
}

#[tokio::test]
async fn an_event_of_a_unit_that_failed_is_not_told_and_a_disabled_stream_keeps_none() {
    let (app, holder, _) = begun().await;
    let receiver = Receiver::of(&app, "portal").await;
    let stream = receiver.stream(json!({ "method": POLL })).await;
    let (person, now) = (holder.person, app.now());

    let failed = app
        .db
        .write(move |tx| {
            emit(tx, &person, Event::AccountLocked, now)?;
            Err::<(), db::Error>(db::Error::NoRow)
        })
        .await;
    let nothing = receiver.poll(&stream, json!({})).await;
    let status = |word: &str| json!({ "stream_id": stream, "status": word });
    receiver.post("/ssf/status", &status("paused")).await;
    happens(&app, person, Event::EidLocked).await;
    let while_paused = receiver.poll(&stream, json!({})).await;
    receiver.post("/ssf/status", &status("enabled")).await;
    let goes_on = receiver.poll(&stream, json!({})).await;
    receiver.post("/ssf/status", &status("disabled")).await;
    happens(&app, person, Event::EidUnlocked).await;
    receiver.post("/ssf/status", &status("enabled")).await;
    let after = receiver.poll(&stream, json!({})).await;

    assert!(failed.is_err());
    assert_eq!((sets(&nothing).len(), sets(&while_paused).len()), (0, 0));
    // The change of the status itself is told, twice.
    assert_eq!((sets(&goes_on).len(), sets(&after).len()), (3, 1));
}

/// What a receiver got: the headers, and the token.
pub(crate) type Got = Arc<Mutex<Vec<(Option<String>, String)>>>;

/// A receiver on this machine; it answers with the statuses given, then with 202.
pub(crate) async fn listen(statuses: Vec<StatusCode>) -> (String, Got) {
    let (got, answers) = (Got::default(), Arc::new(Mutex::new(statuses)));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/events", listener.local_addr().unwrap());
    let kept = got.clone();
    let receive = move |headers: ::http::HeaderMap, body: String| async move {
        let authorization = headers
            .get(header::AUTHORIZATION)
            .map(|value| value.to_str().unwrap().to_owned());
        kept.lock().unwrap().push((authorization, body));
        let mut answers = answers.lock().unwrap();
        if answers.is_empty() {
            StatusCode::ACCEPTED
        } else {
            answers.remove(0)
        }
    };
    let router = Router::new().route("/events", post(receive));
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    (url, got)
}

#[tokio::test]
async fn openid_ssf_transmitter_stream_verification_push() {
    let (app, holder, sub) = begun().await;
    let (url, got) = listen(vec![StatusCode::SERVICE_UNAVAILABLE]).await;
    let receiver = Receiver::of(&app, "portal").await;
    let delivery = json!({ "method": PUSH, "endpoint_url": url, "authorization_header": "Bearer của-tôi".replace("của-tôi", "mine") });
    let stream = receiver.stream(delivery).await;

    receiver
        .post("/ssf/verification", &json!({ "stream_id": stream, "state": "s" }))
        .await;
    app.run_jobs().await;
    app.advance(SignedDuration::from_secs(3));
    app.run_jobs().await;
    happens(&app, holder.person, Event::AccountLocked).await;
    app.run_jobs().await;
    app.advance(SignedDuration::from_hours(2));
    app.run_jobs().await;

    let got = got.lock().unwrap().clone();
    assert_eq!(got.len(), 3, "refused once, then taken; then the lock");
    assert!(
        got.iter()
            .all(|(authorization, _)| authorization.as_deref() == Some("Bearer mine"))
    );
    let told = claims(&app, &got[1].1).await;
    assert_eq!(told["events"], json!({ VERIFICATION: { "state": "s" } }));
    let told = claims(&app, &got[2].1).await;
    assert_eq!(
        (&told["sub_id"]["sub"], told["events"].get(ACCOUNT_DISABLED).is_some()),
        (&json!(sub), true)
    );
}

#[tokio::test]
async fn openid_ssf_transmitter_stream_verification_error_push_no_auth() {
    let (app, _, _) = begun().await;
    let (url, got) = listen(vec![StatusCode::UNAUTHORIZED; 2]).await;
    let receiver = Receiver::of(&app, "portal").await;
    let stream = receiver.stream(json!({ "method": PUSH, "endpoint_url": url })).await;

    receiver
        .post("/ssf/verification", &json!({ "stream_id": stream }))
        .await;
    for _ in 0..3 {
        app.run_jobs().await;
        app.advance(SignedDuration::from_secs(10));
    }
    app.run_jobs().await;

    assert_eq!(
        got.lock().unwrap().len(),
        3,
        "a receiver that refuses us is asked again"
    );
}

#[tokio::test]
async fn production_posts_to_nobody_on_its_own_machine_or_beside_it() {
    let app = TestApp::start_with(|config| config.sandbox = false).await;
    receiver(&app, "portal").await;
    let receiver = Receiver::of(&app, "portal").await;

    for url in [
        "http://127.0.0.1:1/",
        "https://127.0.0.1/",
        "https://10.1.2.3/events",
        "https://169.254.169.254/latest",
        "https://[::1]/",
        "https://[fd00::1]/",
        "https://localhost/",
        "https://db.internal/",
    ] {
        let delivery = json!({ "method": PUSH, "endpoint_url": url });
        let refused = receiver.post("/ssf/streams", &json!({ "delivery": delivery })).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{url}");
    }
}
