//! Style sheets, scripts and pictures of the pages, served as they are.

use axum::Router;
use axum::middleware::map_response;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::{HeaderMap, StatusCode, header};

use super::input::Path;
use super::page::same_for_all;
use super::problem::Problem;
use crate::app::App;

#[derive(rust_embed::Embed)]
#[folder = "assets/"]
struct Assets;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/assets/{*path}", get(asset))
        .route(
            "/favicon.ico",
            get(|headers| asset(Path("icon.svg".to_owned()), headers)),
        )
        .layer(map_response(same_for_all))
}

/// What changes when the file changes; nothing if there is no such file.
pub(super) fn tag(path: &str) -> Option<String> {
    let file = Assets::get(path)?;
    Some(crypto::base64url::encode(file.metadata.sha256_hash()))
}

/// A file as text.
pub(crate) fn text(path: &str) -> Option<String> {
    String::from_utf8(Assets::get(path)?.data.into_owned()).ok()
}

async fn asset(Path(path): Path<String>, headers: HeaderMap) -> Result<Response, Problem> {
    let file = Assets::get(&path).ok_or_else(Problem::not_found)?;
    // Weak: the same file goes out compressed or not.
    let tag = format!("W/\"{}\"", crypto::base64url::encode(file.metadata.sha256_hash()));
    let cache = [
        (header::CACHE_CONTROL, "no-cache".to_owned()),
        (header::ETAG, tag.clone()),
    ];
    if headers
        .get(header::IF_NONE_MATCH)
        .is_some_and(|known| known.as_bytes() == tag.as_bytes())
    {
        return Ok((StatusCode::NOT_MODIFIED, cache).into_response());
    }
    let kind = [(header::CONTENT_TYPE, file.metadata.mimetype().to_owned())];
    Ok((cache, kind, file.data.into_owned()).into_response())
}
