//! Learning when papers end, so that the daily runs can tell people beforehand, also those who have never opened them here.
//!
//! Who has level 2 stands in a queue: with the activation, or because a source has told of a change. The accounts that are older than the queue are
//! put into it by one walk over all accounts, which learns their birthdays too. From the beginning of the daily runs on the sources are asked about
//! the people in the queue, a few at a time and no faster than the operator allows; who was asked is asked again after some weeks. What a source
//! says is taken up by `registries`, as whenever it is asked. The end of ID cards is known from the daily review of locks.
//!
//! **Invariant:** whoever the sources were asked about has a look of the platform in the history.
//! **Invariant:** nobody is asked about who has died, has no level 2 or has removed the paper from the wallet.
//! **Invariant:** a source that fails is left alone, and nobody who waits is forgotten over it.

use db::Tx;
use jiff::Timestamp;

use crate::shell::ids::PersonId;
use crate::shell::jobs::Runner;

mod jobs;
mod store;

#[cfg(test)]
mod tests;

pub(super) use jobs::begin;
pub(super) use store::{Learned, Walk, list_learned, waiting, walk};

pub(super) fn learn(runner: &mut Runner) {
    runner.learn::<jobs::Learn>();
}

/// Asks the sources about a person with the next daily run: something is new.
///
/// # Errors
/// Those of the database.
pub fn ask_about(tx: &mut Tx<'_>, person: &PersonId, now: Timestamp) -> Result<(), db::Error> {
    store::put(tx, person, now)
}

/// Asks nothing about a person any more.
///
/// # Errors
/// Those of the database.
pub(super) fn forget(tx: &mut Tx<'_>, person: &PersonId) -> Result<(), db::Error> {
    store::remove(tx, person)
}
