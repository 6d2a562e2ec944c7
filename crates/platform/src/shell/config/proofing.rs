//! Settings of proofing: where evidence is kept, and how long.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// Where evidence is kept, and how long.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Evidence {
    /// The folder, unless a bucket is named.
    pub folder: PathBuf,
    /// The bucket of an S3-compatible store.
    pub bucket: Option<String>,
    /// The address of the store, where it is not that of the region.
    pub endpoint: Option<String>,
    /// The region of the store.
    pub region: String,
    /// A file with the name of the access key in its first line and its secret in the second.
    pub access_key: Option<PathBuf>,
    /// The rules of retention, in place of those that come with the program.
    pub retention: Option<PathBuf>,
}

impl Default for Evidence {
    fn default() -> Self {
        Self {
            folder: PathBuf::from("evidence"),
            bucket: None,
            endpoint: None,
            region: "us-east-1".to_owned(),
            access_key: None,
            retention: None,
        }
    }
}

impl Evidence {
    pub(super) fn check(&self, must: &mut impl FnMut(bool, &str)) {
        must(
            self.endpoint
                .as_ref()
                .is_none_or(|address| address.starts_with("https://")),
            "evidence.endpoint must begin with https://",
        );
        must(
            self.bucket.is_none() || self.access_key.as_ref().is_some_and(|file| file.is_file()),
            "evidence.access_key must be a file where evidence.bucket is set",
        );
    }
}

/// Settings of the counters.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Counter {
    /// Where a counter's page finds the agent for card reader and finger scanner, on the officer's own machine.
    pub agent: String,
}

impl Default for Counter {
    fn default() -> Self {
        Self {
            agent: "http://127.0.0.1:17800".to_owned(),
        }
    }
}

impl Counter {
    /// The address goes into a header, and must not lead to another machine.
    pub(super) fn check(&self, must: &mut impl FnMut(bool, &str)) {
        let port = ["http://127.0.0.1:", "http://localhost:"]
            .iter()
            .find_map(|local| self.agent.strip_prefix(local));
        must(
            port.is_some_and(|port| port.parse::<u16>().is_ok()),
            "counter.agent must be http://127.0.0.1: or http://localhost: with a port",
        );
    }
}

/// What an application for level 1 needs.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LevelOne {
    /// The way by the card's QR code is open, for phones that cannot read a chip.
    pub without_chip: bool,
}
