//! The counter of a sample bank: a clerk asks for a customer, who approves in VNeID on the own phone (OpenID Connect CIBA).
//!
//! | request | what it does |
//! | --- | --- |
//! | `GET /sandbox/bank-counter` | the clerk's screen |
//! | `POST /sandbox/bank-counter` | asks; `{"number":"…","matter":"open-account"}` |
//! | `GET /sandbox/bank-counter/{state}` | the words for both screens, then what the customer said |
//!
//! The bank is a relying party like any other: it speaks to the platform by its public requests alone.

use std::pin::Pin;

use ::http::{HeaderMap, Request, StatusCode, header};
use axum::Router;
use axum::body::Body;
use axum::routing::get;
use crypto::base64url;
use crypto::digest::sha256;
use crypto::jws;
use crypto::sign::{Algorithm, Signer as _, SoftKey};
use http_body_util::BodyExt as _;
use oidc::authentication::ASSERTION_TYPE;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::app::{self, App};
use crate::shell::problem::Problem;
use crate::shell::server::Failure;
use crate::sso;

mod http;

/// Its `client_id`.
const CLIENT_ID: &str = "ngan-hang-mau";
/// What it calls itself.
const NAME: &str = "Ngân hàng mẫu";
const GRANT: &str = "urn:openid:params:grant-type:ciba";

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/sandbox/bank-counter", get(http::show).post(http::ask))
        .route("/sandbox/bank-counter/{state}", get(http::wait))
}

/// Registers the bank.
///
/// # Errors
/// Those of its registration.
pub(super) async fn register(app: &App) -> Result<(), Failure> {
    let metadata = serde_json::from_value(json!({
        "client_id": CLIENT_ID,
        "client_name": NAME,
        "grant_types": [GRANT],
        "scope": "openid profile",
        "sector_identifier": "ngan-hang-mau.example",
        "token_endpoint_auth_method": "private_key_jwt",
        "backchannel_token_delivery_mode": "poll",
        "backchannel_authentication_request_signing_alg": "ES256",
        "jwks": {"keys": [key()?.public()]},
    }))?;
    Ok(sso::register(app, metadata, None).await?)
}

/// The bank's key: known to everybody, like all here.
fn key() -> Result<SoftKey, Failure> {
    Ok(SoftKey::from_seed(
        Algorithm::Es256,
        &sha256(b"the sample bank of the sandbox"),
    )?)
}

/// A signed statement of the bank, good for a few minutes.
fn signed(app: &App, more: &Value) -> Result<String, Problem> {
    let now = app.clock.now().as_second();
    let mut claims = json!({
        "iss": CLIENT_ID, "aud": app.config.public_url, "iat": now, "nbf": now, "exp": now + 300,
        "jti": base64url::encode(app.chance.bytes::<16>()),
    });
    if let (Some(claims), Some(more)) = (claims.as_object_mut(), more.as_object()) {
        claims.extend(more.clone());
    }
    let key = key().map_err(|failure| Problem::internal(std::io::Error::other(failure.to_string())))?;
    Ok(jws::sign(&key, None, claims.to_string().as_bytes())?)
}

/// Posts a form as the bank, with its proof.
async fn post(app: &App, path: &str, fields: &[(&str, &str)]) -> Result<(StatusCode, Value), Problem> {
    let assertion = signed(app, &json!({"sub": CLIENT_ID}))?;
    let proof = [
        ("client_assertion_type", ASSERTION_TYPE),
        ("client_assertion", &assertion),
    ];
    let form = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .extend_pairs(proof)
        .finish();
    let kind = (header::CONTENT_TYPE, "application/x-www-form-urlencoded".parse());
    let headers = HeaderMap::from_iter(kind.1.ok().map(|value| (kind.0, value)));
    send(app, "POST", path, headers, form).await
}

/// What the bank learns of the customer.
async fn userinfo(app: &App, token: &str) -> Result<Value, Problem> {
    let bearer = format!("Bearer {token}").parse().ok();
    let headers = HeaderMap::from_iter(bearer.map(|value| (header::AUTHORIZATION, value)));
    Ok(send(app, "GET", "/sso/userinfo", headers, String::new()).await?.1)
}

/// Boxed, since the platform that answers is the one that asks.
type Answered<'a> = Pin<Box<dyn Future<Output = Result<(StatusCode, Value), Problem>> + Send + 'a>>;

fn send<'a>(app: &'a App, method: &'a str, path: &'a str, headers: HeaderMap, body: String) -> Answered<'a> {
    Box::pin(async move {
        let mut request = Request::builder().method(method).uri(path).body(Body::from(body));
        if let Ok(request) = &mut request {
            request.headers_mut().extend(headers);
        }
        let request = request.map_err(Problem::internal)?;
        let Ok(answer) = app::router(app).oneshot(request).await;
        let status = answer.status();
        let body = answer.into_body().collect().await.map_err(Problem::internal)?;
        Ok((status, serde_json::from_slice(&body.to_bytes()).unwrap_or_default()))
    })
}
