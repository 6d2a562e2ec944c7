//! Which device holds a person's credentials.

use db::{Conn, Error, Tx};
use jiff::Timestamp;

use crate::shell::ids::PersonId;

/// From now on this device holds them, in the place of another.
pub(super) fn put(tx: &mut Tx<'_>, person: &PersonId, thumbprint: &str, now: Timestamp) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO wallet_holder (person, thumbprint, taken_at, renewed_at) VALUES ($1, $2, $3, $3)
             ON CONFLICT (person) DO UPDATE
            SET thumbprint = excluded.thumbprint, taken_at = excluded.taken_at, renewed_at = excluded.renewed_at",
        &[person.into(), thumbprint.into(), now.into()],
    )?;
    Ok(())
}

/// Whether this device holds them.
pub(super) fn holds(conn: &mut Conn<'_>, person: &PersonId, thumbprint: &str) -> Result<bool, Error> {
    let found = conn.query_opt(
        "SELECT taken_at FROM wallet_holder WHERE person = $1 AND thumbprint = $2",
        &[person.into(), thumbprint.into()],
        |row| row.get::<Timestamp>("taken_at"),
    )?;
    Ok(found.is_some())
}

/// Remembers when the pass was renewed.
pub(super) fn renewed(tx: &mut Tx<'_>, person: &PersonId, now: Timestamp) -> Result<(), Error> {
    tx.execute(
        "UPDATE wallet_holder SET renewed_at = $2 WHERE person = $1",
        &[person.into(), now.into()],
    )?;
    Ok(())
}

/// Whose device has this key.
pub(super) fn holder(conn: &mut Conn<'_>, thumbprint: &str) -> Result<Option<PersonId>, Error> {
    conn.query_opt(
        "SELECT person FROM wallet_holder WHERE thumbprint = $1",
        &[thumbprint.into()],
        |row| row.get("person"),
    )
}
