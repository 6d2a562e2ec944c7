//! Stay notifications.

use serde::{Deserialize, Serialize};

/// What can be set about stay notifications.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Stays {
    /// From which age on a guest may come alone without the police being told of it.
    pub of_age: i64,
    /// What that age rests on.
    pub of_age_law: String,
}

impl Default for Stays {
    fn default() -> Self {
        Self {
            of_age: 18,
            of_age_law: "Bộ luật Dân sự 91/2015/QH13, Điều 21".to_owned(),
        }
    }
}
