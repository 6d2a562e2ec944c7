//! Outcomes and time limits of contests.

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

/// What an inspector found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Outcome {
    /// The look was lawful; the answer says why.
    Lawful,
    /// It was a mistake.
    Mistaken,
    /// It was not lawful; it is dealt with.
    Unlawful,
}

impl Outcome {
    pub(super) const ALL: [Self; 3] = [Outcome::Lawful, Outcome::Mistaken, Outcome::Unlawful];

    pub(super) fn word(self) -> &'static str {
        match self {
            Outcome::Lawful => "lawful",
            Outcome::Mistaken => "mistaken",
            Outcome::Unlawful => "unlawful",
        }
    }

    pub(super) fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.word() == word)
    }
}

/// The end of the time limit: the end of the last of so many calendar days in Viet Nam after the day of filing.
pub(super) fn due(filed: Timestamp, days: i64) -> Timestamp {
    let day = civil::calendar::day_of(filed).saturating_add(SignedDuration::from_hours(24 * days));
    civil::calendar::end_of(day)
}

/// A text of a contest or of its answer, trimmed; none if it says nothing or too much.
pub(super) fn text(text: &str) -> Option<String> {
    let text = text.trim();
    let sound = (3..=2000).contains(&text.chars().count());
    sound.then(|| text.to_owned())
}
