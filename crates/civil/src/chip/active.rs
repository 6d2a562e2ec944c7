//! Active authentication: the chip is the one its files were signed for, and no copy (ICAO 9303-11 section 6.1).
//!
//! We draw a challenge of eight bytes; the chip signs it with a private key that cannot be read out of it; the public
//! half is DG15, whose hash the state signed. A copy of the files has everything but that private key.
//!
//! **Invariant:** the answer is checked against the challenge that the caller drew, never against one that came with the
//! answer, and only with a key that passive authentication found among the signed files (tests of this module). That a
//! challenge is used once is up to the caller, who keeps it.
//!
//! The other proof against copies, chip authentication, is in [`super::clones`].

use crypto::rsa::{self, RecoveryRefusal};
use crypto::x509::{self, Hash, Key};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::{Authentic, ChipFile, ChipFiles, DataGroup, SchemeRefusal, dg14, dg15, scheme};

/// The number that the chip has to sign, drawn by who wants to know (RND.IFD).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Challenge(pub [u8; 8]);

/// What a reader hands over: the files of the chip and, if it was asked, its answer to a challenge. In JSON the members
/// of [`ChipFiles`] with a member `active` beside them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reading {
    /// The files.
    #[serde(flatten)]
    pub files: ChipFiles,
    /// The answer of active authentication.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub active: Option<ActiveAnswer>,
    /// EF.CardAccess, where the chip has one: what it told before anything was secured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub card_access: Option<ChipFile>,
}

/// The answer of a chip to a challenge. In JSON both are standard base64.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActiveAnswer {
    /// The challenge that the reader says it gave: to find ours by, or for who was there when it was drawn.
    pub challenge: ChipFile,
    /// The signature, as INTERNAL AUTHENTICATE returned it.
    pub response: ChipFile,
}

impl ActiveAnswer {
    /// The challenge; `None` unless it has eight bytes.
    pub fn challenge(&self) -> Option<Challenge> {
        self.challenge.as_array().copied().map(Challenge)
    }
}

/// Why a chip is not known to be the original.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CloneRefusal {
    /// DG15 is not here, or not among the files that passive authentication found unchanged.
    #[error("the chip shows no signed key of active authentication")]
    KeyMissing,
    /// DG15 is not a public key.
    #[error("the key of active authentication cannot be read")]
    KeyUnreadable,
    /// The key is on a curve, and no signed DG14 says with which hash it signs (ICAO 9303-11 section 9.2.6).
    #[error("the chip does not say how it signs")]
    AlgorithmMissing,
    /// The key or the hash is of a kind that is not accepted.
    #[error("the signature of the chip is not accepted: {0}")]
    Scheme(SchemeRefusal),
    /// EF.CardAccess tells something other than the signed DG14: somebody in between took stronger offers away.
    #[error("the chip told other ways in than the state signed")]
    Downgraded,
    /// The answer is not the signature of this chip's key over this challenge: a copy, or an old answer.
    #[error("the chip did not sign the challenge with its key: it is a copy, or the answer to another challenge")]
    Answer,
}

/// Checks the answer of a chip to our challenge. `authentic` is what passive authentication found of the same files.
///
/// RSA: ISO/IEC 9796-2 scheme 1 with partial recovery, 2048 bits or more. Curves: a plain signature with the hash that
/// DG14 names. SHA-2 only. The answer is the hash that was used.
///
/// # Errors
/// [`CloneRefusal`].
pub fn active_authentication(
    files: &ChipFiles,
    authentic: &Authentic,
    challenge: Challenge,
    response: &[u8],
) -> Result<Hash, CloneRefusal> {
    let signed = |group: DataGroup| authentic.groups.contains(&group);
    let file = files.dg15.as_ref().filter(|_| signed(DataGroup::DG15));
    let key = dg15::parse(file.ok_or(CloneRefusal::KeyMissing)?).map_err(|_error| CloneRefusal::KeyUnreadable)?;
    let key = scheme::key_of(&key).map_err(CloneRefusal::Scheme)?;
    if let Key::Rsa(key) = key {
        return rsa::verify_recovering(key, &challenge.0, response).map_err(|refusal| match refusal {
            RecoveryRefusal::Key => CloneRefusal::Scheme(SchemeRefusal::Unknown),
            RecoveryRefusal::Sha1 => CloneRefusal::Scheme(SchemeRefusal::Sha1),
            RecoveryRefusal::Signature => CloneRefusal::Answer,
        });
    }
    let infos = files.dg14.as_ref().filter(|_| signed(DataGroup::DG14));
    let algorithm = infos.and_then(|file| dg14::active_authentication(file).ok().flatten());
    let algorithm = algorithm.ok_or(CloneRefusal::AlgorithmMissing)?;
    let scheme = scheme::plain_of(algorithm).map_err(CloneRefusal::Scheme)?;
    x509::verify(key, scheme, &challenge.0, response).map_err(|_bad| CloneRefusal::Answer)?;
    Ok(scheme::hash_in(scheme))
}

#[cfg(test)]
mod tests;
