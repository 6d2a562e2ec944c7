//! The table of codes of enrolment.

use db::{Cell, Column, Conn, Error, Tx};
use jiff::Timestamp;

use super::rules::{MOST_TRIES, Reason};
use crate::officers::OfficerId;

#[derive(Clone)]
pub(super) struct Enrolment {
    pub(super) officer: OfficerId,
    pub(super) enrolment: [u8; 16],
    pub(super) code_digest: [u8; 32],
    pub(super) reason: Reason,
    pub(super) given_by: Option<OfficerId>,
    pub(super) given_at: Timestamp,
    pub(super) expires_at: Timestamp,
}

/// A code that was given out, as the record of it is shown.
pub(super) struct Given {
    pub(super) reason: Reason,
    pub(super) given_by: Option<OfficerId>,
    pub(super) given_at: Timestamp,
    pub(super) expires_at: Timestamp,
    pub(super) used_at: Option<Timestamp>,
}

/// A try of a code that has been counted.
pub(super) struct Try {
    pub(super) enrolment: [u8; 16],
    pub(super) code_digest: [u8; 32],
}

impl Column for Reason {
    fn read(cell: Cell<'_>) -> Result<Self, Error> {
        Reason::of_word(&String::read(cell)?).ok_or_else(|| Error::Column {
            column: "reason".to_owned(),
            why: "no such reason".to_owned(),
        })
    }
}

pub(super) fn insert(tx: &mut Tx<'_>, new: &Enrolment) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO officer_enrolment (officer, enrolment, code_digest, reason, given_by, given_at, expires_at, tries)
         VALUES ($1, $2, $3, $4, $5, $6, $7, 0)",
        &[
            (&new.officer).into(),
            (&new.enrolment).into(),
            (&new.code_digest).into(),
            new.reason.word().into(),
            new.given_by.as_ref().into(),
            new.given_at.into(),
            new.expires_at.into(),
        ],
    )?;
    Ok(())
}

/// Ends the codes of an officer that are still good.
pub(super) fn withdraw(tx: &mut Tx<'_>, officer: &OfficerId, now: Timestamp) -> Result<(), Error> {
    tx.execute(
        "UPDATE officer_enrolment SET expires_at = $2 WHERE officer = $1 AND used_at IS NULL AND expires_at > $2",
        &[officer.into(), now.into()],
    )?;
    Ok(())
}

/// Counts a try of the code that is good; `None` where there is none. [`right`] takes it back.
pub(super) fn count_try(tx: &mut Tx<'_>, officer: &OfficerId, now: Timestamp) -> Result<Option<Try>, Error> {
    tx.query_opt(
        "UPDATE officer_enrolment SET tries = tries + 1
          WHERE officer = $1 AND used_at IS NULL AND expires_at > $2 AND tries < $3
      RETURNING enrolment, code_digest",
        &[officer.into(), now.into(), MOST_TRIES.into()],
        |row| {
            Ok(Try {
                enrolment: row.get("enrolment")?,
                code_digest: row.get("code_digest")?,
            })
        },
    )
}

pub(super) fn right(tx: &mut Tx<'_>, officer: &OfficerId, enrolment: &[u8; 16]) -> Result<(), Error> {
    tx.execute(
        "UPDATE officer_enrolment SET tries = tries - 1 WHERE officer = $1 AND enrolment = $2",
        &[officer.into(), enrolment.into()],
    )?;
    Ok(())
}

/// Uses a code up; false if it is not good any more.
pub(super) fn spend(
    tx: &mut Tx<'_>,
    officer: &OfficerId,
    code_digest: &[u8; 32],
    now: Timestamp,
) -> Result<bool, Error> {
    let changed = tx.execute(
        "UPDATE officer_enrolment SET used_at = $3
          WHERE officer = $1 AND code_digest = $2 AND used_at IS NULL AND expires_at > $3 AND tries < $4",
        &[officer.into(), code_digest.into(), now.into(), MOST_TRIES.into()],
    )?;
    Ok(changed == 1)
}

/// The codes of an officer, newest first.
pub(super) fn list(conn: &mut Conn<'_>, officer: &OfficerId) -> Result<Vec<Given>, Error> {
    conn.query(
        "SELECT reason, given_by, given_at, expires_at, used_at
           FROM officer_enrolment WHERE officer = $1
          ORDER BY given_at DESC, enrolment
          LIMIT 100",
        &[officer.into()],
        |row| {
            Ok(Given {
                reason: row.get("reason")?,
                given_by: row.get("given_by")?,
                given_at: row.get("given_at")?,
                expires_at: row.get("expires_at")?,
                used_at: row.get("used_at")?,
            })
        },
    )
}
