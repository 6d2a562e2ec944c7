//! How an answer goes back to the relying party through the person's browser.

pub(super) mod http;
