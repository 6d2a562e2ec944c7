//! The authorization endpoint: a relying party asks, the person signs in and agrees, a code goes back.

pub(super) mod http;
pub(super) mod store;
