use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use credentials::{eid, licence};
use http::header;

use crate::app::App;
use crate::shell::input::Path;
use crate::shell::keys;
use crate::shell::problem::Problem;

/// How long others may keep the list: shorter than a new key is published before it signs.
const CACHE: &str = "public, max-age=3600";

/// Serves the trust list.
pub(in crate::issuance) async fn list(State(app): State<App>) -> Result<Response, Problem> {
    let published = super::current(&app).await?;
    Ok(open(([(header::CONTENT_TYPE, "application/jwt")], published.signed)))
}

/// Serves the keys of the trust list. Verifiers are delivered with them; whoever fetches them here believes TLS.
pub(in crate::issuance) async fn keys(State(app): State<App>) -> Response {
    open(Json(app.keys.jwks(keys::TRUST, app.clock.now())))
}

/// Tells what the claims of a type are called.
pub(in crate::issuance) async fn type_metadata(Path(vct): Path<String>) -> Result<Response, Problem> {
    match vct.as_str() {
        eid::VCT => Ok(open(Json(eid::type_metadata()))),
        licence::VCT => Ok(open(Json(licence::type_metadata()))),
        _ => Err(Problem::not_found()),
    }
}

fn open(answer: impl IntoResponse) -> Response {
    let headers = [
        (header::CACHE_CONTROL, CACHE),
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
    ];
    (headers, answer).into_response()
}
