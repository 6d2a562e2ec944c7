//! Sign-outs that the issuer tells the portal of (OpenID Connect Back-Channel Logout 1.0).

use crypto::jwk::JwkSet;
use crypto::jws;
use crypto::sign::Algorithm;
use serde::Deserialize;
use serde_json::Value;

use super::PortalError;
use super::provider::Provider;

const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

/// What a logout token says (section 2.4).
#[derive(Deserialize)]
struct Claims {
    iss: String,
    aud: Value,
    #[serde(default)]
    sub: Option<String>,
    #[serde(default)]
    sid: Option<String>,
    #[serde(default)]
    nonce: Option<Value>,
    #[serde(default)]
    events: Value,
}

/// Whose sign-in has ended.
pub(super) struct Ended {
    pub(super) sid: Option<String>,
    pub(super) sub: Option<String>,
}

impl Provider {
    /// Verifies a logout token (section 2.6).
    pub(super) async fn ended(&self, token: &str) -> Result<Ended, PortalError> {
        let refused = |why: &str| PortalError::Issuer(format!("the logout token is not good: {why}"));
        let document = self.fetch(&self.at("/.well-known/openid-configuration")).await?;
        let address = document.get("jwks_uri").and_then(Value::as_str).unwrap_or_default();
        let keys = JwkSet::from_value(&self.fetch(address).await?)
            .ok()
            .ok_or_else(|| refused("keys"))?;
        let verified = jws::verify(token, &keys, &[Algorithm::Es256])
            .ok()
            .ok_or_else(|| refused("signature"))?;
        let claims: Claims = verified.claims().ok().ok_or_else(|| refused("claims"))?;
        let audience = match &claims.aud {
            Value::Array(all) => all.iter().any(|one| one == self.client_id()),
            one => one == self.client_id(),
        };
        let is_ours = claims.iss.trim_end_matches('/') == self.at("").as_str() && audience;
        let is_logout =
            verified.header().is_typ("logout+jwt") && claims.events.get(EVENT).is_some() && claims.nonce.is_none();
        if !is_ours || !is_logout || (claims.sid.is_none() && claims.sub.is_none()) {
            return Err(refused("claims"));
        }
        Ok(Ended {
            sid: claims.sid,
            sub: claims.sub,
        })
    }

    async fn fetch(&self, address: &str) -> Result<Value, PortalError> {
        let unreachable = |error: reqwest::Error| PortalError::Issuer(error.without_url().to_string());
        self.http()
            .get(address)
            .send()
            .await
            .map_err(unreachable)?
            .json()
            .await
            .map_err(unreachable)
    }
}
