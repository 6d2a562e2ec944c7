//! Commitments: what stands in the log instead of a record.

use crypto::digest::sha256;
use jiff::Timestamp;
use serde::Serialize;

use super::tree::Hash;
use crate::shell::ids;
use crate::shell::vault::Vault;

/// What kind of record is committed to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Somebody looked at, or used, a person's data.
    Look,
    /// An application was decided.
    Decision,
    /// A signing key took over.
    Key,
    /// An officer was appointed.
    Appointment,
    /// A ground of a legal lock was raised or cleared.
    Lock,
    /// A court's order that seals looks began, or goes on.
    SealingOrder,
    /// A key ceremony was held.
    Ceremony,
    /// The list of whom to trust was changed.
    Trust,
    /// A program was released.
    Release,
    /// An officer was let enrol a passkey.
    Enrolment,
    /// A verified data bundle was made.
    Bundle,
}

impl Kind {
    /// The word for it, in the database and in commitments.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Look => "look",
            Kind::Decision => "decision",
            Kind::Key => "key",
            Kind::Appointment => "appointment",
            Kind::Lock => "lock",
            Kind::SealingOrder => "sealing-order",
            Kind::Ceremony => "ceremony",
            Kind::Trust => "trust",
            Kind::Release => "release",
            Kind::Enrolment => "enrolment",
            Kind::Bundle => "bundle",
        }
    }
}

/// A commitment to a record: `SHA-256("vneid-ledger-v1\n" || kind || "\n" || salt || SHA-256(record))`.
///
/// The salt is a keyed digest of the record, so it needs no place, and without the key nobody can try records out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commitment {
    pub(super) kind: Kind,
    pub(super) at: Timestamp,
    pub(super) salt: [u8; 32],
    pub(super) record: String,
    pub(super) hash: Hash,
}

impl Commitment {
    /// Commits to a record of something that happened at an instant. The record itself goes nowhere.
    ///
    /// The same kind, instant and record always give the same commitment, and have one place in the log.
    pub fn to(vault: &Vault, kind: Kind, at: Timestamp, record: &impl Serialize) -> Self {
        let at = in_microseconds(at);
        let record = Statement {
            at,
            kind: kind.word(),
            record,
        };
        // Our records are structs of texts: they are always written.
        let record = serde_json::to_string(&record).unwrap_or_default();
        let salt = vault.digest("ledger-salt", record.as_bytes());
        let hash = commitment(kind.word(), &salt, &record);
        Self {
            kind,
            at,
            salt,
            record,
            hash,
        }
    }
}

/// An instant as the database keeps it.
fn in_microseconds(at: Timestamp) -> Timestamp {
    Timestamp::from_microsecond(at.as_microsecond()).unwrap_or(at)
}

/// The text that is committed to.
#[derive(Serialize)]
struct Statement<'a, R> {
    kind: &'static str,
    at: Timestamp,
    record: &'a R,
}

/// The commitment to a text.
pub(super) fn commitment(kind: &str, salt: &[u8; 32], record: &str) -> Hash {
    let mut message = format!("vneid-ledger-v1\n{kind}\n").into_bytes();
    message.extend_from_slice(salt);
    message.extend_from_slice(&sha256(record.as_bytes()));
    sha256(&message)
}

/// A salt, written in hexadecimal.
pub(super) fn salt(text: &str) -> Option<[u8; 32]> {
    let (first, second) = text.split_at_checked(32)?;
    let halves = [ids::parse(first).ok()?, ids::parse(second).ok()?];
    halves.as_flattened().try_into().ok()
}

/// Entries as C2SP tlog-tiles bundles them: each with its length before it, two bytes, big-endian.
pub(super) fn bundle(entries: &[Hash]) -> Vec<u8> {
    entries
        .iter()
        .flat_map(|entry| [&[0, 32], entry.as_slice()].concat())
        .collect()
}

/// The entries of a bundle; `None` if it is not one of commitments.
pub(super) fn unbundle(bytes: &[u8]) -> Option<Vec<Hash>> {
    let (entries, rest) = bytes.as_chunks::<34>();
    if !rest.is_empty() {
        return None;
    }
    entries
        .iter()
        .map(|entry| match entry {
            [0, 32, hash @ ..] => Some(*hash),
            _ => None,
        })
        .collect()
}
