//! The table of looks.

use db::{Conn, Error, Tx};
use jiff::Timestamp;

use super::{Look, LookId};
use crate::shell::ids::PersonId;

pub(super) struct Row {
    pub(super) id: LookId,
    pub(super) at: Timestamp,
    pub(super) who_kind: String,
    pub(super) who_sealed: Vec<u8>,
    pub(super) purpose: String,
    pub(super) what: String,
}

pub(super) fn insert(tx: &mut Tx<'_>, look: &Look) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO history_look (person, looked_at, look, who_kind, who_sealed, purpose, what) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        &[
            (&look.person).into(),
            look.at.into(),
            (&look.id).into(),
            look.who_kind.into(),
            (&look.who_sealed).into(),
            look.purpose.slug().into(),
            (&look.what).into(),
        ],
    )?;
    Ok(())
}

pub(super) fn list(conn: &mut Conn<'_>, person: &PersonId, before: Timestamp, most: i64) -> Result<Vec<Row>, Error> {
    conn.query(
        "SELECT look, looked_at, who_kind, who_sealed, purpose, what
           FROM history_look
          WHERE person = $1 AND looked_at < $2
          ORDER BY looked_at DESC
          LIMIT $3",
        &[person.into(), before.into(), most.into()],
        |row| {
            Ok(Row {
                id: row.get("look")?,
                at: row.get("looked_at")?,
                who_kind: row.get("who_kind")?,
                who_sealed: row.get("who_sealed")?,
                purpose: row.get("purpose")?,
                what: row.get("what")?,
            })
        },
    )
}
