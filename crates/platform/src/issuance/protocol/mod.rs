//! The endpoints of `OpenID4VCI` 1.0 where wallets fetch credentials, under the High Assurance Interoperability Profile 1.0.
//!
//! A wallet comes with an access token of [`crate::sso`] that is bound to its DPoP key. It fetches a nonce, proves the keys of its credentials with it,
//! and receives one credential for each key. Where the source of a document is silent, the credential is deferred.
//!
//! **Invariant:** a credential is bound only to keys that the wallet has proved to hold; those of a foreign wallet are attested by its provider.
//! **Invariant:** a wallet receives only what its token was given for, and each issue is in the person's history.

use crypto::digest::DigestKey;
use crypto::jwe::{DecryptionKey, JweError};
use jiff::SignedDuration;
use oidc::credential::Nonces;

use crate::app::App;
use crate::shell::problem::Problem;

pub(super) mod http;
mod store;

#[cfg(test)]
mod tests;

/// Where credentials are fetched.
pub(super) const CREDENTIAL: &str = "/issuance/credential";
/// Where nonces are fetched.
pub(super) const NONCE: &str = "/issuance/nonce";
/// Where deferred credentials are fetched.
pub(super) const DEFERRED: &str = "/issuance/deferred";
/// Where wallets tell what became of credentials.
pub(super) const NOTIFICATION: &str = "/issuance/notification";

/// How long a nonce is good.
const NONCE_LIFE: SignedDuration = SignedDuration::from_mins(5);

/// The key for which wallets encrypt their requests.
///
/// # Errors
/// If the keystore's digest is no key, which does not happen.
pub(super) fn decryption_key(app: &App) -> Result<DecryptionKey, Problem> {
    let draw = |turn: u8| app.vault.digest("issuance-request-encryption", &[turn]);
    let key = (0..4).find_map(|turn| DecryptionKey::from_number(&draw(turn)).ok());
    key.ok_or_else(|| Problem::internal(JweError::Key))
}

fn nonces(app: &App) -> Nonces {
    Nonces::new(DigestKey::new(app.vault.digest("issuance-nonces", b"")), NONCE_LIFE)
}
