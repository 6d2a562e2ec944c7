use askama::Template;
use axum::extract::State;
use serde::Serialize;

use crate::app::App;
use crate::notices::costs::{self, Cost};
use crate::notices::daily::{self, Progress};
use crate::notices::learning::{self, Learned, Walk};
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

/// How many who wait are counted.
const WAITING: i64 = 1_000_000;

/// The state of notices.
#[derive(Template, Serialize)]
#[template(path = "notices/operations/pages/operations.html")]
pub(super) struct Operations {
    rounds: Vec<Progress>,
    /// The walk that puts older accounts into the queue of learning.
    walk: Option<Walk>,
    /// How many wait to be learned about, up to [`WAITING`].
    waiting: i64,
    learned: Vec<Learned>,
    costs: Vec<Cost>,
    dead: Vec<Dead>,
}

impl Operations {
    /// A day as people read it: `2026-11-23` as 23/11/2026, and a birthday, `11-23`, as 23/11.
    #[expect(clippy::unused_self, reason = "templates call methods of the view")]
    fn spoken(&self, day: &str) -> String {
        day.rsplit('-').collect::<Vec<_>>().join("/")
    }
}

/// Shows it.
pub(super) async fn show(State(app): State<App>, officer: Officer) -> Result<Page<Operations>, Problem> {
    officer.must(&app, Action::SeeOperations, &On::Platform)?;

    let costs = costs::table(&app, DAYS).await?;
    let now = app.clock.now();
    let operations = app
        .db
        .read(move |conn| {
            Ok::<_, db::Error>(Operations {
                rounds: daily::progress(conn, ROUNDS)?,
                walk: learning::walk(conn)?,
                waiting: learning::waiting(conn, now, WAITING)?,
                learned: learning::list_learned(conn, DAYS)?,
                costs: costs.clone(),
                dead: outbox::list_dead(conn, KINDS, GIVEN_UP_MOST)?,
            })
        })
        .await?;
    Ok(Page(operations))
}
