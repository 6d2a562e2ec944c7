//! How many decisions were in time: for the chief by commune, for everybody by province.
//!
//! | request | what it does |
//! | --- | --- |
//! | `GET /officers/figures` | decisions in time and late, for each unit of the jurisdiction; `?month=2026-11` |
//! | `GET /on-time` | the same for everybody, by province, of months that are over; small numbers are not told |
//!
//! A decision is counted in the unit of work that makes it, so nobody has to count millions. So is each application under its state and unit
//! (`statistics`): whenever something happens to it, it moves to where it is counted now.
//!
//! **Invariant:** nobody sees on the public page when a decision is made.
//! **Invariant:** no number of the public page is small enough to point at a person, nor can one be computed from the others.

use axum::Router;
use axum::routing::get;
use civil::calendar;
use db::{Conn, Tx};
use jiff::Timestamp;

use super::rules::State;
use super::{Application, ApplicationId};
use crate::accounts::Level;
use crate::app::App;
use crate::officers::{self, Rank};
use crate::statistics::{self, Measure, Spot};

mod http;
mod rules;
mod store;

#[cfg(test)]
mod tests;

pub(crate) use rules::{percent, share};

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/officers/figures", get(http::for_chief))
        .route("/on-time", get(http::public))
}

/// A decision to be counted.
#[derive(Clone)]
pub(super) struct Counted {
    unit: String,
    province: String,
    level: Level,
    month: String,
    in_time: bool,
}

impl Counted {
    /// That of an application, if it ends the legal limit.
    pub(super) fn of(application: &Application, to: State, now: Timestamp) -> Option<Self> {
        let deadline = application.deadline_at?;
        let unit = application.unit.clone().unwrap_or_default();
        matches!(to, State::Approved | State::Refused).then(|| Self {
            province: officers::province(&unit),
            unit,
            level: application.level,
            month: month(now),
            in_time: now <= deadline,
        })
    }
}

/// The month of an instant in Viet Nam: `2026-11`.
fn month(at: Timestamp) -> String {
    calendar::day_of(at).strftime("%Y-%m").to_string()
}

/// The last month that is over: what everybody may be told, for in a month that goes on each decision would show when it is made.
fn last_whole_month(now: Timestamp) -> String {
    let first = calendar::day_of(now).first_of_month();
    first.yesterday().unwrap_or(first).strftime("%Y-%m").to_string()
}

/// Counts an application under the state and the unit that it has now, in the unit of work that changed them.
///
/// # Errors
/// Those of the database.
pub(super) fn settle(tx: &mut Tx<'_>, application: &ApplicationId, now: Timestamp) -> Result<(), db::Error> {
    let Some((before, after)) = store::counting(tx, application)? else {
        return Ok(());
    };
    if before.as_deref() == Some(&after) {
        return Ok(());
    }
    store::set_counted(tx, application, &after)?;
    moved(tx, application, (before.as_deref(), Some(&after)), now)
}

/// Counts an application that was removed no more; `counted` is what it was counted as.
///
/// # Errors
/// Those of the database.
pub(super) fn forget(
    tx: &mut Tx<'_>,
    application: &ApplicationId,
    counted: Option<&str>,
    now: Timestamp,
) -> Result<(), db::Error> {
    moved(tx, application, (counted, None), now)
}

fn moved(
    tx: &mut Tx<'_>,
    application: &ApplicationId,
    (from, to): (Option<&str>, Option<&str>),
    now: Timestamp,
) -> Result<(), db::Error> {
    let (from, to) = (from.map(spot), to.map(spot));
    let spots = (from.as_ref(), to.as_ref());
    statistics::moved(tx, Measure::Applications, application.bytes(), spots, now)
}

fn spot(counted: &str) -> Spot {
    let (kind, place) = counted.split_once(' ').unwrap_or((counted, ""));
    Spot::new(kind, place)
}

/// Counts every application as it is, whatever it was counted as.
///
/// # Errors
/// Those of the database.
pub(crate) fn count_as_they_are(tx: &mut Tx<'_>) -> Result<(), db::Error> {
    store::set_all_counted(tx)
}

/// How many applications there are, by state and unit: counts every one, which takes its time.
///
/// # Errors
/// Those of the database.
pub(crate) fn counted(conn: &mut Conn<'_>) -> Result<Vec<(Spot, i64)>, db::Error> {
    let counts = store::count_all(conn)?.into_iter();
    Ok(counts.map(|(counted, amount)| (spot(&counted), amount)).collect())
}

/// Decisions of a month at a place.
pub(crate) struct Decided {
    /// The code of the province or of the unit.
    pub(crate) place: String,
    /// Within the legal limit.
    pub(crate) in_time: i64,
    /// After it.
    pub(crate) late: i64,
}

/// The decisions of this month in a unit's jurisdiction; for everybody those of the whole country in the month before, by province.
///
/// # Errors
/// Those of the database.
pub(crate) fn decided(conn: &mut Conn<'_>, unit: Option<&str>, now: Timestamp) -> Result<Vec<Decided>, db::Error> {
    let month = unit.map_or_else(|| last_whole_month(now), |_| month(now));
    let figures = match unit.map(|unit| (unit, Rank::of(unit))) {
        None | Some((_, Rank::Ministry)) => store::by_province(conn, &month)?,
        Some((province, Rank::Province)) => store::by_unit(conn, &month, ("", province))?,
        Some((unit, Rank::Commune)) => store::by_unit(conn, &month, (unit, ""))?,
    };
    let decided = figures.into_iter().map(|figure| Decided {
        place: figure.place,
        in_time: figure.in_time,
        late: figure.late,
    });
    Ok(decided.collect())
}

/// Counts a decision in the unit of work that makes it.
///
/// # Errors
/// Those of the database.
pub(super) fn count(tx: &mut Tx<'_>, counted: &Counted) -> Result<(), db::Error> {
    store::count(tx, counted)
}
