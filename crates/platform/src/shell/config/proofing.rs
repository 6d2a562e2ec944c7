//! Settings of proofing: who compares faces and fingers, and where evidence is kept.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// The biometric matcher of the ID-card database and how to reach it, by mutual TLS.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Biometrics {
    /// Its address: `https://host:port`.
    pub matcher: String,
    /// Its certificate authority, a PEM file.
    pub authority: PathBuf,
    /// Our certificate and key, one PEM file.
    pub identity: PathBuf,
    /// How long connecting may take, in milliseconds.
    pub connect_ms: u64,
    /// How long an answer may take, further tries included, in milliseconds.
    pub total_ms: u64,
    /// How many questions may be under way at once.
    pub at_once: usize,
    /// Different faces count as one once in so many comparisons.
    pub faces_one_in: u64,
    /// The same for fingers.
    pub fingers_one_in: u64,
}

impl Default for Biometrics {
    fn default() -> Self {
        Self {
            matcher: String::new(),
            authority: PathBuf::new(),
            identity: PathBuf::new(),
            connect_ms: 1000,
            total_ms: 8000,
            at_once: 16,
            faces_one_in: 10_000,
            fingers_one_in: 100_000,
        }
    }
}

impl Biometrics {
    pub(super) fn check(&self, must: &mut impl FnMut(bool, &str)) {
        must(
            self.matcher.starts_with("https://"),
            "biometrics.matcher must begin with https://",
        );
        must(
            self.authority.is_file() && self.identity.is_file(),
            "biometrics.authority and biometrics.identity must be PEM files",
        );
        must(
            self.faces_one_in >= 1000 && self.fingers_one_in >= 1000,
            "biometrics.faces_one_in and fingers_one_in must be at least 1000",
        );
    }
}

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
