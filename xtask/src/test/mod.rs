//! `cargo xtask test`: everything a change has to pass, the cheap steps first, and one summary at the end.

mod audit;
mod dependencies;
pub mod interop;
pub mod postgres;
mod programs;
mod report;

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use clap::{Args, ValueEnum};

use crate::workspace::{cargo, say};
use crate::{install, tidy};
use postgres::{Commits, Postgres};
use report::{Count, Report, Stage};

#[derive(Args)]
pub struct Options {
    /// Runs this step alone (may be given more than once)
    #[arg(long, value_enum)]
    only: Vec<Step>,
    /// Without PostgreSQL, without a browser, without what the operating system would have to bring
    #[arg(long)]
    fast: bool,
    /// Stops at the first step that fails, instead of telling everything in one run
    #[arg(long)]
    fail_fast: bool,
}

/// The steps, in the order in which they run.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Step {
    /// The format of the sources
    Fmt,
    /// The rules of the house
    Tidy,
    /// No forbidden, unused, unlicensed or vulnerable dependency
    Deps,
    /// The lints
    Clippy,
    /// The lints, with those of the card reader, which needs PC/SC: what a whole run takes
    Reader,
    /// The targets for fuzzing compile, by the compiler of the house
    Fuzz,
    /// All tests, on `SQLite`
    Tests,
    /// The tests of what touches a database, on PostgreSQL
    Postgres,
    /// The journeys in Chromium
    Browser,
    /// Wallets and verifiers that are not ours, from npm and `PyPI`
    Interop,
    /// The documents of the sources
    Doc,
}

/// What the steps run against.
struct Surroundings {
    postgres: Option<Postgres>,
    chromium: Option<String>,
}

/// Runs the chosen steps and prints the summary; true if all passed.
pub fn run(options: &Options) -> bool {
    let steps = chosen(options);
    let surroundings = match Surroundings::prepare(&steps) {
        Ok(surroundings) => surroundings,
        Err(why) => {
            say(why);
            say("0 passed, 1 failed");
            return false;
        }
    };
    let mut report = Report::default();
    for step in steps {
        let command = step.commands().join(" && ");
        say(format!("\n==> {}: {command}", step.name()));
        let start = Instant::now();
        let (passed, count) = step.run(&surroundings);
        let took = start.elapsed();
        report.add(Stage {
            name: step.name(),
            command,
            passed,
            count,
            took,
        });
        if !passed && options.fail_fast {
            break;
        }
    }
    drop(surroundings);
    say(report.to_string());
    report.passed()
}

/// Makes the list of advisories anew from a checkout of the RustSec database; true if that worked.
pub fn renew_advisories(database: &Path) -> bool {
    match audit::renew(database) {
        Ok(count) => say(format!("{count} advisories")),
        Err(error) => say(format!("{}: {error}", database.display())),
    }
    audit::run().is_empty()
}

fn chosen(options: &Options) -> Vec<Step> {
    let whole = options.only.is_empty() && !options.fast;
    Step::value_variants()
        .iter()
        .copied()
        .filter(|step| !(whole && *step == Step::Clippy))
        .filter(|step| options.only.is_empty() || options.only.contains(step))
        .filter(|step| !(options.fast && step.is_slow()))
        .collect()
}

impl Surroundings {
    fn prepare(steps: &[Step]) -> Result<Surroundings, String> {
        if !steps.iter().any(|step| step.is_slow()) {
            return Ok(Surroundings {
                postgres: None,
                chromium: None,
            });
        }
        if !install::run() {
            return Err("the tests need what is missing here; `cargo xtask test --fast` does without".to_owned());
        }
        let wants_server = steps.contains(&Step::Postgres);
        Ok(Surroundings {
            postgres: if wants_server {
                Some(Postgres::start(Commits::Hasty)?)
            } else {
                None
            },
            chromium: install::chromium().map(|path| path.display().to_string()),
        })
    }
}

impl Step {
    /// Whether it needs what `--fast` does without.
    fn is_slow(self) -> bool {
        matches!(self, Step::Reader | Step::Postgres | Step::Browser | Step::Interop)
    }

    fn name(self) -> &'static str {
        match self {
            Step::Fmt => "fmt",
            Step::Tidy => "tidy",
            Step::Deps => "deps",
            Step::Clippy => "clippy",
            Step::Reader => "reader",
            Step::Fuzz => "fuzz",
            Step::Tests => "tests",
            Step::Postgres => "postgres",
            Step::Browser => "browser",
            Step::Interop => "interop",
            Step::Doc => "doc",
        }
    }

    /// What runs, as a developer would type it.
    fn commands(self) -> &'static [&'static str] {
        match self {
            Step::Fmt => &["cargo fmt --all --check"],
            Step::Tidy => &["cargo xtask tidy"],
            Step::Deps => &["cargo xtask test --only deps"],
            // "All targets" are all but those that `cargo test` leaves out.
            Step::Clippy => &[
                "cargo clippy --workspace --all-targets --keep-going -- -D warnings",
                "cargo clippy --workspace --test browser --test kills --test interop --test conformance -- -D warnings",
            ],
            Step::Reader => &[
                "cargo clippy --workspace --all-targets --features platform/reader --keep-going -- -D warnings",
                "cargo clippy --workspace --features platform/reader --test browser --test kills --test interop --test conformance -- -D warnings",
            ],
            // Fuzzing itself needs the nightly compiler; that its targets still fit the libraries does not.
            Step::Fuzz => &["cargo check --manifest-path fuzz/Cargo.toml --target-dir target/fuzz"],
            // Left to itself cargo would link the benchmarks, too: the lints have checked those.
            Step::Tests => &[
                "cargo test --workspace --no-fail-fast --lib --bins --tests",
                "cargo test --workspace --no-fail-fast --test kills --test conformance",
                "cargo test --workspace --no-fail-fast --doc",
            ],
            Step::Postgres => &["cargo xtask test --only postgres"],
            // The whole workspace is named so that no dependency is compiled again with other features.
            Step::Browser => &["cargo test --workspace --no-fail-fast --test browser"],
            Step::Interop => &["cargo test --workspace --no-fail-fast --test interop"],
            Step::Doc => &["cargo doc --workspace --no-deps --keep-going"],
        }
    }

    fn run(self, surroundings: &Surroundings) -> (bool, Count) {
        match self {
            Step::Tidy => (tidy::run(), Count::default()),
            Step::Deps => (dependencies::run(), Count::default()),
            Step::Postgres => on_postgres(surroundings),
            Step::Browser | Step::Interop => self.with_foreign_libraries(surroundings),
            Step::Fmt | Step::Clippy | Step::Reader | Step::Fuzz | Step::Doc | Step::Tests => {
                stream_all(self.commands().iter().map(|line| self.prepare(line, surroundings)))
            }
        }
    }

    fn with_foreign_libraries(self, surroundings: &Surroundings) -> (bool, Count) {
        match interop::prepare() {
            Ok(programs) => stream_all(self.commands().iter().map(|line| {
                let mut command = self.prepare(line, surroundings);
                command
                    .env("VNEID_TEST_NODE", &programs.node)
                    .env("VNEID_TEST_PYTHON", &programs.python)
                    .env("VNEID_TEST_AXE", &programs.axe);
                command
            })),
            Err(why) => {
                say(why);
                (false, Count::default())
            }
        }
    }

    fn prepare(self, line: &str, surroundings: &Surroundings) -> Command {
        let words: Vec<&str> = line.split(' ').skip(1).collect();
        let mut command = cargo(&words);
        command.env_remove("VNEID_TEST_POSTGRES");
        if self == Step::Doc {
            command.env("RUSTDOCFLAGS", "-D warnings");
        }
        if let Some(path) = &surroundings.chromium {
            command.env("VNEID_TEST_CHROMIUM", path);
        }
        command
    }
}

/// Runs the tests of the packages that touch a database again, with the private server.
fn on_postgres(surroundings: &Surroundings) -> (bool, Count) {
    let Some(server) = &surroundings.postgres else {
        return (false, Count::default());
    };
    match programs::of(&["db", "platform"]) {
        Ok(programs) => stream_all(programs.into_iter().map(|mut program| {
            program.env("VNEID_TEST_POSTGRES", server.url());
            program
        })),
        Err(why) => {
            say(why);
            (false, Count::default())
        }
    }
}

/// Runs commands one after the other, all of them; passed if all did.
fn stream_all(commands: impl Iterator<Item = Command>) -> (bool, Count) {
    let mut all = (true, Count::default());
    for mut command in commands {
        let (passed, count) = stream(&mut command);
        all.0 &= passed;
        all.1.passed += count.passed;
        all.1.failed += count.failed;
    }
    all
}

/// Runs a command, lets its output through, and counts the tests in it.
fn stream(command: &mut Command) -> (bool, Count) {
    let mut count = Count::default();
    let Ok(mut child) = command.stdout(Stdio::piped()).spawn() else {
        say("the program could not be started");
        return (false, count);
    };
    if let Some(output) = child.stdout.take() {
        for line in BufReader::new(output).split(b'\n').map_while(Result::ok) {
            let line = String::from_utf8_lossy(&line);
            count.read(&line);
            say(line);
        }
    }
    (child.wait().is_ok_and(|status| status.success()), count)
}
