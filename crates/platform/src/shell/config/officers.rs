//! What an operator can set about officers.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// How officers sign in, and by which policies they act.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Officers {
    /// A folder of `.cedar` files, which replace the policies that come with the program.
    pub policies: Option<PathBuf>,
    /// The roles that sign in with a passkey as well.
    pub second_factor: Vec<String>,
}

impl Default for Officers {
    fn default() -> Self {
        let all = [
            "counter",
            "reviewer",
            "chief",
            "inspector",
            "investigator",
            "ministry",
            "administrator",
        ];
        Self {
            policies: None,
            second_factor: all.map(str::to_owned).to_vec(),
        }
    }
}
