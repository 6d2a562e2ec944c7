//! The tables of access tokens and of used assertions.

use db::{Conn, Error, Tx};
use jiff::Timestamp;

use crate::shell::ids::PersonId;
use crate::sso::rules::Ticket;

/// What a token is for.
pub(super) struct Token<'a> {
    pub(super) code_digest: &'a [u8; 32],
    pub(super) client_id: &'a str,
    pub(super) scopes: &'a str,
}

/// Keeps a token, and forgets the person's tokens that are over.
pub(super) fn insert(tx: &mut Tx<'_>, ticket: &Ticket, token: &Token<'_>, now: Timestamp) -> Result<(), Error> {
    tx.execute(
        "DELETE FROM sso_token WHERE person = $1 AND expires_at < $2",
        &[(&ticket.person).into(), now.into()],
    )?;
    tx.execute(
        "INSERT INTO sso_token (person, expires_at, digest, code_digest, client_id, scopes) VALUES ($1, $2, $3, $4, $5, $6)",
        &[
            (&ticket.person).into(),
            ticket.expires_at.into(),
            (&ticket.digest).into(),
            token.code_digest.into(),
            token.client_id.into(),
            token.scopes.into(),
        ],
    )?;
    Ok(())
}

/// The client and the scopes of a token that has not been taken back.
pub(super) fn find(conn: &mut Conn<'_>, ticket: &Ticket) -> Result<Option<(String, String)>, Error> {
    conn.query_opt(
        "SELECT client_id, scopes FROM sso_token
          WHERE person = $1 AND expires_at = $2 AND digest = $3 AND revoked_at IS NULL",
        &[
            (&ticket.person).into(),
            ticket.expires_at.into(),
            (&ticket.digest).into(),
        ],
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
