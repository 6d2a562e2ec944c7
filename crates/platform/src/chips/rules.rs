//! What is said of a chip.

use std::fmt;

use civil::chip::{
    Authentic, ChipRefusal, CloneRefusal, DataGroup, Reading, Revocation, TrustStore, active_authentication,
    passive_authentication,
};
use crypto::x509::Hash;
use jiff::Timestamp;
use serde::Serialize;

/// What was found of the files of a chip. As text it is what a person reads, in JSON what a program does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// Whether nothing was refused.
    pub accepted: bool,
    /// The time that it holds for.
    pub at: Timestamp,
    /// How many authorities were trusted.
    pub authorities: usize,
    /// Passive authentication: are the files the state's?
    pub passive: Passive,
    /// Active authentication: is the chip the original?
    pub active: Active,
}

/// The answer of passive authentication.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Passive {
    /// They are.
    Authentic(Box<Authentic>),
    /// They are refused.
    Refused {
        /// The name of the reason.
        reason: ChipRefusal,
        /// The reason in words.
        words: String,
    },
}

/// The answer of active authentication.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Active {
    /// There is no answer of the chip in the file, so nothing is known.
    NotAsked,
    /// The files are not authentic, so the chip's key is not either.
    NotChecked,
    /// The chip signed the challenge that stands in the file.
    Original {
        /// The hash of its signature.
        hash: Hash,
    },
    /// It did not.
    Refused {
        /// The name of the reason.
        reason: CloneRefusal,
        /// The reason in words.
        words: String,
    },
}

impl Verdict {
    /// Judges what a reader saved.
    pub fn of(reading: &Reading, trust: &TrustStore, at: Timestamp) -> Self {
        let passive = passive_authentication(&reading.files, trust, at);
        let active = active(reading, passive.as_ref().ok());
        let passive = match passive {
            Ok(authentic) => Passive::Authentic(Box::new(authentic)),
            Err(reason) => Passive::Refused {
                reason,
                words: reason.to_string(),
            },
        };
        let refused = matches!(passive, Passive::Refused { .. }) || matches!(active, Active::Refused { .. });
        Self {
            accepted: !refused,
            at,
            authorities: trust.len(),
            passive,
            active,
        }
    }
}

fn active(reading: &Reading, authentic: Option<&Authentic>) -> Active {
    let (Some(answer), Some(authentic)) = (&reading.active, authentic) else {
        return if reading.active.is_some() {
            Active::NotChecked
        } else {
            Active::NotAsked
        };
    };
    let checked = answer.challenge().ok_or(CloneRefusal::Answer);
    match checked.and_then(|challenge| active_authentication(&reading.files, authentic, challenge, &answer.response)) {
        Ok(hash) => Active::Original { hash },
        Err(reason) => Active::Refused {
            reason,
            words: reason.to_string(),
        },
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "Judged at {}. Trusted authorities: {}.", self.at, self.authorities)?;
        match &self.passive {
            Passive::Authentic(authentic) => tell(f, authentic)?,
            Passive::Refused { words, .. } => writeln!(f, "The files are NOT authentic: {words}.")?,
        }
        match &self.active {
            Active::NotAsked => writeln!(
                f,
                "Whether the chip is a copy is not known: the file holds no answer of it."
            ),
            Active::NotChecked => writeln!(f, "The answer of the chip was not checked: its key is not authentic."),
            Active::Original { hash } => writeln!(
                f,
                "The chip is the original: it signed the challenge in the file ({hash:?}). Fresh is that only if you drew it."
            ),
            Active::Refused { words, .. } => writeln!(f, "The chip is NOT known to be the original: {words}."),
        }
    }
}

fn tell(f: &mut fmt::Formatter<'_>, authentic: &Authentic) -> fmt::Result {
    let list = |groups: &[DataGroup]| groups.iter().map(DataGroup::to_string).collect::<Vec<_>>().join(", ");
    writeln!(
        f,
        "The files are authentic: {} as signed ({:?}).",
        list(&authentic.groups),
        authentic.hash
    )?;
    if !authentic.absent.is_empty() {
        writeln!(f, "  Signed, but not in the file: {}.", list(&authentic.absent))?;
    }
    match authentic.signed_at {
        Some(at) => writeln!(f, "  Signed by {} at {at}.", authentic.signer)?,
        None => writeln!(f, "  Signed by {}.", authentic.signer)?,
    }
    writeln!(f, "  Vouched for by {}.", authentic.authority)?;
    match authentic.revocation {
        Revocation::NotRevoked => writeln!(f, "  The signer is not on the revocation list."),
        Revocation::NotChecked => writeln!(f, "  Revocation was not checked: no list of this authority is there."),
    }
}
