//! Guests (*khách lưu trú*): what is told of them, typed, read off a card or proved by an identity QR.
//!
//! **Invariant:** no guest is kept whose number contradicts sex or date of birth.

mod rules;

#[cfg(test)]
mod tests;

pub(super) use rules::{Document, Guest, HOME, KnownBy, Typed, alone_under_age};
