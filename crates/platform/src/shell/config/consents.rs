//! What people agree to tell relying parties.

use serde::{Deserialize, Serialize};

/// How long a consent is remembered where a relying party has registered no terms of its own.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Consents {
    /// For how many days; with 0 the person is asked at each sign-in.
    pub remembered_days: i64,
    /// What asking rests on.
    pub law: String,
}

impl Default for Consents {
    fn default() -> Self {
        Self {
            remembered_days: 180,
            law: "Nghị định 69/2024/NĐ-CP, Điều 19".to_owned(),
        }
    }
}
