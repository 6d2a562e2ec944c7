//! States, deadlines and who may apply: no I/O, no clock, no dice.

use civil::calendar::{self, Calendar, MissingYear};
use db::{Cell, Column};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp, Unit};
use serde::{Deserialize, Serialize};

use crate::accounts::Level;
use crate::registries::{self, CardState, IdCard, Life, Person};

/// How many days there are to activate (Decree 69/2024, article 14: calendar days, to the end of the last).
const ACTIVATION_DAYS: i64 = 7;
/// How many days there are to send what is missing; the decree sets none.
const SUPPLY_DAYS: i64 = 30;
/// A claim that is older may be taken over: its officer has gone home.
pub(super) const CLAIM_LASTS: SignedDuration = SignedDuration::from_hours(4);
/// A draft that was not submitted is forgotten, its pictures with it.
pub(super) const DRAFT_LASTS: SignedDuration = SignedDuration::from_hours(24);

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum $name { $($(#[$vdoc])* #[serde(rename = $word)] $variant,)* }

        impl $name {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The word for it in tables, addresses and sentences.
            pub fn word(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }

            /// The one of a word.
            pub fn of_word(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.word() == word)
            }
        }
    };
}

words! {
    /// Where an application stands.
    State {
        /// Being put together; nobody works on it.
        Draft = "draft",
        /// Waits in the queue; the legal time runs.
        Submitted = "submitted",
        /// One reviewer works on it.
        Claimed = "claimed",
        /// Something is missing; the time runs anew once it is sent.
        MoreNeeded = "more-needed",
        /// Approved; waits for its activation.
        Approved = "approved",
        /// Refused, with reasons.
        Refused = "refused",
        /// Activated: the level is in use.
        Activated = "activated",
        /// What had to be sent or activated was not, in time.
        Lapsed = "lapsed",
        /// A higher level was approved meanwhile.
        Superseded = "superseded",
    }
}

words! {
    /// What happens to an application.
    Event {
        /// Opened as a draft.
        Open = "opened",
        /// Sent in, or sent again with what was missing.
        Submit = "submitted",
        /// Taken up by a reviewer.
        Claim = "claimed",
        /// Given back by the reviewer.
        Release = "released",
        /// More is asked for.
        Ask = "more-asked",
        /// Approved.
        Approve = "approved",
        /// Refused.
        Refuse = "refused",
        /// Activated by the holder.
        Activate = "activated",
        /// The time for sending or activating is over.
        Lapse = "lapsed",
        /// A higher level was approved.
        Supersede = "superseded",
    }
}

impl State {
    /// The state after an event; `None` where the event cannot happen. The table of [`super`] in code.
    pub fn after(self, event: Event) -> Option<State> {
        match (self, event) {
            (State::Draft | State::MoreNeeded, Event::Submit) | (State::Claimed, Event::Release) => {
                Some(State::Submitted)
            }
            (State::Submitted | State::Claimed, Event::Claim) => Some(State::Claimed),
            (State::Claimed, Event::Ask) => Some(State::MoreNeeded),
            (State::Claimed, Event::Approve) => Some(State::Approved),
            (State::Claimed, Event::Refuse) => Some(State::Refused),
            (State::Approved, Event::Activate) => Some(State::Activated),
            (State::Approved | State::MoreNeeded, Event::Lapse) => Some(State::Lapsed),
            (state, Event::Supersede) if state.is_live() => Some(State::Superseded),
            _ => None,
        }
    }

    /// Whether something can still happen to it.
    pub fn is_live(self) -> bool {
        !matches!(
            self,
            State::Refused | State::Activated | State::Lapsed | State::Superseded
        )
    }

    /// Whether the applicant can still put something to it.
    pub fn is_open(self) -> bool {
        matches!(self, State::Draft | State::MoreNeeded)
    }

    /// Whether the legal time runs.
    pub fn waits(self) -> bool {
        matches!(self, State::Submitted | State::Claimed)
    }
}

impl Column for State {
    fn read(cell: Cell<'_>) -> Result<Self, db::Error> {
        State::of_word(&String::read(cell)?).ok_or_else(|| db::Error::Column {
            column: "state".to_owned(),
            why: "no such state".to_owned(),
        })
    }
}

words! {
    /// Why an application is refused, or what is missing.
    Reason {
        /// The portrait is blurred, dark or covered.
        PortraitPoor = "portrait-poor",
        /// The portrait shows somebody else.
        FaceDiffers = "face-differs",
        /// What was declared differs from the databases.
        DataDiffer = "data-differ",
        /// The card cannot be used.
        CardInvalid = "card-invalid",
        /// The chip's data are not the state's.
        ChipNotAuthentic = "chip-not-authentic",
        /// The fingerprints are unusable or somebody else's.
        PrintsPoor = "prints-poor",
        /// An original was not shown.
        OriginalMissing = "original-missing",
        /// The law does not allow it to this person.
        NotEligible = "not-eligible",
        /// Another reason, in the reviewer's words.
        Other = "other",
    }
}

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

/// Whether a person may apply for a level (Decree 69/2024, article 7), and which limit runs.
///
/// # Errors
/// [`Ineligible`] with the first reason.
pub fn eligible(level: Level, person: &Person, cards: &[IdCard], today: Date) -> Result<Case, Ineligible> {
    match person.life {
        Life::Alive => {}
        Life::Dead => return Err(Ineligible::Dead),
        Life::Missing => return Err(Ineligible::Missing),
        Life::Emigrated => return Err(Ineligible::Emigrated),
    }
    if person.nationality != "Việt Nam" {
        return Err(Ineligible::Foreigner);
    }
    match age(person.date_of_birth, today) {
        ..6 if level == Level::Two => return Err(Ineligible::TooYoung),
        ..14 => return Err(Ineligible::NeedsGuardian),
        _ if person.incapable => return Err(Ineligible::NeedsGuardian),
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
pub(super) fn age(date_of_birth: Date, today: Date) -> i16 {
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
    use proptest::prelude::*;

    use super::*;

    fn any_event() -> impl Strategy<Value = Event> {
        proptest::sample::select(Event::ALL)
    }

    proptest! {
        #[test]
        fn no_sequence_of_events_reaches_a_forbidden_state(events in proptest::collection::vec(any_event(), 0..60)) {
            let mut state = State::Draft;
            let mut happened = Vec::new();
            for event in events {
                let Some(next) = state.after(event) else { continue };
                prop_assert!(state.is_live(), "{:?} happened after the end {:?}", event, state);
                if matches!(event, Event::Approve | Event::Refuse | Event::Ask) {
                    prop_assert_eq!(state, State::Claimed, "decided by nobody");
                }
                if next == State::Activated {
                    prop_assert_eq!(happened.last(), Some(&Event::Approve));
                    prop_assert!(!happened.contains(&Event::Refuse));
                }
                prop_assert!(event == Event::Submit || event == Event::Supersede || state != State::Draft);
                happened.push(event);
                state = next;
            }
            let decisions = happened.iter().filter(|event| matches!(event, Event::Approve | Event::Refuse)).count();
            prop_assert!(decisions <= 1, "decided twice");
        }
    }

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
