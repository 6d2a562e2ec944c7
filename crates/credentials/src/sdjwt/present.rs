//! What the holder does (RFC 9901 section 7.2).

use crypto::jws;
use crypto::sign::{SignError, Signer};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::{ClaimPath, Refusal, SdJwt};

/// Why nothing was presented.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PresentError {
    /// The credential itself is not right.
    #[error(transparent)]
    Credential(#[from] Refusal),
    /// The credential has a key binding already, so it is somebody's presentation (RFC 9901 section 7.2).
    #[error("credential is a presentation already")]
    Bound,
    /// A path leads to no claim of the credential.
    #[error("no such claim to present")]
    NoSuchClaim,
}

impl SdJwt<'_> {
    /// The SD-JWT with those disclosures alone that the paths ask for, and those that lead to them. What is asked for is
    /// shown whole. Ends with `~`: [`bind`] adds the proof of possession.
    ///
    /// # Errors
    /// [`PresentError`].
    pub fn present(&self, shown: &[ClaimPath]) -> Result<String, PresentError> {
        if self.is_bound() {
            return Err(PresentError::Bound);
        }
        let opened = self.open_unverified()?;
        let claims = Value::Object(opened.claims);
        if shown.iter().any(|path| path.select(&claims).is_empty()) {
            return Err(PresentError::NoSuchClaim);
        }
        let mut text = format!("{}~", self.jwt_text);
        for (disclosure, place) in self.disclosures.iter().zip(&opened.places) {
            if shown.iter().any(|path| path.meets(place)) {
                text.push_str(disclosure.text);
                text.push('~');
            }
        }
        Ok(text)
    }
}

/// What a key binding is made for.
#[derive(Debug, Clone, Copy)]
pub struct KeyBinding<'a> {
    /// The verifier (`aud`).
    pub audience: &'a str,
    /// What the verifier drew for this transaction.
    pub nonce: &'a str,
    /// Now.
    pub at: Timestamp,
}

/// Adds the proof that the presenter holds the key in `cnf` (RFC 9901 section 4.3). `presentation` ends with `~`.
///
/// # Errors
/// [`BindError`].
pub fn bind(presentation: &str, holder: &dyn Signer, binding: KeyBinding<'_>) -> Result<String, BindError> {
    let parsed = SdJwt::parse(presentation).map_err(PresentError::from)?;
    if parsed.is_bound() {
        return Err(PresentError::Bound.into());
    }
    let hash = parsed.open_unverified().map_err(PresentError::from)?.hash;
    let claims = json!({
        "iat": binding.at.as_second(),
        "aud": binding.audience,
        "nonce": binding.nonce,
        "sd_hash": hash.of(presentation),
    });
    let proof = jws::sign(holder, Some("kb+jwt"), claims.to_string().as_bytes())?;
    Ok(format!("{presentation}{proof}"))
}

/// Why nothing was bound.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BindError {
    /// There is nothing to bind.
    #[error(transparent)]
    Present(#[from] PresentError),
    /// The key failed.
    #[error(transparent)]
    Sign(#[from] SignError),
}
