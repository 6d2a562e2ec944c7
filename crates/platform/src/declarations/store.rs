//! The table of declarations.

use db::{Conn, Error, Tx};
use jiff::Timestamp;

use super::DeclarationId;
use super::rules::Kind;
use crate::shell::ids::PersonId;

/// A declaration as it is kept.
#[derive(Clone)]
pub(super) struct Row {
    pub(super) declaration: DeclarationId,
    pub(super) kind: Kind,
    pub(super) made_at: Timestamp,
    pub(super) valid_until: Timestamp,
    pub(super) withdrawn_at: Option<Timestamp>,
    pub(super) content_sealed: Vec<u8>,
    pub(super) slip_sealed: Vec<u8>,
}

fn row(row: &db::Row<'_>) -> Result<Row, Error> {
    Ok(Row {
        declaration: row.get("declaration")?,
        kind: row.get("kind")?,
        made_at: row.get("made_at")?,
        valid_until: row.get("valid_until")?,
        withdrawn_at: row.get("withdrawn_at")?,
        content_sealed: row.get("content_sealed")?,
        slip_sealed: row.get("slip_sealed")?,
    })
}

/// Keeps a declaration; those of its kind that still count are withdrawn with it.
pub(super) fn insert(tx: &mut Tx<'_>, person: &PersonId, row: &Row) -> Result<(), Error> {
    tx.execute(
        "UPDATE declaration SET withdrawn_at = $3 WHERE person = $1 AND kind = $2 AND withdrawn_at IS NULL AND valid_until > $3",
        &[person.into(), row.kind.word().into(), row.made_at.into()],
    )?;
    tx.execute(
        "INSERT INTO declaration (person, declaration, kind, made_at, valid_until, content_sealed, slip_sealed)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        &[
            person.into(),
            (&row.declaration).into(),
            row.kind.word().into(),
            row.made_at.into(),
            row.valid_until.into(),
            (&row.content_sealed).into(),
            (&row.slip_sealed).into(),
        ],
    )?;
    Ok(())
}

/// The newest first.
pub(super) fn list(conn: &mut Conn<'_>, person: &PersonId, most: i64) -> Result<Vec<Row>, Error> {
    conn.query(
        "SELECT declaration, kind, made_at, valid_until, withdrawn_at, content_sealed, slip_sealed
           FROM declaration WHERE person = $1 ORDER BY made_at DESC, declaration LIMIT $2",
        &[person.into(), most.into()],
        row,
    )
}

pub(super) fn find(conn: &mut Conn<'_>, person: &PersonId, id: &DeclarationId) -> Result<Option<Row>, Error> {
    conn.query_opt(
        "SELECT declaration, kind, made_at, valid_until, withdrawn_at, content_sealed, slip_sealed
           FROM declaration WHERE person = $1 AND declaration = $2",
        &[person.into(), id.into()],
        row,
    )
}

/// Takes a declaration back; false if that was done already.
pub(super) fn withdraw(tx: &mut Tx<'_>, person: &PersonId, id: &DeclarationId, now: Timestamp) -> Result<bool, Error> {
    let withdrawn = tx.execute(
        "UPDATE declaration SET withdrawn_at = $3 WHERE person = $1 AND declaration = $2 AND withdrawn_at IS NULL",
        &[person.into(), id.into(), now.into()],
    )?;
    Ok(withdrawn == 1)
}

/// Whose a slip is, and when it was withdrawn.
pub(super) fn holder(conn: &mut Conn<'_>, id: &DeclarationId) -> Result<Option<(PersonId, Option<Timestamp>)>, Error> {
    conn.query_opt(
        "SELECT person, withdrawn_at FROM declaration WHERE declaration = $1",
        &[id.into()],
        |row| Ok((row.get("person")?, row.get("withdrawn_at")?)),
    )
}
