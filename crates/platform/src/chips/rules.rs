//! What is said of a chip.

use std::fmt;

use civil::chip::clones::card_access_agrees;
use civil::chip::{
    ActiveAnswer, Authentic, Challenge, ChipRefusal, CloneRefusal, DataGroup, Reading, Revocation, TrustStore,
    active_authentication, passive_authentication,
};
use crypto::x509::Hash;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What was found of the files of a chip. As text it is what a person reads, in JSON what a program does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
    /// Whether the challenge of active authentication was drawn by us for this reading.
    pub fresh: bool,
    /// Chip authentication, asked by us: is the chip the original?
    pub agreement: Agreement,
    /// Whether the chip told other ways in than the state signed.
    pub card_access: CardAccess,
}

/// The answer of passive authentication.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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

/// The answer of chip authentication.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Agreement {
    /// The chip was not asked: it has no key for it, or nobody asked live.
    NotAsked,
    /// It was asked and has not answered yet.
    Asked,
    /// It answered under keys that only it and we could have.
    Original,
    /// It answered otherwise.
    Refused {
        /// The name of the reason.
        reason: CloneRefusal,
        /// The reason in words.
        words: String,
    },
}

/// EF.CardAccess beside the signed DG14.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CardAccess {
    /// The reader did not send it, or the chip has none.
    Absent,
    /// The files are not authentic, so there is nothing to compare it with.
    NotChecked,
    /// It tells what the state signed.
    Signed,
    /// It does not.
    Refused {
        /// The name of the reason.
        reason: CloneRefusal,
        /// The reason in words.
        words: String,
    },
}

impl Verdict {
    /// Judges what a reader saved, for who was there when it was read.
    pub fn of(reading: &Reading, trust: &TrustStore, at: Timestamp) -> Self {
        Self::against(reading, trust, at, None)
    }

    /// Judges what a reader brings, for who drew the challenge `ours`: an answer to another one is refused.
    pub fn against(reading: &Reading, trust: &TrustStore, at: Timestamp, ours: Option<Challenge>) -> Self {
        let passive = passive_authentication(&reading.files, trust, at);
        let authentic = passive.as_ref().ok();
        let mut verdict = Self {
            accepted: false,
            at,
            authorities: trust.len(),
            active: active(reading, authentic, ours),
            fresh: ours.is_some() && reading.active.as_ref().and_then(ActiveAnswer::challenge) == ours,
            agreement: Agreement::NotAsked,
            card_access: card_access(reading, authentic),
            passive: match passive {
                Ok(authentic) => Passive::Authentic(Box::new(authentic)),
                Err(reason) => Passive::Refused {
                    reason,
                    words: reason.to_string(),
                },
            },
        };
        verdict.accepted = verdict.nothing_refused();
        verdict
    }

    /// The same with what became of chip authentication.
    #[must_use]
    pub fn with(mut self, agreement: Agreement) -> Self {
        self.agreement = agreement;
        self.accepted = self.nothing_refused();
        self
    }

    /// What passive authentication found, where it found the files to be the state's.
    pub fn authentic(&self) -> Option<&Authentic> {
        match &self.passive {
            Passive::Authentic(authentic) => Some(authentic),
            Passive::Refused { .. } => None,
        }
    }

    /// Whether the chip itself proved to us, now, that it is the one the files were signed for.
    pub fn is_original(&self) -> bool {
        let signed = self.fresh && matches!(self.active, Active::Original { .. });
        self.accepted && (signed || self.agreement == Agreement::Original)
    }

    /// The first reason for which something was refused, in technical English.
    pub fn refusal(&self) -> Option<&str> {
        if let Passive::Refused { words, .. } = &self.passive {
            return Some(words);
        }
        if let Active::Refused { words, .. } = &self.active {
            return Some(words);
        }
        if let Agreement::Refused { words, .. } = &self.agreement {
            return Some(words);
        }
        match &self.card_access {
            CardAccess::Refused { words, .. } => Some(words),
            _ => None,
        }
    }

    /// The last part of the sentence about it.
    pub fn word(&self) -> &'static str {
        if self.is_original() {
            "original"
        } else if self.accepted {
            "authentic"
        } else if self.authentic().is_some() {
            "copy"
        } else {
            "refused"
        }
    }

    fn nothing_refused(&self) -> bool {
        !(matches!(self.passive, Passive::Refused { .. })
            || matches!(self.active, Active::Refused { .. })
            || matches!(self.agreement, Agreement::Refused { .. })
            || matches!(self.card_access, CardAccess::Refused { .. }))
    }
}

fn active(reading: &Reading, authentic: Option<&Authentic>, ours: Option<Challenge>) -> Active {
    let Some(answer) = &reading.active else {
        return Active::NotAsked;
    };
    let Some(authentic) = authentic else {
        return Active::NotChecked;
    };
    let told = answer.challenge().filter(|told| ours.is_none_or(|ours| ours == *told));
    let checked = told.ok_or(CloneRefusal::Answer);
    match checked.and_then(|challenge| active_authentication(&reading.files, authentic, challenge, &answer.response)) {
        Ok(hash) => Active::Original { hash },
        Err(reason) => Active::Refused {
            reason,
            words: reason.to_string(),
        },
    }
}

fn card_access(reading: &Reading, authentic: Option<&Authentic>) -> CardAccess {
    let Some(told) = &reading.card_access else {
        return CardAccess::Absent;
    };
    let Some(authentic) = authentic else {
        return CardAccess::NotChecked;
    };
    match card_access_agrees(&reading.files, authentic, told) {
        Ok(()) => CardAccess::Signed,
        Err(reason) => CardAccess::Refused {
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
            )?,
            Active::NotChecked => writeln!(f, "The answer of the chip was not checked: its key is not authentic.")?,
            Active::Original { hash } if self.fresh => {
                writeln!(f, "The chip is the original: it signed our challenge ({hash:?}).")?;
            }
            Active::Original { hash } => writeln!(
                f,
                "The chip is the original: it signed the challenge in the file ({hash:?}). Fresh is that only if you drew it."
            )?,
            Active::Refused { words, .. } => {
                writeln!(f, "The chip is NOT known to be the original: {words}.")?;
            }
        }
        match &self.agreement {
            Agreement::NotAsked | Agreement::Asked => {}
            Agreement::Original => writeln!(f, "The chip agreed on keys with us: it holds its private key.")?,
            Agreement::Refused { words, .. } => writeln!(f, "The chip did NOT agree on keys with us: {words}.")?,
        }
        match &self.card_access {
            CardAccess::Absent | CardAccess::NotChecked => Ok(()),
            CardAccess::Signed => writeln!(f, "EF.CardAccess tells what the state signed."),
            CardAccess::Refused { words, .. } => writeln!(f, "EF.CardAccess is NOT what the state signed: {words}."),
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
