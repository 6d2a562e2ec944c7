//! Faults that can be switched on while the sources run.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Serialize};

use super::fates::Fates;
use super::matcher::Model;

/// One of the source databases, or the matcher beside them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
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
    /// The register of licences before that.
    FormerLicence,
    /// The residence database.
    Residence,
    /// The civil-status database.
    CivilStatus,
    /// The vehicle-registration database.
    Vehicle,
    /// The health-insurance database.
    HealthInsurance,
    /// The social-insurance database.
    SocialInsurance,
    /// The tax database.
    Tax,
    /// The passport database.
    Passport,
    /// The judicial-record database.
    Justice,
    /// The health-record database.
    HealthRecord,
}

impl Source {
    /// All of them.
    pub const ALL: [Self; 14] = [
        Self::Population,
        Self::IdCard,
        Self::Matcher,
        Self::DrivingLicence,
        Self::FormerLicence,
        Self::Residence,
        Self::CivilStatus,
        Self::Vehicle,
        Self::HealthInsurance,
        Self::SocialInsurance,
        Self::Tax,
        Self::Passport,
        Self::Justice,
        Self::HealthRecord,
    ];

    /// Its name in addresses and answers: `population`, `id-card`, `vehicle` …
    pub fn name(self) -> &'static str {
        match self {
            Self::Population => "population",
            Self::IdCard => "id-card",
            Self::Matcher => "matcher",
            Self::DrivingLicence => "driving-licence",
            Self::FormerLicence => "former-licence",
            Self::Residence => "residence",
            Self::CivilStatus => "civil-status",
            Self::Vehicle => "vehicle",
            Self::HealthInsurance => "health-insurance",
            Self::SocialInsurance => "social-insurance",
            Self::Tax => "tax",
            Self::Passport => "passport",
            Self::Justice => "justice",
            Self::HealthRecord => "health-record",
        }
    }

    /// The source whose addresses begin with this name.
    pub(super) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|source| source.name() == name)
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
    /// What is wrong with the answers themselves.
    pub twist: Option<Twist>,
}

/// An answer that must not be believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Twist {
    /// It is about somebody of another name.
    OtherPerson,
    /// Its signature is that of nobody.
    Forged,
    /// It is the answer to an earlier question, signature and all.
    Replayed,
    /// A field has another name than agreed.
    Drifted,
    /// It is ten megabytes long.
    Huge,
    /// The clock of the source is an hour ahead.
    WrongClock,
}

/// The switches; clones share them.
#[derive(Clone, Debug, Default)]
pub struct Faults(Arc<Switches>);

#[derive(Debug, Default)]
struct Switches {
    fates: Fates,
    faults: Mutex<BTreeMap<Source, Fault>>,
    model: Mutex<Model>,
    asked: AtomicU64,
}

impl Faults {
    /// What is wrong with a source now.
    pub fn get(&self, source: Source) -> Fault {
        self.switches().get(&source).copied().unwrap_or_default()
    }

    /// Sets what is wrong with a source from now on.
    pub fn set(&self, source: Source, fault: Fault) {
        self.switches().insert(source, fault);
    }

    /// What befell people since the nation was made.
    pub fn fates(&self) -> &Fates {
        &self.0.fates
    }

    /// Repairs everything.
    pub fn clear(&self) {
        self.switches().clear();
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

    fn switches(&self) -> std::sync::MutexGuard<'_, BTreeMap<Source, Fault>> {
        self.0.faults.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether this question is one of those that are answered with an error.
    pub(super) fn strikes(&self, fault: Fault) -> bool {
        let rate = u64::from(fault.errors_per_mille.min(1000));
        let asked = self.0.asked.fetch_add(1, Ordering::Relaxed) % 1000;
        (asked + 1) * rate / 1000 > asked * rate / 1000
    }
}
