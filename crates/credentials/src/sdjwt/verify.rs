//! What the verifier does (RFC 9901 section 7.3).

use crypto::jwk::Jwk;
use crypto::jws::{Compact, VerifyError};
use crypto::sign::Algorithm;
use crypto::{equal, json};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value};

use super::{Hash, NEVER_HIDDEN, Opened, Refusal, SdJwt, Segment, TYP};
use crate::status::StatusRef;
use crate::times::{after, instant};

/// What the verifier wants.
#[derive(Debug, Clone, Copy)]
pub struct Expect<'a> {
    /// Now.
    pub at: Timestamp,
    /// What the clocks of issuer, holder and verifier may be apart.
    pub skew: SignedDuration,
    /// The types that are welcome; empty for all.
    pub types: &'a [&'a str],
    /// The proof of possession that is wanted; `None` when the verifier decides to do without, whether or not one came.
    pub binding: Option<Binding<'a>>,
}

/// The proof of possession that is wanted.
#[derive(Debug, Clone, Copy)]
pub struct Binding<'a> {
    /// The verifier itself, as the holder knows it.
    pub audience: &'a str,
    /// What was drawn for this transaction.
    pub nonce: &'a str,
    /// How old the proof may be.
    pub max_age: SignedDuration,
}

/// A credential that was verified.
#[derive(Debug, Clone, PartialEq)]
pub struct Verified {
    /// Its type (`vct`).
    pub vct: String,
    /// The claims that were shown.
    pub claims: Map<String, Value>,
    /// The holder's key.
    pub holder: Option<Jwk>,
    /// Where its status stands; still to be looked up.
    pub status: Option<StatusRef>,
    /// Until when it is valid.
    pub expires_at: Timestamp,
}

impl SdJwt<'_> {
    /// Verifies a credential of `issuer`'s. Its status is still to be looked up.
    ///
    /// # Errors
    /// [`Refusal`] names the first rule that was broken.
    pub fn verify(&self, issuer: &impl AsRef<[Jwk]>, expect: &Expect<'_>) -> Result<Verified, Refusal> {
        let opened = self.open(issuer)?;
        if !self.jwt.header().is_typ(TYP) {
            return Err(Refusal::Type);
        }
        let hidden = |place: &Vec<Segment>| matches!(place.as_slice(), [Segment::Name(name)] if NEVER_HIDDEN.contains(&name.as_str()));
        if opened.places.iter().any(hidden) {
            return Err(Refusal::HiddenClaim);
        }
        let vct = text(&opened.claims, "vct")?;
        if !expect.types.is_empty() && !expect.types.contains(&vct) {
            return Err(Refusal::OtherType);
        }
        let vct = vct.to_owned();
        let expires_at = check_times(&opened.claims, expect)?;
        let holder = holder(&opened.claims)?;
        if let Some(binding) = &expect.binding {
            let key = holder.as_ref().ok_or(Refusal::NoHolderKey)?;
            self.check_binding(key, &opened, binding, expect)?;
        }
        let status = match opened.claims.get("status") {
            None => None,
            Some(claim) => Some(StatusRef::from_json(claim).ok_or(Refusal::MissingClaim)?),
        };
        Ok(Verified {
            vct,
            claims: opened.claims,
            holder,
            status,
            expires_at,
        })
    }

    fn check_binding(
        &self,
        holder: &Jwk,
        opened: &Opened,
        wanted: &Binding<'_>,
        expect: &Expect<'_>,
    ) -> Result<(), Refusal> {
        let proof = Compact::parse(self.binding.ok_or(Refusal::BindingMissing)?).map_err(of_binding)?;
        if !proof.header().is_typ("kb+jwt") {
            return Err(Refusal::BindingType);
        }
        let key = Jwk::unnamed(holder.key().clone());
        let verified = proof.verify(&key, Algorithm::ALL).map_err(of_binding)?;
        let claims = json::parse_object(verified.payload())
            .ok()
            .ok_or(Refusal::BindingMalformed)?;
        let said = |name| text(&claims, name).ok().ok_or(Refusal::BindingMalformed);
        let made_at = claims.get("iat").and_then(instant).ok_or(Refusal::BindingMalformed)?;
        if said("aud")? != wanted.audience {
            return Err(Refusal::BindingAudience);
        }
        if !equal(said("nonce")?.as_bytes(), wanted.nonce.as_bytes()) {
            return Err(Refusal::BindingNonce);
        }
        if made_at > after(expect.at, expect.skew) {
            return Err(Refusal::BindingFromFuture);
        }
        if after(made_at, wanted.max_age) < expect.at {
            return Err(Refusal::BindingTooOld);
        }
        let hash: Hash = opened.hash;
        if said("sd_hash")? != hash.of(self.unbound) {
            return Err(Refusal::BindingDigest);
        }
        Ok(())
    }
}

fn of_binding(error: VerifyError) -> Refusal {
    match error {
        VerifyError::Algorithm => Refusal::Algorithm,
        VerifyError::Critical => Refusal::Critical,
        VerifyError::UnknownKey | VerifyError::Signature => Refusal::BindingSignature,
        VerifyError::Malformed | VerifyError::TooLarge | VerifyError::Payload => Refusal::BindingMalformed,
    }
}

fn text<'a>(claims: &'a Map<String, Value>, name: &str) -> Result<&'a str, Refusal> {
    claims.get(name).and_then(Value::as_str).ok_or(Refusal::MissingClaim)
}

fn check_times(claims: &Map<String, Value>, expect: &Expect<'_>) -> Result<Timestamp, Refusal> {
    let when = |name: &str| {
        let read = |value| instant(value).ok_or(Refusal::MissingClaim);
        claims.get(name).map(read).transpose()
    };
    let latest = after(expect.at, expect.skew);
    if when("nbf")?.is_some_and(|from| from > latest) {
        return Err(Refusal::NotYetValid);
    }
    if when("iat")?.is_some_and(|issued| issued > latest) {
        return Err(Refusal::FromFuture);
    }
    let end = when("exp")?.ok_or(Refusal::MissingClaim)?;
    if after(end, expect.skew) <= expect.at {
        return Err(Refusal::Expired);
    }
    Ok(end)
}

/// The key in `cnf`, if there is `cnf` (RFC 7800); one that cannot be used is refused.
fn holder(claims: &Map<String, Value>) -> Result<Option<Jwk>, Refusal> {
    match claims.get("cnf") {
        None => Ok(None),
        Some(confirmation) => confirmation
            .get("jwk")
            .and_then(|key| Jwk::from_value(key).ok())
            .map(Some)
            .ok_or(Refusal::NoHolderKey),
    }
}
