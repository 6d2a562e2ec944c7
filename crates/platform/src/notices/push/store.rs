//! The table of browsers that get push messages.

use db::{Conn, Error, Tx};
use jiff::Timestamp;

use super::PushId;
use crate::shell::ids::PersonId;

pub(super) struct Row {
    pub(super) push: PushId,
    pub(super) browser_sealed: Vec<u8>,
    pub(super) key_id: String,
    pub(super) subscribed_at: Timestamp,
}

/// Writes a subscription down, takes the browser from whoever had it before, and makes room.
pub(super) fn put(tx: &mut Tx<'_>, person: &PersonId, row: &Row, most: i64) -> Result<(), Error> {
    tx.execute(
        "DELETE FROM notice_push WHERE push = $1 AND person <> $2",
        &[(&row.push).into(), person.into()],
    )?;
    tx.execute(
        "INSERT INTO notice_push (person, push, browser_sealed, key_id, subscribed_at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (person, push) DO UPDATE SET browser_sealed = excluded.browser_sealed, key_id = excluded.key_id,
                subscribed_at = excluded.subscribed_at",
        &[
            person.into(),
            (&row.push).into(),
            (&row.browser_sealed).into(),
            (&row.key_id).into(),
            row.subscribed_at.into(),
        ],
    )?;
    tx.execute(
        "DELETE FROM notice_push WHERE person = $1 AND push NOT IN
            (SELECT push FROM notice_push WHERE person = $1 ORDER BY subscribed_at DESC, push LIMIT $2)",
        &[person.into(), most.into()],
    )?;
    Ok(())
}

pub(super) fn list(conn: &mut Conn<'_>, person: &PersonId) -> Result<Vec<Row>, Error> {
    conn.query(
        "SELECT push, browser_sealed, key_id, subscribed_at FROM notice_push WHERE person = $1 ORDER BY subscribed_at, push",
        &[person.into()],
        |row| {
            Ok(Row {
                push: row.get("push")?,
                browser_sealed: row.get("browser_sealed")?,
                key_id: row.get("key_id")?,
                subscribed_at: row.get("subscribed_at")?,
            })
        },
    )
}

pub(super) fn remove(tx: &mut Tx<'_>, person: &PersonId, push: &PushId) -> Result<(), Error> {
    tx.execute(
        "DELETE FROM notice_push WHERE person = $1 AND push = $2",
        &[person.into(), push.into()],
    )?;
    Ok(())
}

pub(super) fn remove_all(tx: &mut Tx<'_>, person: &PersonId) -> Result<(), Error> {
    tx.execute("DELETE FROM notice_push WHERE person = $1", &[person.into()])?;
    Ok(())
}
