//! Pages that also open without network: each has a script of the browser (a service worker) that keeps the page and its files.

use axum::response::{IntoResponse, Response};
use http::header;

use super::assets;

/// The script that keeps a page and its files. `page` is the page's path; it must show nothing of anybody.
///
/// The script changes with every change of a file, so that a browser notices.
pub fn worker(page: &'static str, files: &[&str]) -> Response {
    script(page, files, Kept::default())
}

/// The same, with a page that stands in for all below it while they cannot be reached: those are not kept themselves.
pub fn worker_in_place(page: &'static str, files: &[&str]) -> Response {
    let in_place = Kept {
        stands_in: true,
        ..Kept::default()
    };
    script(page, files, in_place)
}

/// The same, keeping the pages below it as well that `more` lists: an address that answers `{"pages": […]}`. Each time the page comes from the
/// network, the list is asked for again, and what is not on it any more is forgotten. Both are asked for with the `choice` that the reader last made
/// in the address of the page, such as `?province=01`.
pub fn worker_with(page: &'static str, files: &[&str], more: &'static str, choice: &'static str) -> Response {
    let with = Kept {
        more,
        choice,
        stands_in: false,
    };
    script(page, files, with)
}

/// What is kept beside the page and its files.
#[derive(Clone, Copy, Default)]
struct Kept {
    more: &'static str,
    choice: &'static str,
    stands_in: bool,
}

fn script(page: &'static str, files: &[&str], kept: Kept) -> Response {
    let Kept {
        more,
        choice,
        stands_in,
    } = kept;
    let mut digests = String::new();
    for file in files {
        digests.push_str(&assets::tag(file).unwrap_or_default());
    }
    let version = crypto::base64url::encode(crypto::digest::sha256(digests.as_bytes()));
    let paths: Vec<String> = files.iter().map(|file| format!("/assets/{file}")).collect();
    let script = format!(
        "const PAGE = {};\nconst FILES = {};\nconst MORE = {};\nconst CHOICE = {};\nconst STANDS_IN = {stands_in};\nconst VERSION = {};\n{}",
        serde_json::json!(page),
        serde_json::json!(paths),
        serde_json::json!(more),
        serde_json::json!(choice),
        serde_json::json!(version),
        assets::text("worker.js").unwrap_or_default(),
    );
    let headers = [
        (header::CONTENT_TYPE, "text/javascript; charset=utf-8"),
        (header::CACHE_CONTROL, "no-cache"),
        (header::HeaderName::from_static("service-worker-allowed"), page),
    ];
    (headers, script).into_response()
}

/// What a browser needs to know to install a page on the home screen.
#[derive(Debug, serde::Serialize)]
pub struct Manifest {
    /// The name.
    pub name: String,
    /// The name where there is little room.
    pub short_name: String,
    /// The page's path.
    pub start_url: &'static str,
}

impl IntoResponse for Manifest {
    fn into_response(self) -> Response {
        let icon =
            serde_json::json!([{"src": "/assets/icon.svg", "sizes": "any", "type": "image/svg+xml", "purpose": "any"}]);
        let manifest = serde_json::json!({
            "id": self.start_url, "name": self.name, "short_name": self.short_name, "start_url": self.start_url,
            "scope": self.start_url, "display": "standalone", "background_color": "#f6f3ee", "theme_color": "#b3141c", "icons": icon,
        });
        let headers = [
            (header::CONTENT_TYPE, "application/manifest+json"),
            (header::CACHE_CONTROL, "no-cache"),
        ];
        (headers, manifest.to_string()).into_response()
    }
}
