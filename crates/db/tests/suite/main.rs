//! The behaviour of the data layer, every sentence on `SQLite` and, when `VNEID_TEST_POSTGRES` names a server
//! (a URL of a superuser), on PostgreSQL too.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "the whole program is a test"
)]

mod crashed;
mod encrypted;
mod harness;
mod keys;
mod killed;
mod migrations;
mod parts;
mod rivals;
mod server;
mod units;
mod values;
