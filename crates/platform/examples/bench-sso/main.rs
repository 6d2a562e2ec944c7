//! How fast the OpenID provider is on this machine, as a Markdown table.
//!
//! `cargo xtask bench sso`; PostgreSQL takes part when `VNEID_TEST_POSTGRES` names a server. The platform runs as it does in
//! production, but for TLS: its own process, real keys, Argon2id at its default cost, every acknowledged change on the disk. A second
//! process, on another core, asks over TCP connections that it keeps open, and checks every answer.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a program for developers"
)]

mod accounts;
mod bank;
mod connection;
mod flows;
mod limits;
mod load;
mod page;
mod process;
mod report;
mod server;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use load::Scenario;

#[derive(Parser)]
#[command(about = "How fast the OpenID provider is")]
struct Cli {
    #[command(subcommand)]
    part: Option<Part>,
    #[command(flatten)]
    measured: Measured,
}

/// What is measured, and how long.
#[derive(Args)]
struct Measured {
    /// Only these scenarios
    #[arg(long, value_enum, value_delimiter = ',')]
    only: Vec<Scenario>,
    /// How many connections at once, each in turn
    #[arg(long, value_delimiter = ',', default_values_t = [8, 64])]
    connections: Vec<usize>,
    /// How many seconds a run takes
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// Of how many runs the median is taken
    #[arg(long, default_value_t = 3)]
    runs: usize,
    /// How many people have an account
    #[arg(long, default_value_t = 1000)]
    accounts: u64,
    /// Only this engine, or one of the other providers that are measured beside ours
    #[arg(long, value_parser = ["sqlite", "postgres", "node", "rauthy"])]
    engine: Option<String>,
    /// The folder with the other providers: node `oidc-provider`, in memory, is left out where its libraries are not installed
    #[arg(long, default_value = "interop")]
    peer: PathBuf,
    /// The program of Rauthy, which is left out without it
    #[arg(long)]
    rauthy: Option<PathBuf>,
}

/// The parts that this program starts as processes of their own.
#[derive(Subcommand)]
enum Part {
    /// Opens the platform with accounts, and serves until its standard input is closed
    Server(ServerPart),
    /// Puts load on it, and writes what it measured as JSON
    Load(LoadPart),
}

#[derive(Args)]
struct ServerPart {
    /// Where keys, database and the stage are kept
    folder: PathBuf,
    /// The database
    database: String,
    /// How many people have an account
    accounts: u64,
}

#[derive(Args)]
struct LoadPart {
    /// The folder of the server
    folder: PathBuf,
    #[arg(value_enum)]
    scenario: Scenario,
    connections: usize,
    seconds: u64,
    /// The processes whose time is counted: the server, then the database's first process, if it is one
    processes: Vec<u32>,
}

fn main() {
    let cli = Cli::parse();
    match cli.part {
        None => report::run(&cli.measured),
        Some(Part::Server(part)) => server::run(&part),
        Some(Part::Load(part)) => load::run(&part),
    }
}
