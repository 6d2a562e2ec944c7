//! The table of changes of phone numbers.

use civil::Phone;
use db::{Conn, Error, Tx};
use jiff::Timestamp;

use super::super::rules::PHONE_COOLS;
use super::ChangeId;
use crate::shell::ids::PersonId;
use crate::shell::problem::Problem;
use crate::shell::vault::Vault;

/// A change that has not taken effect.
pub(super) struct Pending {
    pub(super) change: ChangeId,
    pub(super) phone: Phone,
    pub(super) effective_at: Option<Timestamp>,
}

fn open(vault: &Vault, column: &str, place: &[u8], sealed: &[u8]) -> Result<Phone, Problem> {
    let text = vault.open_text("recovery_phone", column, place, sealed)?;
    Phone::parse(&text).map_err(Problem::internal)
}

/// Begins a change; an earlier one that has not taken effect is stopped.
pub(super) fn insert(
    tx: &mut Tx<'_>,
    vault: &Vault,
    (person, change): (&PersonId, &ChangeId),
    (phone, old): (&Phone, &Phone),
    now: Timestamp,
) -> Result<(), Error> {
    stop(tx, person, now)?;
    let place = change.bytes();
    let phone_sealed = vault.seal_text("recovery_phone", "phone", place, &phone.e164());
    let old_sealed = vault.seal_text("recovery_phone", "old", place, &old.e164());
    tx.execute(
        "INSERT INTO recovery_phone (person, change_id, phone_sealed, old_sealed, started_at) VALUES ($1, $2, $3, $4, $5)",
        &[
            person.into(),
            change.into(),
            (&phone_sealed).into(),
            (&old_sealed).into(),
            now.into(),
        ],
    )?;
    Ok(())
}

pub(super) fn pending(conn: &mut Conn<'_>, vault: &Vault, person: &PersonId) -> Result<Option<Pending>, Problem> {
    let row = conn.query_opt(
        "SELECT change_id, phone_sealed, effective_at FROM recovery_phone
          WHERE person = $1 AND done_at IS NULL AND stopped_at IS NULL",
        &[person.into()],
        |row| {
            Ok((
                row.get::<ChangeId>("change_id")?,
                row.get::<Vec<u8>>("phone_sealed")?,
                row.get::<Option<Timestamp>>("effective_at")?,
            ))
        },
    )?;
    row.map(|(change, sealed, effective_at)| {
        Ok(Pending {
            change,
            phone: open(vault, "phone", change.bytes(), &sealed)?,
            effective_at,
        })
    })
    .transpose()
}

/// The new number was proved; it is used from then on.
pub(super) fn confirm(
    tx: &mut Tx<'_>,
    (person, change): (&PersonId, &ChangeId),
    now: Timestamp,
    effective_at: Timestamp,
) -> Result<bool, Error> {
    let confirmed = tx.execute(
        "UPDATE recovery_phone SET confirmed_at = $3, effective_at = $4
          WHERE person = $1 AND change_id = $2 AND confirmed_at IS NULL AND stopped_at IS NULL",
        &[person.into(), change.into(), now.into(), effective_at.into()],
    )?;
    Ok(confirmed == 1)
}

/// The number that is used from now on; `None` if the change was stopped, is done, or its time has not come.
pub(super) fn done(
    tx: &mut Tx<'_>,
    vault: &Vault,
    (person, change): (&PersonId, &ChangeId),
    now: Timestamp,
) -> Result<Option<Phone>, Problem> {
    let sealed: Option<Vec<u8>> = tx.query_opt(
        "UPDATE recovery_phone SET done_at = $3
          WHERE person = $1 AND change_id = $2 AND done_at IS NULL AND stopped_at IS NULL AND effective_at <= $3
      RETURNING phone_sealed",
        &[person.into(), change.into(), now.into()],
        |row| row.get("phone_sealed"),
    )?;
    sealed
        .map(|sealed| open(vault, "phone", change.bytes(), &sealed))
        .transpose()
}

pub(super) fn stop(tx: &mut Tx<'_>, person: &PersonId, now: Timestamp) -> Result<bool, Error> {
    let stopped = tx.execute(
        "UPDATE recovery_phone SET stopped_at = $2 WHERE person = $1 AND done_at IS NULL AND stopped_at IS NULL",
        &[person.into(), now.into()],
    )?;
    Ok(stopped > 0)
}

/// Marks the last change as undone and answers the number before it, if the change is young enough.
pub(super) fn undo(
    tx: &mut Tx<'_>,
    vault: &Vault,
    person: &PersonId,
    now: Timestamp,
) -> Result<Option<Phone>, Problem> {
    let row = tx.query_opt(
        "UPDATE recovery_phone SET stopped_at = $2
          WHERE person = $1 AND stopped_at IS NULL AND done_at = (
                SELECT MAX(done_at) FROM recovery_phone WHERE person = $1 AND stopped_at IS NULL AND done_at > $3)
      RETURNING change_id, old_sealed",
        &[person.into(), now.into(), (now - PHONE_COOLS).into()],
        |row| Ok((row.get::<ChangeId>("change_id")?, row.get::<Vec<u8>>("old_sealed")?)),
    )?;
    row.map(|(change, sealed)| open(vault, "old", change.bytes(), &sealed))
        .transpose()
}
