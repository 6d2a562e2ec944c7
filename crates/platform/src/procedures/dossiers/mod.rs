//! Dossiers (*hồ sơ*): what was sent in, where it stands, until when it has to be decided, and every step on the way.
//!
//! | request | what it does |
//! | --- | --- |
//! | `GET /procedures/dossiers/{id}` | the receipt, the status, the limit, every step, the result |
//! | `POST /procedures/dossiers/{id}/withdrawal` | the applicant takes it back |
//! | `POST /procedures/dossiers/{id}/supplement` | the applicant sends what was missing: `words`, `file` |
//!
//! **Invariant:** a step, the new status, the new limit and the notice to the applicant are one unit of work; of two at once one is taken.
//! **Invariant:** while a dossier is in 5, 6 or 8 the limit stands still, and it never ends earlier than it did before.

use axum::Router;
use axum::routing::{get, post};
use db::{Conn, Tx};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::catalogue::Decision;
use super::description::Version;
use super::filling::Filed;
use super::states::{Event, Status};
use crate::app::App;
use crate::officers::OfficerId;
use crate::shell::ids::{PersonId, id};
use crate::shell::problem::Problem;
use crate::shell::vault::Vault;

mod counting;
pub(super) mod http;
mod rules;
mod steps;
pub(super) mod store;

#[cfg(test)]
mod tests;

pub(crate) use counting::counted;
pub(super) use rules::{Clock, body, is_elsewhere, unit};
pub use steps::{Acting, Opening, Step};
pub(super) use steps::{moved, steps};

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/procedures/dossiers/{id}", get(http::show))
        .route("/procedures/dossiers/{id}/withdrawal", post(http::withdraw))
        .route("/procedures/dossiers/{id}/supplement", post(http::supply))
}

id! {
    /// A dossier.
    DossierId
}

id! {
    /// Something that happened to a dossier.
    StepId
}

const TABLE: &str = "procedure_dossier";

/// A dossier as it stands.
#[derive(Clone, Debug)]
pub struct Dossier {
    /// Who sent it in.
    pub person: PersonId,
    /// Its identifier.
    pub id: DossierId,
    /// The procedure.
    pub code: String,
    /// The first day of the version by which it was sent in.
    pub described_on: Date,
    /// The number that people name it by: `CT07-261123-K7QM2F`.
    pub number: String,
    /// Where it stands.
    pub status: Status,
    /// The unit that is competent for it.
    pub unit: String,
    /// What was sent in.
    pub filed: Filed,
    /// When it was put together.
    pub opened_at: Timestamp,
    /// Its times and its limit.
    pub clock: Clock,
    /// On what the limit rests; none for a dossier from before it was kept.
    pub deadline_basis: Option<String>,
    /// The officer who works on it.
    pub held_by: Option<OfficerId>,
    /// The decision.
    pub decision: Option<Decision>,
    /// When it came to its end.
    pub ended_at: Option<Timestamp>,
}

impl Dossier {
    fn of(vault: &Vault, row: store::Row) -> Result<Self, Problem> {
        let place = row.dossier.bytes();
        let decision = row.result_sealed.as_ref();
        let decision = decision.map(|sealed| vault.open_record(TABLE, "result", place, sealed));
        Ok(Self {
            person: row.person,
            id: row.dossier,
            filed: vault.open_record(TABLE, "content", place, &row.content_sealed)?,
            code: row.code,
            described_on: row.described_on.parse().map_err(Problem::internal)?,
            number: row.number,
            status: row.status,
            unit: row.unit,
            opened_at: row.opened_at,
            clock: row.clock,
            deadline_basis: row.deadline_basis,
            held_by: row.held_by,
            decision: decision.transpose()?,
            ended_at: row.ended_at,
        })
    }

    /// The version by which it was sent in.
    ///
    /// # Errors
    /// If the catalogue does not know it any more.
    pub fn version<'a>(&self, app: &'a App) -> Result<&'a Version, Problem> {
        let procedure = app.procedures.find(&self.code);
        let version = procedure.and_then(|procedure| procedure.of(self.described_on));
        version.ok_or_else(|| Problem::internal(format!("no version {} of {}", self.described_on, self.code)))
    }

    /// The procedure whose sentences name its fields: of a part, the whole.
    pub fn sentences<'a>(&'a self, app: &'a App) -> &'a str {
        let procedure = app.procedures.find(&self.code);
        procedure
            .and_then(|procedure| procedure.part_of.as_deref())
            .unwrap_or(&self.code)
    }

    /// Whether its body may say, once, that it has to verify what was said, and so has longer.
    ///
    /// # Errors
    /// If the catalogue does not know its version any more.
    pub fn may_verify(&self, app: &App) -> Result<bool, Problem> {
        let possible = self.status.after(Event::Verify).is_some() && self.clock.verified_at.is_none();
        Ok(possible && self.version(app)?.verification.is_some())
    }

    /// The dossier as it will stand after a step.
    #[must_use]
    pub fn after(&self, step: &Step) -> Self {
        Self {
            status: step.to,
            clock: step.clock,
            deadline_basis: step.basis.clone().or_else(|| self.deadline_basis.clone()),
            held_by: step.held_by,
            decision: step.decision.clone().or_else(|| self.decision.clone()),
            ..self.clone()
        }
    }
}

/// A dossier by its id.
///
/// # Errors
/// Those of the database, and sealed data that cannot be opened.
pub fn find(conn: &mut Conn<'_>, vault: &Vault, id: &DossierId) -> Result<Option<Dossier>, Problem> {
    store::find(conn, id)?.map(|row| Dossier::of(vault, row)).transpose()
}

/// What was sent in, with what came later, ready for a unit of work.
#[derive(Clone)]
pub(super) struct Refiling {
    person: PersonId,
    dossier: DossierId,
    content_sealed: Vec<u8>,
}

impl Refiling {
    /// What a dossier holds now.
    pub(super) fn draw(app: &App, dossier: &Dossier) -> Result<Self, Problem> {
        Ok(Self {
            person: dossier.person,
            dossier: dossier.id,
            content_sealed: app
                .vault
                .seal_record(TABLE, "content", dossier.id.bytes(), &dossier.filed)?,
        })
    }

    /// Keeps it.
    pub(super) fn take(&self, tx: &mut Tx<'_>) -> Result<(), db::Error> {
        store::refile(tx, &self.person, &self.dossier, &self.content_sealed)
    }
}

/// Where a dossier stands, without its contents.
#[derive(Clone, Debug, Serialize)]
pub struct Outline {
    /// Its identifier.
    pub id: DossierId,
    /// The procedure.
    pub code: String,
    /// Its number.
    pub number: String,
    /// Where it stands.
    pub status: Status,
    /// When it was put together.
    pub opened_at: Timestamp,
    /// The legal limit.
    pub deadline_at: Option<Timestamp>,
}

/// A result that an applicant holds: of what, its number, since when.
#[derive(Clone, Debug, Serialize)]
pub struct Held {
    /// The dossier.
    pub id: DossierId,
    /// The procedure.
    pub code: String,
    /// Its number.
    pub number: String,
    /// When it was decided.
    pub decided_at: Option<Timestamp>,
}

/// The results that a person holds, the newest first.
///
/// # Errors
/// Those of the database, and sealed data that cannot be opened.
pub fn held(conn: &mut Conn<'_>, vault: &Vault, person: &PersonId) -> Result<Vec<Held>, Problem> {
    let rows = store::list(conn, person, 50)?;
    let ended = rows.into_iter().filter(|row| row.status == Status::Returned);
    let dossiers = ended
        .map(|row| Dossier::of(vault, row))
        .collect::<Result<Vec<_>, _>>()?;
    let granted = dossiers.into_iter().filter(|dossier| {
        let decision = dossier.decision.as_ref();
        decision.is_some_and(|decision| decision.granted)
    });
    Ok(granted
        .map(|dossier| Held {
            id: dossier.id,
            code: dossier.code,
            number: dossier.number,
            decided_at: dossier.ended_at,
        })
        .collect())
}

/// How many requests a page shows.
const PAGE: i64 = 50;

/// What a person asked for before an instant, newest first, and where the page before that begins.
///
/// # Errors
/// Those of the database.
pub fn outlines(
    conn: &mut Conn<'_>,
    person: &PersonId,
    before: Timestamp,
) -> Result<(Vec<Outline>, Option<Timestamp>), db::Error> {
    let mut rows = store::requests(conn, person, before, PAGE + 1)?;
    let has_more = rows.len() as u64 > PAGE.unsigned_abs();
    if has_more {
        rows.pop();
    }
    let older = rows.last().filter(|_| has_more).map(|row| row.opened_at);
    let outline = |row: store::Row| Outline {
        id: row.dossier,
        code: row.code,
        number: row.number,
        status: row.status,
        opened_at: row.opened_at,
        deadline_at: row.clock.deadline_at,
    };
    Ok((rows.into_iter().map(outline).collect(), older))
}

/// The working time that is left, as hours and minutes; none while it stands still or is over.
pub(super) fn left(app: &App, dossier: &Dossier) -> Option<SignedDuration> {
    let deadline = dossier
        .clock
        .deadline_at
        .filter(|_| dossier.status.is_open() && !dossier.status.is_paused())?;
    app.calendar.working_time_left(app.clock.now(), deadline).ok()
}
