//! Whether a wallet holds the keys that it names (`OpenID4VCI` 1.0 sections 8.2.1, 7 and appendix D and F).

use crypto::digest::DigestKey;
use crypto::jwk::{Jwk, JwkSet, PublicKey};
use crypto::jws::{Compact, VerifyError};
use crypto::{base64url, equal};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value};

use super::MAX_BATCH;
use super::error::{CredentialError, CredentialErrorCode};
use super::request::Proofs;
use crate::authentication::{ALGORITHMS, SKEW};

const TYP: &str = "openid4vci-proof+jwt";
const ATTESTATION_TYP: &str = "key-attestation+jwt";
/// How old a proof may be, in seconds.
const PROOF_LIFE: i64 = 300;

const WRONG_NONCE: CredentialError = CredentialError::new(
    CredentialErrorCode::InvalidNonce,
    "the nonce is unknown or over: fetch a fresh one",
);

/// Nonces for proofs (`c_nonce`, section 7.2): random, with their end, and a keyed digest of both. No table is needed, and
/// every node knows those of the others.
#[derive(Debug, Clone)]
pub struct Nonces {
    key: DigestKey,
    life: SignedDuration,
}

impl Nonces {
    /// Nonces that are good for so long.
    pub fn new(key: DigestKey, life: SignedDuration) -> Self {
        Self { key, life }
    }

    /// The nonce that these random bytes make now.
    pub fn make(&self, random: [u8; 16], now: Timestamp) -> String {
        let end = (now + self.life).as_second().to_be_bytes();
        let body = [&random[..], &end].concat();
        let digest = self.key.digest("credential nonce", &body);
        base64url::encode([&body[..], &digest].concat())
    }

    /// Whether the nonce is one of ours, and not over.
    pub fn know(&self, nonce: &str, now: Timestamp) -> bool {
        let Ok(bytes) = base64url::decode_fixed::<56>(nonce) else {
            return false;
        };
        let (body, digest) = bytes.split_at(24);
        let end = body.get(16..).and_then(|end| end.first_chunk::<8>());
        let lasts = end.is_some_and(|end| i64::from_be_bytes(*end) > now.as_second());
        lasts && equal(digest, &self.key.digest("credential nonce", body))
    }
}

/// What is needed to judge proofs.
#[derive(Debug, Clone, Copy)]
pub struct Judge<'a> {
    /// The issuer: the audience of proofs.
    pub issuer: &'a str,
    /// The client that the access token was given to.
    pub client_id: &'a str,
    /// Whose attestations of keys are believed: the wallet provider's keys.
    pub attesters: Option<&'a JwkSet>,
    /// Whether keys must be attested.
    pub attested: bool,
    /// The nonces.
    pub nonces: &'a Nonces,
    /// The time.
    pub now: Timestamp,
}

impl Judge<'_> {
    /// The keys that credentials may be bound to: proved, in their order, none twice.
    ///
    /// # Errors
    /// `invalid_proof`, `invalid_nonce`.
    pub fn keys(&self, proofs: &Proofs) -> Result<Vec<PublicKey>, CredentialError> {
        let keys = match proofs {
            Proofs::None => return Err(CredentialError::proof("proofs is missing")),
            Proofs::Attestation(attestation) => self.attestation(attestation, true)?,
            Proofs::Jwt(proofs) => match proofs.as_slice() {
                [one] => self.jwt(one)?,
                several => {
                    let mut keys = Vec::with_capacity(several.len());
                    for proof in several {
                        let proved = self.jwt(proof)?;
                        let [key] = <[PublicKey; 1]>::try_from(proved)
                            .ok()
                            .ok_or(CredentialError::proof("an attestation of several keys stands alone"))?;
                        keys.push(key);
                    }
                    keys
                }
            },
        };
        let twice = (1..keys.len()).any(|at| {
            keys.get(at)
                .is_some_and(|key| keys.iter().take(at).any(|other| other == key))
        });
        if twice {
            return Err(CredentialError::proof("a key is there twice"));
        }
        if keys.is_empty() || keys.len() > MAX_BATCH {
            return Err(CredentialError::proof(
                "the number of keys is not between 1 and the size of a batch",
            ));
        }
        Ok(keys)
    }

    /// The keys of a proof of type `jwt`: its own, or all of the attestation that it carries.
    fn jwt(&self, proof: &str) -> Result<Vec<PublicKey>, CredentialError> {
        let compact = Compact::parse(proof).map_err(malformed)?;
        let header = compact.header();
        if !header.is_typ(TYP) {
            return Err(CredentialError::proof("typ is not openid4vci-proof+jwt"));
        }
        let attested = match header.get("key_attestation") {
            None if self.attested => return Err(CredentialError::proof("the keys must be attested")),
            None => None,
            Some(attestation) => {
                let attestation = attestation.as_str();
                let attestation = attestation.ok_or(CredentialError::proof("key_attestation is not a text"))?;
                Some(self.attestation(attestation, false)?)
            }
        };
        let named = header
            .get("jwk")
            .map(|jwk| Jwk::from_value(jwk).ok().map(|jwk| jwk.key().clone()));
        let place = || header.key_id().and_then(|place| place.parse::<usize>().ok());
        let key = match (named, &attested) {
            (Some(key), _) => key,
            // Appendix F.1: without `jwk`, `kid` is the place of the key in the attestation, or the first is meant.
            (None, Some(keys)) => keys.get(place().unwrap_or_default()).cloned(),
            (None, None) => None,
        };
        let key = key.ok_or(CredentialError::proof(
            "the key of the proof is missing or not supported",
        ))?;
        if attested.as_ref().is_some_and(|keys| !keys.contains(&key)) {
            return Err(CredentialError::proof("the key of the proof is not among the attested"));
        }
        let verified = compact
            .verify(&Jwk::unnamed(key.clone()), ALGORITHMS)
            .map_err(malformed)?;
        let claims: Map<String, Value> = verified.claims().map_err(malformed)?;
        self.check_claims(&claims)?;
        Ok(attested.unwrap_or_else(|| vec![key]))
    }

    fn check_claims(&self, claims: &Map<String, Value>) -> Result<(), CredentialError> {
        let text = |name: &str| claims.get(name).and_then(Value::as_str);
        if text("aud") != Some(self.issuer) {
            return Err(CredentialError::proof("aud is not the credential issuer"));
        }
        if claims
            .get("iss")
            .is_some_and(|iss| iss.as_str() != Some(self.client_id))
        {
            return Err(CredentialError::proof("iss is not the client"));
        }
        let now = self.now.as_second();
        let made = claims.get("iat").and_then(Value::as_i64);
        if !made.is_some_and(|made| (now - PROOF_LIFE..=now + SKEW).contains(&made)) {
            return Err(CredentialError::proof("the proof is not of this moment"));
        }
        self.check_nonce(text("nonce"))
    }

    fn check_nonce(&self, nonce: Option<&str>) -> Result<(), CredentialError> {
        match nonce {
            None => Err(CredentialError::proof("nonce is missing")),
            Some(nonce) if self.nonces.know(nonce, self.now) => Ok(()),
            Some(_) => Err(WRONG_NONCE),
        }
    }

    /// The keys of a key attestation (appendix D.1). On its own it must carry a nonce.
    fn attestation(&self, attestation: &str, alone: bool) -> Result<Vec<PublicKey>, CredentialError> {
        let refused = CredentialError::proof("the key attestation does not hold");
        let compact = Compact::parse(attestation).ok().ok_or(refused)?;
        if !compact.header().is_typ(ATTESTATION_TYP) {
            return Err(CredentialError::proof(
                "typ of the attestation is not key-attestation+jwt",
            ));
        }
        let attesters = self
            .attesters
            .ok_or(CredentialError::proof("nobody attests keys for this client"))?;
        let claims: Map<String, Value> = compact
            .verify(attesters, ALGORITHMS)
            .and_then(|verified| verified.claims())
            .ok()
            .ok_or(refused)?;
        let now = self.now.as_second();
        let made = claims.get("iat").and_then(Value::as_i64);
        let lasts = claims
            .get("exp")
            .is_none_or(|end| end.as_i64().is_some_and(|end| end > now - SKEW));
        if !lasts || made.is_none_or(|made| made > now + SKEW) {
            return Err(CredentialError::proof("the key attestation is not of this time"));
        }
        match claims.get("nonce").and_then(Value::as_str) {
            None if !alone => {}
            nonce => self.check_nonce(nonce)?,
        }
        let keys = claims.get("attested_keys").and_then(Value::as_array).ok_or(refused)?;
        if keys.len() > MAX_BATCH {
            return Err(CredentialError::proof("too many attested keys"));
        }
        let keys: Option<Vec<PublicKey>> = keys
            .iter()
            .map(|jwk| Jwk::from_value(jwk).ok().map(|jwk| jwk.key().clone()))
            .collect();
        keys.ok_or(CredentialError::proof("an attested key is not supported"))
    }
}

fn malformed(error: VerifyError) -> CredentialError {
    match error {
        VerifyError::Signature | VerifyError::UnknownKey => {
            CredentialError::proof("the signature of the proof does not verify")
        }
        VerifyError::Algorithm => CredentialError::proof("the algorithm of the proof is not allowed"),
        _ => CredentialError::proof("the proof is not a JWT"),
    }
}
