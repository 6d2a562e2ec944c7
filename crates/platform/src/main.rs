//! The one executable: the sandbox, the platform, and its tools.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use credentials::verify::Outcome;
use platform::app::App;
use platform::notices::Gateway;
use platform::sandbox::command;
use platform::shell::chance::Chance;
use platform::shell::clock::Clock;
use platform::shell::config::Config;
use platform::shell::server::{self, Failure};
use tracing_subscriber::EnvFilter;

/// VNeID: electronic identification and authentication of Viet Nam.
#[derive(Parser)]
#[command(version, about = "VNeID: electronic identification and authentication of Viet Nam")]
#[command(args_conflicts_with_subcommands = true)]
struct Command {
    #[command(subcommand)]
    what: Option<What>,
    #[command(flatten)]
    sandbox: command::Settings,
}

#[derive(Subcommand)]
enum What {
    /// Try everything out, with synthetic people; also what is done when nothing is said.
    Sandbox(command::Settings),
    /// Run the platform.
    Serve {
        /// The configuration file.
        #[arg(long)]
        config: PathBuf,
    },
    /// Appoint police officers.
    Officers {
        /// The configuration file.
        #[arg(long)]
        config: PathBuf,
        #[command(subcommand)]
        what: platform::officers::command::Command,
    },
    /// Care for the keys.
    Keys {
        /// The configuration file.
        #[arg(long)]
        config: PathBuf,
        #[command(subcommand)]
        what: platform::shell::keys::command::Command,
    },
    /// Look into the chip of a card.
    Chip {
        #[command(subcommand)]
        what: platform::chips::command::Command,
    },
    /// Read the chip of a card with a card reader.
    Reader(platform::chips::reader::command::Command),
    /// Serve the card reader and the finger scanner of a counter to the platform's pages.
    Agent(platform::counter::agent::command::Command),
    /// Register verifiers that may ask wallets.
    Verifiers {
        /// The configuration file.
        #[arg(long)]
        config: PathBuf,
        #[command(subcommand)]
        what: platform::presentation::command::Command,
    },
    /// Ask the nation's authority to certify the keys of credentials, and see what it certified.
    Issuers {
        /// The configuration file.
        #[arg(long)]
        config: PathBuf,
        #[command(subcommand)]
        what: platform::issuance::command::Command,
    },
    /// See the daily runs of notices, what they cost and what was given up.
    Notices {
        /// The configuration file.
        #[arg(long)]
        config: PathBuf,
        #[command(subcommand)]
        what: platform::notices::command::Command,
    },
    /// Verify an identity QR, an SD-JWT or a mobile document.
    Verify(platform::inspection::command::Verify),
    /// Check a verified data bundle that an organisation has kept.
    Bundle {
        #[command(subcommand)]
        what: platform::bundles::command::Command,
    },
    /// Check the ledger, or write it as static files.
    Ledger {
        #[command(subcommand)]
        what: platform::ledger::command::Command,
    },
    /// Count anew what the statistics say.
    Statistics {
        /// The configuration file.
        #[arg(long)]
        config: PathBuf,
        #[command(subcommand)]
        what: platform::statistics::command::Command,
    },
    /// Look at the configuration.
    Config {
        #[command(subcommand)]
        what: ConfigWhat,
    },
}

#[derive(Subcommand)]
enum ConfigWhat {
    /// Say whether a configuration file is understood and safe for production.
    Check {
        /// The configuration file.
        file: PathBuf,
    },
}

#[tokio::main]
async fn main() -> ExitCode {
    let command = Command::parse();
    let done = match command.what {
        None => sandbox(command.sandbox).await,
        Some(What::Sandbox(settings)) => sandbox(settings).await,
        Some(What::Serve { config }) => serve(config).await,
        Some(What::Officers { config, what }) => officers(&config, what).await,
        Some(What::Keys { config, what }) => keys(&config, what).await,
        Some(What::Ledger { what }) => match ledger(what).await {
            Ok(true) => Ok(()),
            Ok(false) => return ExitCode::FAILURE,
            Err(failure) => {
                tell_failure(failure.as_ref());
                return ExitCode::from(2);
            }
        },
        Some(What::Verifiers { config, what }) => verifiers(&config, what).await,
        Some(What::Issuers { config, what }) => issuers(&config, what).await,
        Some(What::Notices { config, what }) => notices(&config, what).await,
        Some(What::Bundle { what }) => match bundle(what) {
            Ok(true) => Ok(()),
            Ok(false) => return ExitCode::FAILURE,
            Err(failure) => {
                tell_failure(failure.as_ref());
                return ExitCode::from(2);
            }
        },
        Some(What::Verify(what)) => match verify(what) {
            Ok(code) => return code,
            Err(failure) => {
                tell_failure(failure.as_ref());
                return ExitCode::from(2);
            }
        },
        Some(What::Statistics { config, what }) => statistics(&config, what).await,
        Some(What::Config {
            what: ConfigWhat::Check { file },
        }) => check(&file),
        Some(What::Agent(what)) => what.run(Clock::system(), Chance::system()).await,
        Some(What::Reader(what)) => match reader(what).await {
            Ok(true) => Ok(()),
            Ok(false) => return ExitCode::FAILURE,
            Err(failure) => Err(failure),
        },
        Some(What::Chip { what }) => match chip(what) {
            Ok(true) => Ok(()),
            Ok(false) => return ExitCode::FAILURE,
            Err(failure) => Err(failure),
        },
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            tell_failure(failure.as_ref());
            ExitCode::FAILURE
        }
    }
}

#[expect(clippy::print_stderr, reason = "the command line answers on the terminal")]
fn tell_failure(failure: &dyn std::error::Error) {
    eprintln!("vneid: {failure}");
    let mut source = failure.source();
    while let Some(cause) = source {
        eprintln!("  because: {cause}");
        source = cause.source();
    }
}

async fn sandbox(settings: command::Settings) -> Result<(), Failure> {
    log_to_stderr(false, "warn");
    command::run(settings).await
}

async fn serve(file: PathBuf) -> Result<(), Failure> {
    let config = Config::load(&file, std::env::vars())?;
    config.check_production()?;
    log_to_stderr(config.log_json, "info");
    let listen = config.listen;
    let mut parts = server::parts(config, Gateway::Mailbox, Clock::system(), Chance::system()).await?;
    parts.gateway = Gateway::open(&parts.config.notices, &parts.db, &parts.clock)?;
    let app = App::new(parts);
    let listener = tokio::net::TcpListener::bind(listen).await?;
    tracing::info!(%listen, "open");
    server::run(app, listener, server::until_signal()?).await?;
    Ok(())
}

#[expect(clippy::print_stdout, reason = "the command line answers on the terminal")]
async fn officers(file: &Path, what: platform::officers::command::Command) -> Result<(), Failure> {
    let config = Config::load(file, std::env::vars())?;
    let app = server::open(config, Gateway::Mailbox, Clock::system(), Chance::system()).await?;
    println!("{}", what.run(&app).await?);
    app.db.close().await;
    Ok(())
}

/// Answers whether nothing was wrong.
#[expect(clippy::print_stdout, reason = "the command line answers on the terminal")]
async fn ledger(what: platform::ledger::command::Command) -> Result<bool, Failure> {
    log_to_stderr(false, "warn");
    let outcome = what.run().await?;
    println!("{}", outcome.text);
    Ok(outcome.whole)
}

#[expect(clippy::print_stdout, reason = "the command line answers on the terminal")]
async fn keys(file: &Path, what: platform::shell::keys::command::Command) -> Result<(), Failure> {
    log_to_stderr(false, "warn");
    println!("{}", what.run(Config::load(file, std::env::vars())?).await?);
    Ok(())
}

#[expect(clippy::print_stdout, reason = "the command line answers on the terminal")]
fn check(file: &Path) -> Result<(), Failure> {
    Config::load(file, std::env::vars())?.check_production()?;
    println!("{} is understood and safe for production.", file.display());
    Ok(())
}

#[expect(clippy::print_stdout, reason = "the command line answers on the terminal")]
fn chip(what: platform::chips::command::Command) -> Result<bool, Failure> {
    let (text, accepted) = what.run(&Clock::system())?;
    print!("{text}");
    Ok(accepted)
}

/// Answers whether the chip was accepted.
#[expect(clippy::print_stdout, reason = "the command line answers on the terminal")]
async fn reader(what: platform::chips::reader::command::Command) -> Result<bool, Failure> {
    let (text, accepted) = what.run(&Clock::system(), &Chance::system()).await?;
    print!("{text}");
    Ok(accepted)
}

#[expect(clippy::print_stdout, reason = "the command line answers on the terminal")]
async fn issuers(file: &Path, what: platform::issuance::command::Command) -> Result<(), Failure> {
    let config = Config::load(file, std::env::vars())?;
    let app = server::open(config, Gateway::Mailbox, Clock::system(), Chance::system()).await?;
    print!("{}", what.run(&app)?);
    app.db.close().await;
    Ok(())
}

#[expect(clippy::print_stdout, reason = "the command line answers on the terminal")]
async fn verifiers(file: &Path, what: platform::presentation::command::Command) -> Result<(), Failure> {
    let config = Config::load(file, std::env::vars())?;
    let app = server::open(config, Gateway::Mailbox, Clock::system(), Chance::system()).await?;
    println!("{}", what.run(&app).await?);
    app.db.close().await;
    Ok(())
}

#[expect(clippy::print_stdout, reason = "the command line answers on the terminal")]
async fn notices(file: &Path, what: platform::notices::command::Command) -> Result<(), Failure> {
    log_to_stderr(false, "warn");
    let config = Config::load(file, std::env::vars())?;
    let app = server::open(config, Gateway::Mailbox, Clock::system(), Chance::system()).await?;
    print!("{}", what.run(&app).await?);
    app.db.close().await;
    Ok(())
}

#[expect(clippy::print_stdout, reason = "the command line answers on the terminal")]
async fn statistics(file: &Path, what: platform::statistics::command::Command) -> Result<(), Failure> {
    let config = Config::load(file, std::env::vars())?;
    let app = server::open(config, Gateway::Mailbox, Clock::system(), Chance::system()).await?;
    let told = what.run(&app).await;
    println!("{}", told.map_err(|problem| format!("not recounted: {problem:?}"))?);
    app.db.close().await;
    Ok(())
}

/// Answers whether the bundle is genuine.
#[expect(clippy::print_stdout, reason = "the command line answers on the terminal")]
fn bundle(what: platform::bundles::command::Command) -> Result<bool, Failure> {
    let (text, genuine) = what.run()?;
    print!("{text}");
    Ok(genuine)
}

#[expect(clippy::print_stdout, reason = "the command line answers on the terminal")]
fn verify(what: platform::inspection::command::Verify) -> Result<ExitCode, Failure> {
    let (text, outcome) = what.run(&Clock::system())?;
    print!("{text}");
    Ok(match outcome {
        Outcome::Accept => ExitCode::SUCCESS,
        Outcome::Caution => ExitCode::from(3),
        Outcome::Reject => ExitCode::FAILURE,
    })
}

fn log_to_stderr(json: bool, level: &str) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(level));
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    if json { log.json().init() } else { log.init() }
}
