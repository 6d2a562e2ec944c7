use axum::Extension;
use axum::response::{Html, IntoResponse};

use crate::shell::page::Framable;

/// The page: a script alone.
const PAGE: &str = "<!doctype html><html lang=\"vi\"><head><meta charset=\"utf-8\"><title>VNeID</title>\
    <script type=\"module\" src=\"/assets/session.js\"></script></head><body></body></html>";

/// Shows the page that answers a relying party's frame.
pub(in crate::sso) async fn show() -> impl IntoResponse {
    (Extension(Framable), Html(PAGE))
}
