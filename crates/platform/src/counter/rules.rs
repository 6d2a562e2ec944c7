//! Papers that can be integrated, and who saw their originals.

use serde::{Deserialize, Serialize};

/// The papers of Luật Căn cước 26/2023/QH15, article 22, that form TK01 asks to integrate.
pub(super) const PAPERS: [&str; 6] = [
    "health-insurance",
    "social-insurance",
    "driving-licence",
    "birth-certificate",
    "marriage-certificate",
    "vehicle-registration",
];

/// The originals that an officer has seen.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Originals {
    /// Which papers.
    pub(crate) papers: Vec<String>,
    /// The officer who saw them, with the unit.
    pub(crate) checked_by: String,
}
