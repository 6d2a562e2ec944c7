//! The authorization code: sealed, it holds all that it stands for, so that nothing is kept of it before it is exchanged.
//!
//! **Invariant:** a code works once: the key of its first access token's row follows from it, so of two exchanges only one keeps a token.

use crypto::base64url;
use jiff::{SignedDuration, Timestamp};
use oidc::token::{Binding, MAX_CODE};
use oidc::wanted::Wanted;
use serde::{Deserialize, Serialize};

use super::rules::{CODE_LIFE, TOKEN_LIFE};
use crate::shell::ids::{PersonId, id};
use crate::shell::problem::Problem;
use crate::shell::session::Session;
use crate::shell::vault::Vault;

pub(super) mod http;

#[cfg(test)]
mod tests;

id! {
    /// A code.
    CodeId
}

/// What a code stands for.
#[derive(Serialize, Deserialize)]
pub(super) struct Code {
    id: CodeId,
    pub(super) person: PersonId,
    /// How often everything had been taken back from relying parties when the person was found to agree: a code from before is worth nothing.
    pub(super) revocations: i64,
    pub(super) binding: Binding,
    pub(super) scopes: String,
    pub(super) nonce: Option<String>,
    pub(super) sign_in: SignIn,
    /// What was asked for beyond the scopes.
    pub(super) wanted: Wanted,
    /// The kinds of data, as the history names them.
    pub(super) what: String,
    /// The network address that the person came from.
    pub(super) from: String,
}

/// The sign-in behind a code.
#[derive(Serialize, Deserialize)]
pub(super) struct SignIn {
    #[serde(with = "hex::serde")]
    session_digest: [u8; 32],
    at: Timestamp,
    assurance: i64,
    methods: String,
}

impl From<&Session> for SignIn {
    fn from(session: &Session) -> Self {
        Self {
            session_digest: session.digest,
            at: session.opened_at,
            assurance: session.assurance,
            methods: session.methods.clone(),
        }
    }
}

impl Code {
    /// The text of the code; nothing where it would be longer than an address bears.
    pub(super) fn seal(&self, vault: &Vault) -> Result<Option<String>, Problem> {
        let text = base64url::encode(vault.seal_record("sso", "code", b"", self)?);
        Ok(Some(text).filter(|text| text.len() <= MAX_CODE))
    }

    /// Reads a code's text; nothing if we did not write it.
    pub(super) fn open(vault: &Vault, text: &str) -> Option<Self> {
        let sealed = base64url::decode(text).ok()?;
        vault.open_record("sso", "code", b"", &sealed).ok()
    }

    /// The keyed digest by which all that follows from the code is found.
    pub(super) fn digest(&self, vault: &Vault) -> [u8; 32] {
        vault.digest("sso-code", self.id.bytes())
    }

    /// The name of its first access token.
    pub(super) fn name(&self) -> &[u8; 16] {
        self.id.bytes()
    }

    /// The end of its first access token, which has the life of any other from the issue of the code.
    pub(super) fn token_ends_at(&self) -> Timestamp {
        self.binding.expires_at + SignedDuration::from_secs(i64::from(TOKEN_LIFE) - CODE_LIFE)
    }

    /// The session that the person was signed in by.
    pub(super) fn session(&self) -> Session {
        Session {
            subject: *self.person.bytes(),
            digest: self.sign_in.session_digest,
            opened_at: self.sign_in.at,
            expires_at: self.binding.expires_at,
            assurance: self.sign_in.assurance,
            methods: self.sign_in.methods.clone(),
            device: None,
        }
    }
}
