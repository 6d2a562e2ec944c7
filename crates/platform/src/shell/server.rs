//! Opening the house: the parts put together from the configuration, the doors, and an orderly close.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use civil::Calendar;
use civil::chip::TrustStore;
use crypto::password::{Cost, Hasher};
use db::{Db, Options};
use tokio::net::TcpListener;
use tokio::sync::watch;

use super::chance::Chance;
use super::clock::Clock;
use super::config::Config;
use super::jobs::{self, Bell};
use super::keys::{self, Keys};
use super::limits::{self, Limits};
use super::pause::pause;
use super::peers::Peers;
use super::tls;
use super::turns::Turns;
use super::workshop::Workshop;
use crate::app::{self, App, Parts};
use crate::applications::law::watch::warn;
use crate::biometrics::BiometricVerifier;
use crate::chips;
use crate::evidence::Evidence;
use crate::history;
use crate::issuance;
use crate::ledger;
use crate::locks;
use crate::notices::{self, Gateway};
use crate::officers;
use crate::procedures;
use crate::registries::{self, Registries};
use crate::sso;
use crate::statistics;

/// The platform could not be opened.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;

/// How long requests under way may take to finish when the platform closes.
const LAST_REQUESTS: Duration = Duration::from_secs(20);
/// How long memory may grow by what is no longer needed.
const SWEEP_EVERY: Duration = Duration::from_secs(5);

/// Puts the platform together: database opened and migrated, keys opened.
///
/// # Errors
/// Whatever keeps the platform from working, with its cause.
pub async fn open(config: Config, gateway: Gateway, clock: Clock, chance: Chance) -> Result<App, Failure> {
    Ok(App::new(parts(config, gateway, clock, chance).await?))
}

/// The parts of the platform, before one of them is replaced.
///
/// # Errors
/// As [`open`].
pub async fn parts(config: Config, gateway: Gateway, clock: Clock, chance: Chance) -> Result<Parts, Failure> {
    super::health::recorder();
    let options = Options {
        max_connections: config.database_connections,
        root_certificates: config.database_authority.clone(),
        ..Options::default()
    };
    let db = Db::open(&config.database, options).await?;
    for step in db.migrate(crate::migrations::all()).await? {
        tracing::info!(step, "the schema was migrated");
    }
    let keys = Keys::open(&config.keys, config.hsm.as_ref(), &chance, clock.now())?;
    let cost = Cost {
        memory_kib: config.password.memory_kib,
        passes: config.password.passes,
        lanes: config.password.lanes,
    };
    let at_once = config.password.at_once.max(1);
    let calendar = calendar(&config)?;
    let trust = config
        .chip_authorities
        .as_deref()
        .map_or_else(|| Ok(TrustStore::new()), chips::trust)?;
    let policies = officers::Policies::open(config.officers.policies.as_deref(), &config.officers.second_factor)?;
    Ok(Parts {
        db,
        vault: keys.vault()?,
        sso: sso::Desk::new(
            &config,
            &keys,
            Peers::open(&config.client_certificates, config.tls.is_some())?,
        )?,
        issuance: issuance::Desk::open(&config, &keys, clock.now())?,
        keys,
        texts: Arc::new(app::all_texts()?),
        workshop: Workshop::new(at_once),
        hasher: Arc::new(Hasher::new(cost, at_once)?),
        limits: Limits::new(&clock, &config.limits),
        turns: turns(&config.limits),
        registries: Registries::open(&config.registries)?,
        biometrics: BiometricVerifier::open(&config.biometrics)?,
        evidence: Evidence::open(&config.evidence)?,
        runner: app::all_jobs(),
        bell: Bell::default(),
        gateway,
        policies,
        procedures: procedures::Catalogue::open(config.procedures.descriptions.as_deref())?,
        calendar,
        trust,
        tallies: statistics::Tallies::default(),
        sandbox: None,
        config,
        clock,
        chance,
    })
}

/// The line before the platform.
pub(crate) fn turns(settings: &limits::Settings) -> Turns {
    let patience = Duration::from_millis(settings.patience_ms);
    Turns::new(settings.at_once, settings.waiting, patience)
}

/// The calendar that the operator keeps, or the one that came with this program.
fn calendar(config: &Config) -> Result<Calendar, Failure> {
    Ok(match &config.calendar {
        Some(file) => Calendar::from_toml(&std::fs::read_to_string(file)?)?,
        None => Calendar::official()?,
    })
}

/// Serves requests and works through the outbox until `stop` tells to close; then finishes what is under way.
///
/// # Errors
/// If the listener fails.
pub async fn run(app: App, listener: TcpListener, stop: watch::Receiver<bool>) -> io::Result<()> {
    begin(&app).await;
    let worker = tokio::spawn(jobs::work(app.clone(), told(stop.clone())));
    let sweeper = tokio::spawn(sweep(app.clone()));
    let sequencer = tokio::spawn(ledger::work(app.clone(), told(stop.clone())));
    let counts = tokio::spawn(statistics::work(app.clone(), told(stop.clone())));
    let keys = tokio::spawn(keys::watch(app.clone(), told(stop.clone())));
    let feeds = tokio::spawn(registries::work(app.clone(), told(stop.clone())));
    let secured = app.config.tls.as_ref();
    let asks = app.config.client_certificates.authorities.is_some();
    let secured = secured.map(|settings| tls::acceptor(settings, asks)).transpose();
    let secured = secured.map_err(io::Error::other)?;
    let (router, told_to) = (app::router(&app), stop.clone());
    let serving = async move {
        match secured {
            Some(acceptor) => tls::serve(listener, acceptor, router, told_to).await,
            None => {
                let service = router.into_make_service_with_connect_info::<SocketAddr>();
                axum::serve(listener, service)
                    .with_graceful_shutdown(told(told_to))
                    .await
            }
        }
    };
    tokio::select! {
        served = serving => served?,
        () = too_late(stop) => tracing::warn!("requests were cut off at the close"),
    }
    sweeper.abort();
    keys.abort();
    feeds.abort();
    if worker.await.is_err() {
        tracing::error!("the worker of the outbox did not end in order");
    }
    if sequencer.await.is_err() {
        tracing::error!("the sequencer of the ledger did not end in order");
    }
    if counts.await.is_err() {
        tracing::error!("the statistics were not kept to the end");
    }
    app.db.close().await;
    Ok(())
}

/// Orders what is done every day. A platform whose database does not answer yet opens all the same.
async fn begin(app: &App) {
    for begun in [
        history::begin(app).await,
        locks::begin(app).await,
        notices::begin(app).await,
        procedures::begin(app).await,
    ] {
        if let Err(error) = begun {
            tracing::error!(%error, "the daily work is not ordered");
        }
    }
}

/// Now and then forgets what is no longer needed in memory: addresses that have been quiet, single times that the metrics have counted.
async fn sweep(app: App) {
    let mut warned_on = None;
    loop {
        warned_on = warn(&app, warned_on);
        pause(SWEEP_EVERY).await;
        app.limits.tidy();
        super::health::recorder().run_upkeep();
    }
}

/// Waits until `stop` tells to close.
pub(crate) async fn told(mut stop: watch::Receiver<bool>) {
    // An error means that nobody is left to tell us; that is the time to stop, too.
    drop(stop.wait_for(|stop| *stop).await);
}

async fn too_late(stop: watch::Receiver<bool>) {
    told(stop).await;
    pause(LAST_REQUESTS).await;
}

/// Tells to stop at Ctrl-C or SIGTERM.
///
/// # Errors
/// If the signals cannot be heard.
pub fn until_signal() -> io::Result<watch::Receiver<bool>> {
    use tokio::signal::unix::{SignalKind, signal};
    let (tell, stop) = watch::channel(false);
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    tokio::spawn(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        tell.send_replace(true);
        tell.closed().await;
    });
    Ok(stop)
}
