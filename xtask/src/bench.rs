//! `cargo xtask bench NAME`: the benchmarks, each built for release.

use clap::Args;

use crate::test::interop;
use crate::test::postgres::{Commits, Postgres};
use crate::workspace::{cargo, say};

#[derive(Args)]
pub struct Options {
    /// Which benchmark; without a name they are listed
    name: Option<String>,
    /// Passed on to the benchmark
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    rest: Vec<String>,
}

/// One benchmark: its name, what it measures, and the `cargo` words that run it.
struct Bench {
    name: &'static str,
    measures: &'static str,
    cargo: &'static [&'static str],
    /// Whether a private PostgreSQL is started for it and named in `VNEID_TEST_POSTGRES`.
    postgres: bool,
    /// Whether programs that are not ours take part, whose Python is named in `VNEID_TEST_PYTHON`.
    foreign: bool,
}

const BENCHES: &[Bench] = &[
    Bench {
        name: "db",
        measures: "point reads and durable writes at 1, 8 and 64 concurrent writers, on both engines",
        cargo: &["run", "--release", "--package", "db", "--example", "bench-db"],
        postgres: true,
        foreign: false,
    },
    Bench {
        name: "credentials",
        measures: "issuing and verifying each format on one core beside bare signatures, a status list, a QR frame; with targets",
        cargo: &[
            "run",
            "--release",
            "--package",
            "credentials",
            "--example",
            "bench-credentials",
        ],
        postgres: false,
        foreign: false,
    },
    Bench {
        name: "sso",
        measures: "whole sign-ins to a portal, userinfo, discovery, passwords, at 8 and 64 connections, on both engines",
        cargo: &["run", "--release", "--package", "platform", "--example", "bench-sso"],
        postgres: true,
        foreign: false,
    },
    Bench {
        name: "sealing",
        measures: "what sealing, opening, digests and signatures cost, each",
        cargo: &[
            "run",
            "--release",
            "--package",
            "platform",
            "--example",
            "bench-sealing",
        ],
        postgres: false,
        foreign: false,
    },
    Bench {
        name: "defence",
        measures: "goodput at ten times the capacity, a patient asker beside a flood; whether times tell who has an account (`-- overload`, `-- timing`)",
        cargo: &[
            "run",
            "--release",
            "--package",
            "platform",
            "--example",
            "bench-defence",
        ],
        postgres: false,
        foreign: false,
    },
    Bench {
        name: "ledger",
        measures: "the ledger on a million records: commitments and places a second, whole verification, tampered copies found",
        cargo: &["run", "--release", "--package", "platform", "--example", "bench-ledger"],
        postgres: false,
        foreign: false,
    },
    Bench {
        name: "wallet",
        measures: "all papers of a person on one page: from copies, from sources that take 100 ms, from sources that fail",
        cargo: &["run", "--release", "--package", "platform", "--example", "bench-wallet"],
        postgres: false,
        foreign: false,
    },
    Bench {
        name: "notices",
        measures: "the daily run over 1,000,000 and 10,000,000 accounts on PostgreSQL, with its slope; notices a second through an SMS centre",
        cargo: &[
            "run",
            "--release",
            "--package",
            "platform",
            "--example",
            "bench-notices",
        ],
        postgres: true,
        foreign: true,
    },
    Bench {
        name: "queue",
        measures: "the officers' queue with 6,000,000 applications in the table, by reach and filter, on both engines",
        cargo: &["run", "--release", "--package", "platform", "--example", "bench-queue"],
        postgres: true,
        foreign: false,
    },
];

/// Runs the named benchmark; false if there is none of that name or it failed.
pub fn run(options: &Options) -> bool {
    let Some(bench) = BENCHES.iter().find(|bench| Some(bench.name) == options.name.as_deref()) else {
        for bench in BENCHES {
            say(format!("{:8} {}", bench.name, bench.measures));
        }
        return options.name.is_none();
    };
    let mut command = cargo(bench.cargo);
    if !options.rest.is_empty() {
        command.arg("--").args(&options.rest);
    }
    if bench.foreign {
        match interop::prepare() {
            Ok(programs) => command.env("VNEID_TEST_PYTHON", programs.python),
            Err(why) => {
                say(why);
                return false;
            }
        };
    }
    let postgres = if bench.postgres {
        Postgres::start(Commits::Durable).map(Some)
    } else {
        Ok(None)
    };
    match postgres {
        Ok(server) => {
            if let Some(server) = &server {
                command.env("VNEID_TEST_POSTGRES", server.url());
            }
            command.status().is_ok_and(|status| status.success())
        }
        Err(why) => {
            say(why);
            false
        }
    }
}
