//! Activations under way.

use db::{Conn, Error, Tx};
use jiff::Timestamp;

use super::super::ApplicationId;
use super::ActivationId;
use super::rules::MOST_TRIES;
use crate::shell::ids::PersonId;

pub(super) struct Row {
    pub(super) number_digest: [u8; 32],
    pub(super) subject: Option<(PersonId, ApplicationId)>,
    pub(super) confirmed_at: Option<Timestamp>,
    pub(super) used_at: Option<Timestamp>,
}

/// An activation about to be started; without a subject it leads nowhere.
#[derive(Clone)]
pub(super) struct NewRow {
    pub(super) activation: ActivationId,
    pub(super) number_digest: [u8; 32],
    pub(super) subject: Option<(PersonId, ApplicationId)>,
    pub(super) code_digest: [u8; 32],
    pub(super) code_expires_at: Timestamp,
    pub(super) started_at: Timestamp,
}

pub(super) fn insert(tx: &mut Tx<'_>, new: &NewRow) -> Result<(), Error> {
    let (person, application) = new
        .subject
        .as_ref()
        .map(|(person, application)| (person, application))
        .unzip();
    tx.execute(
        "INSERT INTO application_activation
                (activation, number_digest, person, application, code_digest, code_expires_at, tries, codes, started_at)
         VALUES ($1, $2, $3, $4, $5, $6, 0, 1, $7)",
        &[
            (&new.activation).into(),
            (&new.number_digest).into(),
            person.into(),
            application.into(),
            (&new.code_digest).into(),
            new.code_expires_at.into(),
            new.started_at.into(),
        ],
    )?;
    Ok(())
}

/// How many codes a number has been sent since an instant.
pub(super) fn count_codes(conn: &mut Conn<'_>, number_digest: &[u8; 32], since: Timestamp) -> Result<i64, Error> {
    // The sum of BIGINT is NUMERIC on PostgreSQL; the rows of a day are few.
    let codes = conn.query(
        "SELECT codes FROM application_activation WHERE number_digest = $1 AND started_at > $2",
        &[number_digest.into(), since.into()],
        |row| row.get::<i64>("codes"),
    )?;
    Ok(codes.iter().sum())
}

pub(super) fn find(conn: &mut Conn<'_>, activation: &ActivationId) -> Result<Option<Row>, Error> {
    conn.query_opt(
        "SELECT number_digest, person, application, confirmed_at, used_at FROM application_activation WHERE activation = $1",
        &[activation.into()],
        |row| {
            let person: Option<PersonId> = row.get("person")?;
            let application: Option<ApplicationId> = row.get("application")?;
            Ok(Row {
                number_digest: row.get("number_digest")?,
                subject: person.zip(application),
                confirmed_at: row.get("confirmed_at")?,
                used_at: row.get("used_at")?,
            })
        },
    )
}

/// Puts another code in the place of the last.
pub(super) fn renew(
    tx: &mut Tx<'_>,
    activation: &ActivationId,
    code_digest: &[u8; 32],
    expires_at: Timestamp,
) -> Result<bool, Error> {
    let changed = tx.execute(
        "UPDATE application_activation SET code_digest = $2, code_expires_at = $3, tries = 0, codes = codes + 1
          WHERE activation = $1 AND confirmed_at IS NULL",
        &[activation.into(), code_digest.into(), expires_at.into()],
    )?;
    Ok(changed == 1)
}

/// Counts a try and answers the digest to compare with; `None` if no try is left.
pub(super) fn count_try(tx: &mut Tx<'_>, activation: &ActivationId, now: Timestamp) -> Result<Option<[u8; 32]>, Error> {
    tx.query_opt(
        "UPDATE application_activation SET tries = tries + 1
          WHERE activation = $1 AND confirmed_at IS NULL AND code_expires_at > $2 AND tries < $3
      RETURNING code_digest",
        &[activation.into(), now.into(), MOST_TRIES.into()],
        |row| row.get("code_digest"),
    )
}

pub(super) fn confirm(tx: &mut Tx<'_>, activation: &ActivationId, now: Timestamp) -> Result<(), Error> {
    tx.execute(
        "UPDATE application_activation SET confirmed_at = $2 WHERE activation = $1 AND confirmed_at IS NULL",
        &[activation.into(), now.into()],
    )?;
    Ok(())
}

/// Uses up a confirmed activation.
pub(super) fn spend(
    tx: &mut Tx<'_>,
    activation: &ActivationId,
    now: Timestamp,
    confirmed_since: Timestamp,
) -> Result<bool, Error> {
    let changed = tx.execute(
        "UPDATE application_activation SET used_at = $2
          WHERE activation = $1 AND used_at IS NULL AND confirmed_at > $3",
        &[activation.into(), now.into(), confirmed_since.into()],
    )?;
    Ok(changed == 1)
}
