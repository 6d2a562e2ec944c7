//! The table of devices.

use crypto::jwk::Jwk;
use db::{Conn, Error, Row, Tx};
use jiff::Timestamp;

use super::{Binding, Device, DeviceId};
use crate::shell::ids::PersonId;

pub(super) fn current(conn: &mut Conn<'_>, person: &PersonId) -> Result<Option<Device>, Error> {
    conn.query_opt(
        "SELECT device, key, thumbprint, label_sealed, bound_at FROM device WHERE person = $1 AND removed_at IS NULL",
        &[person.into()],
        read,
    )
}

/// Whose present device a key is.
pub(super) fn holder(conn: &mut Conn<'_>, thumbprint: &str) -> Result<Option<PersonId>, Error> {
    let holders = conn.query(
        "SELECT person FROM device WHERE thumbprint = $1 AND removed_at IS NULL",
        &[thumbprint.into()],
        |row| row.get("person"),
    )?;
    Ok(holders.into_iter().next())
}

pub(super) fn insert(tx: &mut Tx<'_>, binding: &Binding) -> Result<(), Error> {
    let key = key_text(&binding.key);
    tx.execute(
        "INSERT INTO device (person, device, key, thumbprint, label_sealed, way, bound_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        &[
            (&binding.person).into(),
            (&binding.device).into(),
            (&key).into(),
            (&binding.key.thumbprint()).into(),
            (&binding.label_sealed).into(),
            binding.way.word().into(),
            binding.at.into(),
        ],
    )?;
    Ok(())
}

/// Takes the present device away; answers which it was.
pub(super) fn remove(
    tx: &mut Tx<'_>,
    person: &PersonId,
    by: &'static str,
    now: Timestamp,
) -> Result<Option<DeviceId>, Error> {
    tx.query_opt(
        "UPDATE device SET removed_at = $2, removed_by = $3 WHERE person = $1 AND removed_at IS NULL RETURNING device",
        &[person.into(), now.into(), by.into()],
        |row| row.get("device"),
    )
}

/// The device that had to go first since an instant, by a change that can be undone.
pub(super) fn first_gone(conn: &mut Conn<'_>, person: &PersonId, since: Timestamp) -> Result<Option<DeviceId>, Error> {
    conn.query_opt(
        "SELECT device FROM device
          WHERE person = $1 AND removed_at >= $2 AND removed_by IN ('moved', 'holder')
          ORDER BY removed_at LIMIT 1",
        &[person.into(), since.into()],
        |row| row.get("device"),
    )
}

/// Makes a device that had to go the person's again.
pub(super) fn bring_back(tx: &mut Tx<'_>, person: &PersonId, device: &DeviceId) -> Result<(), Error> {
    tx.execute(
        "UPDATE device SET removed_at = NULL, removed_by = NULL WHERE person = $1 AND device = $2",
        &[person.into(), device.into()],
    )?;
    Ok(())
}

pub(super) fn key_text(key: &Jwk) -> String {
    serde_json::to_string(key).unwrap_or_default()
}

pub(super) fn key_of(text: &str) -> Result<Jwk, Error> {
    Jwk::parse(text.as_bytes()).map_err(|error| Error::Column {
        column: "key".to_owned(),
        why: error.to_string(),
    })
}

fn read(row: &Row<'_>) -> Result<Device, Error> {
    let key: String = row.get("key")?;
    Ok(Device {
        device: row.get("device")?,
        key: key_of(&key)?,
        thumbprint: row.get("thumbprint")?,
        bound_at: row.get("bound_at")?,
        label_sealed: row.get("label_sealed")?,
    })
}
