//! How far a reading has come, and the secret that an invitation is known by.

use db::{Cell, Column};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::shell::ids::PersonId;

/// How long a reader has.
pub(super) const INVITED_FOR: SignedDuration = SignedDuration::from_mins(10);
/// After that long nobody needs the reading any more: who does has taken it over as evidence.
pub(super) const KEPT_FOR: SignedDuration = SignedDuration::from_hours(25);

/// How far a reading has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// Nothing has come.
    Waiting,
    /// The files are here; the chip was asked to agree on keys.
    Asked,
    /// All is here.
    Received,
}

impl Stage {
    const ALL: [Stage; 3] = [Stage::Waiting, Stage::Asked, Stage::Received];

    /// The word for it in the table and in sentences.
    pub(super) fn word(self) -> &'static str {
        match self {
            Stage::Waiting => "waiting",
            Stage::Asked => "asked",
            Stage::Received => "received",
        }
    }
}

impl Column for Stage {
    fn read(cell: Cell<'_>) -> Result<Self, db::Error> {
        let word = String::read(cell)?;
        let found = Stage::ALL.into_iter().find(|stage| stage.word() == word);
        found.ok_or_else(|| db::Error::Column {
            column: "stage".to_owned(),
            why: "no such stage".to_owned(),
        })
    }
}

/// What is drawn for an invitation: the challenge of active authentication, and what our key of chip authentication
/// follows from.
#[derive(Clone, Copy, Serialize, Deserialize)]
pub(super) struct Drawn {
    pub(super) challenge: [u8; 8],
    pub(super) agreement: [u8; 32],
}

/// What the address of an invitation carries: whose it is, and a secret.
#[derive(Clone, Copy)]
pub(super) struct Token {
    pub(super) person: PersonId,
    pub(super) secret: [u8; 32],
}

impl Token {
    pub(super) fn text(&self) -> String {
        crypto::base64url::encode([&self.person.bytes()[..], &self.secret].concat())
    }

    pub(super) fn parse(text: &str) -> Option<Self> {
        let bytes = crypto::base64url::decode(text).ok()?;
        let (person, secret) = bytes.split_first_chunk::<16>()?;
        Some(Self {
            person: PersonId::from(*person),
            secret: *secret.as_array()?,
        })
    }
}
