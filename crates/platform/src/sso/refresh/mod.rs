//! Refresh tokens: a relying party gets new access tokens without the person.
//!
//! **Invariant:** a refresh token that was replaced and comes back ends its family, and takes back all that the family gave.

pub(super) mod http;
pub(super) mod store;

#[cfg(test)]
mod tests;
