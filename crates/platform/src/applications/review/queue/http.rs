use askama::Template;
use axum::extract::State as Of;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::super::super::rules::State;
use super::super::super::{ApplicationId, store as dossiers};
use super::super::http::Limit;
use super::super::store::{self, Part};
use crate::accounts::Level;
use crate::app::App;
use crate::officers::{self, Action, Officer};
use crate::shell::filters;
use crate::shell::input::Query;
use crate::shell::page::Page;
use crate::shell::problem::Problem;

/// How many applications a page of the queue shows.
const PAGE: i64 = 50;

#[derive(Debug, Deserialize)]
pub(in super::super) struct QueuePart {
    #[serde(default)]
    level: String,
    #[serde(default)]
    state: String,
    #[serde(default)]
    after: String,
}

/// What waits for a decision.
#[derive(Template, Serialize)]
#[template(path = "applications/review/pages/queue.html")]
pub(in super::super) struct Queue {
    level: i64,
    state: &'static str,
    entries: Vec<Entry>,
    more: Option<String>,
}

/// An application in the queue: nothing that tells whose it is.
#[derive(Serialize)]
struct Entry {
    id: ApplicationId,
    number: String,
    level: Level,
    state: State,
    unit: Option<String>,
    submitted_at: Option<Timestamp>,
    #[serde(flatten)]
    limit: Limit,
    mine: bool,
}

/// Shows what waits, in the order of the legal limits.
pub(in super::super) async fn queue(
    Of(app): Of<App>,
    officer: Officer,
    Query(part): Query<QueuePart>,
) -> Result<Page<Queue>, Problem> {
    officer.must_here(&app, Action::SeeQueue)?;
    let level = part.level.parse().unwrap_or(0);
    let state = match part.state.as_str() {
        "submitted" => "submitted",
        "claimed" => "claimed",
        _ => "",
    };
    let after = cursor(&part.after);

    let rows = app
        .db
        .read(move |conn| {
            let after = after.clone();
            store::queue(conn, &Part { level, state, after }, PAGE)
        })
        .await?;

    let full = i64::try_from(rows.len()).is_ok_and(|count| count == PAGE);
    let more = rows.last().filter(|_| full).map(|row| {
        let deadline = row.deadline_at.map_or(0, Timestamp::as_microsecond);
        format!("{deadline}.{}", row.application)
    });
    let entries = rows.into_iter().map(|row| entry(&app, &officer, row)).collect();
    Ok(Page(Queue {
        level,
        state,
        entries,
        more,
    }))
}

/// The place in the queue where a page ended; its beginning for anything else.
fn cursor(text: &str) -> (i64, Vec<u8>) {
    let place = text.split_once('.').and_then(|(deadline, id)| {
        let id: ApplicationId = id.parse().ok()?;
        Some((deadline.parse().ok()?, id.bytes().to_vec()))
    });
    place.unwrap_or((i64::MIN, Vec::new()))
}

fn entry(app: &App, officer: &Officer, row: dossiers::Row) -> Entry {
    Entry {
        id: row.application,
        number: row.number,
        level: row.level,
        state: row.state,
        unit: row.commune.as_deref().map(officers::unit),
        submitted_at: row.submitted_at,
        limit: Limit::of(app, row.deadline_at),
        mine: row.claimed_by == Some(officer.officer),
    }
}
