//! Single logout: a relying party ends the session (OpenID Connect RP-Initiated Logout), and whichever way a session ends, every relying party
//! that the person is signed in to hears of it: by a token that is posted to it (Back-Channel Logout), or by the person's browser (Front-Channel
//! Logout).
//!
//! **Invariant:** who is to be told is decided in the unit of work that ends the session.

use crypto::digest::sha256;
use db::Tx;
use jiff::Timestamp;
use oidc::client::Client;

use crate::shell::ids::{PersonId, id};
use crate::shell::jobs as outbox;
use crate::shell::session::Session;

pub(super) mod http;
pub(super) mod jobs;
mod store;

#[cfg(test)]
mod tests;

id! {
    /// A person being signed in to a relying party, in one session.
    VisitId
}

/// Which of a person's sessions end.
#[derive(Clone, Copy)]
pub(crate) enum Ending<'a> {
    /// This one.
    One(&'a [u8; 32]),
    /// All but this one.
    AllBut(&'a [u8; 32]),
    /// All.
    All,
}

/// Notes that a person is signed in to a client that wants to hear of the end.
pub(super) fn note(tx: &mut Tx<'_>, client: &Client, session: &Session, now: Timestamp) -> Result<(), db::Error> {
    let wishes = &client.metadata().logout;
    if wishes.backchannel_logout_uri.is_none() && wishes.frontchannel_logout_uri.is_none() {
        return Ok(());
    }
    let mut input = session.subject.to_vec();
    input.extend_from_slice(&session.digest);
    input.extend_from_slice(client.id().as_bytes());
    let half = sha256(&input).as_chunks::<16>().0.first().copied();
    let visit = VisitId::from(half.unwrap_or_default());
    store::insert(tx, &visit, (client.id(), session), now)
}

/// Orders all to be told whom the person is signed in to by these sessions, and takes back their refresh tokens (Back-Channel Logout 2.7), in the
/// unit of work in which the sessions end.
pub(crate) fn ended(tx: &mut Tx<'_>, subject: &[u8; 16], ending: Ending<'_>, now: Timestamp) -> Result<(), db::Error> {
    let person = PersonId::from(*subject);
    for visit in store::end(tx, &person, ending, now)? {
        outbox::enqueue_bare::<jobs::Tell>(tx, (*visit.bytes()).into(), now)?;
    }
    store::revoke(tx, &person, ending, now)
}

/// The same person has signed in again: nobody is told, and who is to be told later hangs on the new session.
pub(crate) fn follow(tx: &mut Tx<'_>, before: &Session, new: &Session) -> Result<(), db::Error> {
    store::follow(tx, before, new)
}
