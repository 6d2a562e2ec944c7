//! How fast the ledger is: `cargo run --release -p platform --example bench-ledger -- DATABASE ENTRIES`.
//!
//! Commits to records in units of work as the platform does, then gives them their places, and prints entries a second.
//! `vneid ledger verify --database DATABASE` can be timed on what it leaves behind.
#![expect(clippy::print_stdout, reason = "a benchmark tells its figures on the terminal")]

use std::time::Instant;

use db::{Db, Options};
use jiff::Timestamp;
use platform::ledger::{Commitment, Kind, commit, sequence};
use platform::shell::chance::Chance;
use platform::shell::keys::Keys;

/// How many commitments one unit of work has here; in the platform it is one, and units share the disk's syncs.
const AT_ONCE: u64 = 1000;
/// How many commitments the sequencer takes at once, as in the platform.
const BATCH: i64 = 1024;

type Failure = Box<dyn std::error::Error + Send + Sync>;

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let mut said = std::env::args().skip(1);
    let url = said.next().unwrap_or_else(|| "sqlite:ledger-bench.db".to_owned());
    let entries: u64 = said.next().map_or(Ok(100_000), |count| count.parse())?;
    let db = Db::open(&url, Options::default()).await?;
    db.migrate(platform::migrations::all()).await?;
    let vault = Keys::in_memory(&Chance::system(), Timestamp::UNIX_EPOCH)?.vault()?;

    let begun = Instant::now();
    for unit in 0..entries.div_ceil(AT_ONCE) {
        let vault = vault.clone();
        db.write(move |tx| {
            let at = Timestamp::UNIX_EPOCH;
            let records = unit * AT_ONCE..entries.min((unit + 1) * AT_ONCE);
            let mut commitments = records.map(|record| Commitment::to(&vault, Kind::Look, at, &record));
            commitments.try_for_each(|commitment| commit(tx, &commitment))
        })
        .await?;
    }
    tell("committed to", entries, begun);

    let (begun, mut longest, mut placed) = (Instant::now(), 0, 0);
    while placed < entries {
        let batch = Instant::now();
        placed += sequence(&db, BATCH).await?;
        longest = longest.max(batch.elapsed().as_micros());
    }
    tell("sequenced", entries, begun);
    println!("the longest batch of {BATCH} took {longest} µs");
    db.close().await;
    Ok(())
}

fn tell(what: &str, entries: u64, begun: Instant) {
    let took = begun.elapsed();
    let rate = u128::from(entries) * 1_000_000 / took.as_micros().max(1);
    println!("{what} {entries} entries in {} ms: {rate}/s", took.as_millis());
}
