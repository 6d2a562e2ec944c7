//! The table of guardians' applications.

use db::{Conn, Error, Tx};
use jiff::Timestamp;

use super::super::ApplicationId;
use super::super::store::{Row, read, select};
use crate::shell::ids::PersonId;

pub(super) fn insert(
    tx: &mut Tx<'_>,
    guardian: &PersonId,
    (ward, application): (&PersonId, &ApplicationId),
) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO application_guardian (person, application, ward) VALUES ($1, $2, $3)",
        &[guardian.into(), application.into(), ward.into()],
    )?;
    Ok(())
}

/// Notes who attends for an application that was opened at a counter, in the place of whoever attended before.
pub(super) fn attend(
    tx: &mut Tx<'_>,
    (guardian, number_digest): (&PersonId, &[u8; 32]),
    (ward, application): (&PersonId, &ApplicationId),
) -> Result<(), Error> {
    tx.execute(
        "DELETE FROM application_guardian WHERE application = $1",
        &[application.into()],
    )?;
    tx.execute(
        "INSERT INTO application_guardian (person, application, ward, number_digest) VALUES ($1, $2, $3, $4)",
        &[guardian.into(), application.into(), ward.into(), number_digest.into()],
    )?;
    Ok(())
}

/// What waits for the confirmation of a number is from now on found by the person whose number it is.
pub(super) fn adopt(tx: &mut Tx<'_>, guardian: &PersonId, number_digest: &[u8; 32]) -> Result<(), Error> {
    tx.execute(
        "UPDATE application_guardian SET person = $1 WHERE number_digest = $2 AND confirmed_at IS NULL",
        &[guardian.into(), number_digest.into()],
    )?;
    Ok(())
}

pub(super) fn guards(conn: &mut Conn<'_>, guardian: &PersonId, application: &ApplicationId) -> Result<bool, Error> {
    let found = conn.query_opt(
        "SELECT application FROM application_guardian WHERE person = $1 AND application = $2",
        &[guardian.into(), application.into()],
        |row| row.get::<ApplicationId>("application"),
    )?;
    Ok(found.is_some())
}

/// Whether an application has a guardian who has not confirmed.
pub(super) fn waits(conn: &mut Conn<'_>, application: &ApplicationId) -> Result<bool, Error> {
    let found = conn.query_opt(
        "SELECT application FROM application_guardian WHERE application = $1 AND confirmed_at IS NULL",
        &[application.into()],
        |row| row.get::<ApplicationId>("application"),
    )?;
    Ok(found.is_some())
}

/// Confirms, once.
pub(super) fn confirm(
    tx: &mut Tx<'_>,
    guardian: &PersonId,
    application: &ApplicationId,
    now: Timestamp,
) -> Result<(), Error> {
    tx.execute(
        "UPDATE application_guardian SET confirmed_at = $3 WHERE person = $1 AND application = $2 AND confirmed_at IS NULL",
        &[guardian.into(), application.into(), now.into()],
    )?;
    Ok(())
}

/// The applications of a guardian's children and wards that are still being put together.
pub(super) fn list_open(conn: &mut Conn<'_>, guardian: &PersonId) -> Result<Vec<Row>, Error> {
    conn.query(
        select!(
            "WHERE state IN ('draft', 'more-needed')
               AND application IN (SELECT application FROM application_guardian WHERE application_guardian.person = $1)"
        ),
        &[guardian.into()],
        read,
    )
}

/// The applications of a guardian's children and wards but for drafts, newest first.
pub(in super::super) fn list(conn: &mut Conn<'_>, guardian: &PersonId, most: i64) -> Result<Vec<Row>, Error> {
    conn.query(
        select!(
            "WHERE state <> 'draft'
               AND application IN (SELECT application FROM application_guardian WHERE application_guardian.person = $1)
             ORDER BY opened_at DESC LIMIT $2"
        ),
        &[guardian.into(), most.into()],
        read,
    )
}
