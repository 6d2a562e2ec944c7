//! A maker of wallets (*nhà cung cấp ví*), as the issuer of the sandbox knows one: it attests its wallets and the keys in them to whoever asks.
//!
//! A real one would look at the phone first. Its key is public, like every credential of the sandbox.

use crypto::jwk::Jwk;
use crypto::jws;
use crypto::sign::{Algorithm, BadKey, SignError, Signer as _, SoftKey};
use jiff::Timestamp;
use serde_json::{Value, json};

/// How long its statements are good, in seconds.
const LIFE: i64 = 3600;

/// The maker of the sample wallet.
pub struct WalletProvider(SoftKey);

impl WalletProvider {
    /// The `client_id` of its wallets.
    pub const CLIENT_ID: &'static str = "vi-dien-tu-mau";
    /// The name of its wallets.
    pub const NAME: &'static str = "Ví điện tử mẫu";
    /// Where its wallets take answers.
    pub const REDIRECT_URI: &'static str = "https://wallet.example/callback";

    /// The provider, with its key that everybody knows.
    ///
    /// # Errors
    /// [`BadKey`]: does not happen.
    pub fn new() -> Result<Self, BadKey> {
        SoftKey::from_seed(Algorithm::Es256, b"sample wallet provider's own key").map(Self)
    }

    /// The public key by which an issuer knows its statements.
    pub fn public(&self) -> &Jwk {
        self.0.public()
    }

    /// That whoever holds this key is a wallet of the provider's (Attestation-Based Client Authentication).
    ///
    /// # Errors
    /// [`SignError`].
    pub fn attest_wallet(&self, wallet: &Jwk, now: Timestamp) -> Result<String, SignError> {
        let claims = json!({
            "iss": "https://wallet.example", "sub": Self::CLIENT_ID, "iat": now.as_second(), "exp": now.as_second() + LIFE,
            "cnf": {"jwk": wallet},
        });
        jws::sign(
            &self.0,
            Some("oauth-client-attestation+jwt"),
            claims.to_string().as_bytes(),
        )
    }

    /// That these keys are kept well (`OpenID4VCI` 1.0 appendix D).
    ///
    /// # Errors
    /// [`SignError`].
    pub fn attest_keys(&self, keys: &[Jwk], nonce: Option<&str>, now: Timestamp) -> Result<String, SignError> {
        let mut claims = json!({
            "iss": "https://wallet.example", "iat": now.as_second(), "exp": now.as_second() + LIFE, "attested_keys": keys,
            "key_storage": ["iso_18045_moderate"], "user_authentication": ["iso_18045_moderate"],
        });
        if let (Some(nonce), Some(claims)) = (nonce, claims.as_object_mut()) {
            claims.insert("nonce".to_owned(), Value::from(nonce));
        }
        jws::sign(&self.0, Some("key-attestation+jwt"), claims.to_string().as_bytes())
    }
}
