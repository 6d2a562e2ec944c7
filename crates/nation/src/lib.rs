//! A synthetic nation: its people, their cards, and the source databases that serve them.
//!
//! In reading order:
//!
//! - [`people`]: everybody, as a pure function of a seed and an index;
//! - [`card`]: the identity cards they have had;
//! - [`sources`]: the databases that know them, over HTTP with mutual authentication.

pub mod card;
mod die;
pub mod people;

pub mod sources;

pub use people::{Nation, Person};
