use askama::Template;
use axum::extract::State;
use serde::Serialize;

use crate::app::App;
use crate::notices::costs::{self, Cost};
use crate::notices::daily::{self, Progress};
use crate::notices::{GIVEN_UP_MOST, KINDS};
use crate::officers::{Action, Officer, On};
use crate::shell::filters;
use crate::shell::jobs::{self as outbox, Dead};
use crate::shell::page::Page;
use crate::shell::problem::Problem;

/// Of how many days the page tells.
const DAYS: i64 = 14;
/// How many rounds of daily runs it tells.
const ROUNDS: i64 = 40;

/// The state of notices.
#[derive(Template, Serialize)]
#[template(path = "notices/operations/pages/operations.html")]
pub(super) struct Operations {
    rounds: Vec<Progress>,
    costs: Vec<Cost>,
    dead: Vec<Dead>,
}

/// Shows it.
pub(super) async fn show(State(app): State<App>, officer: Officer) -> Result<Page<Operations>, Problem> {
    officer.must(&app, Action::SeeOperations, &On::Platform)?;

    let costs = costs::table(&app, DAYS).await?;
    let (rounds, dead) = app
        .db
        .read(|conn| {
            Ok::<_, db::Error>((
                daily::progress(conn, ROUNDS)?,
                outbox::list_dead(conn, KINDS, GIVEN_UP_MOST)?,
            ))
        })
        .await?;
    Ok(Page(Operations { rounds, costs, dead }))
}
