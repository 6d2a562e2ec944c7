//! Wishes, and quiet hours on the clock of Viet Nam.

use std::collections::BTreeSet;

use jiff::tz::Offset;
use jiff::{Timestamp, ToSpan as _};

use crate::notices::{Kind, Way};
use crate::shell::texts::Lang;

/// Hours of the day, from the first to before the second, over midnight where the second is smaller; none where they are the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::notices) struct Quiet {
    pub(super) from: i8,
    pub(super) to: i8,
}

impl Quiet {
    /// When the quiet hours end, if it is quiet now.
    fn until(self, now: Timestamp) -> Option<Timestamp> {
        let viet_nam = Offset::constant(7);
        let here = viet_nam.to_datetime(now);
        let hour = here.hour();
        let is_quiet = if self.from <= self.to {
            (self.from..self.to).contains(&hour)
        } else {
            hour >= self.from || hour < self.to
        };
        let day = if hour < self.to {
            here.date()
        } else {
            here.date().checked_add(1.day()).ok()?
        };
        let end = viet_nam.to_timestamp(day.at(self.to, 0, 0, 0)).ok();
        end.filter(|_| is_quiet)
    }
}

/// How a person wishes to be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::notices) struct Wishes {
    pub(in crate::notices) lang: Lang,
    pub(super) chosen: BTreeSet<(Kind, Way)>,
    pub(super) quiet: Quiet,
}

impl Default for Wishes {
    fn default() -> Self {
        Self {
            lang: Lang::Vi,
            chosen: all().filter(|(kind, way)| kind.usually(*way)).collect(),
            quiet: Quiet { from: 22, to: 7 },
        }
    }
}

impl Wishes {
    /// Whether a kind is to travel a way.
    pub(in crate::notices) fn wants(&self, kind: Kind, way: Way) -> bool {
        kind.must(way) || self.chosen.contains(&(kind, way))
    }

    /// Until when what can wait is held, if it is quiet now.
    pub(in crate::notices) fn held_until(&self, now: Timestamp) -> Option<Timestamp> {
        self.quiet.until(now)
    }
}

fn all() -> impl Iterator<Item = (Kind, Way)> {
    Kind::ALL
        .iter()
        .flat_map(|kind| Way::ALL.iter().map(move |way| (*kind, *way)))
}

/// A kind and a way as one word: `progress.sms`.
pub(super) fn word((kind, way): (Kind, Way)) -> String {
    format!("{}.{}", kind.word(), way.word())
}

/// The kinds and ways of such words; what is none is left out.
pub(super) fn pairs<'a>(words: impl IntoIterator<Item = &'a str>) -> BTreeSet<(Kind, Way)> {
    let pair = |word: &str| {
        let (kind, way) = word.split_once('.')?;
        Some((Kind::of_word(kind)?, Way::of_word(way)?))
    };
    words.into_iter().filter_map(pair).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quiet_hours_end_in_the_morning_of_viet_nam_also_over_midnight() {
        let night = Quiet { from: 22, to: 7 };
        let until = |quiet: Quiet, at: &str| quiet.until(at.parse().unwrap()).map(|end| end.to_string());

        // 23:30, 06:59 and 07:00 in Viet Nam.
        assert_eq!(
            until(night, "2026-11-23T16:30:00Z"),
            Some("2026-11-24T00:00:00Z".to_owned())
        );
        assert_eq!(
            until(night, "2026-11-23T23:59:00Z"),
            Some("2026-11-24T00:00:00Z".to_owned())
        );
        assert_eq!(until(night, "2026-11-24T00:00:00Z"), None);
        assert_eq!(until(night, "2026-11-23T02:00:00Z"), None);

        let noon = Quiet { from: 11, to: 13 };
        assert_eq!(
            until(noon, "2026-11-23T05:00:00Z"),
            Some("2026-11-23T06:00:00Z".to_owned())
        );
        assert_eq!(until(Quiet { from: 8, to: 8 }, "2026-11-23T01:00:00Z"), None);
    }

    #[test]
    fn what_the_law_or_the_account_needs_is_wanted_whatever_was_chosen() {
        let nothing = Wishes {
            chosen: BTreeSet::new(),
            ..Wishes::default()
        };

        assert!(nothing.wants(Kind::Legal, Way::Sms) && nothing.wants(Kind::Security, Way::Inbox));
        assert!(!nothing.wants(Kind::Progress, Way::Sms) && !nothing.wants(Kind::Greeting, Way::Inbox));
    }

    #[test]
    fn wishes_are_read_as_they_were_written() {
        let usual = Wishes::default();
        let words: Vec<String> = usual.chosen.iter().copied().map(word).collect();

        assert_eq!(pairs(words.iter().map(String::as_str)), usual.chosen);
        assert_eq!(pairs(["nothing.sms", "legal", "legal.smoke"]), BTreeSet::new());
    }
}
