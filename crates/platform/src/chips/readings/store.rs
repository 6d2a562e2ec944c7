//! The table of invitations and of what readers brought.

use db::{Conn, Error, Tx};
use jiff::Timestamp;

use super::rules::Stage;
use crate::shell::ids::PersonId;

/// An invitation about to be written.
#[derive(Clone)]
pub(super) struct NewRow {
    pub(super) person: PersonId,
    pub(super) concerns: [u8; 16],
    pub(super) secret_digest: [u8; 32],
    pub(super) drawn_sealed: Vec<u8>,
    pub(super) invited_at: Timestamp,
    pub(super) expires_at: Timestamp,
}

/// A row as the table has it.
pub(super) struct Row {
    pub(super) concerns: [u8; 16],
    pub(super) secret_digest: [u8; 32],
    pub(super) drawn_sealed: Vec<u8>,
    pub(super) stage: Stage,
    pub(super) reading_sealed: Option<Vec<u8>>,
    pub(super) expires_at: Timestamp,
    pub(super) received_at: Option<Timestamp>,
}

/// Removes the invitation of a matter, with what was brought.
pub(super) fn forget(tx: &mut Tx<'_>, person: &PersonId, concerns: &[u8; 16]) -> Result<(), Error> {
    tx.execute(
        "DELETE FROM chip_reading WHERE person = $1 AND concerns = $2",
        &[person.into(), concerns.into()],
    )?;
    Ok(())
}

/// Writes an invitation in the place of an earlier one for the same matter.
pub(super) fn put(tx: &mut Tx<'_>, new: &NewRow) -> Result<(), Error> {
    forget(tx, &new.person, &new.concerns)?;
    tx.execute(
        "INSERT INTO chip_reading (person, concerns, secret_digest, drawn_sealed, stage, invited_at, expires_at)
         VALUES ($1, $2, $3, $4, 'waiting', $5, $6)",
        &[
            (&new.person).into(),
            (&new.concerns).into(),
            (&new.secret_digest).into(),
            (&new.drawn_sealed).into(),
            new.invited_at.into(),
            new.expires_at.into(),
        ],
    )?;
    Ok(())
}

fn read(row: &db::Row<'_>) -> Result<Row, Error> {
    Ok(Row {
        concerns: row.get("concerns")?,
        secret_digest: row.get("secret_digest")?,
        drawn_sealed: row.get("drawn_sealed")?,
        stage: row.get("stage")?,
        reading_sealed: row.get("reading_sealed")?,
        expires_at: row.get("expires_at")?,
        received_at: row.get("received_at")?,
    })
}

/// The invitation of a secret.
pub(super) fn find(conn: &mut Conn<'_>, person: &PersonId, secret_digest: &[u8; 32]) -> Result<Option<Row>, Error> {
    conn.query_opt(
        "SELECT concerns, secret_digest, drawn_sealed, stage, reading_sealed, expires_at, received_at
           FROM chip_reading WHERE person = $1 AND secret_digest = $2",
        &[person.into(), secret_digest.into()],
        read,
    )
}

/// The invitation for a matter.
pub(super) fn find_for(conn: &mut Conn<'_>, person: &PersonId, concerns: &[u8; 16]) -> Result<Option<Row>, Error> {
    conn.query_opt(
        "SELECT concerns, secret_digest, drawn_sealed, stage, reading_sealed, expires_at, received_at
           FROM chip_reading WHERE person = $1 AND concerns = $2",
        &[person.into(), concerns.into()],
        read,
    )
}

/// What moves a reading on.
#[derive(Clone)]
pub(super) struct Step {
    pub(super) person: PersonId,
    pub(super) secret_digest: [u8; 32],
    pub(super) from: Stage,
    pub(super) to: Stage,
    pub(super) reading_sealed: Vec<u8>,
    pub(super) now: Timestamp,
}

/// Moves a reading on; false if it is not in the stage it was in, or too late. Of two at once one wins.
pub(super) fn advance(tx: &mut Tx<'_>, step: &Step) -> Result<bool, Error> {
    let changed = tx.execute(
        "UPDATE chip_reading SET stage = $4, reading_sealed = $5, received_at = $6
          WHERE person = $1 AND secret_digest = $2 AND stage = $3 AND expires_at > $6",
        &[
            (&step.person).into(),
            (&step.secret_digest).into(),
            step.from.word().into(),
            step.to.word().into(),
            (&step.reading_sealed).into(),
            step.now.into(),
        ],
    )?;
    Ok(changed == 1)
}

/// Uses up an invitation that nobody has followed; false if somebody has.
pub(super) fn spend(
    tx: &mut Tx<'_>,
    person: &PersonId,
    secret_digest: &[u8; 32],
    now: Timestamp,
) -> Result<bool, Error> {
    let changed = tx.execute(
        "UPDATE chip_reading SET stage = 'received' WHERE person = $1 AND secret_digest = $2 AND stage = 'waiting' AND expires_at > $3",
        &[person.into(), secret_digest.into(), now.into()],
    )?;
    Ok(changed == 1)
}

/// Removes a reading whose time to be used is over.
pub(super) fn discard(tx: &mut Tx<'_>, person: &PersonId, secret_digest: &[u8; 32]) -> Result<(), Error> {
    tx.execute(
        "DELETE FROM chip_reading WHERE person = $1 AND secret_digest = $2",
        &[person.into(), secret_digest.into()],
    )?;
    Ok(())
}
