//! The tables of dossiers and of their steps.

use db::{Conn, Error, Tx};
use jiff::Timestamp;

use super::{Clock, DossierId, Step, StepId};
use crate::officers::OfficerId;
use crate::procedures::states::{Event, Status};
use crate::shell::ids::PersonId;

/// A dossier as it is kept.
pub struct Row {
    pub(in crate::procedures) person: PersonId,
    pub(in crate::procedures) dossier: DossierId,
    pub(in crate::procedures) code: String,
    pub(in crate::procedures) described_on: String,
    pub(in crate::procedures) number: String,
    pub(in crate::procedures) status: Status,
    pub(in crate::procedures) unit: String,
    pub(in crate::procedures) content_sealed: Vec<u8>,
    pub(in crate::procedures) opened_at: Timestamp,
    pub(in crate::procedures) clock: Clock,
    pub(in crate::procedures) deadline_basis: Option<String>,
    pub(in crate::procedures) held_by: Option<OfficerId>,
    pub(in crate::procedures) result_sealed: Option<Vec<u8>>,
    pub(in crate::procedures) ended_at: Option<Timestamp>,
}

/// A dossier about to be kept.
#[derive(Clone)]
pub struct NewRow {
    pub(in crate::procedures) person: PersonId,
    pub(in crate::procedures) dossier: DossierId,
    pub(in crate::procedures) code: String,
    pub(in crate::procedures) described_on: String,
    pub(in crate::procedures) number: String,
    pub(in crate::procedures) unit: String,
    pub(in crate::procedures) province: String,
    pub(in crate::procedures) content_sealed: Vec<u8>,
    pub(in crate::procedures) opened_at: Timestamp,
}

/// A statement over all columns.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT person, dossier, code, described_on, number, status, unit, content_sealed, opened_at, submitted_at, received_at,
                    deadline_at, left_seconds, verified_at, deadline_basis, held_by, result_sealed, ended_at
               FROM procedure_dossier ",
            $rest
        )
    };
}

fn read(row: &db::Row<'_>) -> Result<Row, Error> {
    Ok(Row {
        person: row.get("person")?,
        dossier: row.get("dossier")?,
        code: row.get("code")?,
        described_on: row.get("described_on")?,
        number: row.get("number")?,
        status: row.get("status")?,
        unit: row.get("unit")?,
        content_sealed: row.get("content_sealed")?,
        opened_at: row.get("opened_at")?,
        clock: Clock {
            submitted_at: row.get("submitted_at")?,
            received_at: row.get("received_at")?,
            deadline_at: row.get("deadline_at")?,
            left_seconds: row.get("left_seconds")?,
            verified_at: row.get("verified_at")?,
        },
        deadline_basis: row.get("deadline_basis")?,
        held_by: row.get("held_by")?,
        result_sealed: row.get("result_sealed")?,
        ended_at: row.get("ended_at")?,
    })
}

/// Under what a dossier is counted.
pub(super) struct Counted {
    pub(super) code: String,
    pub(super) status: i64,
    /// Province and unit: `01/00004`.
    pub(super) place: String,
    /// `in-time` or `late`, once it is decided.
    pub(super) decided: Option<String>,
}

/// Under what dossiers are counted, each by itself. A new date after a limit that has passed makes no decision timely.
macro_rules! counted {
    ($rest:literal) => {
        concat!(
            "SELECT code, status, CASE WHEN unit = province THEN unit ELSE province || '/' || unit END AS place,
                    CASE WHEN status < 9 THEN NULL
                         WHEN ended_at > deadline_at OR EXISTS
                              (SELECT 1 FROM procedure_step AS step
                                WHERE step.person = one.person AND step.dossier = one.dossier AND step.event = 'late') THEN 'late'
                         ELSE 'in-time' END AS decided
               FROM procedure_dossier AS one ",
            $rest
        )
    };
}

fn read_counted(row: &db::Row<'_>) -> Result<Counted, Error> {
    Ok(Counted {
        code: row.get("code")?,
        status: row.get("status")?,
        place: row.get("place")?,
        decided: row.get("decided")?,
    })
}

/// Under what a dossier is counted; none if there is none.
pub(super) fn counted(conn: &mut Conn<'_>, person: &PersonId, dossier: &DossierId) -> Result<Option<Counted>, Error> {
    conn.query_opt(
        counted!("WHERE person = $1 AND dossier = $2"),
        &[person.into(), dossier.into()],
        read_counted,
    )
}

/// How many dossiers are counted under what: counts every one.
pub(super) fn count_all(conn: &mut Conn<'_>) -> Result<Vec<(Counted, i64)>, Error> {
    conn.query(
        concat!(
            "SELECT code, status, place, decided, COUNT(*) AS amount FROM (",
            counted!(""),
            ") AS counted GROUP BY code, status, place, decided"
        ),
        &[],
        |row| Ok((read_counted(row)?, row.get("amount")?)),
    )
}

/// Keeps a dossier as it stands before its first step: in 6, with no time running.
pub(super) fn insert(tx: &mut Tx<'_>, row: &NewRow) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO procedure_dossier (person, dossier, code, described_on, number, status, unit, province, content_sealed, opened_at)
         VALUES ($1, $2, $3, $4, $5, 6, $6, $7, $8, $9)",
        &[
            (&row.person).into(),
            (&row.dossier).into(),
            (&row.code).into(),
            (&row.described_on).into(),
            (&row.number).into(),
            (&row.unit).into(),
            (&row.province).into(),
            (&row.content_sealed).into(),
            row.opened_at.into(),
        ],
    )?;
    Ok(())
}

pub(in crate::procedures) fn find(conn: &mut Conn<'_>, dossier: &DossierId) -> Result<Option<Row>, Error> {
    conn.query_opt(select!("WHERE dossier = $1"), &[dossier.into()], read)
}

/// Those of a person, newest first.
pub(super) fn list(conn: &mut Conn<'_>, person: &PersonId, most: i64) -> Result<Vec<Row>, Error> {
    conn.query(
        select!("WHERE person = $1 ORDER BY opened_at DESC, dossier LIMIT $2"),
        &[person.into(), most.into()],
        read,
    )
}

/// What a person asked for before an instant, newest first: wholes, not their parts.
pub(super) fn requests(
    conn: &mut Conn<'_>,
    person: &PersonId,
    before: Timestamp,
    most: i64,
) -> Result<Vec<Row>, Error> {
    conn.query(
        select!(
            "WHERE person = $1 AND opened_at < $2
               AND NOT EXISTS (SELECT 1 FROM procedure_link AS link
                                WHERE link.person = procedure_dossier.person AND link.dossier = procedure_dossier.dossier)
             ORDER BY opened_at DESC, dossier LIMIT $3"
        ),
        &[person.into(), before.into(), most.into()],
        read,
    )
}

/// Takes a step; false if the dossier does not stand where the step begins.
pub(super) fn step(tx: &mut Tx<'_>, step: &Step) -> Result<bool, Error> {
    let ended = (!step.to.is_open()).then_some(step.at);
    let changed = tx.execute(
        "UPDATE procedure_dossier
            SET status = $4, submitted_at = $5, received_at = $6, deadline_at = $7, left_seconds = $8, held_by = $9, ended_at = $10,
                result_sealed = COALESCE($11, result_sealed), verified_at = $12, deadline_basis = COALESCE($13, deadline_basis)
          WHERE person = $1 AND dossier = $2 AND status = $3",
        &[
            (&step.person).into(),
            (&step.dossier).into(),
            step.from.code().into(),
            step.to.code().into(),
            step.clock.submitted_at.into(),
            step.clock.received_at.into(),
            step.clock.deadline_at.into(),
            step.clock.left_seconds.into(),
            (&step.held_by).into(),
            ended.into(),
            (&step.decision_sealed).into(),
            step.clock.verified_at.into(),
            (&step.basis).into(),
        ],
    )?;
    if changed == 0 {
        return Ok(false);
    }
    let before = tx.query_one(
        "SELECT COALESCE(MAX(place), 0) AS place FROM procedure_step WHERE person = $1 AND dossier = $2",
        &[(&step.person).into(), (&step.dossier).into()],
        |row| row.get::<i64>("place"),
    )?;
    tx.execute(
        "INSERT INTO procedure_step (person, dossier, place, step, event, status, happened_at, officer, words_sealed)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        &[
            (&step.person).into(),
            (&step.dossier).into(),
            (before + 1).into(),
            (&step.id).into(),
            step.event.word().into(),
            step.to.code().into(),
            step.at.into(),
            (&step.officer).into(),
            (&step.words_sealed).into(),
        ],
    )?;
    Ok(true)
}

/// A step as it is kept.
pub struct StepRow {
    pub(in crate::procedures) step: StepId,
    pub(in crate::procedures) event: Event,
    pub(in crate::procedures) status: Status,
    pub(in crate::procedures) at: Timestamp,
    pub(in crate::procedures) officer: Option<OfficerId>,
    pub(in crate::procedures) words_sealed: Vec<u8>,
}

/// The steps of a dossier, in order.
pub(in crate::procedures) fn steps(
    conn: &mut Conn<'_>,
    person: &PersonId,
    dossier: &DossierId,
) -> Result<Vec<StepRow>, Error> {
    conn.query(
        "SELECT step, event, status, happened_at, officer, words_sealed
           FROM procedure_step WHERE person = $1 AND dossier = $2 ORDER BY place",
        &[person.into(), dossier.into()],
        |row| {
            Ok(StepRow {
                step: row.get("step")?,
                event: Event::of_word(&row.get::<String>("event")?).unwrap_or(Event::Submit),
                status: row.get("status")?,
                at: row.get("happened_at")?,
                officer: row.get("officer")?,
                words_sealed: row.get("words_sealed")?,
            })
        },
    )
}

/// What was sent in changes: what was missing has come.
pub(super) fn refile(
    tx: &mut Tx<'_>,
    person: &PersonId,
    dossier: &DossierId,
    content_sealed: &[u8],
) -> Result<(), Error> {
    tx.execute(
        "UPDATE procedure_dossier SET content_sealed = $3 WHERE person = $1 AND dossier = $2",
        &[person.into(), dossier.into(), content_sealed.into()],
    )?;
    Ok(())
}

/// An officer takes a dossier up; false if another holds it, or it has ended.
pub fn hold(tx: &mut Tx<'_>, person: &PersonId, dossier: &DossierId, officer: &OfficerId) -> Result<bool, Error> {
    let held = tx.execute(
        "UPDATE procedure_dossier SET held_by = $3
          WHERE person = $1 AND dossier = $2 AND ended_at IS NULL AND submitted_at IS NOT NULL AND (held_by IS NULL OR held_by = $3)",
        &[person.into(), dossier.into(), officer.into()],
    )?;
    Ok(held == 1)
}

/// A dossier is given back by who holds it, or for who does; false if nobody, or now another, holds it.
pub fn release(tx: &mut Tx<'_>, person: &PersonId, dossier: &DossierId, holder: &OfficerId) -> Result<bool, Error> {
    let released = tx.execute(
        "UPDATE procedure_dossier SET held_by = NULL
          WHERE person = $1 AND dossier = $2 AND ended_at IS NULL AND held_by = $3",
        &[person.into(), dossier.into(), holder.into()],
    )?;
    Ok(released == 1)
}

/// Which dossiers an officer sees.
pub enum Scope {
    /// All.
    Country,
    /// Those of a province.
    Province(String),
    /// Those of a unit.
    Unit(String),
}

/// The open dossiers of a jurisdiction of the police whose time has begun, in the order of their limits.
pub fn waiting(conn: &mut Conn<'_>, scope: &Scope, status: i64, most: i64) -> Result<Vec<Row>, Error> {
    let (sql, place) = match scope {
        Scope::Country => (
            select!(
                "WHERE ended_at IS NULL AND submitted_at IS NOT NULL AND unit NOT LIKE '%:%' AND $1 = '' AND (status = $2 OR CAST($2 AS BIGINT) = 0)
                 ORDER BY deadline_at, dossier LIMIT $3"
            ),
            "",
        ),
        Scope::Province(province) => (
            select!(
                "WHERE ended_at IS NULL AND submitted_at IS NOT NULL AND unit NOT LIKE '%:%' AND province = $1 AND (status = $2 OR CAST($2 AS BIGINT) = 0)
                 ORDER BY deadline_at, dossier LIMIT $3"
            ),
            province.as_str(),
        ),
        Scope::Unit(unit) => (
            select!(
                "WHERE ended_at IS NULL AND submitted_at IS NOT NULL AND unit NOT LIKE '%:%' AND unit = $1 AND (status = $2 OR CAST($2 AS BIGINT) = 0)
                 ORDER BY deadline_at, dossier LIMIT $3"
            ),
            unit.as_str(),
        ),
    };
    conn.query(sql, &[place.into(), status.into(), most.into()], read)
}

/// A dossier with which another body is behind.
pub struct BehindRow {
    pub(in crate::procedures) dossier: DossierId,
    pub(in crate::procedures) code: String,
    pub(in crate::procedures) number: String,
    pub(in crate::procedures) status: Status,
    pub(in crate::procedures) unit: String,
    pub(in crate::procedures) event: String,
    pub(in crate::procedures) since: Timestamp,
    pub(in crate::procedures) submitted_at: Option<Timestamp>,
    pub(in crate::procedures) deadline_at: Option<Timestamp>,
}

/// What other bodies of a jurisdiction have not acknowledged in time, and what they were late with and have not decided since; longest first.
pub fn behind(conn: &mut Conn<'_>, scope: &Scope, most: i64) -> Result<Vec<BehindRow>, Error> {
    let (province, commune) = match scope {
        Scope::Country => ("", ""),
        Scope::Province(province) => (province.as_str(), ""),
        Scope::Unit(unit) => ("", unit.as_str()),
    };
    conn.query(
        "SELECT one.dossier, code, number, one.status, unit, event, MIN(happened_at) AS since, submitted_at, deadline_at
           FROM procedure_step AS step
           JOIN procedure_dossier AS one ON one.person = step.person AND one.dossier = step.dossier
          WHERE event IN ('unacknowledged', 'late') AND ended_at IS NULL AND (event = 'late' OR one.status = 1)
                AND ($1 = '' OR province = $1) AND ($2 = '' OR unit = $2 OR unit LIKE '%:' || $2)
          GROUP BY one.dossier, code, number, one.status, unit, event, submitted_at, deadline_at
          ORDER BY since, one.dossier, event LIMIT $3",
        &[province.into(), commune.into(), most.into()],
        |row| {
            Ok(BehindRow {
                dossier: row.get("dossier")?,
                code: row.get("code")?,
                number: row.get("number")?,
                status: row.get("status")?,
                unit: row.get("unit")?,
                event: row.get("event")?,
                since: row.get("since")?,
                submitted_at: row.get("submitted_at")?,
                deadline_at: row.get("deadline_at")?,
            })
        },
    )
}
