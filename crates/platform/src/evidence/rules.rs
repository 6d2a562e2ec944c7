//! How long evidence is kept: rules as data, each with its basis and the time of its validity.

use jiff::civil::Date;
use serde::Deserialize;

const OFFICIAL: &str = include_str!("../../data/retention.toml");

/// How what a piece was needed for came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// What was asked for was granted.
    Granted,
    /// It was refused, lapsed or is no longer needed.
    Ended,
}

/// Who set a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SetBy {
    /// The law.
    Law,
    /// The managing agency, where the law sets none.
    Operator,
}

/// How long one kind of evidence is kept after an outcome.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// The word of the kind, or `other`.
    pub kind: String,
    /// After which outcome.
    pub outcome: Outcome,
    /// Days after the decision; `None`: as long as the identity that it shows.
    #[serde(default)]
    pub days: Option<u16>,
    /// Who set it.
    pub set_by: SetBy,
    /// On what it rests.
    pub basis: String,
    /// First day in force.
    #[serde(deserialize_with = "date")]
    pub valid_from: Date,
    /// Last day in force.
    #[serde(default, deserialize_with = "last_date")]
    pub valid_to: Option<Date>,
}

/// All rules.
#[derive(Clone, Debug)]
pub struct Retention {
    rules: Vec<Rule>,
    otherwise: Rule,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    rule: Vec<Rule>,
}

/// The rules cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum RetentionError {
    /// Not understood.
    #[error("not understood")]
    Form(#[from] toml::de::Error),
    /// No rule for kinds that are not named.
    #[error("a rule with kind = \"other\" is missing for {0:?}")]
    Other(Outcome),
}

impl Retention {
    /// The rules that come with the program.
    ///
    /// # Errors
    /// [`RetentionError`]; does not happen.
    pub fn official() -> Result<Self, RetentionError> {
        Self::from_toml(OFFICIAL)
    }

    /// Rules of a file.
    ///
    /// # Errors
    /// [`RetentionError`].
    pub fn from_toml(text: &str) -> Result<Self, RetentionError> {
        let rules = toml::from_str::<File>(text)?.rule;
        let other = |outcome| {
            let found = rules
                .iter()
                .find(|rule| rule.kind == "other" && rule.outcome == outcome);
            found.cloned().ok_or(RetentionError::Other(outcome))
        };
        other(Outcome::Granted)?;
        let otherwise = other(Outcome::Ended)?;
        Ok(Self { rules, otherwise })
    }

    /// The rule in force on a day: that of the kind, else that of other kinds.
    pub fn rule(&self, kind: &str, outcome: Outcome, on: Date) -> &Rule {
        let in_force = |rule: &&Rule| {
            rule.outcome == outcome && rule.valid_from <= on && rule.valid_to.is_none_or(|last| on <= last)
        };
        let of = |kind: &str| self.rules.iter().filter(in_force).find(|rule| rule.kind == kind);
        of(kind).or_else(|| of("other")).unwrap_or(&self.otherwise)
    }
}

fn date<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Date, D::Error> {
    let written = toml::value::Datetime::deserialize(deserializer)?;
    written.to_string().parse().map_err(serde::de::Error::custom)
}

fn last_date<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Date>, D::Error> {
    date(deserializer).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: Date = Date::constant(2026, 11, 23);

    #[test]
    fn every_kind_of_an_application_has_a_rule_with_its_basis() {
        let retention = Retention::official().unwrap();

        for kind in ["portrait", "chip", "chip-portrait", "left-print", "right-print"] {
            for outcome in [Outcome::Granted, Outcome::Ended] {
                let rule = retention.rule(kind, outcome, DAY);
                assert_eq!(rule.kind, kind);
                assert!(rule.basis.contains("Nghị định 69/2024"), "{rule:?}");
                assert!(rule.days.is_some() || rule.set_by == SetBy::Law, "{rule:?}");
            }
        }
        assert_eq!(retention.rule("portrait", Outcome::Granted, DAY).days, None);
        assert_eq!(retention.rule("something", Outcome::Ended, DAY).kind, "other");
    }

    #[test]
    fn a_rule_counts_in_its_time_only() {
        let rule = |days, from: &str, to: &str| {
            format!(
                "[[rule]]\nkind = 'other'\noutcome = 'ended'\ndays = {days}\nset_by = 'law'\nbasis = 'x'\nvalid_from = {from}\n{to}"
            )
        };
        let granted = rule(1, "2024-07-01", "").replace("ended", "granted");
        let text = [
            rule(1, "2024-07-01", "valid_to = 2026-11-23\n"),
            rule(2, "2026-11-24", ""),
            granted,
        ]
        .join("\n");
        let retention = Retention::from_toml(&text).unwrap();

        assert_eq!(retention.rule("portrait", Outcome::Ended, DAY).days, Some(1));
        assert_eq!(
            retention.rule("portrait", Outcome::Ended, DAY.tomorrow().unwrap()).days,
            Some(2)
        );
        assert!(Retention::from_toml("rule = []").is_err());
    }
}
