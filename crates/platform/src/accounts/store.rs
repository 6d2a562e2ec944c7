//! The tables of accounts and of the numbers that lead to them.

use db::{Conn, Error, Tx};
use jiff::Timestamp;

use super::{Level, NewAccount};
use crate::shell::ids::PersonId;

pub(super) struct Row {
    pub(super) identity_sealed: Vec<u8>,
    pub(super) contact_sealed: Vec<u8>,
    pub(super) granted: Level,
    pub(super) level: Level,
    pub(super) created_at: Timestamp,
    pub(super) granted_at: Option<Timestamp>,
    pub(super) activate_by: Option<Timestamp>,
    pub(super) lapses_at: Option<Timestamp>,
    pub(super) phone_lost_at: Option<Timestamp>,
}

pub(super) fn insert(tx: &mut Tx<'_>, account: &NewAccount) -> Result<(), Error> {
    insert_number(tx, &account.number_digest, &account.person, account.created_at)?;
    tx.execute(
        "INSERT INTO account (person, identity_sealed, contact_sealed, granted, level, created_at, lapses_at, phone_digest)
         VALUES ($1, $2, $3, 0, 0, $4, $5, $6)",
        &[
            (&account.person).into(),
            (&account.identity_sealed).into(),
            (&account.contact_sealed).into(),
            account.created_at.into(),
            account.lapse.at.into(),
            (&account.phone_digest).into(),
        ],
    )?;
    Ok(())
}

pub(super) fn find(conn: &mut Conn<'_>, person: &PersonId) -> Result<Option<Row>, Error> {
    conn.query_opt(
        "SELECT identity_sealed, contact_sealed, granted, level, created_at, granted_at, activate_by, lapses_at, phone_lost_at
           FROM account
          WHERE person = $1",
        &[person.into()],
        |row| {
            Ok(Row {
                identity_sealed: row.get("identity_sealed")?,
                contact_sealed: row.get("contact_sealed")?,
                granted: row.get("granted")?,
                level: row.get("level")?,
                created_at: row.get("created_at")?,
                granted_at: row.get("granted_at")?,
                activate_by: row.get("activate_by")?,
                lapses_at: row.get("lapses_at")?,
                phone_lost_at: row.get("phone_lost_at")?,
            })
        },
    )
}

/// The level in use, and the province under which it is counted.
pub(super) fn counted_as(conn: &mut Conn<'_>, person: &PersonId) -> Result<Option<(Level, Option<String>)>, Error> {
    conn.query_opt(
        "SELECT level, province FROM account WHERE person = $1",
        &[person.into()],
        |row| Ok((row.get("level")?, row.get("province")?)),
    )
}

pub(super) fn set_province(tx: &mut Tx<'_>, person: &PersonId, province: &str) -> Result<(), Error> {
    tx.execute(
        "UPDATE account SET province = $2 WHERE person = $1",
        &[person.into(), province.into()],
    )?;
    Ok(())
}

/// How many accounts there are, by level and province: counts every one.
pub(super) fn count(conn: &mut Conn<'_>) -> Result<Vec<(Level, String, i64)>, Error> {
    conn.query(
        "SELECT level, COALESCE(province, '') AS place, COUNT(*) AS amount FROM account GROUP BY level, COALESCE(province, '')",
        &[],
        |row| Ok((row.get("level")?, row.get("place")?, row.get("amount")?)),
    )
}

pub(super) fn list_after(conn: &mut Conn<'_>, after: &PersonId, most: i64) -> Result<Vec<PersonId>, Error> {
    conn.query(
        "SELECT person FROM account WHERE person > $1 AND granted > 0 ORDER BY person LIMIT $2",
        &[after.into(), most.into()],
        |row| row.get("person"),
    )
}

pub(super) fn find_person(conn: &mut Conn<'_>, number_digest: &[u8; 32]) -> Result<Option<PersonId>, Error> {
    conn.query_opt(
        "SELECT person FROM account_number WHERE number_digest = $1",
        &[number_digest.into()],
        |row| row.get("person"),
    )
}

pub(super) fn insert_number(
    tx: &mut Tx<'_>,
    number_digest: &[u8; 32],
    person: &PersonId,
    now: Timestamp,
) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO account_number (number_digest, person, since_at) VALUES ($1, $2, $3)",
        &[number_digest.into(), person.into(), now.into()],
    )?;
    Ok(())
}

pub(super) fn cancel_numbers(tx: &mut Tx<'_>, person: &PersonId, now: Timestamp) -> Result<(), Error> {
    tx.execute(
        "UPDATE account_number SET cancelled_at = $2 WHERE person = $1 AND cancelled_at IS NULL",
        &[person.into(), now.into()],
    )?;
    Ok(())
}

pub(super) fn set_identity(tx: &mut Tx<'_>, person: &PersonId, identity_sealed: &[u8]) -> Result<bool, Error> {
    let changed = tx.execute(
        "UPDATE account SET identity_sealed = $2 WHERE person = $1",
        &[person.into(), identity_sealed.into()],
    )?;
    Ok(changed == 1)
}

pub(super) fn set_contact(
    tx: &mut Tx<'_>,
    person: &PersonId,
    contact_sealed: &[u8],
    phone_digest: &[u8; 32],
) -> Result<bool, Error> {
    let changed = tx.execute(
        "UPDATE account SET contact_sealed = $2, phone_digest = $3, phone_lost_at = NULL WHERE person = $1",
        &[person.into(), contact_sealed.into(), phone_digest.into()],
    )?;
    Ok(changed == 1)
}

pub(super) fn find_by_phone(conn: &mut Conn<'_>, phone_digest: &[u8; 32]) -> Result<Option<PersonId>, Error> {
    let holders = conn.query(
        "SELECT person FROM account WHERE phone_digest = $1 AND phone_lost_at IS NULL ORDER BY created_at",
        &[phone_digest.into()],
        |row| row.get("person"),
    )?;
    Ok(holders.into_iter().next())
}

pub(super) fn lose_phone(tx: &mut Tx<'_>, person: &PersonId, now: Timestamp) -> Result<(), Error> {
    tx.execute(
        "UPDATE account SET phone_lost_at = $2 WHERE person = $1",
        &[person.into(), now.into()],
    )?;
    Ok(())
}

pub(super) fn set_lapse(tx: &mut Tx<'_>, person: &PersonId, at: Option<Timestamp>) -> Result<bool, Error> {
    let changed = tx.execute(
        "UPDATE account SET lapses_at = $2 WHERE person = $1 AND granted = 0",
        &[person.into(), at.into()],
    )?;
    Ok(changed == 1)
}

/// A level is never taken back here, and one that is in use is not granted again.
pub(super) fn grant(
    tx: &mut Tx<'_>,
    person: &PersonId,
    level: Level,
    now: Timestamp,
    activate_by: Timestamp,
) -> Result<bool, Error> {
    let changed = tx.execute(
        "UPDATE account
            SET granted = $2, granted_at = $3, activate_by = $4, lapses_at = NULL
          WHERE person = $1 AND granted <= $2 AND level < $2",
        &[person.into(), level.into(), now.into(), activate_by.into()],
    )?;
    Ok(changed == 1)
}

/// The condition is part of the `UPDATE`, so of two requests at once only one wins.
pub(super) fn activate(tx: &mut Tx<'_>, person: &PersonId, now: Timestamp) -> Result<bool, Error> {
    let changed = tx.execute(
        "UPDATE account
            SET level = granted, activated_at = $2, activate_by = NULL
          WHERE person = $1 AND level < granted AND activate_by >= $2",
        &[person.into(), now.into()],
    )?;
    Ok(changed == 1)
}

/// Removes an account whose time is over, and frees its number; false if its time is not over.
pub(super) fn remove_lapsed(tx: &mut Tx<'_>, person: &PersonId, now: Timestamp) -> Result<bool, Error> {
    let removed = tx.execute(
        "DELETE FROM account WHERE person = $1 AND granted = 0 AND lapses_at <= $2",
        &[person.into(), now.into()],
    )?;
    if removed == 1 {
        tx.execute("DELETE FROM account_number WHERE person = $1", &[person.into()])?;
    }
    Ok(removed == 1)
}
