//! What the decree says about applications: time limits, and who may apply for what.

use jiff::Unit;
use jiff::civil::Date;

use super::rules::words;
use crate::accounts::Level;
use crate::registries::{self, CardState, IdCard, Life, Person};

pub mod terms;
pub mod watch;

pub(crate) use terms::law_of;
pub use terms::{Case, Term, activate_by};
pub(super) use terms::{last_day_of, supply_by, term};

words! {
    /// Why somebody cannot apply.
    Ineligible {
        /// The population database does not know the number.
        Unknown = "unknown",
        /// Dead.
        Dead = "dead",
        /// Declared missing.
        Missing = "missing",
        /// Settled abroad.
        Emigrated = "emigrated",
        /// Not a citizen: another procedure (article 11).
        Foreigner = "foreigner",
        /// Younger than the level allows (article 7).
        TooYoung = "too-young",
        /// A child or a ward: the guardian applies (article 7).
        NeedsGuardian = "needs-guardian",
        /// Of age and capable: applies alone, not through a guardian.
        NoGuardian = "no-guardian",
        /// Has never had a card with a chip.
        CardNone = "card-none",
        /// The card's last day is past.
        CardExpired = "card-expired",
        /// The card was reported lost.
        CardLost = "card-lost",
        /// The card is held by an authority.
        CardHeld = "card-held",
        /// The card was withdrawn.
        CardRevoked = "card-revoked",
    }
}

/// Who applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Applicant {
    /// The person.
    Own,
    /// The guardian of a child or a ward.
    Guardian,
}

/// Whether somebody is a child or a ward, for whom the guardian applies (Decree 69/2024, articles 7 and 10).
pub fn needs_guardian(person: &Person, today: Date) -> bool {
    age(person.date_of_birth, today) < 14 || person.incapable
}

/// Whether a person may apply for a level (Decree 69/2024, article 7), and which limit runs.
///
/// # Errors
/// [`Ineligible`] with the first reason.
pub fn eligible(
    level: Level,
    applicant: Applicant,
    person: &Person,
    cards: &[IdCard],
    today: Date,
) -> Result<Case, Ineligible> {
    match person.life {
        Life::Alive => {}
        Life::Dead => return Err(Ineligible::Dead),
        Life::Missing => return Err(Ineligible::Missing),
        Life::Emigrated => return Err(Ineligible::Emigrated),
    }
    if person.nationality != "Việt Nam" {
        return Err(Ineligible::Foreigner);
    }
    if level == Level::Two && age(person.date_of_birth, today) < 6 {
        return Err(Ineligible::TooYoung);
    }
    match (applicant, needs_guardian(person, today)) {
        (Applicant::Own, true) => return Err(Ineligible::NeedsGuardian),
        (Applicant::Guardian, false) => return Err(Ineligible::NoGuardian),
        _ => {}
    }
    match (level, card_refusal(cards)) {
        (Level::Two, None) => Ok(Case::LevelTwo),
        (Level::Two, Some(_)) => Ok(Case::NoCard),
        (_, None) => Ok(Case::LevelOne),
        (_, Some(refusal)) => Err(refusal),
    }
}

/// Years completed on a day.
fn age(date_of_birth: Date, today: Date) -> i16 {
    date_of_birth
        .until((Unit::Year, today))
        .map_or(0, |span| span.get_years())
}

/// Why no card can be used: told of the newest.
fn card_refusal(cards: &[IdCard]) -> Option<Ineligible> {
    if registries::valid(cards).is_some() {
        return None;
    }
    Some(match cards.last().map(|card| card.state) {
        None | Some(CardState::Valid) => Ineligible::CardNone,
        Some(CardState::Expired | CardState::Replaced) => Ineligible::CardExpired,
        Some(CardState::Lost) => Ineligible::CardLost,
        Some(CardState::Held) => Ineligible::CardHeld,
        Some(CardState::Revoked) => Ineligible::CardRevoked,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn age_is_counted_in_completed_years() {
        let birth = Date::constant(2012, 11, 24);

        assert_eq!(age(birth, Date::constant(2026, 11, 23)), 13);
        assert_eq!(age(birth, Date::constant(2026, 11, 24)), 14);
    }
}
