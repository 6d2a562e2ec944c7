use askama::Template;
use axum::extract::State as Of;
use jiff::Timestamp;
use serde::Serialize;

use crate::app::App;
use crate::officers::{Action, Officer, On};
use crate::procedures::desk::http::scope;
use crate::procedures::dossiers::store::{self, Scope};
use crate::procedures::dossiers::{self, DossierId};
use crate::procedures::states::Status;
use crate::shell::filters;
use crate::shell::page::Page;
use crate::shell::problem::Problem;

/// How many are shown.
const MOST: i64 = 200;

/// The bodies that are behind.
#[derive(Template, Serialize)]
#[template(path = "procedures/behind/pages/behind.html")]
pub(super) struct Behind {
    dossiers: Vec<Listed>,
    /// There are more than are shown.
    more: bool,
}

/// A dossier with which a body is behind: nothing that tells whose it is.
#[derive(Serialize)]
struct Listed {
    id: DossierId,
    number: String,
    code: String,
    body: String,
    status: Status,
    /// `unacknowledged` or `late`.
    event: String,
    /// When it was noted.
    since: Timestamp,
    submitted_at: Option<Timestamp>,
    deadline_at: Option<Timestamp>,
}

/// Lists them, those first that wait longest.
pub(super) async fn show(Of(app): Of<App>, officer: Officer) -> Result<Page<Behind>, Problem> {
    let scope = if officer.may(&app, Action::SeeOperations, &On::Platform) {
        Scope::Country
    } else {
        officer.must_here(&app, Action::SeeLate)?;
        scope(&officer)
    };
    let rows = app.db.read(move |conn| store::behind(conn, &scope, MOST + 1)).await?;
    let listed = rows.into_iter().map(|row| Listed {
        id: row.dossier,
        number: row.number,
        code: row.code,
        body: dossiers::body(&row.unit),
        status: row.status,
        event: row.event,
        since: row.since,
        submitted_at: row.submitted_at,
        deadline_at: row.deadline_at,
    });
    let mut dossiers: Vec<Listed> = listed.collect();
    let most = usize::try_from(MOST).unwrap_or_default();
    let more = dossiers.len() > most;
    dossiers.truncate(most);
    Ok(Page(Behind { dossiers, more }))
}
