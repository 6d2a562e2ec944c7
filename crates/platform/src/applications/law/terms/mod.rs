//! The legal limits as rows: each with the clause it rests on and the days from and to which it is in force.
//!
//! A limit counts from the receipt of a complete, valid file (Decree 69/2024, article 13). So it stands still while something is missing, and
//! begins anew when it arrives; it never ends earlier than it did before.
//!
//! **Invariant:** a limit that runs into a year without a calendar is refused, never guessed.

use civil::calendar::{self, Calendar, MissingYear};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

#[cfg(test)]
mod tests;

/// How many days there are to activate (Decree 69/2024, article 14: calendar days, to the end of the last).
const ACTIVATION_DAYS: i64 = 7;
/// How many days there are to send what is missing; the decree sets none.
const SUPPLY_DAYS: i64 = 30;

/// How long a limit lasts after the day of receipt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Span {
    /// *Ngày làm việc*.
    WorkingDays(u16),
    /// *Ngày*: calendar days, to the end of the next working day where the last is none.
    Days(u16),
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
    /// A foreigner asks for level 1.
    ForeignerLevelOne,
    /// A foreigner asks for level 2, and the immigration database has face and fingerprints.
    ForeignerKnown,
    /// A foreigner asks for level 2, and it has not.
    ForeignerUnknown,
    /// An organisation that a database knows.
    OrganisationKnown,
    /// An organisation that has to be verified.
    OrganisationUnknown,
}

/// A legal time limit.
#[derive(Debug, PartialEq, Eq)]
pub struct Term {
    /// The last part of its sentence, and what the table keeps.
    pub basis: &'static str,
    /// The clause it rests on.
    pub law: &'static str,
    /// How long it lasts.
    pub span: Span,
    case: Case,
    valid_from: Date,
    valid_to: Option<Date>,
}

const DECREE_69: Date = Date::constant(2024, 7, 1);
const ARTICLE_13: &str = "Nghị định 69/2024/NĐ-CP, Điều 13";

const fn row(case: Case, basis: &'static str, span: Span) -> Term {
    Term {
        basis,
        law: ARTICLE_13,
        span,
        case,
        valid_from: DECREE_69,
        valid_to: None,
    }
}

/// The limits of Decree 69/2024/NĐ-CP, article 13. A decree that changes one ends its row and adds another.
const TERMS: &[Term] = &[
    row(Case::LevelOne, "level-1", Span::WorkingDays(1)),
    row(Case::LevelTwo, "level-2", Span::WorkingDays(3)),
    row(Case::NoCard, "no-card", Span::WorkingDays(7)),
    row(Case::ForeignerLevelOne, "foreigner-level-1", Span::WorkingDays(1)),
    row(Case::ForeignerKnown, "foreigner-known", Span::WorkingDays(3)),
    row(Case::ForeignerUnknown, "foreigner-unknown", Span::WorkingDays(7)),
    row(Case::OrganisationKnown, "organisation-known", Span::WorkingDays(3)),
    row(Case::OrganisationUnknown, "organisation-unknown", Span::Days(15)),
];

/// All limits there are and were.
pub fn all() -> &'static [Term] {
    TERMS
}

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
        match self.span {
            Span::WorkingDays(days) => calendar.add_working_days(received, days),
            Span::Days(days) => calendar.add_days(received, days),
        }
    }

    /// The first and the last day on which it is in force.
    pub fn validity(&self) -> (Date, Option<Date>) {
        (self.valid_from, self.valid_to)
    }
}

/// The last instant for activating what is approved now.
pub fn activate_by(approved: Timestamp) -> Timestamp {
    end_of_day_after(approved, ACTIVATION_DAYS)
}

/// The last instant for sending what is asked for now.
pub(in crate::applications) fn supply_by(asked: Timestamp) -> Timestamp {
    end_of_day_after(asked, SUPPLY_DAYS)
}

fn end_of_day_after(from: Timestamp, days: i64) -> Timestamp {
    calendar::end_of(calendar::day_of(from).saturating_add(SignedDuration::from_hours(24 * days)))
}

/// The first instant of the last day of a limit: when it is brought before the chief.
pub(in crate::applications) fn last_day_of(deadline: Timestamp) -> Timestamp {
    let day_before = calendar::day_of(deadline).saturating_sub(SignedDuration::from_hours(24));
    calendar::end_of(day_before) + SignedDuration::from_micros(1)
}
