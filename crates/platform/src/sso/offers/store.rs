//! The table of offers.

use db::{Error, Tx};
use jiff::Timestamp;

use super::{MOST_TRIES, NewOffer};
use crate::shell::session::Session;
use crate::sso::rules::Ticket;

/// What an offer stands for.
pub(super) struct Kept {
    pub(super) scopes: String,
    pub(super) tx_digest: [u8; 32],
    pub(super) session: Session,
}

pub(super) fn insert(tx: &mut Tx<'_>, offer: &NewOffer, now: Timestamp) -> Result<(), Error> {
    tx.execute(
        "DELETE FROM sso_offer WHERE person = $1 AND expires_at < $2",
        &[(&offer.person).into(), now.into()],
    )?;
    let session = &offer.session;
    tx.execute(
        "INSERT INTO sso_offer (person, expires_at, digest, scopes, tx_digest, tries, session_digest, signed_in_at, assurance, methods)
         VALUES ($1, $2, $3, $4, $5, 0, $6, $7, $8, $9)",
        &[
            (&offer.person).into(),
            offer.expires_at.into(),
            (&offer.digest).into(),
            (&offer.scopes).into(),
            (&offer.tx_digest).into(),
            (&session.digest).into(),
            session.opened_at.into(),
            session.assurance.into(),
            (&session.methods).into(),
        ],
    )?;
    Ok(())
}

/// Claims one of the tries of an offer. Answers nothing when there is none left, or no such offer.
pub(super) fn claim(tx: &mut Tx<'_>, ticket: &Ticket) -> Result<Option<Kept>, Error> {
    tx.query_opt(
        "UPDATE sso_offer SET tries = tries + 1
          WHERE person = $1 AND expires_at = $2 AND digest = $3 AND tries < $4
      RETURNING scopes, tx_digest, session_digest, signed_in_at, assurance, methods, expires_at",
        &[
            (&ticket.person).into(),
            ticket.expires_at.into(),
            (&ticket.digest).into(),
            MOST_TRIES.into(),
        ],
        |row| {
            Ok(Kept {
                scopes: row.get("scopes")?,
                tx_digest: row.get("tx_digest")?,
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

/// Uses up an offer.
pub(super) fn take(tx: &mut Tx<'_>, ticket: &Ticket) -> Result<(), Error> {
    tx.execute(
        "DELETE FROM sso_offer WHERE person = $1 AND expires_at = $2 AND digest = $3",
        &[
            (&ticket.person).into(),
            ticket.expires_at.into(),
            (&ticket.digest).into(),
        ],
    )?;
    Ok(())
}
