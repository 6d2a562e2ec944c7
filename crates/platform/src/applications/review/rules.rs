//! How urgent an application is, and what a decision must say.

use std::fmt;

use jiff::SignedDuration;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use super::super::rules::{Event, Reason};
use crate::officers::{self, Rank};
use crate::shell::problem::Fault;

/// With less working time left than this an application is urgent: half a working day.
const SOON: SignedDuration = SignedDuration::from_hours(4);
/// The longest remark, in characters.
const LONGEST_REMARK: usize = 1000;

/// How urgent an application is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Urgency {
    /// The limit is past.
    Late,
    /// Less than half a working day is left.
    Soon,
    /// There is time.
    Calm,
}

impl Urgency {
    pub(super) fn of(is_late: bool, left: Option<SignedDuration>) -> Self {
        match left {
            _ if is_late => Urgency::Late,
            Some(left) if left < SOON => Urgency::Soon,
            _ => Urgency::Calm,
        }
    }

    /// The class of its badge.
    pub(super) fn class(self) -> &'static str {
        match self {
            Urgency::Late => "bad",
            Urgency::Soon => "warn",
            Urgency::Calm => "good",
        }
    }
}

/// The part of the country whose applications are asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Scope {
    /// All of it.
    Country,
    /// A province, by its code.
    Province(String),
    /// A commune, by its code.
    Unit(String),
}

impl Scope {
    /// The jurisdiction of an officer's unit; within it a unit that is asked for. What lies outside is not given.
    pub(super) fn of(own: &str, asked: &str) -> Self {
        let inside = !asked.is_empty()
            && match Rank::of(own) {
                Rank::Ministry => true,
                Rank::Province => officers::province(asked) == own,
                Rank::Commune => asked == own,
            };
        let unit = if inside { asked } else { own };
        match Rank::of(unit) {
            Rank::Ministry => Scope::Country,
            Rank::Province => Scope::Province(unit.to_owned()),
            Rank::Commune => Scope::Unit(unit.to_owned()),
        }
    }
}

/// What the reviewer sends: a form, where a reason can stand several times, or JSON, where they are a list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Fields")]
pub(super) struct DecisionForm {
    pub(super) decision: String,
    pub(super) reasons: Vec<String>,
    pub(super) remark: String,
}

/// The fields of a form, each with all its values: a form repeats a name, JSON has a list.
#[derive(Debug, Default)]
struct Fields(Vec<(String, Vec<String>)>);

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

impl Fields {
    fn all(&self, name: &str) -> Vec<String> {
        let named = self.0.iter().filter(|(field, _)| field == name);
        named.flat_map(|(_, values)| values.clone()).collect()
    }

    fn one(&self, name: &str) -> String {
        self.all(name).pop().unwrap_or_default()
    }
}

impl<'de> Deserialize<'de> for Fields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visit;

        impl<'de> Visitor<'de> for Visit {
            type Value = Fields;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the fields of a form")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields, A::Error> {
                let mut fields = Fields::default();
                while let Some((name, value)) = map.next_entry::<String, OneOrMany>()? {
                    let values = match value {
                        OneOrMany::One(value) => vec![value],
                        OneOrMany::Many(values) => values,
                    };
                    fields.0.push((name, values));
                }
                Ok(fields)
            }
        }

        deserializer.deserialize_map(Visit)
    }
}

impl From<Fields> for DecisionForm {
    fn from(fields: Fields) -> Self {
        Self {
            decision: fields.one("decision"),
            reasons: fields.all("reasons"),
            remark: fields.one("remark"),
        }
    }
}

impl DecisionForm {
    /// Whether the reason of a word is ticked.
    pub(super) fn ticks(&self, word: &str) -> bool {
        self.reasons.iter().any(|reason| reason == word)
    }

    /// Whether nothing was typed.
    pub(super) fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// What is done to several applications at once.
#[derive(Clone, Debug, Deserialize)]
#[serde(from = "Fields")]
pub(super) struct BatchForm {
    /// `claim`, `release` or `approve`.
    pub(super) what: String,
    /// Their identifiers.
    pub(super) applications: Vec<String>,
}

impl From<Fields> for BatchForm {
    fn from(fields: Fields) -> Self {
        Self {
            what: fields.one("what"),
            applications: fields.all("application"),
        }
    }
}

/// A decision that can be carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Decision {
    pub(super) event: Event,
    pub(super) reasons: Vec<Reason>,
    pub(super) remark: Option<String>,
}

impl DecisionForm {
    /// Reads the form; a refusal and a wish for more need a reason, the reason `other` and an approval against a failing check need words.
    pub(super) fn check(&self, fails: bool) -> Result<Decision, Vec<Fault>> {
        let event = match self.decision.as_str() {
            "approve" if fails => Event::Propose,
            "approve" => Event::Approve,
            "refuse" => Event::Refuse,
            "more" => Event::Ask,
            _ => return Err(vec![Fault::new("decision", "applications-decision-choose")]),
        };
        let mut faults = Vec::new();
        let mut reasons: Vec<Reason> = self.reasons.iter().filter_map(|word| Reason::of_word(word)).collect();
        reasons.sort_unstable();
        reasons.dedup();
        let remark = self.remark.trim();
        if matches!(event, Event::Approve | Event::Propose) {
            reasons.clear();
        } else if reasons.is_empty() {
            faults.push(Fault::new("reasons", "applications-decision-reason"));
        }
        if reasons.contains(&Reason::Other) && remark.is_empty() {
            faults.push(Fault::new("remark", "applications-decision-words"));
        }
        if event == Event::Propose && remark.is_empty() {
            faults.push(Fault::new("remark", "applications-override-words"));
        }
        if remark.chars().count() > LONGEST_REMARK {
            faults.push(Fault::new("remark", "applications-decision-remark-long"));
        }
        if !faults.is_empty() {
            return Err(faults);
        }
        Ok(Decision {
            event,
            reasons,
            remark: (!remark.is_empty()).then(|| remark.to_owned()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_without_reason_and_another_reason_without_words_are_faults() {
        let form = |decision: &str, reasons: &[&str]| DecisionForm {
            decision: decision.to_owned(),
            reasons: reasons.iter().map(|reason| (*reason).to_owned()).collect(),
            remark: " ".to_owned(),
        };

        for (form, field) in [
            (form("refuse", &[]), "reasons"),
            (form("more", &["nonsense"]), "reasons"),
            (form("refuse", &["other"]), "remark"),
            (form("perhaps", &[]), "decision"),
        ] {
            assert_eq!(form.check(false).unwrap_err()[0].field, field);
        }
    }

    #[test]
    fn an_approval_against_a_failing_check_is_a_proposal_with_words() {
        let form = |remark: &str| DecisionForm {
            decision: "approve".to_owned(),
            reasons: Vec::new(),
            remark: remark.to_owned(),
        };

        assert_eq!(form("").check(true).unwrap_err()[0].field, "remark");
        assert_eq!(form("Đã đối chiếu bản gốc").check(true).unwrap().event, Event::Propose);
        assert_eq!(form("").check(false).unwrap().event, Event::Approve);
    }

    #[test]
    fn nobody_asks_beyond_the_own_jurisdiction() {
        let scope = |own, asked| Scope::of(own, asked);
        let (commune, province) = (Scope::Unit("00070".to_owned()), Scope::Province("01".to_owned()));

        assert_eq!(scope("C06", ""), Scope::Country);
        assert_eq!(scope("C06", "01"), province);
        assert_eq!(scope("C06", "00070"), commune);
        assert_eq!(scope("01", "00070"), commune);
        assert_eq!(scope("01", "C06"), province);
        assert_eq!(scope("01", "31393"), province, "of another province");
        assert_eq!(scope("00070", "00004"), commune);
        assert_eq!(scope("00070", "01"), commune);
    }
}
