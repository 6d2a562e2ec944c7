//! The tax database (*thuế*).

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::contract::Record;
use super::rules::Source;

/// *Mã số thuế cá nhân*: the personal number since 1/7/2025 (Thông tư 86/2024/TT-BTC).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaxCode {
    /// The code now.
    pub code: String,
    /// The ten digits before.
    pub former_code: Option<String>,
    /// Since when.
    pub registered_on: Date,
    /// *Cơ quan thuế quản lý*.
    pub authority: String,
    /// `active` or `closed`.
    pub state: String,
}

impl Record for TaxCode {
    const SOURCE: Source = Source::Tax;
    const PATH: &'static str = "/tax/v1/query";
}
