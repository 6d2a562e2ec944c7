//! The table of electronic identity cards.

use db::{Conn, Error, Tx};
use jiff::Timestamp;

use super::{EidId, NewEid};
use crate::shell::ids::PersonId;

pub(super) struct Row {
    pub(super) id: EidId,
    pub(super) content_sealed: Vec<u8>,
    pub(super) portrait_sealed: Vec<u8>,
    pub(super) issued_at: Timestamp,
}

pub(super) fn put(tx: &mut Tx<'_>, card: &NewEid) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO eid (person, eid, content_sealed, portrait_sealed, issued_at) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (person) DO UPDATE
            SET eid = excluded.eid, content_sealed = excluded.content_sealed,
                portrait_sealed = excluded.portrait_sealed, issued_at = excluded.issued_at",
        &[
            (&card.person).into(),
            (&card.id).into(),
            (&card.content_sealed).into(),
            (&card.portrait_sealed).into(),
            card.issued_at.into(),
        ],
    )?;
    Ok(())
}

/// Lets the card say something else; nothing where there is none.
pub(super) fn say(tx: &mut Tx<'_>, person: &PersonId, content_sealed: &[u8]) -> Result<bool, Error> {
    let said = tx.execute(
        "UPDATE eid SET content_sealed = $2 WHERE person = $1",
        &[person.into(), content_sealed.into()],
    )?;
    Ok(said == 1)
}

pub(super) fn is_issued(conn: &mut Conn<'_>, person: &PersonId) -> Result<bool, Error> {
    let issued = conn.query_opt("SELECT issued_at FROM eid WHERE person = $1", &[person.into()], |row| {
        row.get::<Timestamp>("issued_at")
    })?;
    Ok(issued.is_some())
}

pub(super) fn find(conn: &mut Conn<'_>, person: &PersonId) -> Result<Option<Row>, Error> {
    conn.query_opt(
        "SELECT eid, content_sealed, portrait_sealed, issued_at FROM eid WHERE person = $1",
        &[person.into()],
        |row| {
            Ok(Row {
                id: row.get("eid")?,
                content_sealed: row.get("content_sealed")?,
                portrait_sealed: row.get("portrait_sealed")?,
                issued_at: row.get("issued_at")?,
            })
        },
    )
}
