//! Proofs by a device's key.

use crypto::jwk::{Jwk, PublicKey};
use crypto::jws::Compact;
use crypto::sign::Algorithm;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

/// What the header of a proof calls it.
pub(super) const TYP: &str = "vneid-device+jwt";
/// How old a proof may be, and how far a device's clock may be ahead.
const MAX_AGE: SignedDuration = SignedDuration::from_secs(120);

/// What a device says by its proof.
#[derive(Deserialize)]
struct Claims {
    aud: String,
    iat: i64,
}

/// The key of a device that proves, now and for this audience, that it has it; nothing if the proof is not good.
pub(super) fn proven(proof: &str, audience: &str, now: Timestamp) -> Option<PublicKey> {
    let compact = Compact::parse(proof).ok()?;
    let header = compact.header();
    let key = Jwk::from_value(header.get("jwk")?).ok()?;
    if !header.is_typ(TYP) || key.algorithm() != Algorithm::Es256 {
        return None;
    }
    let key = Jwk::unnamed(key.key().clone());
    let claims: Claims = compact.verify(&key, &[Algorithm::Es256]).ok()?.claims().ok()?;
    let age = now.duration_since(Timestamp::from_second(claims.iat).ok()?);
    (claims.aud == audience && age.abs() <= MAX_AGE).then(|| key.key().clone())
}

#[cfg(test)]
pub(super) mod tests {
    use crypto::jws;
    use crypto::sign::{Signer as _, SoftKey};
    use serde_json::json;

    use super::*;

    const NOW: Timestamp = Timestamp::constant(1_800_000_000, 0);

    pub(in crate::wallet) fn proof(device: &SoftKey, audience: &str, at: Timestamp) -> String {
        let members = json!({"typ": TYP, "jwk": Jwk::unnamed(device.public().key().clone())});
        let claims = json!({"aud": audience, "iat": at.as_second()});
        let members = members.as_object().cloned().unwrap();
        jws::sign_with(device, members, claims.to_string().as_bytes()).unwrap()
    }

    fn device() -> SoftKey {
        SoftKey::from_seed(Algorithm::Es256, &[3; 32]).unwrap()
    }

    #[test]
    fn a_proof_is_for_one_audience_and_for_two_minutes() {
        let made = proof(&device(), "https://id.example/wallet", NOW);
        let minutes = SignedDuration::from_mins;

        let key = proven(&made, "https://id.example/wallet", NOW + minutes(2));

        assert_eq!(key.as_ref(), Some(device().public().key()));
        assert_eq!(proven(&made, "https://evil.example/wallet", NOW), None);
        assert_eq!(proven(&made, "https://id.example/wallet", NOW + minutes(3)), None);
        assert_eq!(proven(&made, "https://id.example/wallet", NOW - minutes(3)), None);
        assert_eq!(proven("a.b.c", "https://id.example/wallet", NOW), None);
    }

    #[test]
    fn a_proof_with_anothers_key_in_it_is_none() {
        let other = SoftKey::from_seed(Algorithm::Es256, &[4; 32]).unwrap();
        let members = json!({"typ": TYP, "jwk": Jwk::unnamed(other.public().key().clone())});
        let claims = json!({"aud": "a", "iat": NOW.as_second()});
        let members = members.as_object().cloned().unwrap();
        let forged = jws::sign_with(&device(), members, claims.to_string().as_bytes()).unwrap();

        assert_eq!(proven(&forged, "a", NOW), None);
    }
}
