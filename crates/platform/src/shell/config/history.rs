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
    /// From which counts on looks of officers are odd.
    pub odd: Odd,
}

/// From which counts on looks of officers make a pattern that an inspector must see. Every look of somebody who has to do with the person in private is
/// odd.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Odd {
    /// So many people are looked at in an hour by nobody who works on dossiers.
    pub people_in_an_hour: i64,
    /// So many officers look in a day at nobody who is not known to all.
    pub officers_in_a_day: i64,
    /// On so many days of a month an officer has no reason to look at the same person.
    pub days_in_a_month: i64,
}

impl Default for Odd {
    fn default() -> Self {
        Self {
            people_in_an_hour: 100,
            officers_in_a_day: 8,
            days_in_a_month: 4,
        }
    }
}

impl Default for History {
    fn default() -> Self {
        Self {
            contest_days: 30,
            contest_law: "Luật Khiếu nại 02/2011/QH13, Điều 28".to_owned(),
            odd: Odd::default(),
        }
    }
}
