//! The table of access tokens.

use db::{Conn, Error, Tx};
use jiff::Timestamp;
use oidc::sender::Confirmation;

use crate::shell::ids::PersonId;
use crate::shell::session::Session;
use crate::sso::resources::SignIn;
use crate::sso::rules::Ticket;

/// What a token is for.
pub(in crate::sso) struct Token<'a> {
    pub(in crate::sso) code_digest: &'a [u8; 32],
    pub(in crate::sso) client_id: &'a str,
    pub(in crate::sso) scopes: &'a str,
    pub(in crate::sso) holder: Option<&'a Confirmation>,
    pub(in crate::sso) audience: Option<&'a str>,
    pub(in crate::sso) session: &'a Session,
    /// What was asked for beyond the scopes.
    pub(in crate::sso) wanted_sealed: Option<&'a [u8]>,
}

/// What is kept of a token.
pub(in crate::sso) struct Kept {
    pub(in crate::sso) client_id: String,
    pub(in crate::sso) scopes: String,
    pub(in crate::sso) holder: Option<Confirmation>,
    /// The resource elsewhere that it is for; none for our own endpoints.
    pub(in crate::sso) audience: Option<String>,
    pub(in crate::sso) sign_in: Option<SignIn>,
    pub(in crate::sso) wanted_sealed: Option<Vec<u8>>,
}

/// Keeps a token, and forgets the person's tokens that are over. Answers whether there was none of its name.
pub(in crate::sso) fn insert(
    tx: &mut Tx<'_>,
    ticket: &Ticket,
    token: &Token<'_>,
    now: Timestamp,
) -> Result<bool, Error> {
    tx.execute(
        "DELETE FROM sso_token WHERE person = $1 AND expires_at < $2",
        &[(&ticket.person).into(), now.into()],
    )?;
    let holder = token.holder.and_then(|holder| serde_json::to_string(holder).ok());
    let kept = tx.execute(
        "INSERT INTO sso_token
            (person, expires_at, digest, code_digest, client_id, scopes, holder, resources, signed_in_at, assurance, methods, wanted_sealed)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT (person, expires_at, digest) DO NOTHING",
        &[
            (&ticket.person).into(),
            ticket.expires_at.into(),
            (&ticket.digest).into(),
            token.code_digest.into(),
            token.client_id.into(),
            token.scopes.into(),
            holder.as_deref().into(),
            token.audience.into(),
            token.session.opened_at.into(),
            token.session.assurance.into(),
            (&token.session.methods).into(),
            token.wanted_sealed.into(),
        ],
    )?;
    Ok(kept == 1)
}

/// A token that has not been taken back.
pub(in crate::sso) fn find(conn: &mut Conn<'_>, ticket: &Ticket) -> Result<Option<Kept>, Error> {
    conn.query_opt(
        "SELECT client_id, scopes, holder, resources, signed_in_at, assurance, methods, wanted_sealed FROM sso_token
          WHERE person = $1 AND expires_at = $2 AND digest = $3 AND revoked_at IS NULL",
        &[
            (&ticket.person).into(),
            ticket.expires_at.into(),
            (&ticket.digest).into(),
        ],
        |row| {
            let holder: Option<String> = row.get("holder")?;
            let unreadable = |error: serde_json::Error| Error::Column {
                column: "holder".to_owned(),
                why: error.to_string(),
            };
            let holder = holder.map(|holder| serde_json::from_str(&holder)).transpose();
            Ok(Kept {
                client_id: row.get("client_id")?,
                scopes: row.get("scopes")?,
                wanted_sealed: row.get("wanted_sealed")?,
                holder: holder.map_err(unreadable)?,
                audience: row.get("resources")?,
                sign_in: match row.get::<Option<Timestamp>>("signed_in_at")? {
                    Some(at) => Some(SignIn {
                        at,
                        assurance: row.get::<Option<i64>>("assurance")?.unwrap_or(1),
                        methods: row.get::<Option<String>>("methods")?.unwrap_or_default(),
                    }),
                    None => None,
                },
            })
        },
    )
}

/// Takes back a token of this client.
pub(in crate::sso) fn revoke(tx: &mut Tx<'_>, ticket: &Ticket, client_id: &str, now: Timestamp) -> Result<(), Error> {
    tx.execute(
        "UPDATE sso_token SET revoked_at = $5
          WHERE person = $1 AND expires_at = $2 AND digest = $3 AND client_id = $4 AND revoked_at IS NULL",
        &[
            (&ticket.person).into(),
            ticket.expires_at.into(),
            (&ticket.digest).into(),
            client_id.into(),
            now.into(),
        ],
    )?;
    Ok(())
}

/// Takes back what a code gave.
pub(in crate::sso) fn revoke_of_code(
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
