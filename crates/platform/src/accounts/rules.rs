//! Levels and states of an account.

use db::{Cell, Column, Value};
use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The level of identification (Decree 69/2024, articles 7 to 9); 0 is an account that has not been verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Registered, not verified. Lapses unless level 1 is applied for.
    Zero,
    /// Verified online: own data, sign-in to services.
    One,
    /// Verified in person: electronic identity card, everything.
    Two,
}

impl Level {
    /// 0, 1 or 2.
    pub fn number(self) -> i64 {
        match self {
            Level::Zero => 0,
            Level::One => 1,
            Level::Two => 2,
        }
    }

    /// The level of a number.
    pub fn from_number(number: i64) -> Option<Self> {
        match number {
            0 => Some(Level::Zero),
            1 => Some(Level::One),
            2 => Some(Level::Two),
            _ => None,
        }
    }
}

impl std::fmt::Display for Level {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.number().fmt(f)
    }
}

impl Serialize for Level {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_i64(self.number())
    }
}

impl<'de> Deserialize<'de> for Level {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = i64::deserialize(deserializer)?;
        Level::from_number(number).ok_or_else(|| serde::de::Error::custom("a level is 0, 1 or 2"))
    }
}

impl From<Level> for Value<'_> {
    fn from(level: Level) -> Self {
        Value::Int(level.number())
    }
}

impl Column for Level {
    fn read(cell: Cell<'_>) -> Result<Self, db::Error> {
        Level::from_number(cell.int()?).ok_or_else(|| db::Error::Column {
            column: "level".to_owned(),
            why: "not 0, 1 or 2".to_owned(),
        })
    }
}

/// Where an account stands, and so what its holder does next.
///
/// ```text
/// New -- apply --> Applied -- grant --> Granted -- activate --> Active -- grant --> Granted …
///  |  <- refuse --/                       |
///  '-- time --> (removed)                 '-- time --> Overdue -- grant --> Granted
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum Standing {
    /// Registered, and not applied for level 1: removed at this instant.
    New {
        /// When it lapses.
        lapses_at: Timestamp,
    },
    /// Applied for level 1; waits for the decision.
    Applied,
    /// A level was granted; the holder activates it by this instant (Decree 69/2024, article 14: seven days).
    Granted {
        /// The last instant for it.
        activate_by: Timestamp,
    },
    /// A level was granted and not activated in time: only through the hotline now.
    Overdue,
    /// Level 1 or 2 in use.
    Active,
}

impl Standing {
    /// The last part of the sentences about it.
    pub fn slug(&self) -> &'static str {
        match self {
            Standing::New { .. } => "new",
            Standing::Applied => "applied",
            Standing::Granted { .. } => "granted",
            Standing::Overdue => "overdue",
            Standing::Active => "active",
        }
    }
}

/// The standing that follows from what is kept of an account.
pub(super) fn standing(
    (granted, level): (Level, Level),
    activate_by: Option<Timestamp>,
    lapses_at: Option<Timestamp>,
    now: Timestamp,
) -> Standing {
    match (activate_by, lapses_at) {
        (Some(activate_by), _) if granted > level && now <= activate_by => Standing::Granted { activate_by },
        _ if granted > level => Standing::Overdue,
        (_, Some(lapses_at)) if level == Level::Zero => Standing::New { lapses_at },
        _ if level == Level::Zero => Standing::Applied,
        _ => Standing::Active,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_standing_follows_from_levels_and_times() {
        let [before, now, after] = ["2026-11-22T02:00:00Z", "2026-11-23T02:00:00Z", "2026-11-24T02:00:00Z"]
            .map(|at| at.parse::<Timestamp>().unwrap());
        let at = |levels, activate_by, lapses_at| standing(levels, activate_by, lapses_at, now);

        assert_eq!(at((Level::Zero, Level::Zero), None, Some(after)).slug(), "new");
        assert_eq!(at((Level::Zero, Level::Zero), None, None).slug(), "applied");
        assert_eq!(at((Level::One, Level::Zero), Some(now), None).slug(), "granted");
        assert_eq!(at((Level::Two, Level::One), Some(before), None).slug(), "overdue");
        assert_eq!(at((Level::One, Level::One), None, None).slug(), "active");
    }
}
