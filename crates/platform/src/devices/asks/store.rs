//! The table of what is asked of devices.

use db::{Conn, Error, Tx};
use jiff::Timestamp;

use super::{AskId, Kind, LASTS, MOST_TRIES, NewAsk};
use crate::shell::ids::PersonId;

pub(super) struct Row {
    pub(super) ask: AskId,
    pub(super) kind: String,
    pub(super) code_sealed: Vec<u8>,
    pub(super) whence_sealed: Vec<u8>,
    pub(super) expires_at: Timestamp,
}

pub(super) fn insert(tx: &mut Tx<'_>, ask: &NewAsk) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO device_ask
            (person, ask, kind, key, code_digest, code_sealed, whence_sealed, tries, started_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, 0, $8, $9)",
        &[
            (&ask.person).into(),
            (&ask.ask).into(),
            ask.kind.word().into(),
            ask.key.as_deref().into(),
            (&ask.code_digest).into(),
            (&ask.code_sealed).into(),
            (&ask.whence_sealed).into(),
            ask.at.into(),
            (ask.at + LASTS).into(),
        ],
    )?;
    Ok(())
}

pub(super) fn open(conn: &mut Conn<'_>, person: &PersonId, now: Timestamp) -> Result<Vec<Row>, Error> {
    conn.query(
        "SELECT ask, kind, code_sealed, whence_sealed, expires_at
           FROM device_ask
          WHERE person = $1 AND expires_at > $2 AND refused_at IS NULL AND done_at IS NULL
          ORDER BY started_at DESC",
        &[person.into(), now.into()],
        |row| {
            Ok(Row {
                ask: row.get("ask")?,
                kind: row.get("kind")?,
                code_sealed: row.get("code_sealed")?,
                whence_sealed: row.get("whence_sealed")?,
                expires_at: row.get("expires_at")?,
            })
        },
    )
}

pub(super) fn key(
    conn: &mut Conn<'_>,
    person: &PersonId,
    ask: &AskId,
    now: Timestamp,
) -> Result<Option<String>, Error> {
    conn.query_opt(
        "SELECT key FROM device_ask
          WHERE person = $1 AND ask = $2 AND kind = 'move' AND expires_at > $3 AND refused_at IS NULL AND done_at IS NULL",
        &[person.into(), ask.into(), now.into()],
        |row| row.get("key"),
    )
}

/// Counts a try and answers the digest to compare with; `None` if no try is left.
pub(super) fn count_try(
    tx: &mut Tx<'_>,
    (person, ask): (&PersonId, &AskId),
    now: Timestamp,
) -> Result<Option<[u8; 32]>, Error> {
    tx.query_opt(
        "UPDATE device_ask SET tries = tries + 1
          WHERE person = $1 AND ask = $2 AND expires_at > $3 AND refused_at IS NULL AND done_at IS NULL AND tries < $4
      RETURNING code_digest",
        &[person.into(), ask.into(), now.into(), MOST_TRIES.into()],
        |row| row.get("code_digest"),
    )
}

pub(super) fn spend(tx: &mut Tx<'_>, person: &PersonId, ask: &AskId, now: Timestamp) -> Result<bool, Error> {
    let spent = tx.execute(
        "UPDATE device_ask SET done_at = $3
          WHERE person = $1 AND ask = $2 AND expires_at > $3 AND refused_at IS NULL AND done_at IS NULL",
        &[person.into(), ask.into(), now.into()],
    )?;
    Ok(spent == 1)
}

pub(super) fn refuse(tx: &mut Tx<'_>, person: &PersonId, ask: &AskId, now: Timestamp) -> Result<bool, Error> {
    let refused = tx.execute(
        "UPDATE device_ask SET refused_at = $3
          WHERE person = $1 AND ask = $2 AND refused_at IS NULL AND done_at IS NULL",
        &[person.into(), ask.into(), now.into()],
    )?;
    Ok(refused == 1)
}

pub(super) fn close_kind(tx: &mut Tx<'_>, person: &PersonId, kind: Kind, now: Timestamp) -> Result<(), Error> {
    tx.execute(
        "UPDATE device_ask SET refused_at = $3
          WHERE person = $1 AND kind = $2 AND refused_at IS NULL AND done_at IS NULL",
        &[person.into(), kind.word().into(), now.into()],
    )?;
    Ok(())
}

/// Nothing is asked of a person's device any more.
pub(in crate::devices) fn close(tx: &mut Tx<'_>, person: &PersonId, now: Timestamp) -> Result<(), Error> {
    tx.execute(
        "UPDATE device_ask SET refused_at = $2 WHERE person = $1 AND refused_at IS NULL AND done_at IS NULL",
        &[person.into(), now.into()],
    )?;
    Ok(())
}
