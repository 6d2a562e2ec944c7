//! The table of refresh tokens.

use db::{Conn, Error, Tx};
use jiff::Timestamp;
use oidc::refresh::Family;

use crate::shell::ids::PersonId;
use crate::shell::session::Session;
use crate::sso::rules::Ticket;

/// What a refresh token stands for.
#[derive(Clone)]
pub(in crate::sso) struct Kept {
    pub(in crate::sso) code_digest: [u8; 32],
    pub(in crate::sso) family: Family,
    pub(in crate::sso) session: Session,
    pub(in crate::sso) used: bool,
    /// What was asked for beyond the scopes.
    pub(in crate::sso) wanted_sealed: Option<Vec<u8>>,
}

impl Kept {
    /// The first refresh token of a family, which begins with a code.
    pub(in crate::sso) fn first(
        code_digest: [u8; 32],
        family: Family,
        session: Session,
        wanted_sealed: Option<Vec<u8>>,
    ) -> Self {
        Self {
            code_digest,
            family,
            session,
            used: false,
            wanted_sealed,
        }
    }
}

/// Keeps a refresh token, and forgets the person's that are over.
pub(in crate::sso) fn insert(tx: &mut Tx<'_>, ticket: &Ticket, kept: &Kept, now: Timestamp) -> Result<(), Error> {
    tx.execute(
        "DELETE FROM sso_refresh WHERE person = $1 AND expires_at < $2",
        &[(&ticket.person).into(), now.into()],
    )?;
    let family = serde_json::to_string(&kept.family).unwrap_or_default();
    let session = &kept.session;
    tx.execute(
        "INSERT INTO sso_refresh (person, expires_at, digest, code_digest, client_id, family, session_digest, signed_in_at, assurance, methods, wanted_sealed)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        &[
            (&ticket.person).into(),
            ticket.expires_at.into(),
            (&ticket.digest).into(),
            (&kept.code_digest).into(),
            (&kept.family.client_id).into(),
            (&family).into(),
            (&session.digest).into(),
            session.opened_at.into(),
            session.assurance.into(),
            (&session.methods).into(),
            kept.wanted_sealed.as_deref().into(),
        ],
    )?;
    Ok(())
}

/// A refresh token that has not been taken back.
pub(in crate::sso) fn find(conn: &mut Conn<'_>, ticket: &Ticket) -> Result<Option<Kept>, Error> {
    conn.query_opt(
        "SELECT code_digest, family, session_digest, signed_in_at, assurance, methods, used_at, wanted_sealed FROM sso_refresh
          WHERE person = $1 AND expires_at = $2 AND digest = $3 AND revoked_at IS NULL",
        &[
            (&ticket.person).into(),
            ticket.expires_at.into(),
            (&ticket.digest).into(),
        ],
        |row| {
            let family: String = row.get("family")?;
            let unreadable = |error: serde_json::Error| Error::Column {
                column: "family".to_owned(),
                why: error.to_string(),
            };
            Ok(Kept {
                code_digest: row.get("code_digest")?,
                family: serde_json::from_str(&family).map_err(unreadable)?,
                session: Session {
                    subject: *ticket.person.bytes(),
                    digest: row.get("session_digest")?,
                    opened_at: row.get("signed_in_at")?,
                    expires_at: ticket.expires_at,
                    assurance: row.get("assurance")?,
                    methods: row.get("methods")?,
                    device: None,
                },
                used: row.get::<Option<Timestamp>>("used_at")?.is_some(),
                wanted_sealed: row.get("wanted_sealed")?,
            })
        },
    )
}

/// Uses up a refresh token that is replaced. Answers whether it was not used before.
pub(super) fn use_up(tx: &mut Tx<'_>, ticket: &Ticket, now: Timestamp) -> Result<bool, Error> {
    let used = tx.execute(
        "UPDATE sso_refresh SET used_at = $4 WHERE person = $1 AND expires_at = $2 AND digest = $3 AND used_at IS NULL",
        &[
            (&ticket.person).into(),
            ticket.expires_at.into(),
            (&ticket.digest).into(),
            now.into(),
        ],
    )?;
    Ok(used == 1)
}

/// Takes back a whole family.
pub(in crate::sso) fn end_family(
    tx: &mut Tx<'_>,
    person: &PersonId,
    code_digest: &[u8; 32],
    now: Timestamp,
) -> Result<(), Error> {
    tx.execute(
        "UPDATE sso_refresh SET revoked_at = $3 WHERE person = $1 AND code_digest = $2 AND revoked_at IS NULL",
        &[person.into(), code_digest.into(), now.into()],
    )?;
    Ok(())
}
