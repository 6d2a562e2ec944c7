//! What an operator can set about officers.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::officers::Role;

/// How officers sign in, and by which policies they act.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Officers {
    /// A folder of `.cedar` files, which replace the policies that come with the program.
    pub policies: Option<PathBuf>,
    /// The roles that do nothing before a second factor has been given in the session.
    pub second_factor: Vec<String>,
}

impl Default for Officers {
    /// Every role proves a passkey.
    fn default() -> Self {
        let roles = Role::ALL.iter().map(|role| role.word().to_owned());
        Self {
            policies: None,
            second_factor: roles.collect(),
        }
    }
}
