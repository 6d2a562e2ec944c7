//! What is told of a person: at userinfo, and by single claims also in ID tokens; with the proof of how it was verified, where that is asked for.

pub(super) mod http;
mod proofing;
mod rules;

#[cfg(test)]
mod tests;
