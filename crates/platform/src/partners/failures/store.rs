//! The tables of failing requests and of what went right.

use db::{Conn, Error, Tx};
use jiff::{SignedDuration, Timestamp};

use super::FailureId;
use crate::partners::checks::Step;

/// How long a failing request is kept.
const KEPT: SignedDuration = SignedDuration::from_hours(24 * 7);
/// How many are kept of one client within a minute: whoever names a client in vain requests does not fill its developers' page.
const MOST_A_MINUTE: i64 = 30;

/// A failing request.
pub(in crate::partners) struct Failure {
    pub(in crate::partners) failed_at: Timestamp,
    pub(in crate::partners) endpoint: String,
    pub(in crate::partners) error: String,
    pub(in crate::partners) detail: String,
}

pub(super) fn insert(tx: &mut Tx<'_>, client_id: &str, id: &FailureId, failure: &Failure) -> Result<(), Error> {
    let now = failure.failed_at;
    tx.execute(
        "DELETE FROM partner_failure WHERE client_id = $1 AND failed_at < $2",
        &[client_id.into(), (now - KEPT).into()],
    )?;
    let lately: Option<i64> = tx.query_opt(
        "SELECT COUNT(*) AS lately FROM partner_failure WHERE client_id = $1 AND failed_at > $2",
        &[client_id.into(), (now - SignedDuration::from_secs(60)).into()],
        |row| row.get("lately"),
    )?;
    if lately.unwrap_or_default() >= MOST_A_MINUTE {
        return Ok(());
    }
    tx.execute(
        "INSERT INTO partner_failure (client_id, failed_at, failure, endpoint, error, detail) VALUES ($1, $2, $3, $4, $5, $6)",
        &[
            client_id.into(),
            now.into(),
            id.into(),
            (&failure.endpoint).into(),
            (&failure.error).into(),
            (&failure.detail).into(),
        ],
    )?;
    Ok(())
}

/// The newest failing requests of a client.
pub(in crate::partners) fn list(conn: &mut Conn<'_>, client_id: &str, most: i64) -> Result<Vec<Failure>, Error> {
    conn.query(
        "SELECT failed_at, endpoint, error, detail FROM partner_failure
          WHERE client_id = $1 ORDER BY failed_at DESC, failure LIMIT $2",
        &[client_id.into(), most.into()],
        |row| {
            Ok(Failure {
                failed_at: row.get("failed_at")?,
                endpoint: row.get("endpoint")?,
                error: row.get("error")?,
                detail: row.get("detail")?,
            })
        },
    )
}

/// Notes what a sandbox client did right.
pub(in crate::partners) fn pass(tx: &mut Tx<'_>, client_id: &str, steps: &[Step], now: Timestamp) -> Result<(), Error> {
    for step in steps {
        tx.execute(
            "INSERT INTO partner_check (client_id, step, passed_at) VALUES ($1, $2, $3)
             ON CONFLICT (client_id, step) DO UPDATE SET passed_at = excluded.passed_at",
            &[client_id.into(), step.word().into(), now.into()],
        )?;
    }
    Ok(())
}

/// What a sandbox client did right.
pub(in crate::partners) fn passed(conn: &mut Conn<'_>, client_id: &str) -> Result<Vec<(String, Timestamp)>, Error> {
    conn.query(
        "SELECT step, passed_at FROM partner_check WHERE client_id = $1",
        &[client_id.into()],
        |row| Ok((row.get("step")?, row.get("passed_at")?)),
    )
}
