use ::http::{Request, StatusCode, header};
use axum::body::Body;
use crypto::jws;
use crypto::sign::{Algorithm, Signer as _, SoftKey};
use jiff::SignedDuration;
use nation::sources::{Pki, ServerTls};
use oidc::authentication::ASSERTION_TYPE;
use serde_json::{Value, json};

use crate::accounts::Level;
use crate::signals::tests::{Got, listen};
use crate::sso::tests::{begin, portal, verified};
use crate::testing::{Answer, Holder, PASSCODE, TestApp};

const ISSUER: &str = "http://localhost:8080";
const GRANT: &str = "urn:openid:params:grant-type:ciba";

fn key(seed: u8) -> SoftKey {
    SoftKey::from_seed(Algorithm::Es256, &[seed; 32]).unwrap()
}

/// A bank whose clerk asks for people; strict clients bind their tokens to a key.
struct Bank {
    id: &'static str,
    own: SoftKey,
    drawn: std::cell::Cell<u32>,
}

impl Bank {
    async fn register(app: &TestApp, id: &'static str, more: &Value) -> Self {
        let own = key(31);
        let mut metadata = json!({
            "token_endpoint_auth_method": "private_key_jwt", "jwks": {"keys": [own.public()]}, "vneid_profile": "fapi2",
            "grant_types": ["authorization_code", "refresh_token", GRANT], "backchannel_token_delivery_mode": "poll",
        });
        metadata
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        portal(app, id, "https://bank.example/cb", metadata).await;
        let drawn = std::cell::Cell::new(0);
        Self { id, own, drawn }
    }

    fn name(&self) -> String {
        self.drawn.set(self.drawn.get() + 1);
        format!("{}-{}", self.id, self.drawn.get())
    }

    fn signed(&self, claims: &Value) -> String {
        jws::sign(&self.own, None, claims.to_string().as_bytes()).unwrap()
    }

    fn claims(&self, app: &TestApp, number: &str, words: &str) -> Value {
        let now = app.now().as_second();
        json!({
            "iss": self.id, "aud": ISSUER, "exp": now + 300, "nbf": now, "iat": now, "jti": self.name(),
            "scope": "openid profile", "login_hint": number, "binding_message": words,
        })
    }

    fn assertion(&self, app: &TestApp) -> String {
        let now = app.now().as_second();
        self.signed(&json!({"iss": self.id, "sub": self.id, "aud": ISSUER, "exp": now + 60, "jti": self.name()}))
    }

    async fn post(&self, app: &TestApp, path: &str, fields: &[(&str, &str)], assertion: Option<&str>) -> Answer {
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        form.extend_pairs(fields);
        if let Some(assertion) = assertion {
            form.extend_pairs([
                ("client_assertion_type", ASSERTION_TYPE),
                ("client_assertion", assertion),
            ]);
        } else {
            form.append_pair("client_id", self.id);
        }
        let claims = json!({
            "htm": "POST", "htu": format!("{ISSUER}{path}"), "jti": self.name(), "iat": app.now().as_second(),
        });
        let header = json!({"typ": "dpop+jwt", "jwk": key(32).public()});
        let header = header.as_object().unwrap().clone();
        let proof = jws::sign_with(&key(32), header, claims.to_string().as_bytes()).unwrap();
        let request = Request::post(path)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header("DPoP", proof);
        app.client().send(request, Body::from(form.finish())).await
    }

    async fn ask_with(&self, app: &TestApp, claims: &Value) -> Answer {
        let object = self.signed(claims);
        let assertion = self.assertion(app);
        let answer = self
            .post(app, "/sso/backchannel", &[("request", &object)], Some(&assertion))
            .await;
        // The message to the citizen.
        app.run_jobs().await;
        answer
    }

    /// The clerk asks for somebody; the name of the request.
    async fn ask(&self, app: &TestApp, number: &str, words: &str) -> String {
        let asked = self.ask_with(app, &self.claims(app, number, words)).await;
        assert_eq!(asked.status, StatusCode::OK, "{asked}");
        asked.at("/auth_req_id")
    }

    async fn poll(&self, app: &TestApp, name: &str) -> Answer {
        let assertion = self.assertion(app);
        let fields = [("grant_type", GRANT), ("auth_req_id", name)];
        self.post(app, "/sso/token", &fields, Some(&assertion)).await
    }
}

async fn bank() -> (TestApp, Holder, Bank) {
    let (app, holder) = begin(Level::Two).await;
    app.secrets(&holder).await;
    let bank = Bank::register(&app, "bank", &json!({})).await;
    (app, holder, bank)
}

/// The citizen answers the request that comes from this service.
async fn say(holder: &mut Holder, client: &str, answer: &str, words: &str) -> Answer {
    let address = asked_by(holder, client).await;
    say_at(holder, &address, answer, words).await
}

/// Where the request that comes from this service is answered.
async fn asked_by(holder: &mut Holder, client: &str) -> String {
    let page = holder.client.get("/account/requests").await.json();
    let requests = page["requests"].as_array().unwrap();
    let request = requests.iter().find(|request| request["client"] == client).unwrap();
    format!("/account/requests/{}", request["id"].as_str().unwrap())
}

async fn say_at(holder: &mut Holder, address: &str, answer: &str, words: &str) -> Answer {
    let form = json!({ "answer": answer, "secret": PASSCODE, "words": words });
    holder.client.post(address, &form).await
}

fn number(holder: &Holder) -> String {
    holder.citizen.number.as_str().to_owned()
}

#[tokio::test]
async fn a_clerk_asks_the_citizen_approves_in_the_app_and_the_bank_gets_tokens_once() {
    let (app, mut holder, bank) = bank().await;

    let name = bank.ask(&app, &number(&holder), "Quầy 5 – Mã 4821").await;
    let waiting = holder.client.get("/account/requests").await;
    let early = bank.poll(&app, &name).await;
    let agreed = say(&mut holder, "Cổng bank", "agree", "").await;
    app.advance(SignedDuration::from_secs(5));
    let tokens = bank.poll(&app, &name).await;
    let again = bank.poll(&app, &name).await;

    assert_eq!(waiting.at("/requests/0/words"), "Quầy 5 – Mã 4821");
    assert_eq!(early.at("/error"), "authorization_pending");
    assert_eq!(agreed.at("/done"), "agreed");
    let id_token = verified(&app, &tokens.at("/id_token")).await;
    assert_eq!(
        (id_token.aud.as_str(), tokens.at("/token_type").as_str()),
        ("bank", "DPoP")
    );
    assert!(id_token.amr.contains(&"pin".to_owned()), "{:?}", id_token.amr);
    assert_eq!(
        (again.status, again.at("/error").as_str()),
        (StatusCode::BAD_REQUEST, "invalid_grant")
    );
    app.run_jobs().await;
    let looks = holder.client.get("/account/history").await;
    assert_eq!(looks.at("/looks/0/name"), "Cổng bank");
    let sms = app.mailbox(&holder.citizen.phone.clone().unwrap().e164()).await;
    assert!(sms[0].text.contains("Quầy 5 – Mã 4821"), "{:?}", sms[0]);
}

#[tokio::test]
async fn a_second_request_at_the_same_moment_cannot_be_approved_by_mistake() {
    let (app, mut holder, bank) = bank().await;
    let thief = Bank::register(&app, "thief", &json!({"sector_identifier": "bank.example"})).await;

    let good = bank.ask(&app, &number(&holder), "Quầy 5 – Mã 4821").await;
    let bad = thief.ask(&app, &number(&holder), "Quầy 5 – Mã 9999").await;
    let page = holder.client.get("/account/requests").await;
    let one_tap = say(&mut holder, "Cổng thief", "agree", "").await;
    let mistaken = say(&mut holder, "Cổng thief", "agree", "Quầy 5 – Mã 4821").await;
    let right = say(&mut holder, "Cổng bank", "agree", "quầy 5 –  mã 4821").await;
    app.advance(SignedDuration::from_secs(5));

    assert_eq!(page.at("/several"), "true");
    let html = holder.client.clone().browser().get("/account/requests").await.text();
    assert!(
        !html.contains("4821"),
        "whoever can read the words here can type them here"
    );
    for refused in [one_tap, mistaken] {
        assert_eq!(
            (refused.status, refused.at("/type").as_str()),
            (StatusCode::CONFLICT, "/problems/sso-asked-other-words")
        );
    }
    assert_eq!(right.at("/done"), "agreed");
    assert_eq!(bank.poll(&app, &good).await.status, StatusCode::OK);
    assert_eq!(thief.poll(&app, &bad).await.at("/error"), "authorization_pending");
}

#[tokio::test]
async fn words_typed_wrong_three_times_refuse_the_request_and_nobody_is_flooded() {
    let (app, mut holder, bank) = bank().await;
    let mut names = Vec::new();

    for words in ["Mã 1", "Mã 2", "Mã 3", "Mã 4"] {
        names.push(bank.ask(&app, &number(&holder), words).await);
        app.advance(SignedDuration::from_secs(1));
    }
    let waiting = holder.client.get("/account/requests").await.json()["requests"]
        .as_array()
        .unwrap()
        .len();
    for _ in 0..3 {
        say(&mut holder, "Cổng bank", "agree", "Mã 7").await;
    }
    app.advance(SignedDuration::from_secs(5));

    assert_eq!(waiting, 3);
    assert_eq!(bank.poll(&app, &names[0]).await.at("/error"), "access_denied");
    assert_eq!(bank.poll(&app, &names[3]).await.at("/error"), "access_denied");
}

#[tokio::test]
async fn of_two_answers_at_once_one_counts() {
    let (app, mut holder, bank) = bank().await;
    let name = bank.ask(&app, &number(&holder), "Mã 1").await;
    let mut twin = Holder {
        person: holder.person,
        citizen: holder.citizen.clone(),
        client: holder.client.clone(),
    };
    let address = asked_by(&mut holder, "Cổng bank").await;

    let (one, two) = tokio::join!(
        say_at(&mut holder, &address, "agree", ""),
        say_at(&mut twin, &address, "refuse", "")
    );
    app.advance(SignedDuration::from_secs(5));
    let (first, second) = (bank.poll(&app, &name).await, bank.poll(&app, &name).await);

    assert_ne!(
        one.status == StatusCode::OK,
        two.status == StatusCode::OK,
        "{one} {two}"
    );
    assert!(first.status != StatusCode::OK || second.status != StatusCode::OK);
}

#[tokio::test]
async fn a_hint_that_means_nobody_is_answered_like_any_other() {
    let (app, holder, bank) = bank().await;

    let nobody = bank.ask_with(&app, &bank.claims(&app, "001099999999", "Mã 1")).await;
    let somebody = bank.ask_with(&app, &bank.claims(&app, &number(&holder), "Mã 1")).await;
    let nonsense = bank.ask_with(&app, &bank.claims(&app, "an", "Mã 1")).await;
    let polled = bank.poll(&app, &nobody.at("/auth_req_id")).await;

    assert_eq!([nobody.status, somebody.status, nonsense.status], [StatusCode::OK; 3]);
    assert_eq!(nobody.at("/auth_req_id").len(), somebody.at("/auth_req_id").len());
    assert_eq!(polled.at("/error"), "authorization_pending");
}

#[tokio::test]
async fn an_id_token_of_ours_is_a_hint_for_its_own_client() {
    let (app, mut holder, bank) = bank().await;
    let name = bank.ask(&app, &number(&holder), "Mã 1").await;
    say(&mut holder, "Cổng bank", "agree", "").await;
    let id_token = bank.poll(&app, &name).await.at("/id_token");

    let mut claims = bank.claims(&app, "", "Mã 2");
    claims.as_object_mut().unwrap().remove("login_hint");
    claims["id_token_hint"] = json!(id_token);
    let asked = bank.ask_with(&app, &claims).await;
    let thief = Bank::register(&app, "thief", &json!({})).await;
    let mut stolen = claims.clone();
    stolen["iss"] = json!("thief");
    stolen["jti"] = json!("thief-hint");
    let stolen = thief.ask_with(&app, &stolen).await;

    assert_eq!(asked.status, StatusCode::OK, "{asked}");
    let waiting = holder.client.get("/account/requests").await;
    assert_eq!(waiting.at("/requests/0/words"), "Mã 2");
    assert_eq!(stolen.at("/error"), "invalid_request");
}

#[tokio::test]
async fn who_has_to_say_no_says_no_and_the_bank_is_told() {
    let (app, mut holder, bank) = bank().await;
    let name = bank.ask(&app, &number(&holder), "Mã 1").await;

    let refused = say(&mut holder, "Cổng bank", "refuse", "").await;

    assert_eq!(refused.at("/done"), "refused");
    assert_eq!(bank.poll(&app, &name).await.at("/error"), "access_denied");
}

#[tokio::test]
async fn a_wrong_passcode_approves_nothing() {
    let (app, mut holder, bank) = bank().await;
    let name = bank.ask(&app, &number(&holder), "Mã 1").await;
    let id = holder.client.get("/account/requests").await.at("/requests/0/id");

    let form = json!({ "answer": "agree", "secret": "000000" });
    let wrong = holder.client.post(&format!("/account/requests/{id}"), &form).await;

    assert_ne!(wrong.status, StatusCode::OK);
    assert_eq!(bank.poll(&app, &name).await.at("/error"), "authorization_pending");
}

#[tokio::test]
async fn fapi_ciba_id1_discovery_end_point_verification() {
    let app = TestApp::start().await;

    let document = app.client().get("/.well-known/openid-configuration").await.json();

    assert_eq!(
        document["backchannel_authentication_endpoint"],
        format!("{ISSUER}/sso/backchannel")
    );
    assert_eq!(
        document["backchannel_token_delivery_modes_supported"],
        json!(["poll", "ping"])
    );
    assert!(
        document["grant_types_supported"]
            .as_array()
            .unwrap()
            .contains(&json!(GRANT))
    );
}

/// The error for a signed request without one of its members.
async fn without(member: &str) -> String {
    let (app, holder, bank) = bank().await;
    let mut claims = bank.claims(&app, &number(&holder), "Mã 1");
    claims.as_object_mut().unwrap().remove(member);
    bank.ask_with(&app, &claims).await.at("/error")
}

#[tokio::test]
async fn fapi_ciba_id1_ensure_request_object_missing_aud_fails() {
    assert_eq!(without("aud").await, "invalid_request");
}

#[tokio::test]
async fn fapi_ciba_id1_ensure_request_object_missing_iss_fails() {
    assert_eq!(without("iss").await, "invalid_request");
}

#[tokio::test]
async fn fapi_ciba_id1_ensure_request_object_missing_exp_fails() {
    assert_eq!(without("exp").await, "invalid_request");
}

#[tokio::test]
async fn fapi_ciba_id1_ensure_request_object_missing_iat_fails() {
    assert_eq!(without("iat").await, "invalid_request");
}

#[tokio::test]
async fn fapi_ciba_id1_ensure_request_object_missing_nbf_fails() {
    assert_eq!(without("nbf").await, "invalid_request");
}

#[tokio::test]
async fn fapi_ciba_id1_ensure_request_object_missing_jti_fails() {
    assert_eq!(without("jti").await, "invalid_request");
}

#[tokio::test]
async fn a_signed_request_works_once() {
    let (app, holder, bank) = bank().await;
    let claims = bank.claims(&app, &number(&holder), "Mã 1");

    let first = bank.ask_with(&app, &claims).await;
    let second = bank.ask_with(&app, &claims).await;

    assert_eq!(
        (first.status, second.at("/error").as_str()),
        (StatusCode::OK, "invalid_request")
    );
}

/// A request with another head or signature.
async fn ask_signed_as(header: &Value, spoil: bool) -> String {
    let (app, holder, bank) = bank().await;
    let object = bank.signed(&bank.claims(&app, &number(&holder), "Mã 1"));
    let mut parts: Vec<&str> = object.split('.').collect();
    let head = crypto::base64url::encode(header.to_string());
    parts[0] = &head;
    let spoiled = crypto::base64url::encode([1; 64]);
    if spoil {
        parts[2] = &spoiled;
    }
    let assertion = bank.assertion(&app);
    bank.post(
        &app,
        "/sso/backchannel",
        &[("request", &parts.join("."))],
        Some(&assertion),
    )
    .await
    .at("/error")
}

#[tokio::test]
async fn fapi_ciba_id1_ensure_request_object_signature_algorithm_is_none_fails() {
    assert_eq!(ask_signed_as(&json!({"alg": "none"}), true).await, "invalid_request");
}

#[tokio::test]
async fn fapi_ciba_id1_ensure_request_object_signature_algorithm_is_bad_fails() {
    assert_eq!(ask_signed_as(&json!({"alg": "ES256"}), true).await, "invalid_request");
}

#[tokio::test]
async fn fapi_ciba_id1_ensure_request_object_signature_algorithm_is_rs256_fails() {
    assert_eq!(ask_signed_as(&json!({"alg": "RS256"}), false).await, "invalid_request");
}

#[tokio::test]
async fn fapi_ciba_id1_ensure_without_client_assertion_in_backchannel_authorization_request() {
    let (app, holder, bank) = bank().await;
    let object = bank.signed(&bank.claims(&app, &number(&holder), "Mã 1"));

    let refused = bank.post(&app, "/sso/backchannel", &[("request", &object)], None).await;

    assert_eq!(
        (refused.status, refused.at("/error").as_str()),
        (StatusCode::UNAUTHORIZED, "invalid_client")
    );
}

#[tokio::test]
async fn fapi_ciba_id1_ensure_without_client_assertion_in_token_endpoint_request() {
    let (app, holder, bank) = bank().await;
    let name = bank.ask(&app, &number(&holder), "Mã 1").await;

    let fields = [("grant_type", GRANT), ("auth_req_id", name.as_str())];
    let refused = bank.post(&app, "/sso/token", &fields, None).await;

    assert_eq!(
        (refused.status, refused.at("/error").as_str()),
        (StatusCode::UNAUTHORIZED, "invalid_client")
    );
}

/// A client's assertion that says it is signed by RSA.
fn rs256(bank: &Bank, app: &TestApp) -> String {
    let assertion = bank.assertion(app);
    let (_, rest) = assertion.split_once('.').unwrap();
    format!("{}.{rest}", crypto::base64url::encode(r#"{"alg":"RS256"}"#))
}

#[tokio::test]
async fn fapi_ciba_id1_ensure_client_assertion_signature_algorithm_in_backchannel_authorization_request_is_rs256_fails()
{
    let (app, holder, bank) = bank().await;
    let object = bank.signed(&bank.claims(&app, &number(&holder), "Mã 1"));

    let assertion = rs256(&bank, &app);
    let refused = bank
        .post(&app, "/sso/backchannel", &[("request", &object)], Some(&assertion))
        .await;

    assert_eq!(refused.at("/error"), "invalid_client");
}

#[tokio::test]
async fn fapi_ciba_id1_ensure_client_assertion_signature_algorithm_in_token_endpoint_request_is_rs256_fails() {
    let (app, holder, bank) = bank().await;
    let name = bank.ask(&app, &number(&holder), "Mã 1").await;

    let assertion = rs256(&bank, &app);
    let fields = [("grant_type", GRANT), ("auth_req_id", name.as_str())];
    let refused = bank.post(&app, "/sso/token", &fields, Some(&assertion)).await;

    assert_eq!(refused.at("/error"), "invalid_client");
}

#[tokio::test]
async fn fapi_ciba_id1_ensure_client_assertion_with_iss_aud_to_token_endpoint_succeeds() {
    let (app, mut holder, bank) = bank().await;
    let name = bank.ask(&app, &number(&holder), "Mã 1").await;
    say(&mut holder, "Cổng bank", "agree", "").await;

    assert_eq!(bank.poll(&app, &name).await.status, StatusCode::OK);
}

#[tokio::test]
async fn fapi_ciba_id1_refresh_token() {
    let (app, mut holder, bank) = bank().await;
    let name = bank.ask(&app, &number(&holder), "Mã 1").await;
    say(&mut holder, "Cổng bank", "agree", "").await;
    let refresh = bank.poll(&app, &name).await.at("/refresh_token");

    let assertion = bank.assertion(&app);
    let fields = [("grant_type", "refresh_token"), ("refresh_token", refresh.as_str())];
    let renewed = bank.post(&app, "/sso/token", &fields, Some(&assertion)).await;

    assert_eq!(renewed.status, StatusCode::OK, "{renewed}");
    assert!(!renewed.at("/access_token").is_empty());
}

/// A service in ping mode that answers its calls so; how often it was called, and with what.
async fn pinged(answers: Vec<StatusCode>, runs: usize) -> Vec<(Option<String>, String)> {
    let (url, got) = listen(answers).await;
    called(&TestApp::start().await, &url, &got, runs).await
}

/// What a service in ping mode got at its address after so many runs of the jobs.
async fn called(app: &TestApp, url: &str, got: &Got, runs: usize) -> Vec<(Option<String>, String)> {
    let mut holder = app.holder(app.citizen(), Level::Two).await;
    app.secrets(&holder).await;
    let more = json!({
        "backchannel_token_delivery_mode": "ping", "backchannel_client_notification_endpoint": url,
    });
    let bank = Bank::register(app, "bank", &more).await;
    let mut claims = bank.claims(app, &number(&holder), "Mã 1");
    claims["client_notification_token"] = json!("call-me");
    let name = bank.ask_with(app, &claims).await.at("/auth_req_id");
    say(&mut holder, "Cổng bank", "agree", "").await;
    for _ in 0..runs {
        app.run_jobs().await;
        app.advance(SignedDuration::from_mins(10));
    }
    let got = got.lock().unwrap().clone();
    for (_, body) in &got {
        assert_eq!(
            serde_json::from_str::<Value>(body).unwrap(),
            json!({ "auth_req_id": name })
        );
    }
    got
}

#[tokio::test]
async fn fapi_ciba_id1_ping_backchannel_notification_endpoint_response_has_body() {
    let got = pinged(vec![StatusCode::OK], 1).await;

    assert_eq!(got[0].0.as_deref(), Some("Bearer call-me"));
}

#[tokio::test]
async fn fapi_ciba_id1_ping_backchannel_notification_endpoint_response_401() {
    assert_eq!(pinged(vec![StatusCode::UNAUTHORIZED], 2).await.len(), 1);
}

#[tokio::test]
async fn fapi_ciba_id1_ping_backchannel_notification_endpoint_response_403() {
    assert_eq!(pinged(vec![StatusCode::FORBIDDEN], 2).await.len(), 1);
}

#[tokio::test]
async fn fapi_ciba_id1_ping_backchannel_notification_endpoint_return_redirect_request() {
    assert_eq!(pinged(vec![StatusCode::MOVED_PERMANENTLY], 2).await.len(), 1);
}

#[tokio::test]
async fn fapi_ciba_id1_ping_with_mtls_ciba_notification_endpoint_response_401_and_require_server_does_not_retry() {
    let (pki, folder, got) = (
        Pki::generate(&["localhost"]).unwrap(),
        tempfile::tempdir().unwrap(),
        Got::default(),
    );
    let identity = format!("{}{}", pki.client.certificate_pem, pki.client.key_pem.expose());
    let [own, servers] = ["own.pem", "servers.pem"].map(|name| folder.path().join(name));
    std::fs::write(&own, identity).unwrap();
    std::fs::write(&servers, &pki.ca_pem).unwrap();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://localhost:{}/events", listener.local_addr().unwrap().port());
    let kept = got.clone();
    let refuse = axum::Router::new().fallback(move |body: String| async move {
        kept.lock().unwrap().push((None, body));
        StatusCode::UNAUTHORIZED
    });
    let tls = ServerTls::new(&pki.server, &pki.ca_pem).unwrap();
    tokio::spawn(nation::sources::serve(listener, tls, refuse, std::future::pending()));
    let app = TestApp::start_with(|config| {
        config.client_certificates.own = Some(own);
        config.client_certificates.servers = Some(servers);
    });

    assert_eq!(called(&app.await, &url, &got, 2).await.len(), 1);
}
