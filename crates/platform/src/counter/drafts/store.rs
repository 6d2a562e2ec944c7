//! The tables of devices and of drafts that were handed in.

use db::{Conn, Error, Tx};
use jiff::Timestamp;

use super::DraftId;
use crate::applications::ApplicationId;
use crate::officers::OfficerId;
use crate::shell::ids::PersonId;

/// Makes a device known; the same one again changes nothing.
pub(super) fn register(
    tx: &mut Tx<'_>,
    officer: &OfficerId,
    (thumbprint, jwk): (&[u8; 32], &str),
    now: Timestamp,
) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO counter_device (officer, thumbprint, jwk, registered_at) VALUES ($1, $2, $3, $4)
             ON CONFLICT (officer, thumbprint) DO NOTHING",
        &[officer.into(), thumbprint.into(), jwk.into(), now.into()],
    )?;
    Ok(())
}

/// The key of an officer's device.
pub(super) fn find_key(
    conn: &mut Conn<'_>,
    officer: &OfficerId,
    thumbprint: &[u8; 32],
) -> Result<Option<String>, Error> {
    conn.query_opt(
        "SELECT jwk FROM counter_device WHERE officer = $1 AND thumbprint = $2",
        &[officer.into(), thumbprint.into()],
        |row| row.get("jwk"),
    )
}

/// A draft that was handed in.
#[derive(Clone)]
pub(super) struct NewRow {
    pub(super) officer: OfficerId,
    pub(super) draft: DraftId,
    pub(super) packet_digest: [u8; 32],
    pub(super) signature: Vec<u8>,
    pub(super) thumbprint: [u8; 32],
    pub(super) person: PersonId,
    pub(super) application: ApplicationId,
    pub(super) taken_at: Timestamp,
    pub(super) received_at: Timestamp,
}

/// Writes a draft down. [`Error::Taken`] if it was handed in before.
pub(super) fn insert(tx: &mut Tx<'_>, new: &NewRow) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO counter_draft
                (officer, draft, packet_digest, signature, thumbprint, person, application, taken_at, received_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        &[
            (&new.officer).into(),
            (&new.draft).into(),
            (&new.packet_digest).into(),
            (&new.signature).into(),
            (&new.thumbprint).into(),
            (&new.person).into(),
            (&new.application).into(),
            new.taken_at.into(),
            new.received_at.into(),
        ],
    )?;
    Ok(())
}

/// What a draft became: the digest of what was handed in, and the application.
pub(super) fn find(
    conn: &mut Conn<'_>,
    officer: &OfficerId,
    draft: &DraftId,
) -> Result<Option<([u8; 32], ApplicationId)>, Error> {
    conn.query_opt(
        "SELECT packet_digest, application FROM counter_draft WHERE officer = $1 AND draft = $2",
        &[officer.into(), draft.into()],
        |row| Ok((row.get("packet_digest")?, row.get("application")?)),
    )
}
