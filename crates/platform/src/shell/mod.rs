//! What every capability stands on.
//!
//! | module | what it gives |
//! | --- | --- |
//! | [`config`] | what an operator can set |
//! | [`clock`], [`chance`] | time and randomness, the only sources of both |
//! | [`keys`], [`vault`] | the secret keys; sealing of personal data and keyed digests |
//! | [`ids`] | identifiers |
//! | [`finding`] | finding texts by words, without their marks |
//! | [`input`], [`page`], [`problem`] | what comes in, what goes out, what went wrong |
//! | [`session`] | who is asking |
//! | [`passkey`] | passkeys of citizens and officers |
//! | [`jobs`] | the outbox |
//! | `words` | enums that are words in tables and addresses |
//! | [`workshop`] | slow computing |
//! | `pause` | the one place that waits |
//! | [`picture`] | pictures of strangers, decoded with limits |
//! | [`whence`] | where a request comes from |
//! | [`pdf`] | papers as PDF |
//! | [`picture`], [`qr`] | pictures of strangers, decoded with limits; the QR codes on them |
//! | [`offline`] | pages that open without network |
//! | [`prose`] | texts that editors write |
//! | [`limits`], [`toll`] | how much one address may ask; what a message to a phone costs its asker |
//! | [`texts`], [`scene`], [`filters`] | sentences, and what templates may call |
//! | [`outward`] | requests to addresses that others registered |
//! | `front`, `guards` | what every request and answer passes; the headers that keep an answer to itself |
//! | [`server`], [`tls`] | opening and closing the house; TLS that ends here |
//! | [`peers`] | certificates of programs that connect |
//! | [`health`] | health, readiness, metrics, request ids |

pub(crate) mod assets;
pub mod chance;
pub mod clock;
pub mod config;
pub mod filters;
pub mod finding;
pub(crate) mod front;
mod guards;
pub mod health;
pub mod ids;
pub mod input;
pub mod jobs;
pub mod keys;
pub mod limits;
pub mod official;
pub mod offline;
pub mod outward;
pub mod page;
mod pages;
pub mod passkey;
pub(crate) mod pause;
pub mod pdf;
pub mod peers;
pub mod picture;
pub mod problem;
pub mod prose;
pub mod qr;
pub mod scene;
pub mod server;
pub mod session;
pub mod texts;
pub mod tls;
pub mod toll;
pub mod turns;
pub mod vault;
pub mod whence;
pub(crate) mod words;
pub mod workshop;

#[cfg(test)]
mod tests;

/// The sentences of the shell.
pub(crate) const TEXTS: texts::Source = texts::source!();
