//! How far each feed has been taken up.

use db::{Conn, Error, Tx};
use jiff::Timestamp;

use super::super::Source;

/// The place up to which a feed was taken up; 0 at the beginning.
pub(super) fn place(conn: &mut Conn<'_>, source: Source) -> Result<i64, Error> {
    let place = conn.query_opt(
        "SELECT place FROM registry_feed WHERE source = $1",
        &[source.text().into()],
        |row| row.get("place"),
    )?;
    Ok(place.unwrap_or(0))
}

/// Moves the place from where it was found; answers whether it was still there.
pub(super) fn advance(tx: &mut Tx<'_>, source: Source, (from, to): (i64, i64), now: Timestamp) -> Result<bool, Error> {
    tx.execute(
        "INSERT INTO registry_feed (source, place, read_at) VALUES ($1, 0, $2) ON CONFLICT (source) DO NOTHING",
        &[source.text().into(), now.into()],
    )?;
    let moved = tx.execute(
        "UPDATE registry_feed SET place = $3, read_at = $4 WHERE source = $1 AND place = $2",
        &[source.text().into(), from.into(), to.into(), now.into()],
    )?;
    Ok(moved == 1)
}
