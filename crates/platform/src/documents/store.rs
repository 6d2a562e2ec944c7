//! Which sessions have the wallet of documents open, and which papers their holder has taken out.

use db::{Conn, Error, Tx};
use jiff::Timestamp;

use super::rules::Kind;
use crate::shell::ids::PersonId;

/// Opens the wallet in a session until an instant.
pub(super) fn open(tx: &mut Tx<'_>, person: &PersonId, session: &[u8; 32], until: Timestamp) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO document_opening (person, session_digest, until_at) VALUES ($1, $2, $3)
             ON CONFLICT (person, session_digest) DO UPDATE SET until_at = excluded.until_at",
        &[person.into(), session.into(), until.into()],
    )?;
    Ok(())
}

/// Closes it, and forgets openings that are over.
pub(super) fn close(tx: &mut Tx<'_>, person: &PersonId, session: &[u8; 32], now: Timestamp) -> Result<(), Error> {
    tx.execute(
        "DELETE FROM document_opening WHERE person = $1 AND (session_digest = $2 OR until_at <= $3)",
        &[person.into(), session.into(), now.into()],
    )?;
    Ok(())
}

/// Whether it is open.
pub(super) fn is_open(
    conn: &mut Conn<'_>,
    person: &PersonId,
    session: &[u8; 32],
    now: Timestamp,
) -> Result<bool, Error> {
    let until = conn.query_opt(
        "SELECT until_at FROM document_opening WHERE person = $1 AND session_digest = $2 AND until_at > $3",
        &[person.into(), session.into(), now.into()],
        |row| row.get::<Timestamp>("until_at"),
    )?;
    Ok(until.is_some())
}

/// Takes a paper out.
pub(super) fn remove(tx: &mut Tx<'_>, person: &PersonId, kind: Kind, now: Timestamp) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO document_removal (person, kind, removed_at) VALUES ($1, $2, $3) ON CONFLICT (person, kind) DO NOTHING",
        &[person.into(), kind.word().into(), now.into()],
    )?;
    Ok(())
}

/// Takes a paper in again.
pub(super) fn restore(tx: &mut Tx<'_>, person: &PersonId, kind: Kind) -> Result<(), Error> {
    tx.execute(
        "DELETE FROM document_removal WHERE person = $1 AND kind = $2",
        &[person.into(), kind.word().into()],
    )?;
    Ok(())
}

/// The papers that were taken out.
pub(super) fn removed(conn: &mut Conn<'_>, person: &PersonId) -> Result<Vec<Kind>, Error> {
    let words = conn.query(
        "SELECT kind FROM document_removal WHERE person = $1",
        &[person.into()],
        |row| row.get::<String>("kind"),
    )?;
    Ok(words.iter().filter_map(|word| Kind::from_word(word)).collect())
}

/// Notes that a change was taken up; answers whether this is the first time.
pub(super) fn is_new(tx: &mut Tx<'_>, person: &PersonId, change: &[u8; 16], now: Timestamp) -> Result<bool, Error> {
    let noted = tx.execute(
        "INSERT INTO document_change (person, change, taken_up_at) VALUES ($1, $2, $3) ON CONFLICT (person, change) DO NOTHING",
        &[person.into(), change.into(), now.into()],
    )?;
    Ok(noted == 1)
}
