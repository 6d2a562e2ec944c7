//! Pre-authorized codes: the person has chosen on a page of ours, and any registered wallet may fetch it with the transaction code (`OpenID4VCI`
//! 1.0 section 6.1).
//!
//! **Invariant:** a code works once, for ten minutes; after five wrong transaction codes it is dead.

use crypto::digest::DigestKey;
use db::Tx;
use jiff::{SignedDuration, Timestamp};
use oidc::claims::Scopes;

use crate::app::App;
use crate::shell::ids::PersonId;
use crate::shell::session::Session;

pub(super) mod http;
mod store;

#[cfg(test)]
mod tests;

use super::rules::{Ticket, Use};

/// How long an offer can be taken up.
const LIFE: SignedDuration = SignedDuration::from_mins(10);
/// How many transaction codes may be tried.
const MOST_TRIES: i64 = 5;

/// An offer about to be made.
#[derive(Clone)]
pub struct NewOffer {
    person: PersonId,
    digest: [u8; 32],
    scopes: String,
    tx_digest: [u8; 32],
    session: Session,
    /// Until when it can be taken up.
    pub expires_at: Timestamp,
}

/// What the person carries to the wallet; kept nowhere.
#[derive(Clone)]
pub struct Told {
    /// The pre-authorized code, for the wallet.
    pub code: String,
    /// The transaction code, for the person to type.
    pub tx_code: String,
}

impl NewOffer {
    /// Draws an offer of what the scopes name, to the person of a session.
    pub fn draw(app: &App, session: &Session, scopes: &Scopes) -> (Self, Told) {
        let expires_at = app.clock.now() + LIFE;
        let person = PersonId::from(session.subject);
        let (ticket, code) = Ticket::draw(&app.vault, &app.chance, Use::Offer, person, expires_at);
        let tx_code = app.chance.code();
        let offer = Self {
            person,
            digest: ticket.digest,
            scopes: scopes.to_string(),
            tx_digest: tx_digest(&app.sso.digests, &ticket.digest, &tx_code),
            session: session.clone(),
            expires_at,
        };
        (offer, Told { code, tx_code })
    }

    /// Whom it is about.
    pub fn person(&self) -> PersonId {
        self.person
    }

    /// Makes it, and forgets the person's offers that are over.
    ///
    /// # Errors
    /// Those of the database.
    pub fn insert(&self, tx: &mut Tx<'_>, now: Timestamp) -> Result<(), db::Error> {
        store::insert(tx, self, now)
    }
}

fn tx_digest(key: &DigestKey, offer: &[u8; 32], tx_code: &str) -> [u8; 32] {
    let input = [&offer[..], tx_code.as_bytes()].concat();
    key.digest("offer transaction code", &input)
}
