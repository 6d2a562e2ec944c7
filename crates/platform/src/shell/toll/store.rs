//! The table of puzzles that paid.

use db::{Error, Tx};
use jiff::Timestamp;

/// Uses up a puzzle; `Taken` if it paid before.
pub(super) fn spend(tx: &mut Tx<'_>, puzzle: &[u8; 16], expires_at: Timestamp, now: Timestamp) -> Result<(), Error> {
    tx.execute("DELETE FROM toll_spent WHERE expires_at < $1", &[now.into()])?;
    tx.execute(
        "INSERT INTO toll_spent (puzzle, expires_at) VALUES ($1, $2)",
        &[puzzle.into(), expires_at.into()],
    )?;
    Ok(())
}
