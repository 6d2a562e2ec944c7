//! The tables of passwords, passcodes, security questions and wrong attempts.

use db::{Conn, Error, Tx};
use jiff::Timestamp;

use super::rules::MOST_FAILURES;
use crate::shell::ids::PersonId;

pub(super) fn set_password(tx: &mut Tx<'_>, person: &PersonId, phc_sealed: &[u8], now: Timestamp) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO signin_password (person, phc_sealed, set_at) VALUES ($1, $2, $3)
         ON CONFLICT (person) DO UPDATE SET phc_sealed = excluded.phc_sealed, set_at = excluded.set_at",
        &[person.into(), phc_sealed.into(), now.into()],
    )?;
    Ok(())
}

pub(super) fn remove_password(tx: &mut Tx<'_>, person: &PersonId) -> Result<(), Error> {
    tx.execute("DELETE FROM signin_password WHERE person = $1", &[person.into()])?;
    Ok(())
}

/// Until when wrong attempts lock the sign-in by password.
pub(super) fn locked_until(
    conn: &mut Conn<'_>,
    number_digest: &[u8; 32],
    now: Timestamp,
) -> Result<Option<Timestamp>, Error> {
    conn.query_opt(
        "SELECT locked_until FROM signin_attempt WHERE number_digest = $1 AND locked_until > $2",
        &[number_digest.into(), now.into()],
        |row| row.get("locked_until"),
    )
}

/// Until when wrong attempts lock the passcode.
pub(super) fn passcode_locked_until(
    conn: &mut Conn<'_>,
    person: &PersonId,
    now: Timestamp,
) -> Result<Option<Timestamp>, Error> {
    conn.query_opt(
        "SELECT locked_until FROM signin_passcode WHERE person = $1 AND locked_until > $2",
        &[person.into(), now.into()],
        |row| row.get("locked_until"),
    )
}

pub(super) fn find_password(conn: &mut Conn<'_>, person: &PersonId) -> Result<Option<Vec<u8>>, Error> {
    conn.query_opt(
        "SELECT phc_sealed FROM signin_password WHERE person = $1",
        &[person.into()],
        |row| row.get("phc_sealed"),
    )
}

pub(super) fn set_passcode(tx: &mut Tx<'_>, person: &PersonId, phc_sealed: &[u8], now: Timestamp) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO signin_passcode (person, phc_sealed, set_at, failures, locked_until) VALUES ($1, $2, $3, 0, NULL)
         ON CONFLICT (person) DO UPDATE
            SET phc_sealed = excluded.phc_sealed, set_at = excluded.set_at, failures = 0, locked_until = NULL",
        &[person.into(), phc_sealed.into(), now.into()],
    )?;
    Ok(())
}

pub(super) fn has_password(conn: &mut Conn<'_>, person: &PersonId) -> Result<bool, Error> {
    let found = conn.query_opt(
        "SELECT set_at FROM signin_password WHERE person = $1",
        &[person.into()],
        |row| row.get::<Timestamp>("set_at"),
    )?;
    Ok(found.is_some())
}

pub(super) fn has_passcode(conn: &mut Conn<'_>, person: &PersonId) -> Result<bool, Error> {
    let found = conn.query_opt(
        "SELECT set_at FROM signin_passcode WHERE person = $1",
        &[person.into()],
        |row| row.get::<Timestamp>("set_at"),
    )?;
    Ok(found.is_some())
}

/// What the count of attempts says about one more.
pub(super) enum Attempt {
    /// It may be made; `last` means that the lock is shut if it is wrong.
    May { last: bool },
    /// Locked until then.
    Locked(Timestamp),
}

/// Counts an attempt at the passcode before it is checked, so that many at once are not more than many in a row. The last one allowed
/// shuts the lock; success opens it again.
pub(super) fn claim_passcode(
    tx: &mut Tx<'_>,
    person: &PersonId,
    now: Timestamp,
    locked_until: Timestamp,
) -> Result<Option<(Attempt, Vec<u8>)>, Error> {
    let claimed = tx.query_opt(
        "UPDATE signin_passcode
            SET failures = CASE WHEN locked_until IS NULL THEN failures + 1 ELSE 1 END,
                locked_until = CASE WHEN locked_until IS NULL AND failures + 1 >= $3 THEN CAST($4 AS BIGINT) ELSE NULL END
          WHERE person = $1 AND (locked_until IS NULL OR locked_until <= $2)
      RETURNING phc_sealed, failures",
        &[person.into(), now.into(), MOST_FAILURES.into(), locked_until.into()],
        |row| {
            let last = row.get::<i64>("failures")? >= MOST_FAILURES;
            Ok((Attempt::May { last }, row.get("phc_sealed")?))
        },
    )?;
    if claimed.is_some() {
        return Ok(claimed);
    }
    tx.query_opt(
        "SELECT phc_sealed, locked_until FROM signin_passcode WHERE person = $1",
        &[person.into()],
        |row| Ok((Attempt::Locked(row.get("locked_until")?), row.get("phc_sealed")?)),
    )
}

/// Takes back an attempt that was counted and then not made, with the lock that it shut.
pub(super) fn give_passcode_back(tx: &mut Tx<'_>, person: &PersonId) -> Result<(), Error> {
    tx.execute(
        "UPDATE signin_passcode SET failures = failures - 1, locked_until = NULL WHERE person = $1 AND failures > 0",
        &[person.into()],
    )?;
    Ok(())
}

pub(super) fn passcode_was_right(tx: &mut Tx<'_>, person: &PersonId) -> Result<(), Error> {
    tx.execute(
        "UPDATE signin_passcode SET failures = 0, locked_until = NULL WHERE person = $1",
        &[person.into()],
    )?;
    Ok(())
}

pub(super) fn forget_questions(tx: &mut Tx<'_>, person: &PersonId) -> Result<(), Error> {
    tx.execute("DELETE FROM signin_question WHERE person = $1", &[person.into()])?;
    Ok(())
}

pub(super) fn questions(conn: &mut Conn<'_>, person: &PersonId) -> Result<Vec<(String, [u8; 32])>, Error> {
    conn.query(
        "SELECT question, answer_digest FROM signin_question WHERE person = $1 ORDER BY question",
        &[person.into()],
        |row| Ok((row.get("question")?, row.get("answer_digest")?)),
    )
}

pub(super) fn insert_question(
    tx: &mut Tx<'_>,
    person: &PersonId,
    question: &'static str,
    answer_digest: &[u8; 32],
    now: Timestamp,
) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO signin_question (person, question, answer_digest, set_at) VALUES ($1, $2, $3, $4)",
        &[person.into(), question.into(), answer_digest.into(), now.into()],
    )?;
    Ok(())
}

/// Counts an attempt for a number before its password is checked, whether or not the number has an account.
pub(super) fn claim_attempt(
    tx: &mut Tx<'_>,
    number_digest: &[u8; 32],
    now: Timestamp,
    locked_until: Timestamp,
) -> Result<Attempt, Error> {
    let claimed = tx.query_opt(
        "INSERT INTO signin_attempt (number_digest, failures, last_at, locked_until) VALUES ($1, 1, $2, NULL)
         ON CONFLICT (number_digest) DO UPDATE
            SET failures = CASE WHEN signin_attempt.locked_until IS NULL THEN signin_attempt.failures + 1 ELSE 1 END,
                locked_until = CASE WHEN signin_attempt.locked_until IS NULL AND signin_attempt.failures + 1 >= $3 THEN CAST($4 AS BIGINT) ELSE NULL END,
                last_at = $2
          WHERE signin_attempt.locked_until IS NULL OR signin_attempt.locked_until <= $2
      RETURNING failures",
        &[
            number_digest.into(),
            now.into(),
            MOST_FAILURES.into(),
            locked_until.into(),
        ],
        |row| row.get::<i64>("failures"),
    )?;
    match claimed {
        Some(failures) => Ok(Attempt::May {
            last: failures >= MOST_FAILURES,
        }),
        None => tx.query_one(
            "SELECT locked_until FROM signin_attempt WHERE number_digest = $1",
            &[number_digest.into()],
            |row| Ok(Attempt::Locked(row.get("locked_until")?)),
        ),
    }
}

/// Takes back an attempt that was counted and then not made, with the lock that it shut.
pub(super) fn give_attempt_back(tx: &mut Tx<'_>, number_digest: &[u8; 32]) -> Result<(), Error> {
    tx.execute(
        "UPDATE signin_attempt SET failures = failures - 1, locked_until = NULL WHERE number_digest = $1 AND failures > 0",
        &[number_digest.into()],
    )?;
    Ok(())
}

pub(super) fn touch_attempt(tx: &mut Tx<'_>, number_digest: &[u8; 32], now: Timestamp) -> Result<(), Error> {
    tx.execute(
        "UPDATE signin_attempt SET last_at = $2 WHERE number_digest = $1",
        &[number_digest.into(), now.into()],
    )?;
    Ok(())
}

pub(super) fn forget_attempts(tx: &mut Tx<'_>, number_digest: &[u8; 32], old: Timestamp) -> Result<(), Error> {
    tx.execute(
        "DELETE FROM signin_attempt WHERE number_digest = $1 OR last_at < $2",
        &[number_digest.into(), old.into()],
    )?;
    Ok(())
}

/// Removes all that a person signs in with.
pub(super) fn forget(tx: &mut Tx<'_>, person: &PersonId) -> Result<(), Error> {
    remove_password(tx, person)?;
    tx.execute("DELETE FROM signin_passcode WHERE person = $1", &[person.into()])?;
    tx.execute("DELETE FROM signin_code WHERE person = $1", &[person.into()])?;
    tx.execute("DELETE FROM signin_event WHERE person = $1", &[person.into()])?;
    forget_questions(tx, person)
}
