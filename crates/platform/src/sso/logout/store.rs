//! The table of whom a person is signed in to.

use db::{Conn, Error, Row, Tx};
use jiff::Timestamp;

use super::{Ending, VisitId};
use crate::shell::ids::PersonId;
use crate::shell::session::Session;

/// A person being signed in to a relying party.
pub(super) struct Visit {
    pub(super) id: VisitId,
    pub(super) person: PersonId,
    pub(super) client_id: String,
    /// The session that its ID tokens name.
    pub(super) session_digest: [u8; 32],
}

pub(super) fn insert(
    tx: &mut Tx<'_>,
    visit: &VisitId,
    (client_id, session): (&str, &Session),
    now: Timestamp,
) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO sso_visit (person, visit, client_id, session_digest, hangs_on, since_at)
         VALUES ($1, $2, $3, $4, $4, $5) ON CONFLICT (person, visit) DO NOTHING",
        &[
            (&session.subject).into(),
            visit.into(),
            client_id.into(),
            (&session.digest).into(),
            now.into(),
        ],
    )?;
    Ok(())
}

/// Whom a person is signed in to by a session.
pub(super) fn list(conn: &mut Conn<'_>, session: &Session) -> Result<Vec<Visit>, Error> {
    conn.query(
        "SELECT person, visit, client_id, session_digest FROM sso_visit
          WHERE person = $1 AND hangs_on = $2 AND ended_at IS NULL ORDER BY since_at, client_id",
        &[(&session.subject).into(), (&session.digest).into()],
        read,
    )
}

/// One that has ended and has not been told.
pub(super) fn find_ended(conn: &mut Conn<'_>, visit: &VisitId) -> Result<Option<Visit>, Error> {
    conn.query_opt(
        "SELECT person, visit, client_id, session_digest FROM sso_visit WHERE visit = $1 AND ended_at IS NOT NULL",
        &[visit.into()],
        read,
    )
}

fn read(row: &Row<'_>) -> Result<Visit, Error> {
    Ok(Visit {
        id: row.get("visit")?,
        person: row.get("person")?,
        client_id: row.get("client_id")?,
        session_digest: row.get("session_digest")?,
    })
}

/// The session that alone is meant, and the one that is not; empty where there is none.
fn bounds(ending: Ending<'_>) -> [&[u8]; 2] {
    match ending {
        Ending::One(digest) => [digest, &[]],
        Ending::AllBut(digest) => [&[], digest],
        Ending::All => [&[], &[]],
    }
}

/// Ends those that hang on these sessions.
pub(super) fn end(
    tx: &mut Tx<'_>,
    person: &PersonId,
    ending: Ending<'_>,
    now: Timestamp,
) -> Result<Vec<VisitId>, Error> {
    let [only, kept] = bounds(ending);
    tx.query(
        "UPDATE sso_visit SET ended_at = $2
          WHERE person = $1 AND ended_at IS NULL AND (hangs_on = $3 OR $3 = $5) AND (hangs_on <> $4 OR $4 = $5)
      RETURNING visit",
        &[
            person.into(),
            now.into(),
            only.into(),
            kept.into(),
            [].as_slice().into(),
        ],
        |row| row.get("visit"),
    )
}

/// Takes back the refresh tokens that came of these sessions.
pub(super) fn revoke(tx: &mut Tx<'_>, person: &PersonId, ending: Ending<'_>, now: Timestamp) -> Result<(), Error> {
    let [only, kept] = bounds(ending);
    tx.execute(
        "UPDATE sso_refresh SET revoked_at = $2
          WHERE person = $1 AND revoked_at IS NULL AND (session_digest = $3 OR $3 = $5) AND (session_digest <> $4 OR $4 = $5)",
        &[person.into(), now.into(), only.into(), kept.into(), [].as_slice().into()],
    )?;
    Ok(())
}

/// What hung on a session hangs on another, of the same person.
pub(super) fn follow(tx: &mut Tx<'_>, before: &Session, new: &Session) -> Result<(), Error> {
    tx.execute(
        "UPDATE sso_visit SET hangs_on = $3 WHERE person = $1 AND hangs_on = $2 AND ended_at IS NULL",
        &[(&before.subject).into(), (&before.digest).into(), (&new.digest).into()],
    )?;
    tx.execute(
        "UPDATE sso_refresh SET session_digest = $3 WHERE person = $1 AND session_digest = $2 AND revoked_at IS NULL",
        &[(&before.subject).into(), (&before.digest).into(), (&new.digest).into()],
    )?;
    Ok(())
}

/// Forgets one that has been told.
pub(super) fn forget(tx: &mut Tx<'_>, person: &PersonId, visit: &VisitId) -> Result<(), Error> {
    tx.execute(
        "DELETE FROM sso_visit WHERE person = $1 AND visit = $2",
        &[person.into(), visit.into()],
    )?;
    Ok(())
}
