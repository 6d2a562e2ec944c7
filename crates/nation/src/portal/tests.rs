use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::extract::Form;
use axum::http::StatusCode;
use axum::routing::post;
use axum::{Json, Router};
use crypto::base64url;
use crypto::digest::sha256;
use crypto::jws;
use crypto::sign::{Algorithm, Signer, SoftKey};
use serde_json::{Value, json};

use super::*;

/// A small issuer: says yes at once, and holds the portal to the rules.
#[derive(Clone)]
struct TestIssuer {
    address: String,
    key: Arc<Mutex<SoftKey>>,
    codes: Arc<Mutex<HashMap<String, Value>>>,
    /// What the next ID token says beside what is right.
    twist: Arc<Mutex<Value>>,
    asleep: Arc<AtomicBool>,
}

impl TestIssuer {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = Self {
            address: format!("http://{}", listener.local_addr().unwrap()),
            key: Arc::new(Mutex::new(SoftKey::generate(Algorithm::Es256).unwrap())),
            codes: Arc::default(),
            twist: Arc::new(Mutex::new(json!({}))),
            asleep: Arc::default(),
        };
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(discovery))
            .route("/jwks", get(keys))
            .route("/authorize", get(authorize))
            .route("/token", post(token))
            .route("/userinfo", get(userinfo))
            .with_state(issuer.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        issuer
    }
}

async fn discovery(State(issuer): State<TestIssuer>) -> (StatusCode, Json<Value>) {
    let status = if issuer.asleep.load(Ordering::Relaxed) {
        StatusCode::SERVICE_UNAVAILABLE
    } else {
        StatusCode::OK
    };
    let at = |path: &str| format!("{}{path}", issuer.address);
    let document = json!({
        "issuer": issuer.address, "authorization_endpoint": at("/authorize"), "token_endpoint": at("/token"),
        "userinfo_endpoint": at("/userinfo"), "jwks_uri": at("/jwks"), "end_session_endpoint": at("/logout"),
        "response_types_supported": ["code"], "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["ES256"],
    });
    (status, Json(document))
}

async fn keys(State(issuer): State<TestIssuer>) -> Json<Value> {
    Json(json!({ "keys": [issuer.key.lock().unwrap().public()] }))
}

async fn authorize(State(issuer): State<TestIssuer>, Query(asked): Query<HashMap<String, String>>) -> Redirect {
    assert_eq!(asked["response_type"], "code");
    assert_eq!(asked["code_challenge_method"], "S256");
    assert_eq!(asked["scope"], "openid profile");
    let mut codes = issuer.codes.lock().unwrap();
    let code = format!("code-{}", codes.len());
    codes.insert(
        code.clone(),
        json!({"nonce": asked["nonce"], "challenge": asked["code_challenge"]}),
    );
    Redirect::to(&format!(
        "{}?code={code}&state={}",
        asked["redirect_uri"], asked["state"]
    ))
}

async fn token(
    State(issuer): State<TestIssuer>,
    headers: HeaderMap,
    Form(asked): Form<HashMap<String, String>>,
) -> (StatusCode, Json<Value>) {
    let granted = issuer.codes.lock().unwrap().remove(&asked["code"]);
    let Some(granted) = granted else {
        return (StatusCode::BAD_REQUEST, Json(json!({"error": "invalid_grant"})));
    };
    assert_eq!(headers["authorization"], "Basic cG9ydGFsOnNlY3JldA==");
    assert_eq!(
        granted["challenge"],
        base64url::encode(sha256(asked["code_verifier"].as_bytes()))
    );
    let mut claims = json!({
        "iss": issuer.address, "sub": "pairwise-1", "aud": "portal", "exp": 4_102_444_800_i64, "iat": 1_700_000_000,
        "nonce": granted["nonce"], "acr": "level2",
    });
    let twist = issuer.twist.lock().unwrap().clone();
    claims
        .as_object_mut()
        .unwrap()
        .extend(twist.as_object().unwrap().clone());
    let id_token = jws::sign(&*issuer.key.lock().unwrap(), Some("JWT"), claims.to_string().as_bytes()).unwrap();
    let answer = json!({"access_token": "token-1", "token_type": "Bearer", "expires_in": 300, "id_token": id_token});
    (StatusCode::OK, Json(answer))
}

async fn userinfo(headers: HeaderMap) -> Json<Value> {
    assert_eq!(headers["authorization"], "Bearer token-1");
    let name = "Nguyễn Thị <Ánh>";
    Json(json!({"sub": "pairwise-1", "name": name, "birthdate": "1998-03-12", "vneid_account_level": 2}))
}

/// A browser that keeps one cookie and follows nothing by itself.
struct Browser {
    http: reqwest::Client,
    portal: String,
    cookie: Option<String>,
    accept: &'static str,
}

impl Browser {
    async fn at(issuer: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let portal = format!("http://{}", listener.local_addr().unwrap());
        let settings = Settings {
            issuer: issuer.to_owned(),
            client_id: "portal".to_owned(),
            client_secret: Secret::new("secret".to_owned()),
            base_url: portal.clone(),
            scopes: vec!["profile".to_owned()],
        };
        tokio::spawn(serve(listener, settings, std::future::pending()));
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .unwrap();
        Self {
            http,
            portal,
            cookie: None,
            accept: "text/html",
        }
    }

    /// Asks for an address; answers status, where to go, and the body.
    async fn open(&mut self, address: &str) -> (u16, String, String) {
        let full = if address.starts_with('/') {
            format!("{}{address}", self.portal)
        } else {
            address.to_owned()
        };
        let mut request = self.http.get(full).header("accept", self.accept);
        if let Some(cookie) = &self.cookie {
            request = request.header("cookie", cookie);
        }
        let answer = request.send().await.unwrap();
        let header = |name: &str| {
            answer
                .headers()
                .get(name)
                .map(|value| value.to_str().unwrap().to_owned())
        };
        if let Some(set) = header("set-cookie") {
            assert!(set.contains("HttpOnly") && set.contains("SameSite=Lax"));
            self.cookie = set.split(';').next().map(str::to_owned);
        }
        let location = header("location").unwrap_or_default();
        (answer.status().as_u16(), location, answer.text().await.unwrap())
    }

    /// Signs in: from the portal to the issuer and back.
    async fn sign_in(&mut self) -> (u16, String) {
        let back = self.leave().await;
        let (status, _, body) = self.open(&back).await;
        (status, body)
    }

    /// Goes to the issuer; answers the address that leads back.
    async fn leave(&mut self) -> String {
        let (_, to_issuer, _) = self.open("/login").await;
        let (_, back, _) = self.open(&to_issuer).await;
        back
    }
}

#[tokio::test]
async fn somebody_signs_in_is_greeted_and_signs_out() {
    let issuer = TestIssuer::start().await;
    let mut browser = Browser::at(&issuer.address).await;

    let (_, _, before) = browser.open("/").await;
    let (status, greeted) = browser.sign_in().await;
    let (_, _, home) = browser.open("/").await;
    let (_, farewell, _) = browser.open("/logout").await;
    let (_, _, after) = browser.open("/").await;

    assert_eq!(status, 200);
    assert!(before.contains("id=\"login\"") && after.contains("id=\"login\""));
    for page in [greeted, home] {
        assert!(
            page.contains("<h1 id=\"greeting\">Xin chào Nguyễn Thị &lt;Ánh&gt;</h1>"),
            "{page}"
        );
        assert!(page.contains("<td id=\"userinfo-vneid_account_level\">2</td>"));
        assert!(page.contains("<td id=\"id_token-acr\">level2</td>"));
    }
    assert!(farewell.starts_with(&format!("{}/logout?", issuer.address)));
    assert!(farewell.contains("id_token_hint=") && farewell.contains("post_logout_redirect_uri="));
}

#[tokio::test]
async fn a_machine_gets_the_claims_as_json() {
    let issuer = TestIssuer::start().await;
    let mut browser = Browser::at(&issuer.address).await;
    browser.accept = "application/json";

    let (status, body) = browser.sign_in().await;

    let body: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(status, 200);
    assert_eq!(body["name"], "Nguyễn Thị <Ánh>");
    assert_eq!(body["claims"]["userinfo"]["vneid_account_level"], 2);
    assert_eq!(body["claims"]["id_token"]["sub"], "pairwise-1");
}

#[tokio::test]
async fn the_page_of_a_sign_in_can_be_loaded_again() {
    let issuer = TestIssuer::start().await;
    let mut browser = Browser::at(&issuer.address).await;
    let back = browser.leave().await;
    browser.open(&back).await;

    let (status, _, again) = browser.open(&back).await;

    assert_eq!(status, 200);
    assert!(again.contains("id=\"greeting\""));
}

#[tokio::test]
async fn an_answer_that_another_browser_asked_for_is_refused() {
    let issuer = TestIssuer::start().await;
    let mut browser = Browser::at(&issuer.address).await;
    let back = browser.leave().await;
    browser.cookie = None;
    let stranger = browser.open(&back).await;
    browser.leave().await;

    let (status, _, page) = browser.open(&back).await;

    assert_eq!((stranger.0, status), (400, 400));
    assert!(page.contains("id=\"error\""));
}

#[tokio::test]
async fn a_refusal_of_the_issuer_is_shown() {
    let issuer = TestIssuer::start().await;
    let mut browser = Browser::at(&issuer.address).await;
    let state = browser.leave().await.split_once("state=").unwrap().1.to_owned();

    let (status, _, page) = browser
        .open(&format!("/callback?error=access_denied&state={state}"))
        .await;

    assert_eq!(status, 403);
    assert!(page.contains("<code id=\"error-code\">access_denied</code>"));
}

#[tokio::test]
async fn an_id_token_for_somebody_else_is_refused() {
    let issuer = TestIssuer::start().await;
    let mut browser = Browser::at(&issuer.address).await;

    for twist in [
        json!({"aud": "other"}),
        json!({"nonce": "other"}),
        json!({"iss": "other"}),
        json!({"exp": 1}),
    ] {
        *issuer.twist.lock().unwrap() = twist.clone();
        assert_eq!(browser.sign_in().await.0, 502, "{twist}");
    }
}

#[tokio::test]
async fn sign_in_goes_on_after_the_issuer_changed_its_key() {
    let issuer = TestIssuer::start().await;
    let mut browser = Browser::at(&issuer.address).await;
    browser.sign_in().await;
    browser.open("/logout").await;
    *issuer.key.lock().unwrap() = SoftKey::generate(Algorithm::Es256).unwrap();

    let (status, page) = browser.sign_in().await;

    assert_eq!(status, 200, "{page}");
}

#[tokio::test]
async fn an_issuer_that_is_not_there_yet_is_found_later() {
    let issuer = TestIssuer::start().await;
    let mut browser = Browser::at(&issuer.address).await;
    issuer.asleep.store(true, Ordering::Relaxed);

    let (status, _, page) = browser.open("/login").await;
    issuer.asleep.store(false, Ordering::Relaxed);
    let (later, _) = browser.sign_in().await;

    assert_eq!((status, later), (502, 200));
    assert!(page.contains("VNeID cannot be reached"));
}

#[tokio::test]
async fn a_sign_out_at_the_issuer_ends_the_visit_and_a_forged_one_does_not() {
    let issuer = TestIssuer::start().await;
    let mut browser = Browser::at(&issuer.address).await;
    issuer.twist.lock().unwrap().clone_from(&json!({ "sid": "s-1" }));
    browser.sign_in().await;
    let token = |sid: &str, key: &SoftKey| {
        let claims = json!({
            "iss": issuer.address, "aud": "portal", "iat": 1_700_000_000, "jti": "1", "sid": sid,
            "events": { "http://schemas.openid.net/event/backchannel-logout": {} },
        });
        jws::sign(key, Some("logout+jwt"), claims.to_string().as_bytes()).unwrap()
    };
    let own = |sid: &str| token(sid, &issuer.key.lock().unwrap());
    let (http, address) = (browser.http.clone(), format!("{}/backchannel", browser.portal));
    let tell = async |token: String| {
        let request = http.post(&address).form(&[("logout_token", token)]);
        request.send().await.unwrap().status().as_u16()
    };

    let forged = tell(token("s-1", &SoftKey::generate(Algorithm::Es256).unwrap())).await;
    let others = tell(own("s-2")).await;
    let (_, _, still) = browser.open("/").await;
    let told = tell(own("s-1")).await;
    let (_, _, after) = browser.open("/").await;

    assert_eq!((forged, others, told), (400, 200, 200));
    assert!(still.contains("id=\"greeting\"") && after.contains("id=\"login\""));
}
