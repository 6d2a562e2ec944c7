//! What befalls people after the nation was made: a death, a card that is held or revoked, or given back.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::card::CardState;
use crate::people::Person;

/// What befell somebody; the default is nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Fate {
    /// The day of death.
    pub died_on: Option<Date>,
    /// What the newest card is worth, and since when; `valid` is a card given back.
    pub card: Option<(CardState, Date)>,
}

/// The fates of people, by their personal numbers; clones share them.
#[derive(Clone, Debug, Default)]
pub struct Fates(Arc<Mutex<BTreeMap<String, Fate>>>);

impl Fates {
    /// Sets what befell somebody, in place of what did before.
    pub fn set(&self, number: &str, fate: Fate) {
        let mut fates = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        fates.insert(number.to_owned(), fate);
    }

    /// What befell somebody.
    pub fn get(&self, number: &str) -> Fate {
        let fates = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        fates.get(number).copied().unwrap_or_default()
    }

    /// The person as the databases know them since.
    pub(super) fn befallen(&self, mut person: Person) -> Person {
        let fate = self.get(person.number.as_str());
        person.died_on = fate.died_on.or(person.died_on);
        if let (Some((state, since)), Some(card)) = (fate.card, person.cards.last_mut()) {
            card.ended = (state != CardState::Valid).then_some((state, since));
        }
        person
    }
}
