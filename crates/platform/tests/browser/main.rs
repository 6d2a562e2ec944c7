//! The platform in a real browser.
//!
//! `cargo xtask test` runs these tests: it installs Chromium and names it in `VNEID_TEST_CHROMIUM`. Without that they fail and say so.

#![expect(
    clippy::indexing_slicing,
    reason = "a JSON value that is not there is null, and a test may panic"
)]

mod accessible;
mod asked;
mod births;
mod cdp;
mod certificates;
mod clock;
mod documents;
mod drafts;
mod handover;
mod journey;
mod killed;
mod linking;
mod locks;
mod mishaps;
mod news;
mod notices;
mod offline;
mod reports;
mod stays;
mod the_client;
