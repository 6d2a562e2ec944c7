//! The automatic checks in words, and the risk that follows from them: what a reviewer reads first.

use serde::Serialize;

use super::rules::{ChipSeen, Findings, Original};
use crate::biometrics::{Against, Comparison, Decision, Modality};

/// One automatic check of an application.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Check {
    /// The last part of its sentence.
    pub word: String,
    /// What it weighs.
    pub weight: Weight,
    /// Numbers and names that go with the sentence, the same in every language.
    pub detail: String,
    /// Found by an engine that plays a matcher for synthetic people.
    pub stand_in: bool,
}

/// What a check weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Weight {
    /// As it should be.
    Good,
    /// To be looked at.
    Notice,
    /// Speaks against approval.
    Alarm,
}

impl Weight {
    /// The class of its badge.
    pub fn class(self) -> &'static str {
        match self {
            Weight::Good => "good",
            Weight::Notice => "warn",
            Weight::Alarm => "bad",
        }
    }
}

/// The risk of an application.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Risk {
    /// Every check is good.
    Low,
    /// Something is to be looked at.
    Raised,
    /// Something speaks against approval.
    High,
}

impl Risk {
    /// The last part of its sentence.
    pub fn word(self) -> &'static str {
        match self {
            Risk::Low => "low",
            Risk::Raised => "raised",
            Risk::High => "high",
        }
    }

    /// The class of its notice.
    pub fn class(self) -> &'static str {
        match self {
            Risk::Low => "good",
            Risk::Raised => "warn",
            Risk::High => "bad",
        }
    }
}

impl Check {
    fn new(word: impl Into<String>, weight: Weight) -> Self {
        Self {
            word: word.into(),
            weight,
            detail: String::new(),
            stand_in: false,
        }
    }

    fn with(mut self, detail: impl Into<String>) -> Self {
        self.detail = detail.into();
        self
    }

    fn of_comparison(compared: &Comparison) -> Self {
        let what = match (compared.modality, compared.against) {
            (Modality::Face, Against::Chip) => "face-chip",
            (Modality::Face, Against::Record) => "face-record",
            (Modality::Finger(_), _) => "finger-record",
        };
        let weight = match compared.decision {
            Decision::Match => Weight::Good,
            Decision::Undecided => Weight::Notice,
            Decision::Differs => Weight::Alarm,
        };
        let word = match compared.decision {
            Decision::Undecided => format!("undecided-{}", compared.word()),
            _ => format!("{what}-{}", compared.word()),
        };
        let detail = match (compared.score, compared.threshold) {
            (Some(score), Some(threshold)) => {
                format!("{score} / {threshold} · 1 : {} · {}", compared.one_in, compared.engine)
            }
            _ => compared.engine.clone(),
        };
        Self {
            stand_in: compared.stand_in,
            ..Self::new(word, weight).with(detail)
        }
    }
}

impl Findings {
    /// All automatic checks, in the order in which they are read.
    pub fn checks(&self) -> Vec<Check> {
        let mut checks = vec![self.chip_check()];
        if matches!(self.chip, ChipSeen::Authentic { .. }) {
            checks.push(match self.original {
                Original::Proven => Check::new("chip-original", Weight::Good),
                Original::Unasked => Check::new("chip-unasked", Weight::Notice),
                Original::Keyless => Check::new("chip-keyless", Weight::Notice),
            });
        }
        if let Some((width, height)) = self.jpeg_2000 {
            checks.push(Check::new("chip-jpeg-2000", Weight::Notice).with(format!("{width} × {height}")));
        }
        checks.push(match self.differences() {
            0 => Check::new("data-agree", Weight::Good),
            count => Check::new("data-differ", Weight::Alarm).with(count.to_string()),
        });
        checks.push(match &self.card {
            Some(_) if self.has_valid_card() => Check::new("card-valid", Weight::Good),
            Some(_) => Check::new("card-invalid", Weight::Alarm),
            None => Check::new("card-none", Weight::Alarm),
        });
        checks.extend(self.comparisons.iter().map(Check::of_comparison));
        checks
    }

    fn chip_check(&self) -> Check {
        match &self.chip {
            ChipSeen::Absent => Check::new("chip-absent", Weight::Notice),
            ChipSeen::Authentic { signer, .. } => Check::new("chip-authentic", Weight::Good).with(signer),
            ChipSeen::Refused { reason } => Check::new("chip-refused", Weight::Alarm).with(reason),
        }
    }

    /// What speaks against approval.
    pub fn failing(&self) -> Vec<Check> {
        let checks = self.checks().into_iter();
        checks.filter(|check| check.weight == Weight::Alarm).collect()
    }

    /// The risk that follows from the checks.
    pub fn risk(&self) -> Risk {
        match self.checks().iter().map(|check| check.weight).max() {
            Some(Weight::Alarm) => Risk::High,
            Some(Weight::Notice) => Risk::Raised,
            Some(Weight::Good) | None => Risk::Low,
        }
    }

    /// Whether the face was found to differ from that on the chip or on record.
    pub fn face_differs(&self) -> bool {
        let face = |compared: &&Comparison| compared.modality == Modality::Face;
        let mut faces = self.comparisons.iter().filter(face);
        faces.any(|compared| compared.decision == Decision::Differs)
    }
}
