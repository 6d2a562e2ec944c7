//! The table of events.

use db::{Conn, Error, Tx};
use jiff::Timestamp;

use super::{Event, EventId};
use crate::shell::ids::PersonId;

pub(super) struct Row {
    pub(super) event: EventId,
    pub(super) at: Timestamp,
    pub(super) kind: String,
    pub(super) means: String,
    pub(super) whence_sealed: Vec<u8>,
}

pub(super) fn insert(tx: &mut Tx<'_>, event: &Event) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO signin_event (person, event, at, kind, means, whence_sealed) VALUES ($1, $2, $3, $4, $5, $6)",
        &[
            (&event.person).into(),
            (&event.event).into(),
            event.at.into(),
            event.kind.word().into(),
            (&event.means).into(),
            (&event.whence_sealed).into(),
        ],
    )?;
    Ok(())
}

pub(super) fn list(conn: &mut Conn<'_>, person: &PersonId, since: Timestamp, most: i64) -> Result<Vec<Row>, Error> {
    conn.query(
        "SELECT event, at, kind, means, whence_sealed
           FROM signin_event
          WHERE person = $1 AND at > $2
          ORDER BY at DESC, event
          LIMIT $3",
        &[person.into(), since.into(), most.into()],
        |row| {
            Ok(Row {
                event: row.get("event")?,
                at: row.get("at")?,
                kind: row.get("kind")?,
                means: row.get("means")?,
                whence_sealed: row.get("whence_sealed")?,
            })
        },
    )
}
