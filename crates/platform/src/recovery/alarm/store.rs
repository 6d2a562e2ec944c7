//! The table of alarms.

use db::{Conn, Error, Tx};
use jiff::Timestamp;

use super::{Alarm, LASTS};
use crate::shell::ids::PersonId;

pub(super) struct Row {
    pub(super) person: PersonId,
    pub(super) what: String,
    pub(super) at: Timestamp,
    pub(super) used: bool,
}

pub(super) fn insert(tx: &mut Tx<'_>, alarm: &Alarm) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO recovery_alarm (token_digest, person, what, at, expires_at) VALUES ($1, $2, $3, $4, $5)",
        &[
            (&alarm.token_digest).into(),
            (&alarm.person).into(),
            alarm.what.word().into(),
            alarm.at.into(),
            (alarm.at + LASTS).into(),
        ],
    )?;
    Ok(())
}

pub(super) fn find(conn: &mut Conn<'_>, token_digest: &[u8; 32], now: Timestamp) -> Result<Option<Row>, Error> {
    conn.query_opt(
        "SELECT person, what, at, used_at FROM recovery_alarm WHERE token_digest = $1 AND expires_at > $2",
        &[token_digest.into(), now.into()],
        |row| {
            Ok(Row {
                person: row.get("person")?,
                what: row.get("what")?,
                at: row.get("at")?,
                used: row.get::<Option<Timestamp>>("used_at")?.is_some(),
            })
        },
    )
}

pub(super) fn spend(tx: &mut Tx<'_>, token_digest: &[u8; 32], now: Timestamp) -> Result<bool, Error> {
    let spent = tx.execute(
        "UPDATE recovery_alarm SET used_at = $2 WHERE token_digest = $1 AND used_at IS NULL AND expires_at > $2",
        &[token_digest.into(), now.into()],
    )?;
    Ok(spent == 1)
}
