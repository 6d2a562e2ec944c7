//! The table of proofs that were made.

use db::{Error, Tx};
use jiff::Timestamp;

/// Uses up a challenge; `Taken` if it was answered before.
pub(super) fn spend(tx: &mut Tx<'_>, challenge: &[u8; 16], expires_at: Timestamp, now: Timestamp) -> Result<(), Error> {
    tx.execute("DELETE FROM device_spent WHERE expires_at < $1", &[now.into()])?;
    tx.execute(
        "INSERT INTO device_spent (challenge, expires_at) VALUES ($1, $2)",
        &[challenge.into(), expires_at.into()],
    )?;
    Ok(())
}
