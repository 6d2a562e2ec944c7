//! Faults that can be switched on while the sources run.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Serialize};

use super::fates::Fates;
use super::matcher::Model;

/// One of the source databases, or the matcher beside them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Source {
    /// The national population database.
    Population,
    /// The ID-card database.
    IdCard,
    /// The biometric matcher of the ID-card database.
    Matcher,
    /// The driving-licence database.
    DrivingLicence,
}

impl Source {
    /// Its name in addresses and answers: `population`, `id-card`, `matcher`, `driving-licence`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Population => "population",
            Self::IdCard => "id-card",
            Self::Matcher => "matcher",
            Self::DrivingLicence => "driving-licence",
        }
    }
}

/// What is wrong with a source; the default is nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Fault {
    /// Every answer takes so many milliseconds longer.
    pub slow_ms: u64,
    /// Every question is answered 503 `source-down`.
    pub down: bool,
    /// So many questions of a thousand are answered 500 `source-error`, evenly spread.
    pub errors_per_mille: u16,
    /// Answers are as of so many days ago.
    pub stale_days: u16,
}

/// The switches; clones share them.
#[derive(Clone, Debug, Default)]
pub struct Faults(Arc<Switches>);

#[derive(Debug, Default)]
struct Switches {
    fates: Fates,
    population: Mutex<Fault>,
    id_card: Mutex<Fault>,
    matcher: Mutex<Fault>,
    model: Mutex<Model>,
    driving_licence: Mutex<Fault>,
    asked: AtomicU64,
}

impl Faults {
    /// What is wrong with a source now.
    pub fn get(&self, source: Source) -> Fault {
        *self.switch(source).lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sets what is wrong with a source from now on.
    pub fn set(&self, source: Source, fault: Fault) {
        *self.switch(source).lock().unwrap_or_else(PoisonError::into_inner) = fault;
    }

    /// What befell people since the nation was made.
    pub fn fates(&self) -> &Fates {
        &self.0.fates
    }

    /// Repairs everything.
    pub fn clear(&self) {
        self.set(Source::Population, Fault::default());
        self.set(Source::IdCard, Fault::default());
        self.set(Source::DrivingLicence, Fault::default());
        self.set(Source::Matcher, Fault::default());
        self.set_matcher_model(Model::default());
    }

    /// How the matcher errs now.
    pub fn matcher_model(&self) -> Model {
        *self.0.model.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sets how the matcher errs from now on.
    pub fn set_matcher_model(&self, model: Model) {
        *self.0.model.lock().unwrap_or_else(PoisonError::into_inner) = model;
    }

    fn switch(&self, source: Source) -> &Mutex<Fault> {
        match source {
            Source::Population => &self.0.population,
            Source::IdCard => &self.0.id_card,
            Source::Matcher => &self.0.matcher,
            Source::DrivingLicence => &self.0.driving_licence,
        }
    }

    /// Whether this question is one of those that are answered with an error.
    pub(super) fn strikes(&self, fault: Fault) -> bool {
        let rate = u64::from(fault.errors_per_mille.min(1000));
        let asked = self.0.asked.fetch_add(1, Ordering::Relaxed) % 1000;
        (asked + 1) * rate / 1000 > asked * rate / 1000
    }
}
