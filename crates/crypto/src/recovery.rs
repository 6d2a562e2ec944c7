//! A copy of the keys for the day when the master key is lost: sealed to a public key whose private half nobody holds alone.
//!
//! The private half is split by [`crate::shares`] in a ceremony, and put together again only to recover. Whoever saves the keys
//! needs the public half alone, so a copy made after a rotation needs no ceremony.
//!
//! Shape: the ephemeral public key (32 bytes), then as in [`crate::seal`], under the key that follows from the agreement (X25519)
//! and from both public keys by HMAC-SHA-256.

use aws_lc_rs::agreement::{self, PrivateKey, UnparsedPublicKey, X25519};
use zeroize::Zeroizing;

use crate::digest::DigestKey;
use crate::seal::{Place, SealingKey, SealingKeys};
use crate::secret::Secret;

const PLACE: Place<'static> = Place {
    table: "keystore",
    column: "recovery",
    row: b"vneid recovery 1",
};

/// A copy was not sealed or not opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RecoveryError {
    /// The bytes are not a key.
    #[error("not a recovery key")]
    Key,
    /// The copy is for another key, or was changed.
    #[error("the copy does not open with this recovery key")]
    Sealed,
}

/// The public half of a recovery key.
///
/// # Errors
/// [`RecoveryError::Key`].
pub fn public(private: &Secret<[u8; 32]>) -> Result<[u8; 32], RecoveryError> {
    let key = read(private)?.compute_public_key().ok().ok_or(RecoveryError::Key)?;
    key.as_ref().try_into().ok().ok_or(RecoveryError::Key)
}

/// Seals a copy to a public key, with an ephemeral key of 32 random bytes, never used twice.
///
/// # Errors
/// [`RecoveryError::Key`].
pub fn seal(to: &[u8; 32], ephemeral: &Secret<[u8; 32]>, plain: &[u8]) -> Result<Vec<u8>, RecoveryError> {
    let from = public(ephemeral)?;
    let key = agreed(ephemeral, to, [&from, to])?;
    // The key seals this copy alone, so the nonce may be the same.
    Ok([from.as_slice(), &key.seal(&PLACE, plain, [0; 12])].concat())
}

/// Opens a copy with the private half.
///
/// # Errors
/// [`RecoveryError`].
pub fn open(private: &Secret<[u8; 32]>, copy: &[u8]) -> Result<Zeroizing<Vec<u8>>, RecoveryError> {
    let (from, sealed) = copy.split_first_chunk::<32>().ok_or(RecoveryError::Sealed)?;
    let key = agreed(private, from, [from, &public(private)?])?;
    key.open(&PLACE, sealed).ok().ok_or(RecoveryError::Sealed)
}

fn agreed(private: &Secret<[u8; 32]>, peer: &[u8; 32], both: [&[u8; 32]; 2]) -> Result<SealingKeys, RecoveryError> {
    let peer = UnparsedPublicKey::new(&X25519, peer);
    let key = agreement::agree(&read(private)?, peer, RecoveryError::Key, |shared| {
        let shared = shared.try_into().ok().ok_or(RecoveryError::Key)?;
        Ok(DigestKey::new(shared).digest("vneid recovery", &both.map(|key| *key).concat()))
    })?;
    Ok(SealingKeys::new(SealingKey::new(key), Vec::new()))
}

fn read(private: &Secret<[u8; 32]>) -> Result<PrivateKey, RecoveryError> {
    PrivateKey::from_private_key(&X25519, private.expose())
        .ok()
        .ok_or(RecoveryError::Key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_opens_with_the_private_half_alone_and_unchanged() {
        let private = Secret::new([5; 32]);
        let mut copy = seal(&public(&private).unwrap(), &Secret::new([6; 32]), b"all keys").unwrap();

        assert_eq!(open(&private, &copy).unwrap().as_slice(), b"all keys");
        assert_eq!(open(&Secret::new([7; 32]), &copy).err(), Some(RecoveryError::Sealed));
        *copy.last_mut().unwrap() ^= 1;
        assert_eq!(open(&private, &copy).err(), Some(RecoveryError::Sealed));
        assert_eq!(open(&private, &copy[..31]).err(), Some(RecoveryError::Sealed));
    }
}
