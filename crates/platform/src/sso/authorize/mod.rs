//! The authorization endpoint: a relying party asks, the person signs in and agrees, a code goes back.

pub(super) mod consent;
pub(super) mod http;
mod refusal;
pub(super) mod sending;

#[cfg(test)]
mod tests;

pub(crate) use http::{hinted, who_asks};
