//! The messages of `OpenID4VCI` 1.0: offers, credential requests, proofs of keys, and their refusals.
//!
//! What is issued is decided elsewhere; here it is said what a wallet asks for and whether it has proved the keys that
//! credentials are to be bound to.

mod error;
mod offer;
mod proof;
mod request;

#[cfg(test)]
mod tests;

pub use error::{CredentialError, CredentialErrorCode};
pub use offer::{Offer, PRE_AUTHORIZED};
pub use proof::{Judge, Nonces};
pub use request::{CredentialRequest, DeferredRequest, Event, Notification, Proofs, ResponseEncryption, Wanted};

/// The most credentials of one request.
pub const MAX_BATCH: usize = 20;
