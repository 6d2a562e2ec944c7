use askama::Template;
use axum::response::Response;
use serde::Serialize;

use crate::shell::filters;
use crate::shell::offline;
use crate::shell::page::Page;

/// What the page needs.
const FILES: [&str; 4] = ["app.css", "icon.svg", "offline.js", "draft.js"];

/// What this device keeps of a draft. The page itself says nothing of anybody.
#[derive(Clone, Template, Serialize)]
#[template(path = "procedures/pages/kept.html")]
pub(in crate::procedures::drafts) struct Kept {}

/// Shows what the device keeps.
pub(in crate::procedures::drafts) async fn show() -> Page<Kept> {
    Page(Kept {})
}

/// Keeps the page on the device, in the place of every draft.
pub(in crate::procedures::drafts) async fn worker() -> Response {
    offline::worker_in_place("/procedures/drafts", &FILES)
}
