//! The whole platform in one process, on a fixed day with fixed dice, for the tests of the capabilities.
//!
//! Runs on SQLite; on PostgreSQL when `VNEID_TEST_POSTGRES` names a server where databases can be created.

pub(crate) mod app_wallet;
mod authenticator;
mod client;
mod database;
pub(crate) mod device;
pub(crate) mod dump;
mod holder;
mod phone;
mod store;
pub(crate) mod wallet;

use std::future::Future;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use axum::Router;
use civil::chip::{ActiveAnswer, Challenge, Reading};
use crypto::password::{Cost, Hasher};
use db::Engine;
use jiff::{SignedDuration, Timestamp};
use nation::sources::Faults;
use nation::{Nation, Person};

use crate::app::{self, App, Parts};
use crate::biometrics::BiometricVerifier;
use crate::evidence::Evidence;
use crate::issuance;
use crate::notices::{self, Gateway, Message};
use crate::officers;
use crate::registries::{Registries, Source, Transport};
use crate::sandbox::people::can_register;
use crate::sandbox::{self, Ground};
use crate::shell::chance::Chance;
use crate::shell::clock::Clock;
use crate::shell::config::Config;
use crate::shell::jobs::{self, Runner};
use crate::shell::keys::Keys;
use crate::shell::limits::{self, Limits};
use crate::shell::peers::Peers;
use crate::shell::server;
use crate::shell::workshop::Workshop;
use crate::sso;

pub(crate) use authenticator::Authenticator;
pub(crate) use client::{Answer, Client};

pub(crate) use holder::{Holder, PASSCODE, PASSWORD};
pub(crate) use phone::DeviceKey;

/// What the nation under test follows from.
const SEED: u64 = 1;
/// How many people the nation under test has.
const PEOPLE: u64 = 100;

/// The platform under test. It begins on Monday 23 November 2026, 09:00 in Viet Nam.
pub(crate) struct TestApp {
    app: App,
    folder: tempfile::TempDir,
}

impl std::ops::Deref for TestApp {
    type Target = App;

    fn deref(&self) -> &App {
        &self.app
    }
}

impl TestApp {
    /// Starts the platform as the sandbox has it.
    pub(crate) async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    /// Starts the platform with jobs of the test's own.
    pub(crate) async fn start_with_jobs(runner: Runner) -> Self {
        Self::build(|_| {}, runner, inside).await
    }

    /// Starts the platform with settings of its own.
    pub(crate) async fn start_with(set: impl FnOnce(&mut Config)) -> Self {
        Self::build(set, app::all_jobs(), inside).await
    }

    /// Starts the platform with source databases of the test's own.
    pub(crate) async fn start_with_sources(sources: Router, set: impl FnOnce(&mut Config)) -> Self {
        let lines = |config: &Config, _: Router| Registries::new(&config.registries, Transport::Inside(sources));
        Self::build(set, app::all_jobs(), lines).await
    }

    /// Starts the platform with lines to the source databases made by the test, which is given the databases.
    pub(crate) async fn start_with_lines(lines: impl FnOnce(&Config, Router) -> Registries) -> Self {
        Self::build(|_| {}, app::all_jobs(), lines).await
    }

    async fn build(
        set: impl FnOnce(&mut Config),
        runner: Runner,
        lines: impl FnOnce(&Config, Router) -> Registries,
    ) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Clock::fixed("2026-11-23T02:00:00Z".parse().unwrap());
        let chance = Chance::seeded(1);
        let mut config = Config {
            public_url: "http://localhost:8080".to_owned(),
            sandbox: true,
            limits: limits::Settings::boundless(),
            ..Config::default()
        };
        config.officers.second_factor.clear();
        config.toll.bits = 0;
        config.evidence.folder = folder.path().join("evidence");
        set(&mut config);
        let keys = Keys::in_memory(&chance, clock.now()).unwrap();
        let cheap = Cost {
            memory_kib: 8,
            passes: 1,
            lanes: 1,
        };
        let ground = Ground::new(SEED, PEOPLE).unwrap();
        let db = database::open(&folder).await;
        let sources = sandbox::sources(&ground, &clock);
        let app = App::new(Parts {
            biometrics: BiometricVerifier::new(&config.biometrics, Transport::Inside(sources.clone())),
            registries: lines(&config, sources),
            evidence: Evidence::open(&config.evidence).unwrap(),
            db,
            vault: keys.vault().unwrap(),
            sso: sso::Desk::new(&config, &keys, Peers::open(&config.client_certificates, false).unwrap()).unwrap(),
            issuance: issuance::Desk::open(&config, &keys, clock.now()).unwrap(),
            keys,
            texts: Arc::new(app::all_texts().unwrap()),
            workshop: Workshop::new(2),
            hasher: Arc::new(Hasher::new(cheap, 2).unwrap()),
            limits: Limits::new(&clock, &config.limits),
            turns: server::turns(&config.limits),
            runner,
            bell: jobs::Bell::default(),
            gateway: Gateway::Mailbox,
            policies: officers::Policies::open(None, &config.officers.second_factor).unwrap(),
            procedures: crate::procedures::Catalogue::open(config.procedures.descriptions.as_deref()).unwrap(),
            calendar: civil::Calendar::official().unwrap(),
            trust: ground.issuer.trust().unwrap(),
            tallies: crate::statistics::Tallies::default(),
            sandbox: Some(ground),
            config,
            clock,
            chance,
        });
        Self { app, folder }
    }

    /// The folder of this test's files.
    pub(crate) fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// The nation that the source databases of the platform under test know.
    pub(crate) fn nation(&self) -> &Nation {
        &self.ground().nation
    }

    /// The switches of the source databases' faults.
    pub(crate) fn faults(&self) -> &Faults {
        &self.ground().faults
    }

    fn ground(&self) -> &Ground {
        self.app.sandbox.as_ref().unwrap()
    }

    /// The first person of the nation who can register.
    pub(crate) fn citizen(&self) -> Person {
        self.citizens().next().unwrap()
    }

    /// All such persons.
    pub(crate) fn citizens(&self) -> impl Iterator<Item = Person> {
        let today = self.app.clock.today();
        let people = (0..self.nation().people()).filter_map(|index| self.nation().person(index));
        people.filter(move |person| can_register(person, today))
    }

    /// What a reader saves of the chip of a person's valid card.
    pub(crate) fn chip(&self, person: &Person) -> Vec<u8> {
        let card = person.valid_card(self.app.clock.today()).unwrap();
        let files = nation::chip::files(self.nation(), person, card, &self.ground().issuer).unwrap();
        serde_json::to_vec(&files).unwrap()
    }

    /// The same with the chip's answer to a challenge in hexadecimal digits.
    pub(crate) fn reading(&self, person: &Person, challenge: &str) -> Vec<u8> {
        let challenge = Challenge(u64::from_str_radix(challenge, 16).unwrap().to_be_bytes());
        let card = person.valid_card(self.app.clock.today()).unwrap();
        let response = nation::chip::answer(person, card, &self.ground().issuer, challenge).unwrap();
        let reading = Reading {
            files: serde_json::from_slice(&self.chip(person)).unwrap(),
            active: Some(ActiveAnswer {
                challenge: challenge.0.to_vec().into(),
                response: response.into(),
            }),
            card_access: None,
        };
        serde_json::to_vec(&reading).unwrap()
    }

    /// A browser-less visitor with a cookie jar, who reads English.
    pub(crate) fn client(&self) -> Client {
        Client::new(app::router(&self.app))
    }

    /// Moves the clock.
    pub(crate) fn advance(&self, by: SignedDuration) {
        self.app.clock.advance(by);
    }

    /// The present instant.
    pub(crate) fn now(&self) -> Timestamp {
        self.app.clock.now()
    }

    /// Does every job that is due, and those that they cause.
    pub(crate) async fn run_jobs(&self) {
        while jobs::run_due(&self.app).await.unwrap() > 0 {}
    }

    /// What an address has received, newest first; runs the jobs that send it.
    pub(crate) async fn mailbox(&self, to: &str) -> Vec<Message> {
        self.run_jobs().await;
        notices::mailbox(&self.app, Some(to), 100).await.unwrap()
    }
}

/// A test that ends with a job undone has forgotten to look at its effect.
impl Drop for TestApp {
    fn drop(&mut self) {
        if std::thread::panicking() || self.app.db.engine() != Engine::Sqlite {
            return;
        }
        let mut count = std::pin::pin!(jobs::count_due(&self.app));
        if let Poll::Ready(Ok(due)) = count.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            assert_eq!(due, 0, "the test forgot to run its jobs");
        }
    }
}

/// Lines to the source databases inside the process.
fn inside(config: &Config, sources: Router) -> Registries {
    let keys = nation::sources::signers(&Nation::new(SEED, PEOPLE));
    let signer = |source: Source| Some((source, keys.get(source.text())?.clone()));
    let signers = Source::ALL.into_iter().filter_map(signer).collect();
    Registries::new(&config.registries, Transport::Inside(sources)).signed_by(&signers)
}
