//! The table of favourites.

use db::{Conn, Error, Tx};
use jiff::Timestamp;

use crate::shell::ids::PersonId;

/// The tiles that a person pinned, in the order in which that happened.
pub(super) fn list(conn: &mut Conn<'_>, person: &PersonId) -> Result<Vec<String>, Error> {
    conn.query(
        "SELECT tile FROM home_favourite WHERE person = $1 ORDER BY pinned_at, tile",
        &[person.into()],
        |row| row.get("tile"),
    )
}

/// Pins a tile; one that is pinned keeps its place.
pub(super) fn pin(tx: &mut Tx<'_>, person: &PersonId, tile: &str, now: Timestamp) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO home_favourite (person, tile, pinned_at) VALUES ($1, $2, $3) ON CONFLICT (person, tile) DO NOTHING",
        &[person.into(), tile.into(), now.into()],
    )?;
    Ok(())
}

/// Unpins a tile.
pub(super) fn unpin(tx: &mut Tx<'_>, person: &PersonId, tile: &str) -> Result<(), Error> {
    tx.execute(
        "DELETE FROM home_favourite WHERE person = $1 AND tile = $2",
        &[person.into(), tile.into()],
    )?;
    Ok(())
}
