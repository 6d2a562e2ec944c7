//! What an operator can set about credentials for wallets.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// Credentials for wallets.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Issuance {
    /// The platform does not start with a signer whose certificate ends within so many days.
    pub margin_days: i64,
    /// How many status lists a generation has. Never changed once credentials were issued.
    pub status_lists: u32,
    /// How many credentials a status list is for. Never changed once credentials were issued.
    pub status_list_size: u32,
    /// The folder with the certificates of the nation's own authority, in PEM; without it the platform makes an authority for itself.
    pub certificates: Option<PathBuf>,
    /// Certificates that are good no more before their end: the SHA-256 of each in DER, in base64url.
    pub withdrawn: Vec<String>,
    /// The address of an authority for time stamps (RFC 3161) over the seals of papers; without it they are sealed without.
    pub time_stamps: Option<String>,
}

impl Default for Issuance {
    /// Places for 104 million credentials in a generation.
    fn default() -> Self {
        Self {
            margin_days: 30,
            status_lists: 100,
            status_list_size: 1 << 20,
            certificates: None,
            withdrawn: Vec::new(),
            time_stamps: None,
        }
    }
}

impl Issuance {
    /// The fingerprints of the certificates that are withdrawn; what is not one is left out here and refused in production.
    pub fn withdrawn(&self) -> Vec<[u8; 32]> {
        let read = |text: &String| crypto::base64url::decode_fixed(text).ok();
        self.withdrawn.iter().filter_map(read).collect()
    }

    /// What must hold in production, each with the reason.
    pub(super) fn checks(&self) -> [(bool, &'static str); 4] {
        let enough = (1..=10_000).contains(&self.status_lists) && (1 << 16..=1 << 22).contains(&self.status_list_size);
        let address = |text: &String| text.starts_with("https://") || text.starts_with("http://");
        [
            (
                self.time_stamps.as_ref().is_none_or(address),
                "issuance.time_stamps must be an address",
            ),
            (
                self.withdrawn().len() == self.withdrawn.len(),
                "issuance.withdrawn must be SHA-256 fingerprints in base64url",
            ),
            (
                (1..=365).contains(&self.margin_days),
                "issuance.margin_days must lie between 1 and 365",
            ),
            (
                enough,
                "issuance: status_lists from 1 to 10000, status_list_size from 65536 to 4194304",
            ),
        ]
    }
}
