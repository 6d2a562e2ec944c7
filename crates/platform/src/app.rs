//! The platform put together: what every handler can reach, and every capability's place.

use std::ops::Deref;
use std::sync::Arc;

use axum::Router;
use civil::Calendar;
use civil::chip::TrustStore;
use crypto::password::Hasher;
use db::Db;

use crate::biometrics::BiometricVerifier;
use crate::evidence::Evidence;
use crate::notices::Gateway;
use crate::registries::Registries;
use crate::sandbox::Ground;
use crate::shell::chance::Chance;
use crate::shell::clock::Clock;
use crate::shell::config::Config;
use crate::shell::jobs::{Bell, Runner};
use crate::shell::keys::Keys;
use crate::shell::limits::Limits;
use crate::shell::texts::{self, Texts};
use crate::shell::turns::Turns;
use crate::shell::vault::Vault;
use crate::shell::workshop::Workshop;
use crate::shell::{self, front};
use crate::{
    accounts, applications, authenticity, biometrics, chips, counter, eid, evidence, history, home, inspection,
    issuance, ledger, locks, notices, officers, presentation, registration, registries, sandbox, signals, signin, sso,
    statistics, wallet,
};

/// What every handler can reach. Cheap to clone.
#[derive(Clone)]
pub struct App(Arc<Parts>);

/// The parts of the platform.
pub struct Parts {
    /// What the operator set.
    pub config: Config,
    /// The database.
    pub db: Db,
    /// The only source of time.
    pub clock: Clock,
    /// The only source of randomness.
    pub chance: Chance,
    /// The secret keys.
    pub keys: Keys,
    /// Seals personal data.
    pub vault: Vault,
    /// All sentences.
    pub texts: Arc<Texts>,
    /// Where slow computing is done.
    pub workshop: Workshop,
    /// Hashes passwords.
    pub hasher: Arc<Hasher>,
    /// How much one address, session or person may ask.
    pub limits: Limits,
    /// The line before the platform.
    pub turns: Turns,
    /// All kinds of jobs.
    pub runner: Runner,
    /// Wakes the worker of the outbox.
    pub bell: Bell,
    /// The lines to the source databases.
    pub registries: Registries,
    /// The line to the matcher of faces and fingers.
    pub biometrics: BiometricVerifier,
    /// Where evidence lies.
    pub evidence: Evidence,
    /// The OpenID provider.
    pub sso: sso::Desk,
    /// What issuing credentials needs at hand.
    pub issuance: issuance::Desk,
    /// Where notices leave the platform.
    pub gateway: Gateway,
    /// The policies by which officers act.
    pub policies: officers::Policies,
    /// The descriptions of procedures.
    pub procedures: crate::procedures::Catalogue,
    /// Working days, for legal deadlines.
    pub calendar: Calendar,
    /// The authorities whose chips are trusted.
    pub trust: TrustStore,
    /// What is counted in memory.
    pub tallies: statistics::Tallies,
    /// The synthetic world around the platform; only in the sandbox.
    pub sandbox: Option<Ground>,
}

impl Deref for App {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl App {
    /// The platform, of its parts.
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }
}

/// What a capability brings to the platform.
pub(crate) struct Capability {
    /// Its sentences.
    pub texts: texts::Source,
    /// Its requests.
    pub routes: fn() -> Router<App>,
    /// Its jobs.
    pub jobs: fn(&mut Runner),
    /// Only part of the sandbox.
    pub only_in_sandbox: bool,
}

/// Every capability, one line each.
const CAPABILITIES: &[Capability] = &[
    home::CAPABILITY,
    crate::resealing::CAPABILITY,
    authenticity::CAPABILITY,
    crate::news::CAPABILITY,
    crate::guide::CAPABILITY,
    crate::help::CAPABILITY,
    accounts::CAPABILITY,
    registration::CAPABILITY,
    signin::CAPABILITY,
    crate::devices::CAPABILITY,
    crate::recovery::CAPABILITY,
    crate::consents::CAPABILITY,
    history::CAPABILITY,
    ledger::CAPABILITY,
    statistics::CAPABILITY,
    notices::CAPABILITY,
    officers::CAPABILITY,
    applications::CAPABILITY,
    chips::CAPABILITY,
    counter::CAPABILITY,
    eid::CAPABILITY,
    crate::certificates::CAPABILITY,
    crate::documents::CAPABILITY,
    issuance::CAPABILITY,
    wallet::CAPABILITY,
    crate::procedures::CAPABILITY,
    crate::payments::CAPABILITY,
    inspection::CAPABILITY,
    crate::residence::CAPABILITY,
    crate::stays::CAPABILITY,
    presentation::CAPABILITY,
    crate::reports::CAPABILITY,
    crate::declarations::CAPABILITY,
    registries::CAPABILITY,
    locks::CAPABILITY,
    signals::CAPABILITY,
    biometrics::CAPABILITY,
    evidence::CAPABILITY,
    crate::bundles::CAPABILITY,
    crate::linking::CAPABILITY,
    crate::partners::CAPABILITY,
    sandbox::CAPABILITY,
    sso::CAPABILITY,
];

/// The sentences of the shell and of all capabilities.
///
/// # Errors
/// Names the first sentence that is ill-formed.
pub fn all_texts() -> Result<Texts, texts::IllFormed> {
    Texts::new(
        CAPABILITIES
            .iter()
            .map(|capability| capability.texts)
            .chain(crate::procedures::all_texts())
            .chain([shell::TEXTS]),
    )
}

/// The jobs of all capabilities.
pub fn all_jobs() -> Runner {
    let mut runner = Runner::default();
    for capability in CAPABILITIES {
        (capability.jobs)(&mut runner);
    }
    runner
}

/// The whole platform as one service.
pub fn router(app: &App) -> Router {
    let present = CAPABILITIES
        .iter()
        .filter(|capability| app.config.sandbox || !capability.only_in_sandbox);
    let capabilities = present.fold(Router::new(), |router, capability| router.merge((capability.routes)()));
    front::before(capabilities, app)
}
