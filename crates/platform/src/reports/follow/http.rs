use ::http::StatusCode;
use askama::Template;
use axum::extract::State;
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::reports::http::Own;
use crate::reports::rules::{self, Word};
use crate::reports::{ReportId, code_digest, entry, load, said, store};
use crate::shell::filters;
use crate::shell::input::Input;
use crate::shell::page::Page;
use crate::shell::problem::Problem;

/// Asks for the code.
#[derive(Clone, Template, Serialize)]
#[template(path = "reports/follow/pages/enter.html")]
pub(super) struct Enter {
    code: String,
}

/// The code, and what the sender writes.
#[derive(Deserialize)]
pub(super) struct Followed {
    #[serde(default)]
    code: String,
    #[serde(default)]
    text: String,
}

/// Shows the form.
pub(super) async fn enter() -> Page<Enter> {
    Page(Enter { code: String::new() })
}

async fn found(app: &App, typed: &str) -> Result<(ReportId, Own), Problem> {
    let unknown = || Problem::new("reports-code-unknown", StatusCode::NOT_FOUND).on(Enter { code: typed.to_owned() });
    let code = rules::code(typed).ok_or_else(unknown)?;
    let (vault, digest) = (app.vault.clone(), code_digest(&app.vault, code));
    let report = app
        .db
        .read(move |conn| match store::of_code(conn, &digest)? {
            Some(report) => load(conn, &vault, &report),
            None => Ok(None),
        })
        .await?
        .ok_or_else(unknown)?;
    let page = Own::of(&report, "/reports/follow", &rules::code_text(code));
    Ok((report.row.report, page))
}

/// Shows where the report stands.
pub(super) async fn show(State(app): State<App>, Input(form): Input<Followed>) -> Result<Page<Own>, Problem> {
    Ok(Page(found(&app, &form.code).await?.1))
}

/// Writes to the unit.
pub(super) async fn say(State(app): State<App>, Input(form): Input<Followed>) -> Result<Page<Own>, Problem> {
    let (report, page) = found(&app, &form.code).await?;
    let Some(text) = rules::message(&form.text) else {
        return Err(page.with_fault(&form.text));
    };
    let entry = entry(&app, Word::Said, "", "", &text);
    let written = app.db.write(move |tx| said(tx, &report, &entry)).await;
    written.map_err(|problem| problem.on(page))?;
    Ok(Page(found(&app, &form.code).await?.1))
}
