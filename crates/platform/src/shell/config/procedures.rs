//! Settings of procedures and payments.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// Administrative procedures.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Procedures {
    /// A folder of `CODE.toml`: versions of descriptions that come on top of those that come with the program, when a decree changes one.
    pub descriptions: Option<PathBuf>,
    /// How many days a draft is kept after it was last saved. No clause sets it.
    pub drafts_kept_days: i64,
}

impl Default for Procedures {
    fn default() -> Self {
        Self {
            descriptions: None,
            drafts_kept_days: 90,
        }
    }
}

/// The payment provider.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Payments {
    /// The page where people pay; without it nothing can be paid online.
    pub page: Option<String>,
    /// A file with the provider's public key (JWK), with which its callbacks are signed.
    pub provider: Option<PathBuf>,
}
