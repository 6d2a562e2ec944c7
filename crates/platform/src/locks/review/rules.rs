//! Which grounds the source databases give: no I/O.

use std::collections::BTreeSet;

use crate::locks::Standing;
use crate::locks::rules::{Ground, Word};
use crate::registries::{CardState, IdCard, Life, Person};

/// The grounds that stand by what the databases say. Somebody whom the population database does not know gives none.
pub(super) fn grounds(person: Option<&Person>, cards: &[IdCard]) -> BTreeSet<Ground> {
    let mut grounds = BTreeSet::new();
    if person.is_some_and(|person| person.life == Life::Dead) {
        grounds.insert(Ground::Death);
    }
    match cards.last().map(|card| card.state) {
        Some(CardState::Revoked) => grounds.insert(Ground::CardRevoked),
        Some(CardState::Held) => grounds.insert(Ground::CardHeld),
        Some(CardState::Expired) => grounds.insert(Ground::CardExpired),
        Some(CardState::Valid | CardState::Lost | CardState::Replaced) | None => false,
    };
    grounds
}

/// What has to be done so that the grounds that follow the sources are these.
pub(super) fn acts(standing: &Standing, wanted: &BTreeSet<Ground>) -> Vec<(Word, Ground)> {
    let follow = Ground::ALL.into_iter().filter(|ground| ground.follows_the_sources());
    follow
        .filter_map(|ground| match (standing.has(ground), wanted.contains(&ground)) {
            (false, true) => Some((Word::Raise, ground)),
            (true, false) => Some((Word::Clear, ground)),
            _ => None,
        })
        .collect()
}
