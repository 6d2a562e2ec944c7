//! The credentials of a connection: the sandbox's secret, and the keys for production, which the partner proves to hold.
//!
//! **Invariant:** no key is taken that did not sign our challenge for this connection, of this hour or the last.

use crypto::jwk::JwkSet;
use crypto::jws;
use crypto::sign::Algorithm;
use jiff::Timestamp;
use serde::Deserialize;

use super::ConnectionId;
use crate::app::App;

pub(super) mod http;

#[cfg(test)]
mod tests;

/// What the header of a proof calls it.
const TYP: &str = "vneid-partner-proof+jwt";
const HOUR: i64 = 3600;

/// What the partner signs: new each hour, the same on every node, kept nowhere.
pub(super) fn challenge(app: &App, connection: &ConnectionId, now: Timestamp) -> String {
    let mut input = connection.bytes().to_vec();
    input.extend_from_slice(&now.as_second().div_euclid(HOUR).to_be_bytes());
    hex::encode(app.vault.digest("partner-challenge", &input))
}

#[derive(Deserialize)]
struct Claims {
    aud: String,
    challenge: String,
}

/// Whether each key of the set has signed one of these challenges: one proof a key, separated by white space.
fn proven(keys: &JwkSet, proofs: &str, audience: &str, challenges: &[String]) -> bool {
    let is_good = |key: &crypto::jwk::Jwk, proof: &str| {
        let Ok(verified) = jws::verify(proof, key, &[Algorithm::Es256, Algorithm::EdDsa]) else {
            return false;
        };
        verified.header().is_typ(TYP)
            && verified
                .claims::<Claims>()
                .is_ok_and(|claims| claims.aud == audience && challenges.contains(&claims.challenge))
    };
    !keys.keys().is_empty()
        && keys
            .keys()
            .iter()
            .all(|key| proofs.split_whitespace().any(|proof| is_good(key, proof)))
}
