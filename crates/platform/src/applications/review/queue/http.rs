use askama::Template;
use axum::extract::State as Of;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::super::super::rules::{Risk, State};
use super::super::super::{ApplicationId, store as dossiers};
use super::super::dossier::http::Limit;
use super::super::rules::Scope;
use super::super::store::{self, Part};
use crate::accounts::Level;
use crate::app::App;
use crate::officers::{self, Action, Officer, On};
use crate::shell::filters;
use crate::shell::input::Query;
use crate::shell::page::Page;
use crate::shell::problem::Problem;

/// How many applications a page of the queue shows.
const PAGE: i64 = 50;

/// How the queue is filtered, as the form has it.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub(in super::super) struct Filters {
    level: String,
    state: String,
    unit: String,
    risk: String,
    /// Sent in so many days ago or more.
    age: String,
    /// Only what is late.
    late: String,
    #[serde(skip_serializing)]
    after: String,
}

impl Filters {
    /// Those of the late list.
    pub(in super::super) fn late(unit: &str, after: &str) -> Self {
        Self {
            unit: unit.to_owned(),
            late: "on".to_owned(),
            after: after.to_owned(),
            ..Self::default()
        }
    }

    /// The part of the queue that they let through, within an officer's jurisdiction.
    fn part(&self, officer: &Officer, now: Timestamp) -> Part {
        let days: i64 = self.age.parse().unwrap_or(0);
        let state = State::of_word(&self.state).filter(|state| state.waits());
        let past = SignedDuration::from_hours(24 * days.clamp(0, 3650));
        Part {
            scope: Scope::of(&officer.unit_code, &self.unit),
            level: self.level.parse().unwrap_or(0),
            state: state.map(State::word).unwrap_or_default(),
            risk: Risk::of_word(&self.risk).map(Risk::word).unwrap_or_default(),
            sent_until: now - past,
            aged: days > 0,
            limit_before: if self.late.is_empty() { Timestamp::MAX } else { now },
            after: cursor(&self.after),
        }
    }

    /// The query of the next page, which begins after a place.
    fn query(&self, after: &str) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in [
            ("level", &self.level),
            ("state", &self.state),
            ("unit", &self.unit),
            ("risk", &self.risk),
            ("age", &self.age),
            ("late", &self.late),
        ] {
            if !value.is_empty() {
                query.append_pair(name, value);
            }
        }
        query.append_pair("after", after).finish()
    }
}

/// What waits for a decision.
#[derive(Clone, Template, Serialize)]
#[template(path = "applications/review/pages/queue.html")]
pub(in super::super) struct Queue {
    filters: Filters,
    entries: Vec<Entry>,
    /// The query of the next page.
    more: Option<String>,
    /// The officer takes applications up here.
    claims: bool,
}

/// An application in the queue: nothing that tells whose it is.
#[derive(Clone, Serialize)]
pub(in super::super) struct Entry {
    pub(in super::super) id: ApplicationId,
    pub(in super::super) number: String,
    pub(in super::super) level: Level,
    pub(in super::super) state: State,
    pub(in super::super) unit: Option<String>,
    risk: Option<Risk>,
    submitted_at: Option<Timestamp>,
    #[serde(flatten)]
    pub(in super::super) limit: Limit,
    pub(in super::super) mine: bool,
    /// Another officer works on it.
    pub(in super::super) taken: bool,
}

impl Entry {
    fn risk_class(&self) -> &'static str {
        match self.risk {
            Some(Risk::High) => "bad",
            Some(Risk::Raised) => "warn",
            _ => "good",
        }
    }
}

/// Shows what waits in the officer's jurisdiction, in the order of the legal limits.
pub(in super::super) async fn queue(
    Of(app): Of<App>,
    officer: Officer,
    Query(filters): Query<Filters>,
) -> Result<Page<Queue>, Problem> {
    officer.must_here(&app, Action::SeeQueue)?;
    Ok(Page(Queue::load(&app, &officer, filters).await?))
}

impl Queue {
    pub(in super::super) async fn load(app: &App, officer: &Officer, filters: Filters) -> Result<Self, Problem> {
        let (entries, more) = page(app, officer, &filters).await?;
        Ok(Self {
            claims: officer.may(app, Action::DecideBatch, &On::Unit(&officer.unit_code)),
            filters,
            entries,
            more,
        })
    }
}

/// A page of the queue, and the query of the next.
pub(in super::super) async fn page(
    app: &App,
    officer: &Officer,
    filters: &Filters,
) -> Result<(Vec<Entry>, Option<String>), Problem> {
    let part = filters.part(officer, app.clock.now());
    let rows = app.db.read(move |conn| store::queue(conn, &part, PAGE)).await?;

    let full = i64::try_from(rows.len()).is_ok_and(|count| count == PAGE);
    let more = rows.last().filter(|_| full).map(|row| {
        let deadline = row.deadline_at.map_or(0, Timestamp::as_microsecond);
        filters.query(&format!("{deadline}.{}", row.application))
    });
    let entries = rows.into_iter().map(|row| entry(app, officer, row)).collect();
    Ok((entries, more))
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
    let mine = row.claimed_by == Some(officer.officer);
    Entry {
        id: row.application,
        number: row.number,
        level: row.level,
        state: row.state,
        unit: row.unit.as_deref().map(officers::unit),
        risk: row.risk.as_deref().and_then(Risk::of_word),
        submitted_at: row.submitted_at,
        limit: Limit::of(app, row.deadline_at),
        mine,
        taken: row.state == State::Claimed && !mine,
    }
}

/// The first applications of the officer's queue that nobody works on.
pub(in super::super) async fn free(app: &App, officer: &Officer) -> Result<Vec<ApplicationId>, Problem> {
    let filters = Filters {
        state: State::Submitted.word().to_owned(),
        ..Filters::default()
    };
    let (entries, _) = page(app, officer, &filters).await?;
    Ok(entries.into_iter().map(|entry| entry.id).collect())
}
