//! What is counted, and by what: no I/O, no clock, no dice.

use jiff::civil::Date;

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Measure {
    /// Accounts that there are, by level and province.
    Accounts,
    /// Levels put to use, by level and province.
    Activations,
    /// Applications that there are, by level and state, province and unit.
    Applications,
    /// Dossiers of procedures that there are, by procedure and status, province and unit.
    Dossiers,
    /// Dossiers that were decided, by procedure and whether in time, province and unit.
    Decisions,
    /// Stay notifications that stand, by kind of place, province and commune.
    Stays,
    /// Reports, feedback and petitions, by kind and state, province and unit.
    Reports,
    /// Pages of utilities that people opened, by utility.
    Uses,
    /// Sign-ins to services of partners, by client.
    SignIns,
    /// Tokens given to services of partners, by client.
    Tokens,
    /// Questions of services of partners about people, by client.
    Questions,
    /// Messages handed to the gateway, by channel.
    Messages,
}

/// The day of a stock.
pub(super) const STOCK: &str = "";

impl Measure {
    /// The word for it in tables.
    pub(super) fn word(self) -> &'static str {
        match self {
            Measure::Accounts => "accounts",
            Measure::Activations => "activations",
            Measure::Applications => "applications",
            Measure::Dossiers => "dossiers",
            Measure::Decisions => "decisions",
            Measure::Stays => "stays",
            Measure::Reports => "reports",
            Measure::Uses => "uses",
            Measure::SignIns => "sign-ins",
            Measure::Tokens => "tokens",
            Measure::Questions => "questions",
            Measure::Messages => "messages",
        }
    }

    /// Whether there is a stock of it.
    pub(super) fn has_stock(self) -> bool {
        matches!(
            self,
            Measure::Accounts
                | Measure::Applications
                | Measure::Dossiers
                | Measure::Decisions
                | Measure::Stays
                | Measure::Reports
        )
    }

    /// Those whose days nobody asks for once they are over: what came and went on a day is kept so that everybody is told the stock without it.
    pub(super) const PASSING: [Self; 3] = [Measure::Applications, Measure::Dossiers, Measure::Reports];
}

/// Where something is counted.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Spot {
    /// The level, the state, the utility, the client.
    pub(crate) kind: String,
    /// The province, with the unit where there is one: `01`, `01/00004`; empty where nobody knows.
    pub(crate) place: String,
}

impl Spot {
    /// A kind at a place.
    pub(crate) fn new(kind: impl Into<String>, place: impl Into<String>) -> Self {
        Self {
            kind: kind.into(),
            place: place.into(),
        }
    }

    /// The same for the whole province.
    pub(super) fn of_province(&self) -> Self {
        let province = self
            .place
            .split_once('/')
            .map_or(self.place.as_str(), |(province, _)| province);
        Self::new(self.kind.as_str(), province)
    }
}

/// A count that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Count {
    pub(super) day: String,
    pub(super) spot: Spot,
    pub(super) amount: i64,
}

/// The sum of those counts that fit.
pub(super) fn sum<'a>(counts: impl IntoIterator<Item = &'a Count>, fits: impl Fn(&Count) -> bool) -> i64 {
    let fitting = counts.into_iter().filter(|count| fits(count));
    fitting.map(|count| count.amount).sum()
}

/// The last days before a day, oldest first.
pub(super) fn days_before(today: Date, count: i32) -> Vec<String> {
    let days = (1..=count).rev();
    days.filter_map(|back| today.checked_sub(jiff::Span::new().days(back)).ok())
        .map(|day| day.to_string())
        .collect()
}
