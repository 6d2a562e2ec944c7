use askama::Template;
use serde::Serialize;

use crate::shell::filters;
use crate::shell::page::Page;
use crate::shell::session::Visitor;

/// The first page.
#[derive(Template, Serialize)]
#[template(path = "home/pages/home.html")]
pub(super) struct Home {
    service: &'static str,
    signed_in: bool,
}

/// Shows the first page.
pub(super) async fn show(visitor: Visitor) -> Page<Home> {
    Page(Home {
        service: "VNeID",
        signed_in: visitor.citizen.is_some(),
    })
}
