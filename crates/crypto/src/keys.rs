//! Key sets with rotation.
//!
//! A set has one **active** key that signs, one **next** key that is published before it is used, so that relying
//! parties that cache the set know it in time, and **retired** keys, of which only the public half is kept, so that
//! what they signed verifies until a given end. Keys are known by their thumbprint (RFC 7638).

use std::sync::Arc;

use jiff::Timestamp;

use crate::hsm::HsmKey;
use crate::jwk::{Jwk, JwkSet};
use crate::sign::{Algorithm, SignError, Signer, SoftKey};

/// A private key, wherever it is.
#[derive(Debug)]
pub enum PrivateKey {
    /// In memory, and sealed in the keystore.
    Memory(SoftKey),
    /// In a hardware security module, which it never leaves.
    Device(HsmKey),
}

impl PrivateKey {
    fn signer(&self) -> &dyn Signer {
        match self {
            Self::Memory(key) => key,
            Self::Device(key) => key,
        }
    }
}

impl Signer for PrivateKey {
    fn algorithm(&self) -> Algorithm {
        self.signer().algorithm()
    }

    fn public(&self) -> &Jwk {
        self.signer().public()
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignError> {
        self.signer().sign(message)
    }
}

/// Why a set was not rotated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RotateError {
    /// The next key may not sign before this instant: those who cache the set may not know it yet.
    #[error("the next key may not sign before {0}")]
    TooEarly(Timestamp),
}

/// The times of one rotation, chosen by the caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Times {
    /// The instant of the rotation.
    pub now: Timestamp,
    /// Until when the key that stops signing stays published: at least the life of what it signed.
    pub retire_until: Timestamp,
    /// From when the fresh next key may sign: at least as long from now as relying parties cache the set.
    pub next_not_before: Timestamp,
}

/// The keys for one purpose, such as ID tokens.
#[derive(Debug, Clone)]
pub struct KeySet<S = SoftKey> {
    active: Arc<S>,
    next: Arc<S>,
    next_not_before: Timestamp,
    retired: Vec<Retired>,
}

/// The public half of a key that signs no more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retired {
    /// The public key.
    pub key: Jwk,
    /// Published, and good for verification, before this instant.
    pub until: Timestamp,
}

impl<S: Signer> KeySet<S> {
    /// A set whose `active` key signs at once and whose `next` key may sign from `next_not_before` on.
    ///
    /// After a key was compromised, start anew with a set like this: nothing of the old one stays published.
    pub fn new(active: S, next: S, next_not_before: Timestamp) -> Self {
        Self::restore(active, next, next_not_before, Vec::new())
    }

    /// A set as it was kept.
    pub(crate) fn restore(active: S, next: S, next_not_before: Timestamp, retired: Vec<Retired>) -> Self {
        Self {
            active: Arc::new(active),
            next: Arc::new(next),
            next_not_before,
            retired,
        }
    }

    /// The key that signs now. Cheap to clone and to hold over a signature.
    pub fn signer(&self) -> &Arc<S> {
        &self.active
    }

    /// The key that signs after the next rotation.
    pub fn next(&self) -> &Arc<S> {
        &self.next
    }

    /// From when the next key may sign.
    pub fn next_not_before(&self) -> Timestamp {
        self.next_not_before
    }

    /// The keys that sign no more, latest first.
    pub fn retired(&self) -> &[Retired] {
        &self.retired
    }

    /// What is published and verified with at an instant: active, next, and the retired keys whose end has not come.
    pub fn jwks(&self, now: Timestamp) -> JwkSet {
        let current = [self.active.public().clone(), self.next.public().clone()];
        let retired = self
            .retired
            .iter()
            .filter(|retired| now < retired.until)
            .map(|retired| retired.key.clone());
        JwkSet::new(current.into_iter().chain(retired).collect())
    }

    /// The next key becomes active, the active one retires, `fresh` becomes next; retired keys whose end has come are
    /// forgotten.
    ///
    /// # Errors
    /// [`RotateError::TooEarly`]; nothing has changed then.
    pub fn rotate(&mut self, fresh: S, times: Times) -> Result<(), RotateError> {
        if times.now < self.next_not_before {
            return Err(RotateError::TooEarly(self.next_not_before));
        }
        let active = std::mem::replace(&mut self.next, Arc::new(fresh));
        let retiring = std::mem::replace(&mut self.active, active);
        self.retired.insert(
            0,
            Retired {
                key: retiring.public().clone(),
                until: times.retire_until,
            },
        );
        self.retired.retain(|retired| times.now < retired.until);
        self.next_not_before = times.next_not_before;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jws::{self, VerifyError};

    const fn at(second: i64) -> Timestamp {
        Timestamp::constant(second, 0)
    }

    fn key(seed: u8) -> SoftKey {
        SoftKey::from_seed(Algorithm::Es256, &[seed; 32]).unwrap()
    }

    fn ids(set: &KeySet, now: i64) -> Vec<String> {
        set.jwks(at(now))
            .keys()
            .iter()
            .map(|key| key.key_id().to_owned())
            .collect()
    }

    #[test]
    fn a_token_signed_before_rotation_verifies_until_the_retired_keys_end() {
        let mut set = KeySet::new(key(1), key(2), at(100));
        let token = jws::sign(set.signer().as_ref(), None, b"{}").unwrap();

        set.rotate(
            key(3),
            Times {
                now: at(100),
                retire_until: at(200),
                next_not_before: at(150),
            },
        )
        .unwrap();

        assert!(jws::verify(&token, &set.jwks(at(199)), Algorithm::ALL).is_ok());
        assert_eq!(
            jws::verify(&token, &set.jwks(at(200)), Algorithm::ALL).err(),
            Some(VerifyError::UnknownKey)
        );
    }

    #[test]
    fn the_next_key_is_published_before_it_signs() {
        let mut set = KeySet::new(key(1), key(2), at(100));
        let published_before = set.jwks(at(0));

        set.rotate(
            key(3),
            Times {
                now: at(100),
                retire_until: at(200),
                next_not_before: at(150),
            },
        )
        .unwrap();

        let token = jws::sign(set.signer().as_ref(), None, b"{}").unwrap();
        assert!(jws::verify(&token, &published_before, Algorithm::ALL).is_ok());
        assert_eq!(
            ids(&set, 100),
            [key(2), key(3), key(1)].map(|key| key.key_id().to_owned())
        );
    }

    #[test]
    fn a_set_is_not_rotated_before_its_next_key_may_sign() {
        let mut set = KeySet::new(key(1), key(2), at(100));

        let refused = set.rotate(
            key(3),
            Times {
                now: at(99),
                retire_until: at(200),
                next_not_before: at(150),
            },
        );

        assert_eq!(refused, Err(RotateError::TooEarly(at(100))));
        assert_eq!(ids(&set, 99), [key(1), key(2)].map(|key| key.key_id().to_owned()));
    }

    #[test]
    fn retired_keys_are_forgotten_after_their_end() {
        let mut set = KeySet::new(key(1), key(2), at(0));
        set.rotate(
            key(3),
            Times {
                now: at(10),
                retire_until: at(20),
                next_not_before: at(10),
            },
        )
        .unwrap();

        set.rotate(
            key(4),
            Times {
                now: at(20),
                retire_until: at(90),
                next_not_before: at(20),
            },
        )
        .unwrap();

        assert_eq!(set.retired().len(), 1);
        assert_eq!(set.retired()[0].key.key_id(), key(2).key_id());
    }
}
