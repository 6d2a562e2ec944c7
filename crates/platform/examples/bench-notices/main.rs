//! How fast notices are, as a Markdown table: the daily run over all accounts, and messages through an SMS centre.
//!
//! `cargo xtask bench notices`. The daily run (on PostgreSQL when `VNEID_TEST_POSTGRES` names a server) goes over one and ten million accounts with
//! a birthday, an ID card that ends within ten years, and for every other a driving licence; what is measured is all that a run does: notes in
//! the inboxes, and the orders to carry them. The centre is one that is not ours (`interop/smsc.py`), when `VNEID_TEST_PYTHON` names a Python with
//! smpp34; each message is acknowledged and its receipt kept.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a program for developers"
)]

mod centre;
mod seed;

use std::path::Path;
use std::time::{Duration, Instant};

use clap::Parser;
use db::Engine;
use platform::app::App;
use platform::notices::command::Command;

#[derive(Parser)]
#[command(about = "How fast notices are")]
struct Cli {
    /// How many accounts there are; more than once for more sizes, the smaller first
    #[arg(long, default_values_t = [1_000_000_i64, 10_000_000])]
    accounts: Vec<i64>,
    /// How many messages go through the centre
    #[arg(long, default_value_t = 20_000)]
    messages: u32,
    /// Only this part
    #[arg(long, value_parser = ["daily", "smpp"])]
    only: Option<String>,
}

#[tokio::main]
async fn main() {
    let cli = Cli::parse();
    let folder = tempfile::tempdir().unwrap();
    let server = std::env::var("VNEID_TEST_POSTGRES");
    let sqlite = format!("sqlite:{}", folder.path().join("vneid.db").display());
    let database = server.unwrap_or(sqlite);
    let wanted = |part: &str| cli.only.as_deref().is_none_or(|only| only == part);
    if wanted("daily") {
        daily(&cli, &database, folder.path()).await;
    }
    if wanted("smpp") {
        match std::env::var("VNEID_TEST_PYTHON") {
            Ok(python) => centre::measure(&python, &database, folder.path(), cli.messages).await,
            Err(_) => println!("\nWithout VNEID_TEST_PYTHON there is no SMS centre to speak with."),
        }
    }
}

/// The daily run at each size.
async fn daily(cli: &Cli, database: &str, folder: &Path) {
    let app = seed::open(seed::config(database, folder)).await;
    println!(
        "| engine | accounts | told | run | told per second | 70 million accounts, by this |\n| --- | ---: | ---: | ---: | ---: | ---: |"
    );
    let mut there = 0;
    let mut before: Option<(i64, Duration)> = None;
    for accounts in &cli.accounts {
        seed::accounts(&app, there, *accounts).await;
        there = *accounts;
        let (told, took) = run(&app).await;
        let scaled = took.as_secs_f64() * 70_000_000.0 / f64::from(i32::try_from(*accounts).unwrap());
        println!(
            "| {:?} | {accounts} | {told} | {:.1} s | {:.0} | {scaled:.0} s |",
            app.db.engine(),
            took.as_secs_f64(),
            f64::from(i32::try_from(told).unwrap()) / took.as_secs_f64(),
        );
        if let Some((fewer, shorter)) = before {
            let times = f64::from(i32::try_from(*accounts).unwrap()) / f64::from(i32::try_from(fewer).unwrap());
            let longer = took.as_secs_f64() / shorter.as_secs_f64();
            println!("\n{times:.0} times the accounts take {longer:.1} times as long.\n");
        }
        before = Some((*accounts, took));
    }
    app.db.close().await;
}

/// Makes the run of today to its end; how many were told, and how long it took.
async fn run(app: &App) -> (i64, Duration) {
    seed::forget_run(app).await;
    if app.db.engine() == Engine::Postgres {
        seed::analyse(app).await;
    }
    let begun = Instant::now();
    Command::Daily { now: true }.run(app).await.unwrap();
    let took = begun.elapsed();
    (seed::told(app).await, took)
}
