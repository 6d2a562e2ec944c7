//! The table of what people are told.

use db::{Conn, Error, Row, Tx};
use jiff::Timestamp;

use super::{NoteId, Sealed};
use crate::shell::ids::PersonId;

/// A note of a person.
pub(super) struct Kept {
    pub(super) note: NoteId,
    pub(super) kind: String,
    pub(super) told_sealed: Vec<u8>,
    pub(super) told_at: Timestamp,
    pub(super) read_at: Option<Timestamp>,
}

/// Puts a note into an inbox; false if it is there already.
pub(super) fn insert(tx: &mut Tx<'_>, person: &PersonId, note: &Sealed, now: Timestamp) -> Result<bool, Error> {
    let inserted = tx.execute(
        "INSERT INTO notice_note (person, note, kind, told_sealed, told_at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (person, note) DO NOTHING",
        &[
            person.into(),
            (&note.note).into(),
            note.kind.word().into(),
            (&note.told_sealed).into(),
            now.into(),
        ],
    )?;
    Ok(inserted == 1)
}

pub(super) fn find(conn: &mut Conn<'_>, person: &PersonId, note: &NoteId) -> Result<Option<Kept>, Error> {
    conn.query_opt(
        "SELECT note, kind, told_sealed, told_at, read_at FROM notice_note WHERE person = $1 AND note = $2",
        &[person.into(), note.into()],
        read,
    )
}

/// The notes of a person, of one kind or of all, from a place on, newest first.
pub(super) fn list(
    conn: &mut Conn<'_>,
    person: &PersonId,
    kind: Option<&str>,
    (before_at, before_note): (Timestamp, NoteId),
    most: i64,
) -> Result<Vec<Kept>, Error> {
    conn.query(
        "SELECT note, kind, told_sealed, told_at, read_at FROM notice_note
          WHERE person = $1 AND (kind = $2 OR $2 = '') AND (told_at < $3 OR (told_at = $3 AND note < $4))
          ORDER BY told_at DESC, note DESC LIMIT $5",
        &[
            person.into(),
            kind.unwrap_or_default().into(),
            before_at.into(),
            (&before_note).into(),
            most.into(),
        ],
        read,
    )
}

pub(super) fn unread(conn: &mut Conn<'_>, person: &PersonId, most: i64) -> Result<i64, Error> {
    conn.query_one(
        "SELECT COUNT(*) AS notes FROM (SELECT note FROM notice_note WHERE person = $1 AND read_at IS NULL LIMIT $2) AS counted",
        &[person.into(), most.into()],
        |row| row.get("notes"),
    )
}

pub(super) fn mark(tx: &mut Tx<'_>, person: &PersonId, note: &NoteId, now: Timestamp) -> Result<(), Error> {
    tx.execute(
        "UPDATE notice_note SET read_at = $3 WHERE person = $1 AND note = $2 AND read_at IS NULL",
        &[person.into(), note.into(), now.into()],
    )?;
    Ok(())
}

pub(super) fn mark_all(tx: &mut Tx<'_>, person: &PersonId, now: Timestamp) -> Result<(), Error> {
    tx.execute(
        "UPDATE notice_note SET read_at = $2 WHERE person = $1 AND read_at IS NULL",
        &[person.into(), now.into()],
    )?;
    Ok(())
}

/// Removes some notes that were read before an instant; answers how many.
pub(in crate::notices) fn remove_read(tx: &mut Tx<'_>, before: Timestamp, most: i64) -> Result<u64, Error> {
    tx.execute(
        "DELETE FROM notice_note
          WHERE (person, note) IN (SELECT person, note FROM notice_note WHERE read_at < $1 ORDER BY read_at LIMIT $2)",
        &[before.into(), most.into()],
    )
}

pub(super) fn remove_all(tx: &mut Tx<'_>, person: &PersonId) -> Result<(), Error> {
    tx.execute("DELETE FROM notice_note WHERE person = $1", &[person.into()])?;
    Ok(())
}

fn read(row: &Row<'_>) -> Result<Kept, Error> {
    Ok(Kept {
        note: row.get("note")?,
        kind: row.get("kind")?,
        told_sealed: row.get("told_sealed")?,
        told_at: row.get("told_at")?,
        read_at: row.get("read_at")?,
    })
}
