//! How urgent an application is, and what a decision must say.

use std::fmt;

use jiff::SignedDuration;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use super::super::rules::{Event, Reason};
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

/// What the reviewer sends: a form, where a reason can stand several times, or JSON, where they are a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct DecisionForm {
    pub(super) decision: String,
    pub(super) reasons: Vec<String>,
    pub(super) remark: String,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

impl<'de> Deserialize<'de> for DecisionForm {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields;

        impl<'de> Visitor<'de> for Fields {
            type Value = DecisionForm;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a decision")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<DecisionForm, A::Error> {
                let mut form = DecisionForm::default();
                while let Some(name) = fields.next_key::<String>()? {
                    let value = match fields.next_value::<OneOrMany>()? {
                        OneOrMany::One(value) => vec![value],
                        OneOrMany::Many(values) => values,
                    };
                    match name.as_str() {
                        "decision" => form.decision = value.concat(),
                        "reasons" => form.reasons.extend(value),
                        "remark" => form.remark = value.concat(),
                        _ => {}
                    }
                }
                Ok(form)
            }
        }

        deserializer.deserialize_map(Fields)
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
    /// Reads the form; a refusal and a wish for more need a reason, the reason `other` needs words.
    pub(super) fn check(&self) -> Result<Decision, Vec<Fault>> {
        let event = match self.decision.as_str() {
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
        if event == Event::Approve {
            reasons.clear();
        } else if reasons.is_empty() {
            faults.push(Fault::new("reasons", "applications-decision-reason"));
        }
        if reasons.contains(&Reason::Other) && remark.is_empty() {
            faults.push(Fault::new("remark", "applications-decision-words"));
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
            assert_eq!(form.check().unwrap_err()[0].field, field);
        }
    }
}
