//! The configuration: a TOML file, overlaid by the environment; what is not known is refused.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use db::Options;
use serde::{Deserialize, Serialize};

use super::keys::device;
use super::limits;
use super::official::Official;
use super::{peers, tls, toll};

mod certificates;
mod consents;
mod declarations;
mod history;
mod issuance;
mod notices;
mod officers;
mod procedures;
mod proofing;
mod sources;
mod stays;

pub use certificates::Certificates;
pub use consents::Consents;
pub use declarations::Declarations;
pub use history::{History, Odd};
pub use issuance::Issuance;
pub use notices::{MailServer, Notices, SmsCentre};
pub use officers::Officers;
pub use procedures::{Payments, Procedures};
pub use proofing::{Counter, Evidence, LevelOne};
pub use sources::{Biometrics, Registries};
pub use stays::Stays;

/// Everything an operator can set.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// The address to listen on.
    pub listen: SocketAddr,
    /// The address by which browsers and partners reach the platform; also the OpenID issuer. No trailing slash.
    pub public_url: String,
    /// `sqlite:PATH` or `postgres://…`.
    pub database: String,
    /// The authority of the certificate of a PostgreSQL server with `sslmode=require`: a PEM file.
    pub database_authority: Option<PathBuf>,
    /// How many connections to a PostgreSQL server this node may hold.
    pub database_connections: usize,
    /// The folder of the keys, readable by the platform's user alone.
    pub keys: PathBuf,
    /// A proxy of ours stands in front and sets `X-Forwarded-For`.
    pub behind_proxy: bool,
    /// How long a session lasts, in hours.
    pub session_hours: i64,
    /// How long sign-in is locked after five wrong passwords, in minutes.
    pub lock_minutes: i64,
    /// After how many days an account of level 0 is removed if level 1 is not applied for.
    pub lapse_days: i64,
    /// How much may be asked, and how many are served at once.
    pub limits: limits::Settings,
    /// What a message to a phone costs its asker.
    pub toll: toll::Settings,
    /// Log as JSON.
    pub log_json: bool,
    /// The cost of a password hash.
    pub password: PasswordCost,
    /// The working days of the years, in the form of the calendar that comes with the program, which it replaces.
    pub calendar: Option<PathBuf>,
    /// The authorities (CSCA) whose chips are trusted, and their revocation lists: a file or a folder of them, PEM or
    /// DER. Without it no chip is found authentic.
    pub chip_authorities: Option<PathBuf>,
    /// The source databases.
    pub registries: Registries,
    /// The matcher of faces and fingers.
    pub biometrics: Biometrics,
    /// Where evidence is kept, and how long.
    pub evidence: Evidence,
    /// The counters.
    pub counter: Counter,
    /// What an application for level 1 needs.
    pub level_1: LevelOne,
    /// Where notices go.
    pub notices: Notices,
    /// Administrative procedures.
    pub procedures: Procedures,
    /// The payment provider.
    pub payments: Payments,
    /// The tamper-evident log.
    pub ledger: Ledger,
    /// The history of looks.
    pub history: History,
    /// What people agree to tell relying parties.
    pub consents: Consents,
    /// For how long slips of declarations are good.
    pub declarations: Declarations,
    /// Stay notifications.
    pub stays: Stays,
    /// How officers sign in, and by which policies they act.
    pub officers: Officers,
    /// Credentials for wallets.
    pub issuance: Issuance,
    /// Criminal record certificates.
    pub certificates: Certificates,
    /// The addresses by which we are known.
    pub official: Official,
    /// Our certificate and key, where TLS ends here and not at a proxy.
    pub tls: Option<tls::Settings>,
    /// How programs' certificates are known.
    pub client_certificates: peers::Settings,
    /// A hardware security module for the keys, by PKCS #11.
    pub hsm: Option<device::Settings>,
    /// The sandbox is set up by its command alone, never by a file.
    #[serde(skip)]
    pub sandbox: bool,
}

/// The cost of Argon2id.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PasswordCost {
    /// Memory, in KiB.
    pub memory_kib: u32,
    /// Passes over the memory.
    pub passes: u32,
    /// Lanes.
    pub lanes: u32,
    /// How many hashes are computed at once.
    pub at_once: usize,
}

impl Default for PasswordCost {
    fn default() -> Self {
        Self {
            memory_kib: 19 * 1024,
            passes: 2,
            lanes: 1,
            at_once: 2,
        }
    }
}

/// The tamper-evident log.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Ledger {
    /// The name of the log in its checkpoints, which never changes; without it the public address without its scheme, with `/ledger`.
    pub origin: Option<String>,
    /// The keys of the witnesses whose cosignatures are accepted, each written `name+id+key` (C2SP signed-note, type 4).
    pub witnesses: Vec<String>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            public_url: "http://localhost:8080".to_owned(),
            database: "sqlite:vneid.db".to_owned(),
            database_authority: None,
            database_connections: Options::default().max_connections,
            keys: PathBuf::from("keys"),
            behind_proxy: false,
            session_hours: 12,
            lock_minutes: 15,
            lapse_days: 30,
            limits: limits::Settings::default(),
            toll: toll::Settings::default(),
            log_json: true,
            password: PasswordCost::default(),
            calendar: None,
            chip_authorities: None,
            registries: Registries::default(),
            biometrics: Biometrics::default(),
            evidence: Evidence::default(),
            counter: Counter::default(),
            level_1: LevelOne::default(),
            notices: Notices::default(),
            procedures: Procedures::default(),
            payments: Payments::default(),
            ledger: Ledger::default(),
            history: History::default(),
            consents: Consents::default(),
            declarations: Declarations::default(),
            stays: Stays::default(),
            officers: Officers::default(),
            issuance: Issuance::default(),
            certificates: Certificates::default(),
            official: Official::default(),
            tls: None,
            client_certificates: peers::Settings::default(),
            hsm: None,
            sandbox: false,
        }
    }
}

/// The configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read {0}")]
    Unreadable(PathBuf, #[source] std::io::Error),
    /// The file or a variable is not understood: the message names it.
    #[error("{0}")]
    Misunderstood(String),
    /// The settings are not safe for production: every reason is named.
    #[error("unsafe settings: {}", .0.join("; "))]
    Unsafe(Vec<String>),
}

impl Config {
    /// Reads a file and overlays the variables `VNEID_…`: `VNEID_PASSWORD__PASSES=3` sets `passes` of `[password]`.
    ///
    /// # Errors
    /// Names the file, the variable or the key that is not understood.
    pub fn load(file: &Path, variables: impl Iterator<Item = (String, String)>) -> Result<Self, ConfigError> {
        let text = std::fs::read_to_string(file).map_err(|error| ConfigError::Unreadable(file.to_owned(), error))?;
        Self::from_parts(&text, variables)
    }

    fn from_parts(text: &str, variables: impl Iterator<Item = (String, String)>) -> Result<Self, ConfigError> {
        let mut table: toml::Table = text
            .parse()
            .map_err(|error: toml::de::Error| ConfigError::Misunderstood(error.to_string()))?;
        for (name, value) in variables {
            let Some(path) = name.strip_prefix("VNEID_").filter(|path| !path.starts_with("TEST_")) else {
                continue;
            };
            overlay(&mut table, &path.to_lowercase(), &value)
                .ok_or_else(|| ConfigError::Misunderstood(format!("{name} names no setting")))?;
        }
        table
            .try_into()
            .map_err(|error: toml::de::Error| ConfigError::Misunderstood(error.to_string()))
    }

    /// Refuses settings that would endanger real people.
    ///
    /// # Errors
    /// [`ConfigError::Unsafe`] with every reason.
    pub fn check_production(&self) -> Result<(), ConfigError> {
        let mut reasons = Vec::new();
        let mut must = |good: bool, reason: &str| {
            if !good {
                reasons.push(reason.to_owned());
            }
        };
        must(self.is_https(), "public_url must begin with https://");
        must(!self.public_url.ends_with('/'), "public_url must not end with a slash");
        must(
            self.password.memory_kib >= 19 * 1024 && self.password.passes >= 2,
            "password: at least memory_kib = 19456 and passes = 2",
        );
        must(
            !self.database.contains("sslmode=disable"),
            "database must not be reached with sslmode=disable",
        );
        for (name, value, last) in [
            ("session_hours", self.session_hours, 24),
            ("lock_minutes", self.lock_minutes, 1440),
            ("lapse_days", self.lapse_days, 365),
            ("declarations.health_hours", self.declarations.health_hours, 720),
            ("declarations.movement_hours", self.declarations.movement_hours, 720),
            ("history.contest_days", self.history.contest_days, 90),
            ("procedures.drafts_kept_days", self.procedures.drafts_kept_days, 365),
            ("stays.of_age", self.stays.of_age, 21),
            (
                "history.odd.people_in_an_hour",
                self.history.odd.people_in_an_hour,
                10_000,
            ),
            (
                "history.odd.officers_in_a_day",
                self.history.odd.officers_in_a_day,
                1000,
            ),
            ("history.odd.days_in_a_month", self.history.odd.days_in_a_month, 30),
        ] {
            must(
                (1..=last).contains(&value),
                &format!("{name} must lie between 1 and {last}"),
            );
        }
        must(
            !self.client_certificates.from_proxy || self.behind_proxy,
            "client_certificates.from_proxy needs behind_proxy: anybody else could name a certificate",
        );
        self.registries.check(&mut must);
        self.biometrics.check(&mut must);
        self.evidence.check(&mut must);
        self.counter.check(&mut must);
        self.notices.check(&mut must);
        reasons.extend(self.unsafe_sections());
        if reasons.is_empty() {
            Ok(())
        } else {
            Err(ConfigError::Unsafe(reasons))
        }
    }

    /// What is unsafe in the sections that check themselves.
    fn unsafe_sections(&self) -> impl Iterator<Item = String> {
        let issuance = self.issuance.checks().into_iter().filter(|(good, _)| !good);
        let issuance = issuance.map(|(_, reason)| reason.to_owned());
        let hsm = self.hsm.iter().flat_map(device::Settings::unsafe_settings);
        issuance.chain(hsm).chain(self.toll.unsafe_settings())
    }

    /// Browsers reach us by TLS.
    pub fn is_https(&self) -> bool {
        self.public_url.starts_with("https://")
    }

    /// The origin of our own pages.
    pub fn origin(&self) -> &str {
        let scheme = self.public_url.find("://").map_or(0, |at| at + 3);
        let end = self
            .public_url
            .get(scheme..)
            .and_then(|rest| rest.find('/'))
            .map_or(self.public_url.len(), |at| scheme + at);
        self.public_url.get(..end).unwrap_or(&self.public_url)
    }
}

fn overlay(table: &mut toml::Table, path: &str, value: &str) -> Option<()> {
    match path.split_once("__") {
        Some((section, rest)) => {
            let inner = table.entry(section).or_insert_with(|| toml::Table::new().into());
            overlay(inner.as_table_mut()?, rest, value)
        }
        None => {
            let parsed = format!("value = {value}")
                .parse::<toml::Table>()
                .ok()
                .and_then(|mut table| table.remove("value"));
            table.insert(
                path.to_owned(),
                parsed.unwrap_or_else(|| toml::Value::String(value.to_owned())),
            );
            Some(())
        }
    }
}

#[cfg(test)]
mod tests;
