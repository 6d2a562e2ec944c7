//! What is told when.

use jiff::civil::Date;
use jiff::tz::Offset;
use jiff::{Timestamp, ToSpan as _};

use crate::notices::{Kind, Note, Priority};
use crate::shell::clock::civil_date;
use crate::shell::words::words;

words! {
    /// A day about which a person is told.
    Occasion {
        /// The ID card runs out.
        Card = "card",
        /// The driving licence runs out.
        Licence = "licence",
        /// The health insurance card runs out.
        Insurance = "insurance",
        /// A level that was granted has to be activated.
        Activation = "activation",
        /// The birthday.
        Birthday = "birthday",
    }
}

impl Occasion {
    /// How many days before it is told.
    fn days_before(self) -> &'static [i32] {
        match self {
            Occasion::Card => &[90, 30, 7],
            Occasion::Licence | Occasion::Insurance => &[30, 7],
            Occasion::Activation => &[3, 1],
            Occasion::Birthday => &[0],
        }
    }

    /// The day as it is kept: what comes every year without its year.
    pub(super) fn kept(self, day: Date) -> String {
        match self {
            Occasion::Birthday => day.strftime("%m-%d").to_string(),
            _ => day.to_string(),
        }
    }

    fn link(self) -> Option<&'static str> {
        match self {
            Occasion::Card => Some("/documents/id-cards"),
            Occasion::Licence => Some("/documents/driving-licence"),
            Occasion::Insurance => Some("/documents/health-insurance"),
            Occasion::Activation => Some("/activation"),
            Occasion::Birthday => None,
        }
    }
}

/// One thing that the run of a day tells: all people with an occasion on the same day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Round {
    pub(super) occasion: Occasion,
    /// The day of the occasion as it is kept.
    pub(super) due: String,
    pub(super) before_days: i64,
    /// The day of the run.
    pub(super) day: String,
}

impl Round {
    /// What is told: nothing of the person, so it is the same for each of them.
    pub(super) fn note(&self) -> Note {
        let (occasion, word) = (self.occasion, self.occasion.word());
        let (kind, once) = match occasion {
            Occasion::Birthday => (Kind::Greeting, format!("daily {word} {}", self.day)),
            _ => (
                Kind::Deadline,
                format!("daily {word} {} {}", self.due, self.before_days),
            ),
        };
        let note = Note::new(kind, format!("notices-daily-{word}"), once).priority(Priority::Leisure);
        let note = match occasion.link() {
            Some(path) => note.link(path),
            None => note,
        };
        match self.due.parse::<Date>() {
            Ok(day) => note.with("day", day.strftime("%d/%m/%Y")),
            Err(_) => note,
        }
    }
}

/// The rounds of a day. One that is made up for later has no birthdays.
pub(super) fn rounds(day: Date, today: Date) -> Vec<Round> {
    let mut rounds = Vec::new();
    for occasion in Occasion::ALL {
        for before in occasion.days_before() {
            let Ok(due) = day.checked_add(i64::from(*before).days()) else {
                continue;
            };
            let round = |due: String| Round {
                occasion: *occasion,
                due,
                before_days: i64::from(*before),
                day: day.to_string(),
            };
            if *occasion != Occasion::Birthday {
                rounds.push(round(occasion.kept(due)));
            } else if day == today {
                rounds.push(round(occasion.kept(due)));
                // Whoever was born on 29 February celebrates a day earlier in a year without one.
                if day.month() == 2 && day.day() == 28 && !day.in_leap_year() {
                    rounds.push(round("02-29".to_owned()));
                }
            }
        }
    }
    rounds
}

/// The days to run: today, and those before it that nobody ran since the last one; no more than two weeks.
pub(super) fn days(last: Option<Date>, today: Date) -> Vec<Date> {
    const MOST: i64 = 14;
    let earliest = today.checked_sub(MOST.days()).unwrap_or(today);
    let next = last
        .and_then(|last| last.tomorrow().ok())
        .unwrap_or(today)
        .max(earliest);
    next.series(1.day()).take_while(|day| *day <= today).collect()
}

/// When the run of a day begins: at 07:30 in Viet Nam, after the usual quiet hours.
pub(super) fn begins(on: Timestamp) -> Timestamp {
    let half_past_seven = civil_date(on).at(7, 30, 0, 0);
    Offset::constant(7).to_timestamp(half_past_seven).unwrap_or(on)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_day_tells_of_what_ends_in_so_many_days_and_of_birthdays() {
        let today = date(2026, 11, 23);
        let told: Vec<String> = rounds(today, today)
            .iter()
            .map(|round| format!("{} {}", round.occasion.word(), round.due))
            .collect();

        assert_eq!(
            told,
            [
                "card 2027-02-21",
                "card 2026-12-23",
                "card 2026-11-30",
                "licence 2026-12-23",
                "licence 2026-11-30",
                "insurance 2026-12-23",
                "insurance 2026-11-30",
                "activation 2026-11-26",
                "activation 2026-11-24",
                "birthday 11-23",
            ]
        );
    }

    #[test]
    fn born_on_the_29th_of_february_is_greeted_every_year() {
        let birthdays = |day: Date| -> Vec<String> {
            let all = rounds(day, day).into_iter();
            all.filter(|round| round.occasion == Occasion::Birthday)
                .map(|round| round.due)
                .collect()
        };

        assert_eq!(birthdays(date(2027, 2, 28)), ["02-28", "02-29"]);
        assert_eq!(birthdays(date(2028, 2, 28)), ["02-28"]);
        assert_eq!(birthdays(date(2028, 2, 29)), ["02-29"]);
    }

    #[test]
    fn days_without_a_run_are_made_up_for_but_not_their_birthdays() {
        let today = date(2026, 11, 23);

        assert_eq!(days(None, today), [today]);
        assert_eq!(days(Some(today), today), []);
        assert_eq!(days(Some(date(2026, 11, 20)), today).len(), 3);
        assert_eq!(days(Some(date(2025, 1, 1)), today).len(), 15);
        let late = rounds(date(2026, 11, 22), today);
        assert!(late.iter().all(|round| round.occasion != Occasion::Birthday) && !late.is_empty());
    }
}
