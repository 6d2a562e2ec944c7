use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;
use crypto::sign::Algorithm;
use http::header;
use oidc::discovery;

use crate::app::App;
use crate::shell::keys;

/// How long others may keep the metadata and the keys: shorter than a new key is published before it signs.
const CACHE: &str = "public, max-age=3600";

/// Tells the provider's metadata.
pub(super) async fn metadata(State(app): State<App>) -> impl IntoResponse {
    let document = discovery::document(&app.sso.provider, &[Algorithm::Es256]);
    ([(header::CACHE_CONTROL, CACHE)], Json(document))
}

/// Tells the published keys.
pub(super) async fn jwks(State(app): State<App>) -> impl IntoResponse {
    (
        [(header::CACHE_CONTROL, CACHE)],
        Json(app.keys.jwks(keys::SSO, app.clock.now())),
    )
}
