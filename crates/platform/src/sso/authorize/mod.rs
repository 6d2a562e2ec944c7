//! The authorization endpoint: a relying party asks, the person signs in and agrees, a code goes back.

mod consent;
pub(super) mod http;
mod refusal;
mod sending;
pub(super) mod store;

#[cfg(test)]
mod tests;

pub(crate) use http::{hinted, who_asks};
