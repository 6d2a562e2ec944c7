use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use credentials::{eid, licence, paper};
use http::header;
use jiff::Timestamp;
use serde::Serialize;

use super::{Published, Stated, store};
use crate::app::App;
use crate::ledger::{self, Proof};
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

/// A version that was published, with what the ledger has of it.
#[derive(Serialize)]
struct Version {
    #[serde(flatten)]
    stated: Stated,
    issued_at: Timestamp,
    proof: Proof,
}

/// Tells the versions that were published, so that whoever was given a list can see that everybody was given the same.
pub(in crate::issuance) async fn versions(State(app): State<App>) -> Result<Response, Problem> {
    let keys = app.clone();
    let versions = app
        .db
        .read(move |conn| {
            let mut versions = Vec::new();
            for stated in store::latest(conn)?.iter().map(Published::stated) {
                let commitment = stated.commitment(&keys);
                versions.push(Version {
                    proof: Proof::of(&commitment, ledger::standing(conn, &commitment)?),
                    issued_at: stated.issued_at,
                    stated,
                });
            }
            Ok::<_, db::Error>(versions)
        })
        .await?;
    Ok(open(Json(serde_json::json!({ "versions": versions }))))
}

/// Serves the certificate of the authority, for whoever keeps it with bundles.
pub(in crate::issuance) async fn authority(State(app): State<App>) -> Response {
    let kind = [(header::CONTENT_TYPE, "application/pkix-cert")];
    open((kind, app.issuance.authority().0.to_vec()))
}

/// Tells what the claims of a type are called.
pub(in crate::issuance) async fn type_metadata(Path(vct): Path<String>) -> Result<Response, Problem> {
    match vct.as_str() {
        eid::VCT => Ok(open(Json(eid::type_metadata()))),
        licence::VCT => Ok(open(Json(licence::type_metadata()))),
        vct => {
            let kind = paper::Kind::of_vct(vct).ok_or_else(Problem::not_found)?;
            Ok(open(Json(kind.type_metadata())))
        }
    }
}

fn open(answer: impl IntoResponse) -> Response {
    let headers = [
        (header::CACHE_CONTROL, CACHE),
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
    ];
    (headers, answer).into_response()
}
