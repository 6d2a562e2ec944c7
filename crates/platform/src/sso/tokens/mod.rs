//! The token and userinfo endpoints: what a relying party gets for a code.

pub(super) mod http;
mod rules;
pub(super) mod store;
