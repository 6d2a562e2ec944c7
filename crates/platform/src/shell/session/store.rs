//! The table of sessions.

use db::{Conn, Error, Row, Tx};
use jiff::Timestamp;

use super::{Kind, Session};

/// Where a session is used from.
#[derive(Clone, Default)]
pub(super) struct Origin {
    pub(super) whence_sealed: Option<Vec<u8>>,
    pub(super) whence_digest: Option<[u8; 32]>,
}

/// An open session, and where it is used from.
pub(super) struct Kept {
    pub(super) session: Session,
    pub(super) whence_sealed: Option<Vec<u8>>,
}

/// A session as it was found, with what tells whether it is still where it belongs.
pub(super) struct Found {
    pub(super) session: Session,
    pub(super) whence_digest: Option<[u8; 32]>,
    pub(super) proven_at: Option<Timestamp>,
}

pub(super) fn insert(tx: &mut Tx<'_>, kind: Kind, session: &Session, origin: &Origin) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO session
            (subject, digest, kind, opened_at, expires_at, assurance, methods, whence_sealed, whence_digest, device, proven_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        &[
            (&session.subject).into(),
            (&session.digest).into(),
            kind.text().into(),
            session.opened_at.into(),
            session.expires_at.into(),
            session.assurance.into(),
            (&session.methods).into(),
            origin.whence_sealed.as_deref().into(),
            origin.whence_digest.as_ref().into(),
            session.device.as_ref().into(),
            session.device.map(|_| session.opened_at).into(),
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
) -> Result<Option<Found>, Error> {
    conn.query_opt(
        "SELECT subject, digest, opened_at, expires_at, assurance, methods, device, whence_digest, proven_at
           FROM session
          WHERE subject = $1 AND digest = $2 AND kind = $3 AND ended_at IS NULL AND expires_at > $4",
        &[subject.into(), digest.into(), kind.text().into(), now.into()],
        |row| {
            Ok(Found {
                session: read(row)?,
                whence_digest: row.get("whence_digest")?,
                proven_at: row.get("proven_at")?,
            })
        },
    )
}

/// The open sessions of a subject, newest first.
///
/// # Errors
/// Those of the database.
pub fn list(conn: &mut Conn<'_>, kind: Kind, subject: &[u8; 16], now: Timestamp) -> Result<Vec<Session>, Error> {
    conn.query(
        "SELECT subject, digest, opened_at, expires_at, assurance, methods, device
           FROM session
          WHERE subject = $1 AND kind = $2 AND ended_at IS NULL AND expires_at > $3
          ORDER BY opened_at DESC",
        &[subject.into(), kind.text().into(), now.into()],
        read,
    )
}

/// The open sessions of a citizen with where each is used from, sealed; newest first.
pub(super) fn list_open(conn: &mut Conn<'_>, subject: &[u8; 16], now: Timestamp) -> Result<Vec<Kept>, Error> {
    conn.query(
        "SELECT subject, digest, opened_at, expires_at, assurance, methods, device, whence_sealed
           FROM session
          WHERE subject = $1 AND kind = 'citizen' AND ended_at IS NULL AND expires_at > $2
          ORDER BY opened_at DESC",
        &[subject.into(), now.into()],
        |row| {
            Ok(Kept {
                session: read(row)?,
                whence_sealed: row.get("whence_sealed")?,
            })
        },
    )
}

/// Raises how strongly the person of a session is authenticated.
pub(super) fn raise(tx: &mut Tx<'_>, session: &Session) -> Result<bool, Error> {
    let changed = tx.execute(
        "UPDATE session SET assurance = $3, methods = $4
          WHERE subject = $1 AND digest = $2 AND ended_at IS NULL AND assurance <= $3",
        &[
            (&session.subject).into(),
            (&session.digest).into(),
            session.assurance.into(),
            (&session.methods).into(),
        ],
    )?;
    Ok(changed == 1)
}

/// The session's device has proved itself from somewhere.
pub(super) fn proven(tx: &mut Tx<'_>, session: &Session, origin: &Origin, now: Timestamp) -> Result<(), Error> {
    tx.execute(
        "UPDATE session SET proven_at = $3, whence_digest = $4, whence_sealed = $5
          WHERE subject = $1 AND digest = $2 AND ended_at IS NULL",
        &[
            (&session.subject).into(),
            (&session.digest).into(),
            now.into(),
            origin.whence_digest.as_ref().into(),
            origin.whence_sealed.as_deref().into(),
        ],
    )?;
    Ok(())
}

/// Binds a session to a device.
pub(super) fn bind(tx: &mut Tx<'_>, session: &Session, device: &[u8; 16], now: Timestamp) -> Result<(), Error> {
    tx.execute(
        "UPDATE session SET device = $3, proven_at = $4 WHERE subject = $1 AND digest = $2 AND ended_at IS NULL",
        &[
            (&session.subject).into(),
            (&session.digest).into(),
            device.into(),
            now.into(),
        ],
    )?;
    Ok(())
}

/// Ends all sessions of a subject but one.
pub(super) fn end_others(tx: &mut Tx<'_>, kept: &Session, now: Timestamp) -> Result<(), Error> {
    tx.execute(
        "UPDATE session SET ended_at = $3 WHERE subject = $1 AND digest <> $2 AND ended_at IS NULL",
        &[(&kept.subject).into(), (&kept.digest).into(), now.into()],
    )?;
    Ok(())
}

/// Ends one session.
///
/// # Errors
/// Those of the database.
pub(super) fn end(tx: &mut Tx<'_>, session: &Session, now: Timestamp) -> Result<(), Error> {
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
pub(super) fn end_all(tx: &mut Tx<'_>, subject: &[u8; 16], now: Timestamp) -> Result<(), Error> {
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
        device: row.get("device")?,
    })
}
