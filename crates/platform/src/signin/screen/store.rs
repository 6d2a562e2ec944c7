//! The table of sign-ins on another screen.

use db::{Conn, Error, Tx};
use jiff::Timestamp;

use super::ScreenId;
use super::rules::State;
use crate::shell::ids::PersonId;

/// One as it is kept.
#[derive(Clone)]
pub(super) struct Screen {
    pub(super) screen: ScreenId,
    pub(super) secret_digest: [u8; 32],
    pub(super) asked_sealed: Vec<u8>,
    pub(super) number: i64,
    pub(super) expires_at: Timestamp,
    pub(super) state: State,
}

/// Opens one, and forgets those that are over.
pub(super) fn insert(tx: &mut Tx<'_>, new: &Screen, now: Timestamp) -> Result<(), Error> {
    tx.execute("DELETE FROM signin_screen WHERE expires_at < $1", &[now.into()])?;
    tx.execute(
        "INSERT INTO signin_screen (screen, secret_digest, asked_sealed, number, opened_at, expires_at, state)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        &[
            (&new.screen).into(),
            (&new.secret_digest).into(),
            (&new.asked_sealed).into(),
            new.number.into(),
            now.into(),
            new.expires_at.into(),
            new.state.word().into(),
        ],
    )?;
    Ok(())
}

/// One that is not over.
pub(super) fn find(conn: &mut Conn<'_>, screen: &ScreenId, now: Timestamp) -> Result<Option<Screen>, Error> {
    conn.query_opt(
        "SELECT screen, secret_digest, asked_sealed, number, expires_at, state FROM signin_screen
          WHERE screen = $1 AND expires_at > $2",
        &[screen.into(), now.into()],
        |row| {
            Ok(Screen {
                screen: row.get("screen")?,
                secret_digest: row.get("secret_digest")?,
                asked_sealed: row.get("asked_sealed")?,
                number: row.get("number")?,
                expires_at: row.get("expires_at")?,
                state: State::of_word(&row.get::<String>("state")?).unwrap_or(State::Refused),
            })
        },
    )
}

/// The person answers: approved by these means, or refused. Answers whether it still waited.
pub(super) fn answer(
    tx: &mut Tx<'_>,
    screen: &ScreenId,
    approved: Option<(&PersonId, &str)>,
    now: Timestamp,
) -> Result<bool, Error> {
    let state = if approved.is_some() {
        State::Approved
    } else {
        State::Refused
    };
    let answered = tx.execute(
        "UPDATE signin_screen SET state = $2, person = $3, methods = $4
          WHERE screen = $1 AND state = 'waiting' AND expires_at > $5",
        &[
            screen.into(),
            state.word().into(),
            approved.map(|(person, _)| person).into(),
            approved.map(|(_, methods)| methods).into(),
            now.into(),
        ],
    )?;
    Ok(answered == 1)
}

/// The browser that opened it goes in: whose it is, and by which means; once.
pub(super) fn enter(
    tx: &mut Tx<'_>,
    (screen, secret_digest): (&ScreenId, &[u8; 32]),
    now: Timestamp,
) -> Result<Option<(PersonId, String)>, Error> {
    tx.query_opt(
        "UPDATE signin_screen SET state = 'used'
          WHERE screen = $1 AND secret_digest = $2 AND state = 'approved' AND expires_at > $3
      RETURNING person, methods",
        &[screen.into(), secret_digest.into(), now.into()],
        |row| Ok((row.get("person")?, row.get("methods")?)),
    )
}
