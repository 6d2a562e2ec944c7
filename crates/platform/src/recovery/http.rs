use askama::Template;
use serde::Serialize;

use crate::shell::filters;
use crate::shell::page::Page;

/// The ways, for who cannot sign in.
#[derive(Template, Serialize)]
#[template(path = "recovery/pages/ways.html")]
pub(super) struct Ways {
    ways: [&'static str; 4],
}

/// Shows them.
pub(super) async fn ways() -> Page<Ways> {
    Page(Ways {
        ways: [
            "/recovery/password",
            "/recovery/passcode",
            "/recovery/cases",
            "/recovery/counter",
        ],
    })
}
