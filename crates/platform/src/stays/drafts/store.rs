//! Drafts.

use db::{Conn, Error, Tx};
use jiff::Timestamp;

use crate::shell::ids::PersonId;
use crate::stays::DraftId;

pub(super) fn insert(
    tx: &mut Tx<'_>,
    (person, id): (&PersonId, &DraftId),
    sealed: &[u8],
    (now, lapses_at): (Timestamp, Timestamp),
) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO stay_draft (person, draft, content_sealed, opened_at, lapses_at) VALUES ($1, $2, $3, $4, $5)",
        &[person.into(), id.into(), sealed.into(), now.into(), lapses_at.into()],
    )?;
    Ok(())
}

pub(super) fn find(
    conn: &mut Conn<'_>,
    person: &PersonId,
    id: &DraftId,
    now: Timestamp,
) -> Result<Option<Vec<u8>>, Error> {
    conn.query_opt(
        "SELECT content_sealed FROM stay_draft WHERE person = $1 AND draft = $2 AND lapses_at > $3",
        &[person.into(), id.into(), now.into()],
        |row| row.get("content_sealed"),
    )
}

pub(super) fn replace(tx: &mut Tx<'_>, person: &PersonId, id: &DraftId, sealed: &[u8]) -> Result<(), Error> {
    tx.execute(
        "UPDATE stay_draft SET content_sealed = $3 WHERE person = $1 AND draft = $2",
        &[person.into(), id.into(), sealed.into()],
    )?;
    Ok(())
}

/// Takes a draft away; false if it is gone.
pub(super) fn delete(tx: &mut Tx<'_>, person: &PersonId, id: &DraftId) -> Result<bool, Error> {
    let rows = tx.execute(
        "DELETE FROM stay_draft WHERE person = $1 AND draft = $2",
        &[person.into(), id.into()],
    )?;
    Ok(rows == 1)
}
