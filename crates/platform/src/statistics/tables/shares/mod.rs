//! What was in time of all that was decided.
//!
//! **Invariant:** no share is told of a number that is withheld.

use crate::applications::{percent, share};

/// All of it, in tenths of a percent.
pub(super) const WHOLE: i64 = 1000;

/// What was in time of all that was decided.
pub(super) enum Share {
    /// In tenths of a percent.
    Told(i64),
    /// It follows from numbers of which one at least is not told.
    Withheld,
    /// Nothing was decided.
    OfNothing,
}

impl Share {
    /// That of a row whose numbers are what was in time and what was late.
    pub(super) fn of(numbers: &[Option<i64>]) -> Self {
        let [Some(in_time), Some(late), ..] = numbers else {
            return Self::Withheld;
        };
        share(*in_time, *late).map_or(Self::OfNothing, Self::Told)
    }

    /// As people read it.
    pub(super) fn said(&self) -> String {
        match self {
            Self::Told(tenths) => percent(Some(*tenths)),
            Self::Withheld => "*".to_owned(),
            Self::OfNothing => percent(None),
        }
    }

    /// What a bar shows of it.
    pub(super) fn drawn(&self) -> Option<i64> {
        match self {
            Self::Told(tenths) => Some(*tenths),
            Self::Withheld | Self::OfNothing => None,
        }
    }
}
