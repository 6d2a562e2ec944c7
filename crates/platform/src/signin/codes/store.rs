//! The table of one-time codes.

use db::{Error, Tx};
use jiff::Timestamp;

use super::{MOST_CODES, MOST_TRIES};
use crate::shell::ids::PersonId;

/// Puts a new code in the place of the last; false if there were too many since `counted_since`.
pub(super) fn put(
    tx: &mut Tx<'_>,
    (person, purpose): (&PersonId, &'static str),
    code_digest: &[u8; 32],
    (now, expires_at, counted_since): (Timestamp, Timestamp, Timestamp),
) -> Result<bool, Error> {
    let put = tx.execute(
        "INSERT INTO signin_code (person, purpose, code_digest, expires_at, tries, codes, counted_at, spent_at)
         VALUES ($1, $2, $3, $4, 0, 1, $5, NULL)
         ON CONFLICT (person, purpose) DO UPDATE
            SET code_digest = excluded.code_digest, expires_at = excluded.expires_at, tries = 0, spent_at = NULL,
                codes = CASE WHEN signin_code.counted_at <= $6 THEN 1 ELSE signin_code.codes + 1 END,
                counted_at = CASE WHEN signin_code.counted_at <= $6 THEN $5 ELSE signin_code.counted_at END
          WHERE signin_code.codes < $7 OR signin_code.counted_at <= $6",
        &[
            person.into(),
            purpose.into(),
            code_digest.into(),
            expires_at.into(),
            now.into(),
            counted_since.into(),
            MOST_CODES.into(),
        ],
    )?;
    Ok(put == 1)
}

/// Counts a try and answers the digest to compare with; `None` if no try is left.
pub(super) fn count_try(
    tx: &mut Tx<'_>,
    (person, purpose): (&PersonId, &'static str),
    now: Timestamp,
) -> Result<Option<[u8; 32]>, Error> {
    tx.query_opt(
        "UPDATE signin_code SET tries = tries + 1
          WHERE person = $1 AND purpose = $2 AND spent_at IS NULL AND expires_at > $3 AND tries < $4
      RETURNING code_digest",
        &[person.into(), purpose.into(), now.into(), MOST_TRIES.into()],
        |row| row.get("code_digest"),
    )
}

pub(super) fn spend(
    tx: &mut Tx<'_>,
    (person, purpose): (&PersonId, &'static str),
    now: Timestamp,
) -> Result<bool, Error> {
    let spent = tx.execute(
        "UPDATE signin_code SET spent_at = $3 WHERE person = $1 AND purpose = $2 AND spent_at IS NULL",
        &[person.into(), purpose.into(), now.into()],
    )?;
    Ok(spent == 1)
}
