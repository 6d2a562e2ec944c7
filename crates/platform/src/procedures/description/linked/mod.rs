//! What a procedure says of its parts at several bodies, of who confirms it first, and of the longer limit where it has to be verified.

use jiff::civil::Time;
use serde::{Deserialize, Serialize};

use super::{Receiver, When};

/// The longer limit where a body has to verify what was said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Verification {
    /// In working days, from the beginning.
    pub working_days: u16,
    /// What it rests on.
    pub basis: Vec<String>,
}

/// That somebody whom the applicant names confirms what is said, before any body begins; the legal time stands still.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Confirmation {
    /// The field of kind personal-number that names whom to ask; where it is empty nobody is asked.
    pub by: String,
    /// The fields that are shown to whoever is asked.
    pub about: Vec<String>,
    /// How long there is time for an answer, in working days.
    pub working_days: u16,
    /// What it rests on.
    pub basis: Vec<String>,
}

/// A part of a linked procedure: a dossier at a body of its own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Part {
    /// Its name, in addresses, tables and sentences.
    pub code: String,
    /// Who decides on it.
    pub receiver: Receiver,
    /// What it rests on.
    pub basis: Vec<String>,
    /// Its limit in working days; 0 is the same day.
    pub working_days: u16,
    /// Its longer limit.
    #[serde(default)]
    pub verification: Option<Verification>,
    /// What comes later in the day counts from the next working day.
    #[serde(default)]
    pub cut_off: Option<Time>,
    /// The part that has to be decided in favour first.
    #[serde(default)]
    pub after: Option<String>,
    /// Only where a field says something.
    #[serde(default)]
    pub when: Option<When>,
}
