use askama::Template;
use axum::extract::State as Of;
use serde::{Deserialize, Serialize};

use super::super::queue::http::{Entry, Filters, page};
use crate::app::App;
use crate::officers::{Action, Officer, On};
use crate::shell::filters;
use crate::shell::input::Query;
use crate::shell::page::Page;
use crate::shell::problem::Problem;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in super::super) struct LatePart {
    unit: String,
    after: String,
}

/// The late list.
#[derive(Template, Serialize)]
#[template(path = "applications/review/pages/late.html")]
pub(in super::super) struct Late {
    unit: String,
    entries: Vec<Entry>,
    more: Option<String>,
    /// The officer may give back to the queue what another holds.
    releases: bool,
}

/// Shows what is late in the officer's jurisdiction, the longest first.
pub(in super::super) async fn late(
    Of(app): Of<App>,
    officer: Officer,
    Query(part): Query<LatePart>,
) -> Result<Page<Late>, Problem> {
    let unit = if part.unit.is_empty() {
        officer.unit_code.as_str()
    } else {
        part.unit.as_str()
    };
    officer.must(&app, Action::SeeLate, &On::Unit(unit))?;

    let (entries, more) = page(&app, &officer, &Filters::late(&part.unit, &part.after)).await?;

    let releases = officer.role == crate::officers::Role::Chief;
    Ok(Page(Late {
        unit: part.unit,
        entries,
        more,
        releases,
    }))
}
