//! Settings of the sources that are asked by mutual TLS: the databases, and the matcher of faces and fingers.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// The source databases and how to reach them, by mutual TLS.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Registries {
    /// The National Population Database: `https://host:port`.
    pub population: String,
    /// The ID-card database: `https://host:port`.
    pub id_card: String,
    /// The driving-licence database: `https://host:port`.
    pub driving_licence: String,
    /// The register of licences before that; it and those that follow may be left out until they are connected.
    pub former_licence: String,
    /// The residence database.
    pub residence: String,
    /// The civil-status database.
    pub civil_status: String,
    /// The vehicle-registration database.
    pub vehicle: String,
    /// The health-insurance database.
    pub health_insurance: String,
    /// The social-insurance database.
    pub social_insurance: String,
    /// The tax database.
    pub tax: String,
    /// The passport database.
    pub passport: String,
    /// The judicial-record database.
    pub justice: String,
    /// The health-record database.
    pub health_record: String,
    /// The public keys by which the sources sign, a JSON file: a JWK under each name.
    pub signers: PathBuf,
    /// The certificate authority of the sources, a PEM file.
    pub authority: PathBuf,
    /// Our certificate and key, one PEM file.
    pub identity: PathBuf,
    /// How long connecting may take, in milliseconds.
    pub connect_ms: u64,
    /// How long an answer may take, further tries included, in milliseconds.
    pub total_ms: u64,
    /// How many questions to one source may be under way at once.
    pub at_once: usize,
    /// How many working days a source has to answer a report of wrong data; no law sets it, the agreements with the agencies do.
    pub correction_days: u16,
}

impl Default for Registries {
    fn default() -> Self {
        Self {
            population: String::new(),
            id_card: String::new(),
            driving_licence: String::new(),
            former_licence: String::new(),
            residence: String::new(),
            civil_status: String::new(),
            vehicle: String::new(),
            health_insurance: String::new(),
            social_insurance: String::new(),
            tax: String::new(),
            passport: String::new(),
            justice: String::new(),
            health_record: String::new(),
            signers: PathBuf::new(),
            authority: PathBuf::new(),
            identity: PathBuf::new(),
            connect_ms: 1000,
            total_ms: 3000,
            at_once: 64,
            correction_days: 5,
        }
    }
}

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

impl Registries {
    /// Where the source of a name is; empty for one that is not connected.
    pub fn base(&self, source: &str) -> &str {
        let known = self.optional().into_iter().chain(self.needed());
        known
            .into_iter()
            .find(|(name, _)| name.replace('_', "-") == source)
            .map_or("", |(_, url)| url)
    }

    fn needed(&self) -> [(&'static str, &str); 3] {
        [
            ("population", &self.population),
            ("id_card", &self.id_card),
            ("driving_licence", &self.driving_licence),
        ]
    }

    fn optional(&self) -> [(&'static str, &str); 10] {
        [
            ("former_licence", &self.former_licence),
            ("residence", &self.residence),
            ("civil_status", &self.civil_status),
            ("vehicle", &self.vehicle),
            ("health_insurance", &self.health_insurance),
            ("social_insurance", &self.social_insurance),
            ("tax", &self.tax),
            ("passport", &self.passport),
            ("justice", &self.justice),
            ("health_record", &self.health_record),
        ]
    }

    pub(super) fn check(&self, must: &mut impl FnMut(bool, &str)) {
        let connected = self.optional().into_iter().filter(|(_, url)| !url.is_empty());
        for (name, url) in self.needed().into_iter().chain(connected) {
            must(
                url.starts_with("https://"),
                &format!("registries.{name} must begin with https://"),
            );
        }
        must(
            self.signers.is_file(),
            "registries.signers must be a file with the keys of the sources",
        );
        must(self.authority.is_file(), "registries.authority must be a PEM file");
        must(self.identity.is_file(), "registries.identity must be a PEM file");
    }
}
