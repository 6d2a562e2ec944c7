//! What a developer and CI run: `cargo xtask test`, `tidy`, `bench`, `install`.
//!
//! It is written with the fewest dependencies, because it is compiled before anything else can start.

mod bench;
mod conformance;
mod install;
mod test;
mod tidy;
mod workspace;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(about = "What a developer and CI run")]
struct Cli {
    #[command(subcommand)]
    word: Word,
}

#[derive(Subcommand)]
enum Word {
    /// Everything a change has to pass: format, tidy, lints, tests on both engines and in a browser, documents, dependencies
    Test(test::Options),
    /// The rules of the house that no compiler checks
    Tidy,
    /// Runs one benchmark, built for release
    Bench(bench::Options),
    /// Makes the list of known holes in dependencies anew, from a checkout of the RustSec database
    Advisories { database: PathBuf },
    /// Writes docs/conformance.md: which modules of the conformance suites have a test of their name
    Conformance,
    /// Installs what the tests need and is missing (Debian packages, as root), or says what to install
    Install,
}

fn main() -> ExitCode {
    let passed = match Cli::parse().word {
        Word::Test(options) => test::run(&options),
        Word::Tidy => tidy::run(),
        Word::Bench(options) => bench::run(&options),
        Word::Advisories { database } => test::renew_advisories(&database),
        Word::Conformance => conformance::run(),
        Word::Install => install::run(),
    };
    if passed { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
