//! Guests of a draft: typed, read off a card, proved by an identity QR, or many by a list.
//!
//! **Invariant:** a guest stands in a draft once.

pub(super) mod http;
