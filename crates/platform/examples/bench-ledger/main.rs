//! How fast the ledger is: `cargo xtask bench ledger -- [DATABASE] [ENTRIES]`, on SQLite in the present folder unless said otherwise.
//!
//! Commits to records in units of work as the platform does, gives them their places, writes the log as static files, verifies all of it
//! as `vneid ledger verify` does, then changes one entry, removes one, exchanges two and cuts off the end, and verifies again each time.
#![expect(clippy::print_stdout, reason = "a benchmark tells its figures on the terminal")]

use std::time::Instant;

use clap::Parser;
use db::{Db, Options};
use jiff::Timestamp;
use platform::ledger::command::Command;
use platform::ledger::{Commitment, Kind, commit, sequence};
use platform::shell::chance::Chance;
use platform::shell::keys::Keys;

/// How many commitments one unit of work has here; in the platform it is one, and units share the disk's syncs.
const AT_ONCE: u64 = 1000;
/// How many commitments the sequencer takes at once, as in the platform.
const BATCH: i64 = 1024;

/// What somebody does who can write to the database, and what undoes it.
const TAMPERED: [(&str, &str, &str); 4] = [
    (
        "one entry changed",
        "UPDATE ledger_entry SET commitment = (SELECT other.commitment FROM ledger_entry AS other WHERE other.leaf = 3), committed_at = 7 WHERE leaf = 500",
        "",
    ),
    (
        "one entry removed",
        "UPDATE ledger_entry SET leaf = NULL WHERE leaf = 5",
        "UPDATE ledger_entry SET leaf = 5 WHERE leaf IS NULL",
    ),
    (
        "one entry moved to the end",
        "UPDATE ledger_entry SET leaf = 1000000000 WHERE leaf = 9",
        "UPDATE ledger_entry SET leaf = 9 WHERE leaf = 1000000000",
    ),
    (
        "the end cut off",
        "UPDATE ledger_head SET size = size - 1 WHERE head = 1",
        "UPDATE ledger_head SET size = size + 1 WHERE head = 1",
    ),
];

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// The words of `vneid ledger`.
#[derive(Parser)]
struct Words {
    #[command(subcommand)]
    what: Command,
}

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let mut said = std::env::args().skip(1);
    let url = said.next().unwrap_or_else(|| "sqlite:ledger-bench.db".to_owned());
    let entries: u64 = said.next().map_or(Ok(1_000_000), |count| count.parse())?;
    let db = Db::open(&url, Options::default()).await?;
    db.migrate(platform::migrations::all()).await?;
    fill(&db, entries).await?;
    let levels = u64::BITS - (entries - 1).leading_zeros();
    println!("a proof of inclusion: at most {levels} hashes, {} bytes", levels * 32);

    verify(&url, "as it is").await?;
    for (what, tampering, undoing) in TAMPERED {
        change(&db, tampering).await?;
        verify(&url, what).await?;
        if !undoing.is_empty() {
            change(&db, undoing).await?;
        }
    }
    db.close().await;
    Ok(())
}

async fn fill(db: &Db, entries: u64) -> Result<(), Failure> {
    let vault = Keys::in_memory(&Chance::system(), Timestamp::UNIX_EPOCH)?.vault()?;
    let begun = Instant::now();
    for unit in 0..entries.div_ceil(AT_ONCE) {
        let vault = vault.clone();
        db.write(move |tx| {
            let at = Timestamp::UNIX_EPOCH;
            let records = unit * AT_ONCE..entries.min((unit + 1) * AT_ONCE);
            let mut commitments = records.map(|record| Commitment::to(&vault, Kind::Decision, at, &record));
            commitments.try_for_each(|commitment| commit(tx, &commitment))
        })
        .await?;
    }
    tell("committed to", entries, begun);

    let (begun, mut longest, mut placed) = (Instant::now(), 0, 0);
    while placed < entries {
        let batch = Instant::now();
        placed += sequence(db, BATCH).await?;
        longest = longest.max(batch.elapsed().as_micros());
    }
    tell("sequenced", entries, begun);
    println!("the longest batch of {BATCH} took {longest} µs");
    Ok(())
}

async fn change(db: &Db, statement: &'static str) -> Result<(), Failure> {
    db.write(move |tx| tx.execute(statement, &[])).await?;
    Ok(())
}

async fn verify(url: &str, what: &str) -> Result<(), Failure> {
    let begun = Instant::now();
    let outcome = Words::parse_from(["ledger", "verify", "--database", url])
        .what
        .run()
        .await?;
    let found = if outcome.whole { "whole" } else { "not whole" };
    println!("verified, {what}: {found} in {} ms", begun.elapsed().as_millis());
    if !outcome.whole {
        let told = outcome
            .text
            .lines()
            .filter(|line| line.contains("finding\"") || line.contains("leaf"));
        println!("  {}", told.map(str::trim).collect::<Vec<_>>().join(" "));
    }
    Ok(())
}

fn tell(what: &str, entries: u64, begun: Instant) {
    let took = begun.elapsed();
    let rate = u128::from(entries) * 1_000_000 / took.as_micros().max(1);
    println!("{what} {entries} entries in {} ms: {rate}/s", took.as_millis());
}
