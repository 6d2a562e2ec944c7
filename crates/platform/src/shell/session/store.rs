//! The table of sessions.

use db::{Conn, Error, Row, Tx};
use jiff::Timestamp;

use super::{Kind, Session};

pub(super) fn insert(tx: &mut Tx<'_>, kind: Kind, session: &Session) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO session (subject, digest, kind, opened_at, expires_at, assurance, methods)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        &[
            (&session.subject).into(),
            (&session.digest).into(),
            kind.text().into(),
            session.opened_at.into(),
            session.expires_at.into(),
            session.assurance.into(),
            (&session.methods).into(),
        ],
    )?;
    Ok(())
}

pub(super) fn find(
    conn: &mut Conn<'_>,
    kind: Kind,
    subject: &[u8; 16],
    digest: &[u8; 32],
    now: Timestamp,
) -> Result<Option<Session>, Error> {
    conn.query_opt(
        "SELECT subject, digest, opened_at, expires_at, assurance, methods
           FROM session
          WHERE subject = $1 AND digest = $2 AND kind = $3 AND ended_at IS NULL AND expires_at > $4",
        &[subject.into(), digest.into(), kind.text().into(), now.into()],
        read,
    )
}

/// The open sessions of a subject, newest first.
///
/// # Errors
/// Those of the database.
pub fn list(conn: &mut Conn<'_>, kind: Kind, subject: &[u8; 16], now: Timestamp) -> Result<Vec<Session>, Error> {
    conn.query(
        "SELECT subject, digest, opened_at, expires_at, assurance, methods
           FROM session
          WHERE subject = $1 AND kind = $2 AND ended_at IS NULL AND expires_at > $3
          ORDER BY opened_at DESC",
        &[subject.into(), kind.text().into(), now.into()],
        read,
    )
}

/// Ends one session.
///
/// # Errors
/// Those of the database.
pub fn end(tx: &mut Tx<'_>, session: &Session, now: Timestamp) -> Result<(), Error> {
    tx.execute(
        "UPDATE session SET ended_at = $3 WHERE subject = $1 AND digest = $2 AND ended_at IS NULL",
        &[(&session.subject).into(), (&session.digest).into(), now.into()],
    )?;
    Ok(())
}

/// Ends all sessions of a subject.
///
/// # Errors
/// Those of the database.
pub fn end_all(tx: &mut Tx<'_>, subject: &[u8; 16], now: Timestamp) -> Result<(), Error> {
    tx.execute(
        "UPDATE session SET ended_at = $2 WHERE subject = $1 AND ended_at IS NULL",
        &[subject.into(), now.into()],
    )?;
    Ok(())
}

fn read(row: &Row<'_>) -> Result<Session, Error> {
    Ok(Session {
        subject: row.get("subject")?,
        digest: row.get("digest")?,
        opened_at: row.get("opened_at")?,
        expires_at: row.get("expires_at")?,
        assurance: row.get("assurance")?,
        methods: row.get("methods")?,
    })
}
