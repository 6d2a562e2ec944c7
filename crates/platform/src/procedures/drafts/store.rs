//! The table of drafts.

use db::{Conn, Error, Tx};
use jiff::Timestamp;

use super::DraftId;
use crate::shell::ids::PersonId;

#[derive(Clone)]
pub(in crate::procedures) struct Row {
    pub(super) person: PersonId,
    pub(super) draft: DraftId,
    pub(super) code: String,
    pub(super) described_on: String,
    pub(super) content_sealed: Vec<u8>,
    pub(super) saved_at: Timestamp,
}

fn read(row: &db::Row<'_>) -> Result<Row, Error> {
    Ok(Row {
        person: row.get("person")?,
        draft: row.get("draft")?,
        code: row.get("code")?,
        described_on: row.get("described_on")?,
        content_sealed: row.get("content_sealed")?,
        saved_at: row.get("saved_at")?,
    })
}

pub(super) fn insert(tx: &mut Tx<'_>, row: &Row) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO procedure_draft (person, draft, code, described_on, content_sealed, opened_at, saved_at)
         VALUES ($1, $2, $3, $4, $5, $6, $6)",
        &[
            (&row.person).into(),
            (&row.draft).into(),
            (&row.code).into(),
            (&row.described_on).into(),
            (&row.content_sealed).into(),
            row.saved_at.into(),
        ],
    )?;
    Ok(())
}

pub(super) fn find(conn: &mut Conn<'_>, person: &PersonId, draft: &DraftId) -> Result<Option<Row>, Error> {
    conn.query_opt(
        "SELECT person, draft, code, described_on, content_sealed, saved_at FROM procedure_draft WHERE person = $1 AND draft = $2",
        &[person.into(), draft.into()],
        read,
    )
}

pub(super) fn list(conn: &mut Conn<'_>, person: &PersonId) -> Result<Vec<Row>, Error> {
    conn.query(
        "SELECT person, draft, code, described_on, content_sealed, saved_at
           FROM procedure_draft WHERE person = $1 ORDER BY saved_at DESC, draft",
        &[person.into()],
        read,
    )
}

/// Saves a draft; false if it is not there any more.
pub(super) fn save(tx: &mut Tx<'_>, row: &Row) -> Result<bool, Error> {
    let saved = tx.execute(
        "UPDATE procedure_draft SET described_on = $3, content_sealed = $4, saved_at = $5 WHERE person = $1 AND draft = $2",
        &[
            (&row.person).into(),
            (&row.draft).into(),
            (&row.described_on).into(),
            (&row.content_sealed).into(),
            row.saved_at.into(),
        ],
    )?;
    Ok(saved == 1)
}

/// Some drafts that were last saved before an instant, the oldest first.
pub(super) fn saved_before(conn: &mut Conn<'_>, before: Timestamp, most: i64) -> Result<Vec<Row>, Error> {
    conn.query(
        "SELECT person, draft, code, described_on, content_sealed, saved_at
           FROM procedure_draft WHERE saved_at < $1 ORDER BY saved_at, draft LIMIT $2",
        &[before.into(), most.into()],
        read,
    )
}

/// Removes a draft that was last saved before an instant; false if it was saved since, or is gone.
pub(super) fn remove_before(
    tx: &mut Tx<'_>,
    person: &PersonId,
    draft: &DraftId,
    before: Timestamp,
) -> Result<bool, Error> {
    let removed = tx.execute(
        "DELETE FROM procedure_draft WHERE person = $1 AND draft = $2 AND saved_at < $3",
        &[person.into(), draft.into(), before.into()],
    )?;
    Ok(removed == 1)
}

/// Removes a draft; false if it is not there any more.
pub(super) fn remove(tx: &mut Tx<'_>, person: &PersonId, draft: &DraftId) -> Result<bool, Error> {
    let removed = tx.execute(
        "DELETE FROM procedure_draft WHERE person = $1 AND draft = $2",
        &[person.into(), draft.into()],
    )?;
    Ok(removed == 1)
}
