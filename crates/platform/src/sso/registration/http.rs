use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use crypto::base64url;
use crypto::secret::Secret;
use crypto::sign::Algorithm;
use crypto::{json, jws};
use http::{StatusCode, header};
use serde_json::{Map, Value, json};

use super::TYP;
use super::rules::{LONGEST, Refusal, metadata};
use crate::app::App;
use crate::shell::keys;
use crate::shell::problem::Problem;
use crate::sso::clients::{self, NotRegistered};

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        (StatusCode::BAD_REQUEST, Json(json!({ "error": self }))).into_response()
    }
}

/// Registers a relying party.
pub(super) async fn register(State(app): State<App>, body: Bytes) -> Result<Response, Response> {
    let sent = (body.len() <= LONGEST)
        .then(|| json::parse_object(&body).ok())
        .flatten();
    let sent = sent.ok_or_else(|| Refusal::InvalidClientMetadata.into_response())?;
    let statement = stated(&app, &sent).map_err(IntoResponse::into_response)?;

    let client_id = format!("sandbox-{}", base64url::encode(app.chance.bytes::<12>()));
    let metadata = metadata(sent, statement, &client_id).map_err(IntoResponse::into_response)?;
    let uses_secret = metadata.token_endpoint_auth_method.uses_secret();
    let secret = uses_secret.then(|| base64url::encode(app.chance.bytes::<32>()));

    let told = serde_json::to_value(&metadata).unwrap_or_default();
    match clients::register(&app, metadata, secret.clone().map(Secret::new)).await {
        Ok(()) => {}
        Err(NotRegistered::Metadata(error)) => return Err(Refusal::from(error).into_response()),
        Err(error) => return Err(Problem::internal(error).into_response()),
    }

    let mut told = told.as_object().cloned().unwrap_or_default();
    told.insert("client_id_issued_at".to_owned(), app.clock.now().as_second().into());
    if let Some(secret) = secret {
        told.insert("client_secret".to_owned(), secret.into());
        told.insert("client_secret_expires_at".to_owned(), 0.into());
    }
    Ok((StatusCode::CREATED, [(header::CACHE_CONTROL, "no-store")], Json(told)).into_response())
}

/// What our statement says of the program.
fn stated(app: &App, sent: &Map<String, Value>) -> Result<Map<String, Value>, Refusal> {
    let text = sent.get("software_statement").and_then(Value::as_str);
    let text = text.ok_or(Refusal::UnapprovedSoftwareStatement)?;
    let now = app.clock.now();
    let verified = jws::verify(text, &app.keys.jwks(keys::SSO, now), &[Algorithm::Es256]);
    let verified = verified.ok().ok_or(Refusal::UnapprovedSoftwareStatement)?;
    let claims: Map<String, Value> = verified.claims().ok().ok_or(Refusal::InvalidSoftwareStatement)?;
    let number = |name: &str| claims.get(name).and_then(Value::as_i64);
    let ours = claims.get("iss").and_then(Value::as_str) == Some(app.sso.provider.issuer.as_str());
    let in_time = number("exp").is_some_and(|end| now.as_second() < end);
    if !verified.header().is_typ(TYP) || !ours || !in_time {
        return Err(Refusal::InvalidSoftwareStatement);
    }
    let about = claims.into_iter();
    Ok(about
        .filter(|(name, _)| !["iss", "iat", "exp"].contains(&name.as_str()))
        .collect())
}
