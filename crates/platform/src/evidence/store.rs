//! The table of pieces of evidence.

use db::{Conn, Error, Tx};
use jiff::Timestamp;

use super::PieceId;
use crate::shell::ids::PersonId;

/// A piece about to be uploaded.
#[derive(Clone)]
pub(super) struct NewRow {
    pub(super) person: PersonId,
    pub(super) piece: PieceId,
    pub(super) kind: &'static str,
    pub(super) media_type: String,
    pub(super) size: i64,
    pub(super) placed_at: Timestamp,
}

/// Where a piece stands.
pub(super) struct Row {
    pub(super) kept_at: Option<Timestamp>,
    pub(super) keep_until: Option<Timestamp>,
    pub(super) dropped_at: Option<Timestamp>,
}

type Place<'a> = (&'a PersonId, &'a PieceId);

pub(super) fn insert(tx: &mut Tx<'_>, new: &NewRow) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO evidence_piece (person, piece, kind, media_type, size, placed_at) VALUES ($1, $2, $3, $4, $5, $6)",
        &[
            (&new.person).into(),
            (&new.piece).into(),
            new.kind.into(),
            (&new.media_type).into(),
            new.size.into(),
            new.placed_at.into(),
        ],
    )?;
    Ok(())
}

pub(super) fn find(conn: &mut Conn<'_>, (person, piece): Place<'_>) -> Result<Option<Row>, Error> {
    conn.query_opt(
        "SELECT kept_at, keep_until, dropped_at FROM evidence_piece WHERE person = $1 AND piece = $2",
        &[person.into(), piece.into()],
        |row| {
            Ok(Row {
                kept_at: row.get("kept_at")?,
                keep_until: row.get("keep_until")?,
                dropped_at: row.get("dropped_at")?,
            })
        },
    )
}

/// The pieces of a person whose need or time is over.
pub(super) fn list_over(conn: &mut Conn<'_>, person: &PersonId, now: Timestamp) -> Result<Vec<PieceId>, Error> {
    conn.query(
        "SELECT piece FROM evidence_piece WHERE person = $1 AND (dropped_at IS NOT NULL OR keep_until <= $2) ORDER BY piece",
        &[person.into(), now.into()],
        |row| row.get("piece"),
    )
}

/// Pieces after one of them, in order.
pub(super) fn list_after(
    conn: &mut Conn<'_>,
    after: Option<(PersonId, PieceId)>,
    most: i64,
) -> Result<Vec<(PersonId, PieceId)>, Error> {
    let read = |row: &db::Row<'_>| Ok((row.get("person")?, row.get("piece")?));
    match after {
        Some((person, piece)) => conn.query(
            "SELECT person, piece FROM evidence_piece WHERE person > $1 OR (person = $1 AND piece > $2)
              ORDER BY person, piece LIMIT $3",
            &[(&person).into(), (&piece).into(), most.into()],
            read,
        ),
        None => conn.query(
            "SELECT person, piece FROM evidence_piece ORDER BY person, piece LIMIT $1",
            &[most.into()],
            read,
        ),
    }
}

/// Keeps a piece that was placed; false if it was swept.
pub(super) fn keep(tx: &mut Tx<'_>, (person, piece): Place<'_>, now: Timestamp) -> Result<bool, Error> {
    let kept = tx.execute(
        "UPDATE evidence_piece SET kept_at = $3 WHERE person = $1 AND piece = $2 AND kept_at IS NULL AND dropped_at IS NULL",
        &[person.into(), piece.into(), now.into()],
    )?;
    Ok(kept == 1)
}

/// Ends a piece.
pub(super) fn drop_row(tx: &mut Tx<'_>, (person, piece): Place<'_>, now: Timestamp) -> Result<(), Error> {
    tx.execute(
        "UPDATE evidence_piece SET dropped_at = $3 WHERE person = $1 AND piece = $2 AND dropped_at IS NULL",
        &[person.into(), piece.into(), now.into()],
    )?;
    Ok(())
}

/// Ends a piece that nobody took; false if somebody did.
pub(super) fn drop_untaken(tx: &mut Tx<'_>, (person, piece): Place<'_>, now: Timestamp) -> Result<bool, Error> {
    let dropped = tx.execute(
        "UPDATE evidence_piece SET dropped_at = $3 WHERE person = $1 AND piece = $2 AND kept_at IS NULL",
        &[person.into(), piece.into(), now.into()],
    )?;
    Ok(dropped == 1)
}

/// Says until when a piece is kept. The first decision counts: what comes after it prolongs nothing.
pub(super) fn settle(
    tx: &mut Tx<'_>,
    (person, piece): Place<'_>,
    until: Option<Timestamp>,
    basis: &str,
) -> Result<(), Error> {
    tx.execute(
        "UPDATE evidence_piece SET keep_until = $3, basis = $4 WHERE person = $1 AND piece = $2 AND basis IS NULL",
        &[person.into(), piece.into(), until.into(), basis.into()],
    )?;
    Ok(())
}

pub(super) fn delete(tx: &mut Tx<'_>, (person, piece): Place<'_>) -> Result<(), Error> {
    tx.execute(
        "DELETE FROM evidence_piece WHERE person = $1 AND piece = $2",
        &[person.into(), piece.into()],
    )?;
    Ok(())
}
