//! Modules of the OpenID conformance suites, by name, against the running program over TLS: nothing but its public requests is used.
//!
//! `cargo xtask test` runs it; relying parties register themselves behind statements of the sandbox, and people are those of its nation.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

mod connect;
mod fapi;
mod house;
mod party;
mod registration;
