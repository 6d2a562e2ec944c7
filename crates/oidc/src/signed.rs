//! Claims under a signature of ours.

use crypto::jws;
use crypto::sign::{SignError, Signer};
use serde::Serialize;

/// Signs claims as a JWT of this `typ`, so that no JWT of ours can pass for one of another kind (RFC 8725 section 3.11).
pub(crate) fn claims(signer: &dyn Signer, typ: &str, claims: &impl Serialize) -> Result<String, SignError> {
    let claims = serde_json::to_vec(claims)
        .ok()
        .ok_or_else(|| SignError::Failed("writing the claims".to_owned()))?;
    jws::sign(signer, Some(typ), &claims)
}
