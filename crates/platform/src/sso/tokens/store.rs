//! The tables of access tokens and of used assertions.

use db::{Conn, Error, Tx};
use jiff::Timestamp;

use crate::shell::ids::PersonId;

pub(super) struct Token {
    pub(super) person: PersonId,
    pub(super) digest: [u8; 32],
    pub(super) code_digest: [u8; 32],
    pub(super) client_id: String,
    pub(super) scopes: String,
    pub(super) expires_at: Timestamp,
}

/// Keeps a token, and forgets the person's tokens that are over.
pub(super) fn insert(tx: &mut Tx<'_>, token: &Token, now: Timestamp) -> Result<(), Error> {
    tx.execute(
        "DELETE FROM sso_token WHERE person = $1 AND expires_at < $2",
        &[(&token.person).into(), now.into()],
    )?;
    tx.execute(
        "INSERT INTO sso_token (person, digest, code_digest, client_id, scopes, expires_at) VALUES ($1, $2, $3, $4, $5, $6)",
        &[
            (&token.person).into(),
            (&token.digest).into(),
            (&token.code_digest).into(),
            (&token.client_id).into(),
            (&token.scopes).into(),
            token.expires_at.into(),
        ],
    )?;
    Ok(())
}

/// The client and the scopes of a token that is good now.
pub(super) fn find(
    conn: &mut Conn<'_>,
    person: &PersonId,
    digest: &[u8; 32],
    now: Timestamp,
) -> Result<Option<(String, String)>, Error> {
    conn.query_opt(
        "SELECT client_id, scopes FROM sso_token
          WHERE person = $1 AND digest = $2 AND expires_at > $3 AND revoked_at IS NULL",
        &[person.into(), digest.into(), now.into()],
        |row| Ok((row.get("client_id")?, row.get("scopes")?)),
    )
}

/// Takes back what a code gave.
pub(super) fn revoke_of_code(
    tx: &mut Tx<'_>,
    person: &PersonId,
    code_digest: &[u8; 32],
    now: Timestamp,
) -> Result<(), Error> {
    tx.execute(
        "UPDATE sso_token SET revoked_at = $3 WHERE person = $1 AND code_digest = $2 AND revoked_at IS NULL",
        &[person.into(), code_digest.into(), now.into()],
    )?;
    Ok(())
}

/// Uses up a client's assertion, and forgets the client's assertions that are over.
///
/// # Errors
/// `Taken` if it was used before.
pub(super) fn use_assertion(
    tx: &mut Tx<'_>,
    client_id: &str,
    jti: &str,
    expires_at: Timestamp,
    now: Timestamp,
) -> Result<(), Error> {
    tx.execute(
        "DELETE FROM sso_assertion WHERE client_id = $1 AND expires_at < $2",
        &[client_id.into(), now.into()],
    )?;
    tx.execute(
        "INSERT INTO sso_assertion (client_id, jti, expires_at) VALUES ($1, $2, $3)",
        &[client_id.into(), jti.into(), expires_at.into()],
    )?;
    Ok(())
}
