//! How an answer goes back to the relying party through the person's browser.

pub(in crate::sso) mod http;
