//! The automatic checks in words, and the risk that follows from them: what a reviewer reads first.

use serde::Serialize;

use super::super::rules::Risk;
use super::rules::{ChipSeen, Findings, Original};
use crate::biometrics::{Against, Comparison, Decision, Modality};

/// What one automatic check of an application found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Observation {
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

impl Risk {
    /// The class of its notice.
    pub fn class(self) -> &'static str {
        match self {
            Risk::Low => "good",
            Risk::Raised => "warn",
            Risk::High => "bad",
        }
    }
}

impl Observation {
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
    pub fn observations(&self) -> Vec<Observation> {
        let mut observed = vec![self.chip_check()];
        if matches!(self.chip, ChipSeen::Authentic { .. }) {
            observed.push(match self.original {
                Original::Proven => Observation::new("chip-original", Weight::Good),
                Original::Unasked => Observation::new("chip-unasked", Weight::Notice),
                Original::Keyless => Observation::new("chip-keyless", Weight::Notice),
            });
        }
        if let Some((width, height)) = self.jpeg_2000 {
            observed.push(Observation::new("chip-jpeg-2000", Weight::Notice).with(format!("{width} × {height}")));
        }
        observed.push(match self.differences() {
            0 => Observation::new("data-agree", Weight::Good),
            count => Observation::new("data-differ", Weight::Alarm).with(count.to_string()),
        });
        observed.push(match &self.card {
            Some(_) if self.has_valid_card() => Observation::new("card-valid", Weight::Good),
            Some(_) => Observation::new("card-invalid", Weight::Alarm),
            None => Observation::new("card-none", Weight::Alarm),
        });
        observed.extend(self.comparisons.iter().map(Observation::of_comparison));
        observed
    }

    fn chip_check(&self) -> Observation {
        match &self.chip {
            ChipSeen::Absent => Observation::new("chip-absent", Weight::Notice),
            ChipSeen::Authentic { signer, .. } => Observation::new("chip-authentic", Weight::Good).with(signer),
            ChipSeen::Refused { reason } => Observation::new("chip-refused", Weight::Alarm).with(reason),
        }
    }

    /// The risk that follows from the checks.
    pub fn risk(&self) -> Risk {
        match self.observations().iter().map(|check| check.weight).max() {
            Some(Weight::Alarm) => Risk::High,
            Some(Weight::Notice) => Risk::Raised,
            Some(Weight::Good) | None => Risk::Low,
        }
    }

    /// The same without scores, for the applicant: they would tell whoever holds a false picture how far it is from passing.
    #[must_use]
    pub fn without_scores(mut self) -> Self {
        for compared in &mut self.comparisons {
            (compared.score, compared.threshold) = (None, None);
        }
        self
    }

    /// Whether the face was found to differ from that on the chip or on record.
    pub fn face_differs(&self) -> bool {
        self.differs(|modality| modality == Modality::Face)
    }

    /// Whether a print was found to differ from that on record.
    pub fn print_differs(&self) -> bool {
        self.differs(|modality| modality != Modality::Face)
    }

    fn differs(&self, of: impl Fn(Modality) -> bool) -> bool {
        let mut compared = self.comparisons.iter().filter(|compared| of(compared.modality));
        compared.any(|compared| compared.decision == Decision::Differs)
    }
}
