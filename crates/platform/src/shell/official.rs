//! What is officially ours, as anybody may check it.

use serde::{Deserialize, Serialize};

/// The addresses by which the managing agency is known.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Official {
    /// The hosts that are ours, with everything below them (*cổng thông tin*; Decree 69/2024, article 9).
    pub hosts: Vec<String>,
    /// The hotline of the managing agency.
    pub hotline: String,
    /// Where a hole is reported: a `mailto:` or `https:` address (RFC 9116 section 2.5.3).
    pub security_contact: String,
}

impl Default for Official {
    fn default() -> Self {
        Self {
            hosts: ["vneid.gov.vn", "dinhdanhdientu.gov.vn"].map(str::to_owned).to_vec(),
            hotline: "1900.0368".to_owned(),
            security_contact: "https://vneid.gov.vn".to_owned(),
        }
    }
}
