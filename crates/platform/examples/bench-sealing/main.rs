//! What sealing costs: `cargo xtask bench sealing`. Prints microseconds for a record of 300 bytes and a portrait of 40 kB, on one thread.
#![expect(clippy::print_stdout, reason = "a benchmark tells its figures on the terminal")]

use std::time::Instant;

use jiff::Timestamp;
use platform::shell::chance::Chance;
use platform::shell::keys::{Keys, SSO};

type Failure = Box<dyn std::error::Error + Send + Sync>;

fn main() -> Result<(), Failure> {
    let keys = Keys::in_memory(&Chance::system(), Timestamp::UNIX_EPOCH)?;
    let vault = keys.vault()?;
    for (what, size, times) in [("a record", 300, 300_000_u32), ("a portrait", 40_000, 20_000)] {
        let plain = vec![7; size];
        let sealed = vault.seal("t", "c", b"0123456789abcdef", &plain);
        tell(&format!("{what} of {size} bytes sealed"), times, || {
            vault.seal("t", "c", b"0123456789abcdef", &plain);
            Ok(())
        })?;
        tell(&format!("{what} of {size} bytes opened"), times, || {
            Ok(vault.open("t", "c", b"0123456789abcdef", &sealed).map(drop)?)
        })?;
        println!("a sealed value is {} bytes longer", sealed.len() - size);
    }
    tell("a number's digest", 300_000, || {
        vault.digest("personal-number", b"001199000001");
        Ok(())
    })?;
    tell("a signature in memory (ES256)", 30_000, || {
        Ok(crypto::sign::Signer::sign(&*keys.signer(SSO)?, b"message").map(drop)?)
    })
}

fn tell(what: &str, times: u32, mut work: impl FnMut() -> Result<(), Failure>) -> Result<(), Failure> {
    let begun = Instant::now();
    for _ in 0..times {
        work()?;
    }
    println!(
        "{what}: {:.2} µs",
        begun.elapsed().as_secs_f64() * 1e6 / f64::from(times)
    );
    Ok(())
}
