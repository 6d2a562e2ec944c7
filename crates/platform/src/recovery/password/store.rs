//! The table of forgotten passwords.

use db::{Conn, Error, Tx};
use jiff::Timestamp;

use super::{LASTS, MOST_TRIES, ResetId};
use crate::shell::ids::PersonId;

pub(super) struct Row {
    pub(super) person: Option<PersonId>,
    pub(super) confirmed: bool,
    pub(super) used: bool,
}

#[derive(Clone)]
pub(super) struct NewRow {
    pub(super) reset: ResetId,
    pub(super) number_digest: [u8; 32],
    /// The person, if everything that was given is right.
    pub(super) person: Option<PersonId>,
    pub(super) code_digest: [u8; 32],
    pub(super) started_at: Timestamp,
}

pub(super) fn count(conn: &mut Conn<'_>, number_digest: &[u8; 32], since: Timestamp) -> Result<i64, Error> {
    conn.query_one(
        "SELECT COUNT(*) AS resets FROM recovery_reset WHERE number_digest = $1 AND started_at > $2",
        &[number_digest.into(), since.into()],
        |row| row.get("resets"),
    )
}

pub(super) fn insert(tx: &mut Tx<'_>, row: &NewRow) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO recovery_reset (reset, number_digest, person, code_digest, tries, started_at, expires_at)
         VALUES ($1, $2, $3, $4, 0, $5, $6)",
        &[
            (&row.reset).into(),
            (&row.number_digest).into(),
            row.person.as_ref().into(),
            (&row.code_digest).into(),
            row.started_at.into(),
            (row.started_at + LASTS).into(),
        ],
    )?;
    Ok(())
}

pub(super) fn find(conn: &mut Conn<'_>, reset: &ResetId, now: Timestamp) -> Result<Option<Row>, Error> {
    conn.query_opt(
        "SELECT person, confirmed_at, used_at FROM recovery_reset WHERE reset = $1 AND expires_at > $2",
        &[reset.into(), now.into()],
        |row| {
            Ok(Row {
                person: row.get("person")?,
                confirmed: row.get::<Option<Timestamp>>("confirmed_at")?.is_some(),
                used: row.get::<Option<Timestamp>>("used_at")?.is_some(),
            })
        },
    )
}

/// Counts a try and answers the digest to compare with; `None` if no try is left.
pub(super) fn count_try(tx: &mut Tx<'_>, reset: &ResetId, now: Timestamp) -> Result<Option<[u8; 32]>, Error> {
    tx.query_opt(
        "UPDATE recovery_reset SET tries = tries + 1
          WHERE reset = $1 AND confirmed_at IS NULL AND expires_at > $2 AND tries < $3
      RETURNING code_digest",
        &[reset.into(), now.into(), MOST_TRIES.into()],
        |row| row.get("code_digest"),
    )
}

pub(super) fn confirm(tx: &mut Tx<'_>, reset: &ResetId, now: Timestamp) -> Result<bool, Error> {
    let confirmed = tx.execute(
        "UPDATE recovery_reset SET confirmed_at = $2 WHERE reset = $1 AND confirmed_at IS NULL AND person IS NOT NULL",
        &[reset.into(), now.into()],
    )?;
    Ok(confirmed == 1)
}

pub(super) fn spend(tx: &mut Tx<'_>, reset: &ResetId, now: Timestamp) -> Result<bool, Error> {
    let spent = tx.execute(
        "UPDATE recovery_reset SET used_at = $2
          WHERE reset = $1 AND used_at IS NULL AND confirmed_at IS NOT NULL AND expires_at > $2",
        &[reset.into(), now.into()],
    )?;
    Ok(spent == 1)
}
