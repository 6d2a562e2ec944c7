//! The tables of recoveries and of the relatives' confirmations.

use db::{Conn, Error, Row, Tx};
use jiff::Timestamp;

use super::super::rules::{Case, Way};
use super::CaseId;
use crate::shell::ids::PersonId;

pub(super) fn insert(
    tx: &mut Tx<'_>,
    (person, id): (&PersonId, &CaseId),
    case: &Case,
    whence_sealed: &[u8],
) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO recovery_case (person, case_id, way, started_at, whence_sealed) VALUES ($1, $2, $3, $4, $5)",
        &[
            person.into(),
            id.into(),
            case.way.word().into(),
            case.started_at.into(),
            whence_sealed.into(),
        ],
    )?;
    Ok(())
}

pub(super) fn find(conn: &mut Conn<'_>, (person, id): (&PersonId, &CaseId)) -> Result<Option<Case>, Error> {
    conn.query_opt(
        "SELECT way, started_at, proven_at, finished_at, stopped_at FROM recovery_case WHERE person = $1 AND case_id = $2",
        &[person.into(), id.into()],
        read,
    )
}

/// A person's recovery that has neither been finished nor stopped; it may have lapsed.
pub(super) fn live(conn: &mut Conn<'_>, person: &PersonId) -> Result<Option<(CaseId, Case)>, Error> {
    conn.query_opt(
        "SELECT case_id, way, started_at, proven_at, finished_at, stopped_at
           FROM recovery_case
          WHERE person = $1 AND finished_at IS NULL AND stopped_at IS NULL",
        &[person.into()],
        |row| Ok((row.get("case_id")?, read(row)?)),
    )
}

pub(super) fn insert_confirmation(
    tx: &mut Tx<'_>,
    (person, id): (&PersonId, &CaseId),
    relative: &PersonId,
    now: Timestamp,
) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO recovery_confirmation (person, case_id, relative, at) VALUES ($1, $2, $3, $4)",
        &[person.into(), id.into(), relative.into(), now.into()],
    )?;
    Ok(())
}

pub(super) fn confirmed(conn: &mut Conn<'_>, person: &PersonId, id: &CaseId) -> Result<Vec<PersonId>, Error> {
    conn.query(
        "SELECT relative FROM recovery_confirmation WHERE person = $1 AND case_id = $2",
        &[person.into(), id.into()],
        |row| row.get("relative"),
    )
}

pub(super) fn proven(
    tx: &mut Tx<'_>,
    (person, id): (&PersonId, &CaseId),
    now: Timestamp,
    opens_at: Timestamp,
) -> Result<bool, Error> {
    let proven = tx.execute(
        "UPDATE recovery_case SET proven_at = $3, opens_at = $4
          WHERE person = $1 AND case_id = $2 AND proven_at IS NULL AND stopped_at IS NULL AND finished_at IS NULL",
        &[person.into(), id.into(), now.into(), opens_at.into()],
    )?;
    Ok(proven == 1)
}

pub(super) fn finish(tx: &mut Tx<'_>, (person, id): (&PersonId, &CaseId), now: Timestamp) -> Result<bool, Error> {
    let finished = tx.execute(
        "UPDATE recovery_case SET finished_at = $3
          WHERE person = $1 AND case_id = $2 AND finished_at IS NULL AND stopped_at IS NULL AND opens_at <= $3",
        &[person.into(), id.into(), now.into()],
    )?;
    Ok(finished == 1)
}

pub(super) fn stop(tx: &mut Tx<'_>, person: &PersonId, by: &'static str, now: Timestamp) -> Result<bool, Error> {
    let stopped = tx.execute(
        "UPDATE recovery_case SET stopped_at = $2, stopped_by = $3
          WHERE person = $1 AND finished_at IS NULL AND stopped_at IS NULL",
        &[person.into(), now.into(), by.into()],
    )?;
    Ok(stopped == 1)
}

fn read(row: &Row<'_>) -> Result<Case, Error> {
    let way: String = row.get("way")?;
    Ok(Case {
        way: Way::from_word(&way).ok_or_else(|| Error::Column {
            column: "way".to_owned(),
            why: "not a way".to_owned(),
        })?,
        started_at: row.get("started_at")?,
        proven_at: row.get("proven_at")?,
        finished_at: row.get("finished_at")?,
        stopped_at: row.get("stopped_at")?,
    })
}
