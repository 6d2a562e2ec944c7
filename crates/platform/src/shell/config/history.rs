//! The history of looks.

use serde::{Deserialize, Serialize};

/// What can be set about contested looks.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct History {
    /// How many calendar days an inspector has to answer what a citizen contests.
    pub contest_days: i64,
    /// What that limit rests on.
    pub contest_law: String,
}

impl Default for History {
    fn default() -> Self {
        Self {
            contest_days: 30,
            contest_law: "Luật Khiếu nại 02/2011/QH13, Điều 28".to_owned(),
        }
    }
}
