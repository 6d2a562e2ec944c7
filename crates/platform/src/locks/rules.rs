//! Grounds, what they lock, and the law behind them: no I/O, no clock.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// What can be locked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Thing {
    /// The electronic identity card. The account follows it (Decree 69/2024, article 15).
    Eid,
    /// The account alone.
    Account,
}

impl Thing {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Thing::Eid => "eid",
            Thing::Account => "account",
        }
    }

    pub(super) fn of(word: &str) -> Self {
        // What this program does not know locks all there is.
        match word {
            "account" => Thing::Account,
            _ => Thing::Eid,
        }
    }
}

/// Why something is locked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ground {
    /// The holder asked for it, by form TK03.
    HolderRequest,
    /// The holder broke the terms of use.
    Breach,
    /// The card was revoked.
    CardRevoked,
    /// The card is held by an authority.
    CardHeld,
    /// The holder has died.
    Death,
    /// A procedural or other competent body asked for it.
    CompetentBody,
    /// The card has expired: locks the account alone.
    CardExpired,
}

impl Ground {
    /// All grounds.
    pub const ALL: [Self; 7] = [
        Ground::HolderRequest,
        Ground::Breach,
        Ground::CardRevoked,
        Ground::CardHeld,
        Ground::Death,
        Ground::CompetentBody,
        Ground::CardExpired,
    ];

    /// The word for it, in tables and sentences.
    pub fn word(self) -> &'static str {
        match self {
            Ground::HolderRequest => "holder-request",
            Ground::Breach => "breach",
            Ground::CardRevoked => "card-revoked",
            Ground::CardHeld => "card-held",
            Ground::Death => "death",
            Ground::CompetentBody => "competent-body",
            Ground::CardExpired => "card-expired",
        }
    }

    pub(super) fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|ground| ground.word() == word)
    }

    /// Whether the holder is told at once (Luật Căn cước, article 34.3: on every ground but death).
    pub fn is_told_to_the_holder(self) -> bool {
        self != Ground::Death
    }

    /// Whether the platform raises and clears it by itself, as the source databases say (Decree 69/2024, articles 29, 30).
    pub fn follows_the_sources(self) -> bool {
        matches!(
            self,
            Ground::CardRevoked | Ground::CardHeld | Ground::CardExpired | Ground::Death
        )
    }

    /// What it locks of a person who has, or has not, an electronic identity card.
    pub fn thing(self, has_eid: bool) -> Thing {
        match self {
            Ground::CardExpired => Thing::Account,
            _ if has_eid => Thing::Eid,
            _ => Thing::Account,
        }
    }

    /// The clause it rests on, on a day.
    pub fn law(self, on: Date) -> &'static str {
        BASES
            .iter()
            .find(|basis| {
                basis.ground == self && basis.valid_from <= on && basis.valid_to.is_none_or(|last| on <= last)
            })
            .map_or("", |basis| basis.law)
    }
}

/// The law behind a ground, while it is in force.
struct Basis {
    ground: Ground,
    law: &'static str,
    valid_from: Date,
    valid_to: Option<Date>,
}

/// Luật Căn cước 26/2023/QH15 and Decree 69/2024 are in force since this day.
const SINCE: Date = Date::constant(2024, 7, 1);

macro_rules! basis {
    ($ground:ident, $law:literal) => {
        Basis {
            ground: Ground::$ground,
            law: $law,
            valid_from: SINCE,
            valid_to: None,
        }
    };
}

const BASES: &[Basis] = &[
    basis!(HolderRequest, "Luật Căn cước 26/2023/QH15, Điều 34.1.a"),
    basis!(Breach, "Luật Căn cước 26/2023/QH15, Điều 34.1.b"),
    basis!(CardRevoked, "Luật Căn cước 26/2023/QH15, Điều 34.1.c"),
    basis!(CardHeld, "Luật Căn cước 26/2023/QH15, Điều 34.1.c"),
    basis!(Death, "Luật Căn cước 26/2023/QH15, Điều 34.1.d"),
    basis!(CompetentBody, "Luật Căn cước 26/2023/QH15, Điều 34.1.đ"),
    basis!(CardExpired, "Nghị định 69/2024/NĐ-CP, Điều 15"),
];

/// What is done about a ground.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Word {
    /// It stands from now on.
    Raise,
    /// It stands no more.
    Clear,
}

impl Word {
    pub(super) fn text(self) -> &'static str {
        match self {
            Word::Raise => "raise",
            Word::Clear => "clear",
        }
    }
}

/// The shortest and the longest reason that somebody gives.
const REASON: std::ops::RangeInclusive<usize> = 3..=500;

/// A reason in words, trimmed; none if it says nothing or too much.
pub(super) fn reason(text: &str) -> Option<String> {
    let text = text.trim();
    let sound =
        REASON.contains(&text.chars().count()) && !text.chars().any(|c| c.is_control() && c != '\n' && c != '\r');
    sound.then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_ground_rests_on_its_clause_and_death_alone_is_not_told() {
        let today = Date::constant(2026, 11, 23);

        for ground in Ground::ALL {
            assert!(ground.law(today).contains("Điều"), "{ground:?}");
            assert_eq!(Ground::of(ground.word()), Some(ground));
        }
        let silent: Vec<Ground> = Ground::ALL
            .into_iter()
            .filter(|ground| !ground.is_told_to_the_holder())
            .collect();
        assert_eq!(silent, [Ground::Death]);
        assert_eq!(Ground::Breach.law(Date::constant(2024, 6, 30)), "");
    }

    #[test]
    fn an_expired_card_locks_the_account_alone() {
        assert_eq!(Ground::CardExpired.thing(true), Thing::Account);
        assert_eq!(Ground::HolderRequest.thing(true), Thing::Eid);
        assert_eq!(Ground::HolderRequest.thing(false), Thing::Account);
    }

    #[test]
    fn a_reason_says_something_and_not_too_much() {
        assert_eq!(reason("  mất máy "), Some("mất máy".to_owned()));
        for none in ["", "  ", "ab", &"x".repeat(501), "a\u{0}bc"] {
            assert_eq!(reason(none), None, "{none:?}");
        }
    }
}
