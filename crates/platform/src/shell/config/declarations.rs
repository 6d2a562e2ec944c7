use serde::{Deserialize, Serialize};

/// For how long the slips of declarations are good. No rule in force sets it: the managing agency does, by the orders of the health authority.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Declarations {
    /// A declaration of health, in hours from when it was made.
    pub health_hours: i64,
    /// A declaration of a movement, in hours after the day of departure.
    pub movement_hours: i64,
}

impl Default for Declarations {
    fn default() -> Self {
        Self {
            health_hours: 72,
            movement_hours: 48,
        }
    }
}
