//! Criminal record certificates.

use serde::{Deserialize, Serialize};

/// What the managing agency sets for criminal record certificates.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Certificates {
    /// For how many months a certificate can be relied upon; without it no term is stated (Luật Lý lịch tư pháp 2009 sets none).
    pub valid_months: Option<u16>,
}
