//! The review's words on the table of applications.

use db::{Conn, Error, Tx, Value};
use jiff::Timestamp;

use super::super::ApplicationId;
use super::super::rules::State;
use super::super::store::{Row, read, select};
use super::Waiting;
use crate::officers::OfficerId;

/// Which part of the queue is asked for.
pub(super) struct Part {
    /// Of one level, or 0 for all.
    pub(super) level: i64,
    /// In one state, or empty for all that wait.
    pub(super) state: &'static str,
    /// What comes after this limit and id.
    pub(super) after: (i64, Vec<u8>),
}

/// What waits, in the order of the limits.
pub(super) fn queue(conn: &mut Conn<'_>, part: &Part, most: i64) -> Result<Vec<Row>, Error> {
    conn.query(
        select!(
            "WHERE state IN ('submitted', 'claimed')
               AND (level = $1 OR $1 = 0) AND (state = $2 OR $2 = '')
               AND (deadline_at, application) > ($3, $4)
             ORDER BY deadline_at, application
             LIMIT $5"
        ),
        &[
            part.level.into(),
            part.state.into(),
            Value::Int(part.after.0),
            (&part.after.1).into(),
            most.into(),
        ],
        read,
    )
}

pub(super) fn waiting(conn: &mut Conn<'_>, officer: &OfficerId, now: Timestamp) -> Result<Waiting, Error> {
    conn.query_one(
        "SELECT COUNT(CASE WHEN state = 'submitted' THEN 1 END) AS waiting,
                COUNT(CASE WHEN deadline_at < $1 THEN 1 END) AS late,
                COUNT(CASE WHEN claimed_by = $2 THEN 1 END) AS mine
           FROM application
          WHERE state IN ('submitted', 'claimed')",
        &[now.into(), officer.into()],
        |row| {
            Ok(Waiting {
                waiting: row.get("waiting")?,
                late: row.get("late")?,
                mine: row.get("mine")?,
            })
        },
    )
}

/// Takes an application up. One that is claimed already can be taken over only if the claim is older than `stale`.
pub(super) fn claim(
    tx: &mut Tx<'_>,
    application: &ApplicationId,
    officer: &OfficerId,
    now: Timestamp,
    stale: Timestamp,
) -> Result<bool, Error> {
    let changed = tx.execute(
        "UPDATE application SET state = 'claimed', claimed_by = $2, claimed_at = $3
          WHERE application = $1
            AND (state = 'submitted' OR (state = 'claimed' AND (claimed_by = $2 OR claimed_at <= $4)))",
        &[application.into(), officer.into(), now.into(), stale.into()],
    )?;
    Ok(changed == 1)
}

pub(super) fn release(tx: &mut Tx<'_>, application: &ApplicationId, officer: &OfficerId) -> Result<bool, Error> {
    let changed = tx.execute(
        "UPDATE application SET state = 'submitted', claimed_by = NULL, claimed_at = NULL
          WHERE application = $1 AND state = 'claimed' AND claimed_by = $2",
        &[application.into(), officer.into()],
    )?;
    Ok(changed == 1)
}

/// A decision about to be written.
#[derive(Clone)]
pub(super) struct Decided {
    pub(super) application: ApplicationId,
    pub(super) officer: OfficerId,
    pub(super) to: State,
    pub(super) reasons: String,
    pub(super) remark_sealed: Option<Vec<u8>>,
    pub(super) at: Timestamp,
    pub(super) due_at: Option<Timestamp>,
}

/// Decides an application that the officer holds.
pub(super) fn decide(tx: &mut Tx<'_>, decided: &Decided) -> Result<bool, Error> {
    let changed = tx.execute(
        "UPDATE application
            SET state = $3, decided_by = $2, decided_at = $4, reasons = $5, remark_sealed = $6, due_at = $7,
                claimed_by = NULL, claimed_at = NULL
          WHERE application = $1 AND state = 'claimed' AND claimed_by = $2",
        &[
            (&decided.application).into(),
            (&decided.officer).into(),
            decided.to.word().into(),
            decided.at.into(),
            (&decided.reasons).into(),
            (&decided.remark_sealed).into(),
            decided.due_at.into(),
        ],
    )?;
    Ok(changed == 1)
}
