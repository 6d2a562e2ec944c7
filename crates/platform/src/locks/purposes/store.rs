//! The table of locks by purpose.

use db::{Conn, Error, Row, Tx};
use jiff::Timestamp;

use super::PurposeLockId;
use super::rules::{Hours, Purpose, PurposeLock};
use crate::shell::ids::PersonId;

pub(super) fn insert(tx: &mut Tx<'_>, person: &PersonId, lock: &PurposeLock) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO lock_purpose (person, lock, purpose, client_id, from_minute, to_minute, set_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        &[
            person.into(),
            (&lock.id).into(),
            lock.purpose.word().into(),
            lock.client_id.as_deref().into(),
            lock.hours.map(|hours| i64::from(hours.from)).into(),
            lock.hours.map(|hours| i64::from(hours.to)).into(),
            lock.set_at.into(),
        ],
    )?;
    Ok(())
}

/// The locks that are set, oldest first.
pub(super) fn list(conn: &mut Conn<'_>, person: &PersonId) -> Result<Vec<PurposeLock>, Error> {
    let locks = conn.query(
        "SELECT lock, purpose, client_id, from_minute, to_minute, set_at FROM lock_purpose
          WHERE person = $1 AND lifted_at IS NULL ORDER BY set_at, lock",
        &[person.into()],
        read,
    )?;
    Ok(locks.into_iter().flatten().collect())
}

/// Lifts a lock; false if it is not set.
pub(super) fn lift(tx: &mut Tx<'_>, person: &PersonId, lock: &PurposeLockId, now: Timestamp) -> Result<bool, Error> {
    let lifted = tx.execute(
        "UPDATE lock_purpose SET lifted_at = $3 WHERE person = $1 AND lock = $2 AND lifted_at IS NULL",
        &[person.into(), lock.into(), now.into()],
    )?;
    Ok(lifted == 1)
}

fn read(row: &Row<'_>) -> Result<Option<PurposeLock>, Error> {
    let Some(purpose) = Purpose::of(&row.get::<String>("purpose")?) else {
        return Ok(None);
    };
    let (from, to): (Option<i64>, Option<i64>) = (row.get("from_minute")?, row.get("to_minute")?);
    Ok(Some(PurposeLock {
        id: row.get("lock")?,
        purpose,
        client_id: row.get("client_id")?,
        hours: from.zip(to).and_then(|(from, to)| Hours::of_minutes(from, to)),
        set_at: row.get("set_at")?,
    }))
}
