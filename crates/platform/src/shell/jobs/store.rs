//! The table of jobs.

use db::{Conn, Error, Tx};
use jiff::Timestamp;

use super::{Claimed, Dead, JobId, Order, Which};

pub(super) fn insert(tx: &mut Tx<'_>, order: &Order) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO job (job, kind, payload_sealed, created_at, due_at, rank, attempts) VALUES ($1, $2, $3, $4, $5, $6, 0)",
        &[
            (&order.id).into(),
            order.kind.into(),
            (&order.payload_sealed).into(),
            order.created_at.into(),
            order.due_at.into(),
            order.rank.into(),
        ],
    )?;
    Ok(())
}

/// A job without a payload; one that is there already begins anew.
pub(super) fn put_bare(tx: &mut Tx<'_>, id: &JobId, kind: &str, due_at: Timestamp) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO job (job, kind, payload_sealed, created_at, due_at, attempts) VALUES ($1, $2, $3, $4, $4, 0)
         ON CONFLICT (job) DO UPDATE SET due_at = excluded.due_at, attempts = 0, done_at = NULL, dead_at = NULL",
        &[id.into(), kind.into(), (&[] as &[u8]).into(), due_at.into()],
    )?;
    Ok(())
}

/// A job without a payload; one that is there already, done or not, stays as it is.
pub(super) fn put_once(tx: &mut Tx<'_>, id: &JobId, kind: &str, due_at: Timestamp) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO job (job, kind, payload_sealed, created_at, due_at, attempts) VALUES ($1, $2, $3, $4, $4, 0)
         ON CONFLICT (job) DO NOTHING",
        &[id.into(), kind.into(), (&[] as &[u8]).into(), due_at.into()],
    )?;
    Ok(())
}

/// The jobs of a rank that are due: found without passing those of that rank that are not, of which there is one for every account.
macro_rules! due {
    ($rank:literal) => {
        concat!(
            "SELECT * FROM (SELECT job, rank, due_at FROM job WHERE rank = ",
            $rank,
            " AND due_at <= $1 AND done_at IS NULL AND dead_at IS NULL ORDER BY due_at LIMIT $3) AS rank_",
            $rank
        )
    };
}

/// Claims them, those of a lower rank first.
macro_rules! claim {
    ($due:expr) => {
        concat!(
            "UPDATE job
                SET due_at = $2, attempts = attempts + 1
              WHERE job IN (SELECT job FROM (",
            $due,
            ") AS due ORDER BY rank, due_at LIMIT $3)
                AND due_at <= $1
          RETURNING job, kind, payload_sealed, attempts",
        )
    };
}

/// Claims jobs that are due now until an instant: a second worker does not see them before then.
pub(super) fn claim(
    tx: &mut Tx<'_>,
    which: Which,
    (now, until): (Timestamp, Timestamp),
    most: i64,
) -> Result<Vec<Claimed>, Error> {
    let claim = match which {
        Which::All => claim!(concat!(due!(0), " UNION ALL ", due!(1), " UNION ALL ", due!(2))),
        Which::Urgent => claim!(due!(0)),
        Which::OthersThanUrgent => claim!(concat!(due!(1), " UNION ALL ", due!(2))),
    };
    tx.query(claim, &[now.into(), until.into(), most.into()], |row| {
        Ok(Claimed {
            id: row.get("job")?,
            kind: row.get("kind")?,
            payload_sealed: row.get("payload_sealed")?,
            attempts: row.get("attempts")?,
        })
    })
}

pub(super) fn done(tx: &mut Tx<'_>, id: &JobId, now: Timestamp) -> Result<(), Error> {
    tx.execute(
        "UPDATE job SET done_at = $2, payload_sealed = $3 WHERE job = $1",
        &[id.into(), now.into(), (&[] as &[u8]).into()],
    )?;
    Ok(())
}

pub(super) fn postpone(tx: &mut Tx<'_>, id: &JobId, due: Timestamp, error: &str) -> Result<(), Error> {
    tx.execute(
        "UPDATE job SET due_at = $2, last_error = $3 WHERE job = $1",
        &[id.into(), due.into(), error.into()],
    )?;
    Ok(())
}

pub(super) fn bury(tx: &mut Tx<'_>, id: &JobId, now: Timestamp, error: &str) -> Result<(), Error> {
    tx.execute(
        "UPDATE job SET dead_at = $2, last_error = $3 WHERE job = $1",
        &[id.into(), now.into(), error.into()],
    )?;
    Ok(())
}

pub(super) fn remove_done(tx: &mut Tx<'_>, before: Timestamp, most: i64) -> Result<u64, Error> {
    tx.execute(
        "DELETE FROM job WHERE job IN (SELECT job FROM job WHERE done_at < $1 ORDER BY done_at LIMIT $2)",
        &[before.into(), most.into()],
    )
}

#[cfg(test)]
pub(super) fn count_of(conn: &mut Conn<'_>, kind: &str) -> Result<i64, Error> {
    conn.query_one(
        "SELECT COUNT(*) AS jobs FROM job WHERE kind = $1",
        &[kind.into()],
        |row| row.get("jobs"),
    )
}

pub(super) fn count_due(conn: &mut Conn<'_>, now: Timestamp) -> Result<i64, Error> {
    conn.query_one(
        "SELECT COUNT(*) AS jobs FROM job WHERE rank IN (0, 1, 2) AND due_at <= $1 AND done_at IS NULL AND dead_at IS NULL",
        &[now.into()],
        |row| row.get("jobs"),
    )
}

pub(super) fn count_dead(conn: &mut Conn<'_>) -> Result<i64, Error> {
    conn.query_one(
        "SELECT COUNT(*) AS jobs FROM job WHERE dead_at IS NOT NULL",
        &[],
        |row| row.get("jobs"),
    )
}

pub(super) fn list_dead(conn: &mut Conn<'_>, kinds: &str, most: i64) -> Result<Vec<Dead>, Error> {
    conn.query(
        "SELECT job, kind, last_error, dead_at FROM job WHERE dead_at IS NOT NULL AND kind LIKE $1 ORDER BY dead_at DESC LIMIT $2",
        &[kinds.into(), most.into()],
        |row| {
            Ok(Dead {
                job: row.get("job")?,
                kind: row.get("kind")?,
                why: row.get::<Option<String>>("last_error")?.unwrap_or_default(),
                dead_at: row.get("dead_at")?,
            })
        },
    )
}

pub(super) fn revive(tx: &mut Tx<'_>, kinds: &str, now: Timestamp) -> Result<u64, Error> {
    tx.execute(
        "UPDATE job SET dead_at = NULL, attempts = 0, due_at = $2 WHERE dead_at IS NOT NULL AND kind LIKE $1",
        &[kinds.into(), now.into()],
    )
}
