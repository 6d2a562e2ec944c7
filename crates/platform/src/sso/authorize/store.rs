//! The table of codes.

use db::{Conn, Error, Tx};
use jiff::Timestamp;
use oidc::token::Binding;

use crate::shell::session::Session;
use crate::sso::rules::Ticket;

/// What a code stands for.
pub(in crate::sso) struct Code {
    pub(in crate::sso) binding: Binding,
    pub(in crate::sso) scopes: String,
    pub(in crate::sso) nonce: Option<String>,
    pub(in crate::sso) session: Session,
    /// What was asked for beyond the scopes.
    pub(in crate::sso) wanted_sealed: Option<Vec<u8>>,
}

/// Keeps a code, and forgets the person's codes that are over.
pub(super) fn insert(tx: &mut Tx<'_>, ticket: &Ticket, code: &Code, now: Timestamp) -> Result<(), Error> {
    let binding = serde_json::to_string(&code.binding).unwrap_or_default();
    let session = &code.session;
    tx.execute(
        "DELETE FROM sso_code WHERE person = $1 AND expires_at < $2",
        &[(&ticket.person).into(), now.into()],
    )?;
    tx.execute(
        "INSERT INTO sso_code (person, expires_at, digest, binding, scopes, nonce, session_digest, signed_in_at, assurance, methods, wanted_sealed)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        &[
            (&ticket.person).into(),
            ticket.expires_at.into(),
            (&ticket.digest).into(),
            (&binding).into(),
            (&code.scopes).into(),
            code.nonce.as_deref().into(),
            (&session.digest).into(),
            session.opened_at.into(),
            session.assurance.into(),
            (&session.methods).into(),
            code.wanted_sealed.as_deref().into(),
        ],
    )?;
    Ok(())
}

/// Uses up a code: it is gone with its use, so of two at once only one has it.
pub(in crate::sso) fn take(tx: &mut Tx<'_>, ticket: &Ticket) -> Result<Option<Code>, Error> {
    let found = find(tx, ticket)?;
    let used_up = tx.execute(
        "DELETE FROM sso_code WHERE person = $1 AND expires_at = $2 AND digest = $3",
        &[
            (&ticket.person).into(),
            ticket.expires_at.into(),
            (&ticket.digest).into(),
        ],
    )?;
    Ok(found.filter(|_| used_up == 1))
}

fn find(conn: &mut Conn<'_>, ticket: &Ticket) -> Result<Option<Code>, Error> {
    conn.query_opt(
        "SELECT binding, scopes, nonce, session_digest, signed_in_at, assurance, methods, expires_at, wanted_sealed FROM sso_code
          WHERE person = $1 AND expires_at = $2 AND digest = $3",
        &[
            (&ticket.person).into(),
            ticket.expires_at.into(),
            (&ticket.digest).into(),
        ],
        |row| {
            let binding: String = row.get("binding")?;
            let unreadable = |error: serde_json::Error| Error::Column {
                column: "binding".to_owned(),
                why: error.to_string(),
            };
            Ok(Code {
                binding: serde_json::from_str(&binding).map_err(unreadable)?,
                scopes: row.get("scopes")?,
                nonce: row.get("nonce")?,
                wanted_sealed: row.get("wanted_sealed")?,
                session: Session {
                    subject: *ticket.person.bytes(),
                    digest: row.get("session_digest")?,
                    opened_at: row.get("signed_in_at")?,
                    expires_at: row.get("expires_at")?,
                    assurance: row.get("assurance")?,
                    methods: row.get("methods")?,
                    device: None,
                },
            })
        },
    )
}
