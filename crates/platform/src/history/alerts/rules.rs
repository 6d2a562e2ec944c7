//! Which looks make a pattern that an inspector must see.

use crypto::digest::sha256;
use jiff::SignedDuration;
use serde::Serialize;

use super::AlertId;
use crate::shell::clock::civil_date;
use crate::shell::config::Odd;

/// The times over which it is counted.
pub(super) const HOUR: SignedDuration = SignedDuration::from_hours(1);
pub(super) const DAY: SignedDuration = SignedDuration::from_hours(24);
pub(super) const MONTH: SignedDuration = SignedDuration::from_hours(24 * 30);

/// A pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Pattern {
    /// Very many people in an hour.
    Bulk,
    /// Many officers at one person in a day.
    Crowd,
    /// Again and again at one person.
    Returning,
    /// Kin, household, a neighbour, a former spouse, or oneself.
    Tie,
}

impl Pattern {
    pub(super) fn word(self) -> &'static str {
        match self {
            Pattern::Bulk => "bulk",
            Pattern::Crowd => "crowd",
            Pattern::Returning => "returning",
            Pattern::Tie => "tie",
        }
    }
}

/// What was counted around a look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    /// The people at whom this officer looked in the last hour.
    pub(super) people: i64,
    /// The officers who looked at this person on the last day.
    pub(super) officers: i64,
    /// The days of the last month on which this officer looked at this person.
    pub(super) days: i64,
    /// Whether the officer has to do with the person in private.
    pub(super) tied: bool,
}

/// The patterns that these counts make, each with its count.
pub(super) fn patterns(counts: &Counts, odd: &Odd) -> Vec<(Pattern, i64)> {
    let all = [
        (Pattern::Bulk, counts.people, counts.people >= odd.people_in_an_hour),
        (
            Pattern::Crowd,
            counts.officers,
            counts.officers >= odd.officers_in_a_day,
        ),
        (Pattern::Returning, counts.days, counts.days >= odd.days_in_a_month),
        (Pattern::Tie, 1, counts.tied),
    ];
    all.into_iter()
        .filter_map(|(pattern, count, odd)| odd.then_some((pattern, count)))
        .collect()
}

/// The name of an alert: one for each pattern, officer, person and day. A crowd is not one officer's, bulk not one person's.
pub(super) fn name(pattern: Pattern, who: &[u8; 32], person: &[u8; 16], at: jiff::Timestamp) -> AlertId {
    let mut input = format!("{} {} ", pattern.word(), civil_date(at)).into_bytes();
    if pattern != Pattern::Crowd {
        input.extend_from_slice(who);
    }
    if pattern != Pattern::Bulk {
        input.extend_from_slice(person);
    }
    let half = sha256(&input).as_chunks::<16>().0.first().copied();
    half.unwrap_or_default().into()
}

/// What an inspector found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Verdict {
    /// There was a reason.
    Explained,
    /// It is dealt with.
    Pursued,
}

impl Verdict {
    pub(super) const ALL: [Self; 2] = [Verdict::Explained, Verdict::Pursued];

    pub(super) fn word(self) -> &'static str {
        match self {
            Verdict::Explained => "explained",
            Verdict::Pursued => "pursued",
        }
    }

    pub(super) fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|verdict| verdict.word() == word)
    }
}

/// What an officer has to do with a person in private.
pub(super) const TIES: [&str; 5] = ["self", "kin", "household", "neighbour", "former-spouse"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_begins_at_its_count_and_not_before() {
        let limits = Odd {
            people_in_an_hour: 50,
            officers_in_a_day: 3,
            days_in_a_month: 2,
        };
        let usual = Counts {
            people: 49,
            officers: 2,
            days: 1,
            tied: false,
        };
        let odd = Counts {
            people: 50,
            officers: 3,
            days: 2,
            tied: true,
        };

        assert_eq!(patterns(&usual, &limits), []);
        let words: Vec<&str> = patterns(&odd, &limits)
            .iter()
            .map(|(pattern, _)| pattern.word())
            .collect();
        assert_eq!(words, ["bulk", "crowd", "returning", "tie"]);
    }
}
