//! A bank under FAPI 2.0: it signs what it sends, and its tokens are bound to a key.

use crypto::base64url;
use crypto::digest::sha256;
use crypto::jws;
use crypto::sign::{Algorithm, Signer as _, SoftKey};
use platform::shell::chance::Chance;
use platform::shell::clock::Clock;
use serde_json::json;

use crate::server::BANK;

/// The bank's keys.
pub struct Bank {
    /// By which it proves who it is.
    pub own: SoftKey,
    holder: SoftKey,
    chance: Chance,
    clock: Clock,
}

impl Bank {
    /// The bank, which server and load know alike.
    pub fn new() -> Self {
        let key = |seed: u8| SoftKey::from_seed(Algorithm::Es256, &[seed; 32]).unwrap();
        Self {
            own: key(1),
            holder: key(2),
            chance: Chance::system(),
            clock: Clock::system(),
        }
    }

    /// Who it is, for one request.
    pub fn assertion(&self, issuer: &str) -> String {
        let now = self.clock.now().as_second();
        let jti = base64url::encode(self.chance.bytes::<16>());
        let claims = json!({"iss": BANK, "sub": BANK, "aud": issuer, "iat": now, "exp": now + 60, "jti": jti});
        jws::sign(&self.own, None, claims.to_string().as_bytes()).unwrap()
    }

    /// That it holds its key, for one request.
    pub fn proof(&self, method: &str, url: &str, token: Option<&str>) -> String {
        let jti = base64url::encode(self.chance.bytes::<16>());
        let mut claims = json!({"htm": method, "htu": url, "jti": jti, "iat": self.clock.now().as_second()});
        if let Some(token) = token {
            claims["ath"] = json!(base64url::encode(sha256(token.as_bytes())));
        }
        let header = json!({"typ": "dpop+jwt", "jwk": self.holder.public()});
        jws::sign_with(
            &self.holder,
            header.as_object().unwrap().clone(),
            claims.to_string().as_bytes(),
        )
        .unwrap()
    }
}
