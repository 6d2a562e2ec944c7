//! A synthetic nation: its people, their cards, and the source databases that serve them.
//!
//! In reading order:
//!
//! - [`people`]: everybody, as a pure function of a seed and an index;
//! - [`card`]: the identity cards they have had;
//! - [`licence`]: their driving licences;
//! - [`picture`]: the same as pictures, with portraits and scannable codes;
//! - [`chip`]: the files on their chips, signed by a test authority;
//! - [`sources`]: the databases that know them, over HTTP with mutual authentication;
//! - [`portal`]: a relying party to sign in to;
//! - [`wallet_provider`]: a maker of wallets.

pub mod card;
pub mod chip;
mod die;
pub mod licence;
pub mod people;

pub mod picture;
pub mod portal;
pub mod sources;
#[cfg(test)]
mod testing;
pub mod wallet_provider;

pub use people::{Nation, Person};
