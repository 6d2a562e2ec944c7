use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, header};
use serde::Serialize;

use super::TIME_TO_LIVE;
use crate::app::App;
use crate::shell::input::Path;
use crate::shell::problem::Problem;

const JWT: &str = "application/statuslist+jwt";
const CWT: &str = "application/statuslist+cwt";

/// The addresses of all lists (Token Status List section 9.3).
#[derive(Serialize)]
struct Addresses {
    status_lists: Vec<String>,
}

/// Tells where all lists are, for who keeps them for times without network.
pub(in crate::issuance) async fn addresses(State(app): State<App>) -> Result<Response, Problem> {
    let status_lists = (0..super::count(&app).await?)
        .map(|list| super::address(&app, list))
        .collect();
    Ok(open(Json(Addresses { status_lists })))
}

/// Serves a list.
pub(in crate::issuance) async fn list(
    State(app): State<App>,
    headers: HeaderMap,
    Path(list): Path<u32>,
) -> Result<Response, Problem> {
    if list >= super::count(&app).await? {
        return Err(Problem::not_found());
    }
    let accepts = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok());
    let wants_cwt = accepts.is_some_and(|accept| accept.contains(CWT) && !accept.contains(JWT));

    let signed = super::signed(&app, list).await?;

    Ok(if wants_cwt {
        open(([(header::CONTENT_TYPE, CWT)], signed.cwt.clone()))
    } else {
        open(([(header::CONTENT_TYPE, JWT)], signed.jwt.clone()))
    })
}

/// Nobody's data: it may be kept for its time, and read by the pages of any verifier.
fn open(answer: impl IntoResponse) -> Response {
    let kept = format!("public, max-age={}", TIME_TO_LIVE.as_secs());
    let headers = [
        (header::CACHE_CONTROL, kept),
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*".to_owned()),
    ];
    (headers, answer).into_response()
}
