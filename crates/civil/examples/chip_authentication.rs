//! How many chips one core authenticates in a second: `cargo run --release -p civil --example chip_authentication`.
//!
//! The chips are the vectors of the tests (OpenSSL signed them), with a portrait of 20 kB added to what is hashed.

use std::time::{Duration, Instant};

use civil::chip::{Challenge, ChipFile, ChipFiles, TrustStore, active_authentication, passive_authentication};
use crypto::x509::Hash;

macro_rules! vector {
    ($name:literal) => {
        include_bytes!(concat!("../tests/chip/", $name)).to_vec()
    };
}

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    passive(
        "P-256 under P-384, named",
        vector!("ordinary.sod.der"),
        vector!("ordinary.csca.der"),
    )?;
    passive(
        "P-384 under P-521, BER",
        vector!("streamed.sod.der"),
        vector!("nist.csca.der"),
    )?;
    passive(
        "RSA-PSS 2048 under 3072, odd salts",
        vector!("pss.sod.der"),
        vector!("pss.csca.der"),
    )?;
    passive(
        "brainpool 256 under 384, explicit",
        vector!("brainpool.sod.der"),
        vector!("brainpool.csca.der"),
    )?;
    active()
}

fn passive(name: &str, sod: Vec<u8>, authority: Vec<u8>) -> Result<(), Failure> {
    let files = files(sod);
    let store = TrustStore::from_files([(name.to_owned(), authority)])?;
    let at = "2027-01-01T00:00:00Z".parse()?;
    let portrait = vec![7; 20_000];
    measure(&format!("passive, {name}"), || {
        std::hint::black_box(Hash::Sha256.digest(&portrait));
        passive_authentication(&files, &store, at).map(|_authentic| ())
    })
}

fn active() -> Result<(), Failure> {
    let mut files = files(vector!("active.sod.der"));
    files.dg13 = None;
    files.dg15 = Some(vector!("active.dg15.der").into());
    let store = TrustStore::from_files([("csca.der".to_owned(), vector!("nist.csca.der"))])?;
    let authentic = passive_authentication(&files, &store, "2027-01-01T00:00:00Z".parse()?)?;
    let challenge = Challenge([1, 2, 3, 4, 5, 6, 7, 8]);
    let response = vector!("active.sha256.bin");
    measure("active, RSA 2048", || {
        active_authentication(&files, &authentic, challenge, &response).map(|_hash| ())
    })
}

fn files(sod: Vec<u8>) -> ChipFiles {
    ChipFiles {
        com: vec![].into(),
        dg1: vec![0x61, 1, 1].into(),
        dg2: vec![0x75, 1, 2].into(),
        dg13: Some(ChipFile::from(vec![0x6d, 1, 3])),
        dg14: None,
        dg15: None,
        sod: sod.into(),
    }
}

/// Repeats something for two seconds on this thread and tells how often that was a second.
#[expect(clippy::print_stdout, reason = "a bench answers on the terminal")]
fn measure<E: std::error::Error + 'static>(name: &str, mut once: impl FnMut() -> Result<(), E>) -> Result<(), Failure> {
    let start = Instant::now();
    let mut times = 0_u32;
    while start.elapsed() < Duration::from_secs(2) {
        once()?;
        times += 1;
    }
    let each = start.elapsed() / times;
    println!("{name:45} {:>8.0} a second, {each:?} each", 1.0 / each.as_secs_f64());
    Ok(())
}
