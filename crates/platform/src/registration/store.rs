//! The tables of registrations under way, and of the counts that bound them.

use db::{Conn, Error, Row, Tx};
use jiff::Timestamp;
use jiff::civil::Date;

use super::DraftId;
use super::rules::MOST_TRIES;

pub(super) struct Sealed {
    pub(super) asker_sealed: Vec<u8>,
    pub(super) card_sealed: Option<Vec<u8>>,
    pub(super) verdict: Option<String>,
    pub(super) identity_sealed: Option<Vec<u8>>,
    pub(super) code_sent_at: Option<Timestamp>,
    pub(super) confirmed_at: Option<Timestamp>,
    pub(super) finished_at: Option<Timestamp>,
    pub(super) expires_at: Timestamp,
}

pub(super) fn insert(
    tx: &mut Tx<'_>,
    draft: &DraftId,
    asker_sealed: &[u8],
    now: Timestamp,
    expires_at: Timestamp,
) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO registration_draft (draft, asker_sealed, code_tries, created_at, expires_at) VALUES ($1, $2, 0, $3, $4)",
        &[draft.into(), asker_sealed.into(), now.into(), expires_at.into()],
    )?;
    Ok(())
}

pub(super) fn find(conn: &mut Conn<'_>, draft: &DraftId, now: Timestamp) -> Result<Option<Sealed>, Error> {
    conn.query_opt(
        "SELECT asker_sealed, card_sealed, verdict, identity_sealed, code_sent_at, confirmed_at, finished_at, expires_at
           FROM registration_draft
          WHERE draft = $1 AND expires_at > $2",
        &[draft.into(), now.into()],
        read,
    )
}

fn read(row: &Row<'_>) -> Result<Sealed, Error> {
    Ok(Sealed {
        asker_sealed: row.get("asker_sealed")?,
        card_sealed: row.get("card_sealed")?,
        verdict: row.get("verdict")?,
        identity_sealed: row.get("identity_sealed")?,
        code_sent_at: row.get("code_sent_at")?,
        confirmed_at: row.get("confirmed_at")?,
        finished_at: row.get("finished_at")?,
        expires_at: row.get("expires_at")?,
    })
}

/// Puts a card in; what followed from the one before is undone. False once the phone is confirmed.
pub(super) fn set_card(tx: &mut Tx<'_>, draft: &DraftId, card_sealed: &[u8], now: Timestamp) -> Result<bool, Error> {
    let changed = tx.execute(
        "UPDATE registration_draft
            SET card_sealed = $2, verdict = NULL, identity_sealed = NULL, code_digest = NULL, code_sent_at = NULL,
                code_expires_at = NULL, code_tries = 0
          WHERE draft = $1 AND confirmed_at IS NULL AND expires_at > $3",
        &[draft.into(), card_sealed.into(), now.into()],
    )?;
    Ok(changed == 1)
}

/// Keeps what was said to a card; false if the card has been replaced since.
pub(super) fn set_verdict(
    tx: &mut Tx<'_>,
    draft: &DraftId,
    card_sealed: &[u8],
    verdict: &str,
    identity_sealed: Option<&[u8]>,
) -> Result<bool, Error> {
    let changed = tx.execute(
        "UPDATE registration_draft SET verdict = $3, identity_sealed = $4
          WHERE draft = $1 AND card_sealed = $2 AND confirmed_at IS NULL",
        &[draft.into(), card_sealed.into(), verdict.into(), identity_sealed.into()],
    )?;
    Ok(changed == 1)
}

/// Sets the code to be entered, unless one has been sent since `rested`.
pub(super) fn set_code(
    tx: &mut Tx<'_>,
    draft: &DraftId,
    code_digest: &[u8; 32],
    (rested, now, expires_at): (Timestamp, Timestamp, Timestamp),
) -> Result<bool, Error> {
    let changed = tx.execute(
        "UPDATE registration_draft
            SET code_digest = $2, code_sent_at = $4, code_expires_at = $5, code_tries = 0
          WHERE draft = $1 AND verdict = 'agrees' AND confirmed_at IS NULL AND expires_at > $4
            AND (code_sent_at IS NULL OR code_sent_at <= $3)",
        &[
            draft.into(),
            code_digest.into(),
            rested.into(),
            now.into(),
            expires_at.into(),
        ],
    )?;
    Ok(changed == 1)
}

/// What became of a code that was entered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Entered {
    /// It was right, and the phone is confirmed.
    Right,
    /// It was wrong; so many tries are left.
    Wrong(i64),
    /// A code had been right before.
    Used,
    /// Its time is over.
    Late,
}

/// Uses up the code of a draft. The condition is part of the `UPDATE`, so of two requests at once only one wins.
pub(super) fn confirm(
    tx: &mut Tx<'_>,
    draft: &DraftId,
    code_digest: &[u8; 32],
    now: Timestamp,
) -> Result<Entered, Error> {
    let confirmed = tx.execute(
        "UPDATE registration_draft
            SET confirmed_at = $3, code_digest = NULL
          WHERE draft = $1 AND code_digest = $2 AND code_tries < $4 AND code_expires_at > $3 AND confirmed_at IS NULL",
        &[draft.into(), code_digest.into(), now.into(), MOST_TRIES.into()],
    )?;
    if confirmed == 1 {
        return Ok(Entered::Right);
    }
    let entered = tx.query_opt(
        "UPDATE registration_draft SET code_tries = code_tries + 1 WHERE draft = $1
      RETURNING code_tries, code_expires_at, confirmed_at",
        &[draft.into()],
        |row| {
            let expires_at: Option<Timestamp> = row.get("code_expires_at")?;
            Ok(if row.get::<Option<Timestamp>>("confirmed_at")?.is_some() {
                Entered::Used
            } else if expires_at.is_none_or(|expires_at| expires_at <= now) {
                Entered::Late
            } else {
                Entered::Wrong((MOST_TRIES - row.get::<i64>("code_tries")?).max(0))
            })
        },
    )?;
    Ok(entered.unwrap_or(Entered::Late))
}

/// Ends a registration; false if it has ended already.
pub(super) fn finish(tx: &mut Tx<'_>, draft: &DraftId, now: Timestamp) -> Result<bool, Error> {
    let changed = tx.execute(
        "UPDATE registration_draft SET finished_at = $2
          WHERE draft = $1 AND confirmed_at IS NOT NULL AND finished_at IS NULL AND expires_at > $2",
        &[draft.into(), now.into()],
    )?;
    Ok(changed == 1)
}

pub(super) fn remove(tx: &mut Tx<'_>, draft: &DraftId, today: Date) -> Result<(), Error> {
    tx.execute("DELETE FROM registration_draft WHERE draft = $1", &[draft.into()])?;
    let today = today.to_string();
    tx.execute("DELETE FROM registration_count WHERE day < $1", &[(&today).into()])?;
    Ok(())
}

/// Counts one more on a day; false if there have been `most` already.
pub(super) fn count(
    tx: &mut Tx<'_>,
    (kind, digest): (&'static str, &[u8; 32]),
    today: Date,
    most: i64,
) -> Result<bool, Error> {
    let today = today.to_string();
    let counted = tx.execute(
        "INSERT INTO registration_count (digest, kind, day, times) VALUES ($1, $2, $3, 1)
         ON CONFLICT (digest, kind, day) DO UPDATE SET times = registration_count.times + 1
          WHERE registration_count.times < $4",
        &[digest.into(), kind.into(), (&today).into(), most.into()],
    )?;
    Ok(counted == 1)
}

pub(super) fn times(conn: &mut Conn<'_>, (kind, digest): (&'static str, &[u8; 32]), today: Date) -> Result<i64, Error> {
    let today = today.to_string();
    let times = conn.query_opt(
        "SELECT times FROM registration_count WHERE digest = $1 AND kind = $2 AND day = $3",
        &[digest.into(), kind.into(), (&today).into()],
        |row| row.get("times"),
    )?;
    Ok(times.unwrap_or_default())
}
