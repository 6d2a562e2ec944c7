//! What the decree says about applications: time limits, and who may apply for what.

use civil::calendar::{self, Calendar, MissingYear};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp, Unit};

use super::rules::words;
use crate::accounts::Level;
use crate::registries::{self, CardState, IdCard, Life, Person};

/// How many days there are to activate (Decree 69/2024, article 14: calendar days, to the end of the last).
const ACTIVATION_DAYS: i64 = 7;
/// How many days there are to send what is missing; the decree sets none.
const SUPPLY_DAYS: i64 = 30;

/// A legal time limit.
#[derive(Debug, PartialEq, Eq)]
pub struct Term {
    /// The last part of its sentence, and what the table keeps.
    pub basis: &'static str,
    /// The clause it rests on.
    pub law: &'static str,
    /// Working days after the day of receipt.
    pub working_days: u16,
    case: Case,
    valid_from: Date,
    valid_to: Option<Date>,
}

/// Which limit of the decree applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Case {
    /// A citizen with a valid card asks for level 1.
    LevelOne,
    /// A citizen with a valid card asks for level 2.
    LevelTwo,
    /// A citizen whose card has ended, or who has none.
    NoCard,
}

const DECREE_69: Date = Date::constant(2024, 7, 1);

/// The limits of Decree 69/2024/NĐ-CP, article 13.
const TERMS: &[Term] = &[
    Term {
        basis: "level-1",
        law: "Nghị định 69/2024/NĐ-CP, Điều 13",
        working_days: 1,
        case: Case::LevelOne,
        valid_from: DECREE_69,
        valid_to: None,
    },
    Term {
        basis: "level-2",
        law: "Nghị định 69/2024/NĐ-CP, Điều 13",
        working_days: 3,
        case: Case::LevelTwo,
        valid_from: DECREE_69,
        valid_to: None,
    },
    Term {
        basis: "no-card",
        law: "Nghị định 69/2024/NĐ-CP, Điều 13",
        working_days: 7,
        case: Case::NoCard,
        valid_from: DECREE_69,
        valid_to: None,
    },
];

/// The limit in force for a case on a day.
pub fn term(case: Case, on: Date) -> Option<&'static Term> {
    TERMS
        .iter()
        .find(|term| term.case == case && term.valid_from <= on && term.valid_to.is_none_or(|last| on <= last))
}

/// The clause behind a basis that the table keeps.
pub(crate) fn law_of(basis: &str) -> &'static str {
    TERMS
        .iter()
        .find(|term| term.basis == basis)
        .map_or("", |term| term.law)
}

impl Term {
    /// The end of the limit for what is received now.
    ///
    /// # Errors
    /// [`MissingYear`] if the calendar does not reach so far: never a guess.
    pub fn ends(&self, received: Timestamp, calendar: &Calendar) -> Result<Timestamp, MissingYear> {
        calendar.add_working_days(received, self.working_days)
    }
}

/// The last instant for activating what is approved now.
pub fn activate_by(approved: Timestamp) -> Timestamp {
    end_of_day_after(approved, ACTIVATION_DAYS)
}

/// The last instant for sending what is asked for now.
pub(super) fn supply_by(asked: Timestamp) -> Timestamp {
    end_of_day_after(asked, SUPPLY_DAYS)
}

fn end_of_day_after(from: Timestamp, days: i64) -> Timestamp {
    calendar::end_of(calendar::day_of(from).saturating_add(SignedDuration::from_hours(24 * days)))
}

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
    fn the_limits_are_those_of_article_13_over_a_day_off() {
        let calendar = Calendar::official().unwrap();
        let monday: Timestamp = "2026-11-23T02:00:00Z".parse().unwrap();

        let ends = [Case::LevelOne, Case::LevelTwo, Case::NoCard].map(|case| {
            term(case, Date::constant(2026, 11, 23))
                .unwrap()
                .ends(monday, &calendar)
                .unwrap()
                .to_string()
        });

        assert_eq!(
            ends,
            [
                "2026-11-25T16:59:59.999999Z",
                "2026-11-27T16:59:59.999999Z",
                "2026-12-03T16:59:59.999999Z"
            ]
        );
    }

    #[test]
    fn a_limit_that_runs_into_an_unknown_year_is_never_guessed() {
        let calendar = Calendar::official().unwrap();
        let last_day: Timestamp = "2026-12-31T02:00:00Z".parse().unwrap();

        let ends = term(Case::LevelOne, Date::constant(2026, 12, 31))
            .unwrap()
            .ends(last_day, &calendar);

        assert_eq!(ends, Err(MissingYear(2027)));
    }

    #[test]
    fn before_the_decree_there_is_no_limit_of_it() {
        assert_eq!(term(Case::LevelOne, Date::constant(2024, 6, 30)), None);
    }

    #[test]
    fn activation_is_possible_until_the_end_of_the_seventh_day_in_viet_nam() {
        let late_evening: Timestamp = "2026-11-23T16:30:00Z".parse().unwrap();

        assert_eq!(activate_by(late_evening).to_string(), "2026-11-30T16:59:59.999999Z");
    }

    #[test]
    fn age_is_counted_in_completed_years() {
        let birth = Date::constant(2012, 11, 24);

        assert_eq!(age(birth, Date::constant(2026, 11, 23)), 13);
        assert_eq!(age(birth, Date::constant(2026, 11, 24)), 14);
    }
}
