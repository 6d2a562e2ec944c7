//! Statistics (*thống kê*): how many accounts, applications, activations, dossiers, stays, reports, uses, sign-ins and messages there are.
//!
//! | request | what it does |
//! | --- | --- |
//! | `GET /statistics` | charts and tables for everybody, as of last midnight; small numbers are withheld |
//! | `GET /statistics/{table}` | one of the tables as CSV: `accounts.csv` |
//! | `GET /officers/statistics` | the same for an officer of the jurisdiction, of this moment, with every number |
//! | `GET /officers/statistics/{table}` | one of those tables as CSV |
//!
//! Nobody counts accounts: whoever changes what is counted says so by `moved`, in the same unit of work. Each change is a row of its own, which no
//! other unit touches, so that counting is no point where all meet; every few seconds the rows are taken into the counts. What is read is the
//! counts and the few rows that are not in them yet, whatever the number of accounts. What is not written anywhere (pages that were opened,
//! sign-ins to services, messages) is counted in memory by `tally` and kept every few seconds: a node that is killed loses those of the last ones.
//!
//! **Invariant:** a count is what counting would find at any moment (`vneid statistics recount` counts, and says what differed).
//! **Invariant:** everybody sees each count as of last midnight, so that nobody sees when one person does something.
//! **Invariant:** no small number of the public tables is told, nor can it be computed from the others and the totals.
//! **Invariant:** an officer sees the numbers of the own jurisdiction.

use axum::Router;
use axum::routing::get;

use crate::app::{App, Capability};
use crate::shell::texts;

pub mod command;
mod drawing;
mod http;
mod jobs;
mod rules;
mod secrecy;
mod store;
mod tables;
mod tallies;

#[cfg(test)]
mod tests;

pub use command::recount;
pub use jobs::{turn, work};
pub(crate) use rules::{Measure, Spot};
pub(crate) use store::{moved, of_client};
pub use tallies::Tallies;
pub(crate) use tallies::{count, opened, tally};

pub(crate) const CAPABILITY: Capability = Capability {
    texts: texts::source!(),
    routes,
    jobs: |_| {},
    only_in_sandbox: false,
};

fn routes() -> Router<App> {
    Router::new()
        .route("/statistics", get(http::public))
        .route("/statistics/{table}", get(http::public_csv))
        .route("/officers/statistics", get(http::for_officer))
        .route("/officers/statistics/{table}", get(http::officer_csv))
}
