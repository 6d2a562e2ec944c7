//! Documents that are attached to a request: PDF or pictures, kept as evidence, shown to the applicant and to the officer who holds the dossier.
//!
//! | request | what it does |
//! | --- | --- |
//! | `POST /procedures/drafts/{id}/files/{name}` | attaches a document: `file` |
//! | `POST /procedures/drafts/{id}/files/{name}/removal` | takes it away again |
//! | `GET /procedures/dossiers/{id}/files/{name}` | the applicant's own document |
//! | `GET /officers/procedures/{id}/files/{name}` | the same for who holds the dossier |
//!
//! **Invariant:** a document is kept as long as the rule of retention for its kind says after the end of its dossier, and no draft's document outlives the draft.

use ::http::{HeaderValue, header};
use axum::Router;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};

use super::filling::{Attached, Filed};
use super::states::Event;
use crate::app::App;
use crate::evidence::{self, Outcome, Placed, Settlement};
use crate::partners;
use crate::shell::ids::PersonId;
use crate::shell::problem::Problem;

pub(super) mod http;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/procedures/drafts/{id}/files/{name}", post(http::attach))
        .route("/procedures/drafts/{id}/files/{name}/removal", post(http::detach))
        .route("/procedures/dossiers/{id}/files/{name}", get(http::own))
        .route("/officers/procedures/{id}/files/{name}", get(http::held))
}

/// The kind of evidence.
const KIND: &str = "procedure-document";
/// The largest document, in bytes.
const LARGEST: usize = 8 * 1024 * 1024;

/// Puts a document where evidence lies; `None` for what is no PDF and no picture, or too large.
pub(super) async fn place(app: &App, person: PersonId, content: &[u8]) -> Result<Option<(Placed, Attached)>, Problem> {
    let Some(media_type) = partners::media_type(content).filter(|_| content.len() <= LARGEST) else {
        return Ok(None);
    };
    let placed = evidence::place(app, person, KIND, media_type, content).await?;
    let attached = Attached {
        piece: placed.piece(),
        media_type: media_type.to_owned(),
        size: content.len(),
    };
    Ok(Some((placed, attached)))
}

/// Until when the documents of a dossier are kept that comes to its end.
pub(super) fn settlements(app: &App, person: PersonId, filed: &Filed, event: Event) -> Vec<Settlement> {
    let outcome = if event == Event::Grant {
        Outcome::Granted
    } else {
        Outcome::Ended
    };
    filed
        .files
        .values()
        .map(|file| Settlement::draw(app, (person, file.piece), KIND, outcome))
        .collect()
}

/// A document as an answer that a browser saves and no cache keeps.
async fn answer(app: &App, person: PersonId, file: &Attached) -> Result<Response, Problem> {
    let content = evidence::read(app, &person, &file.piece)
        .await?
        .ok_or_else(Problem::not_found)?;
    let kind = HeaderValue::from_str(&file.media_type).map_err(Problem::internal)?;
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    Ok((headers, content).into_response())
}
