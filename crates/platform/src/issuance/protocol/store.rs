//! The table of deferred credentials.

use db::{Conn, Error, Tx};
use jiff::Timestamp;

use crate::shell::ids::PersonId;

/// A credential that could not be issued yet.
#[derive(Clone)]
pub(super) struct Deferred {
    pub(super) digest: [u8; 32],
    pub(super) client_id: String,
    pub(super) configuration: String,
    pub(super) keys_sealed: Vec<u8>,
    pub(super) expires_at: Timestamp,
}

/// Keeps a deferred credential, and forgets the person's that are over.
pub(super) fn defer(tx: &mut Tx<'_>, person: &PersonId, deferred: &Deferred, now: Timestamp) -> Result<(), Error> {
    tx.execute(
        "DELETE FROM issuance_deferred WHERE person = $1 AND expires_at < $2",
        &[person.into(), now.into()],
    )?;
    tx.execute(
        "INSERT INTO issuance_deferred (person, digest, client_id, configuration, keys_sealed, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6)",
        &[
            person.into(),
            (&deferred.digest).into(),
            (&deferred.client_id).into(),
            (&deferred.configuration).into(),
            (&deferred.keys_sealed).into(),
            deferred.expires_at.into(),
        ],
    )?;
    Ok(())
}

/// A deferred credential of a client that can still be fetched.
pub(super) fn find(
    conn: &mut Conn<'_>,
    person: &PersonId,
    digest: &[u8; 32],
    client_id: &str,
    now: Timestamp,
) -> Result<Option<Deferred>, Error> {
    conn.query_opt(
        "SELECT configuration, keys_sealed, expires_at FROM issuance_deferred
          WHERE person = $1 AND digest = $2 AND client_id = $3 AND expires_at > $4",
        &[person.into(), digest.into(), client_id.into(), now.into()],
        |row| {
            Ok(Deferred {
                digest: *digest,
                client_id: client_id.to_owned(),
                configuration: row.get("configuration")?,
                keys_sealed: row.get("keys_sealed")?,
                expires_at: row.get("expires_at")?,
            })
        },
    )
}

/// Uses up a deferred credential; answers whether it was there.
pub(super) fn take(tx: &mut Tx<'_>, person: &PersonId, digest: &[u8; 32]) -> Result<bool, Error> {
    let taken = tx.execute(
        "DELETE FROM issuance_deferred WHERE person = $1 AND digest = $2",
        &[person.into(), digest.into()],
    )?;
    Ok(taken == 1)
}
