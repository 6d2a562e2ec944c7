//! The table of pushed requests.

use db::{Conn, Error, Tx};
use jiff::{SignedDuration, Timestamp};

use crate::sso::rules::REQUEST_LIFE;

/// Keeps a request. One in 256 also forgets those that nobody can answer any more: were it each, units of work at the
/// same moment would all reach for the same rows.
pub(super) fn insert(
    tx: &mut Tx<'_>,
    digest: &[u8; 32],
    sealed: &[u8],
    expires_at: Timestamp,
    now: Timestamp,
) -> Result<(), Error> {
    if digest.first() == Some(&0) {
        let over = now - SignedDuration::from_secs(REQUEST_LIFE);
        tx.execute("DELETE FROM sso_pushed WHERE expires_at < $1", &[over.into()])?;
    }
    tx.execute(
        "INSERT INTO sso_pushed (digest, request_sealed, expires_at) VALUES ($1, $2, $3)",
        &[digest.into(), sealed.into(), expires_at.into()],
    )?;
    Ok(())
}

/// A request that has not been answered and whose name is not over.
pub(super) fn find(conn: &mut Conn<'_>, digest: &[u8; 32], now: Timestamp) -> Result<Option<Vec<u8>>, Error> {
    conn.query_opt(
        "SELECT request_sealed FROM sso_pushed WHERE digest = $1 AND expires_at > $2 AND used_at IS NULL",
        &[digest.into(), now.into()],
        |row| row.get("request_sealed"),
    )
}

/// Uses up the name of a request with its answer. Answers whether it was not used before: of two answers at once only one counts.
pub(in crate::sso) fn use_up(tx: &mut Tx<'_>, digest: &[u8; 32], now: Timestamp) -> Result<bool, Error> {
    let used = tx.execute(
        "UPDATE sso_pushed SET used_at = $2 WHERE digest = $1 AND used_at IS NULL",
        &[digest.into(), now.into()],
    )?;
    Ok(used == 1)
}
