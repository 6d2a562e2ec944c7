//! Refresh tokens (RFC 6749 sections 1.5 and 6, RFC 9700 section 4.14): what is kept of one, and when it is replaced.
//!
//! All refresh tokens that follow from one sign-in are a family. A client whose tokens are bound to nothing gets a new
//! one at each use; when an old one comes back, somebody has stolen it or the new one, and the whole family ends. A
//! client that proves a key keeps its refresh token (RFC 9700 section 4.14.2; FAPI 2.0 Security Profile 5.3.2.1 number
//! 9).

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::claims::{Scope, Scopes};
use crate::client::{Client, GrantType};
use crate::error::{Error, ErrorCode};
use crate::sender::Confirmation;

/// How long a family may go on at most, in seconds: ninety days, then the person signs in again.
pub const LIFE: i64 = 90 * 24 * 60 * 60;
/// How long a family lasts without being used, in seconds: thirty days.
pub const IDLE: i64 = 30 * 24 * 60 * 60;

/// What a family of refresh tokens stands for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Family {
    /// The client that got the first token.
    pub client_id: String,
    /// What was granted.
    pub scopes: Scopes,
    /// The resources that were granted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub resources: Vec<String>,
    /// The key of a public client (RFC 9449 section 5); confidential clients prove themselves otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holder: Option<Confirmation>,
    /// When the first token was issued.
    pub began_at: Timestamp,
}

/// What happens to the refresh token that is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// It stays.
    Keep,
    /// It is used up, and another of the same family issued.
    Replace,
    /// It was used up before: the whole family ends, with all access tokens that it gave.
    EndFamily,
}

/// When a refresh token that is issued to this client now ends: a replaced one when it is not used, a kept one with its
/// family.
pub fn ends_at(client: &Client, now: Timestamp) -> Timestamp {
    let life = if client.rules().rotates { IDLE } else { LIFE };
    now + SignedDuration::from_secs(life)
}

impl Family {
    /// The family that begins with a grant; nothing if the client did not register for refresh tokens.
    pub fn begin(
        client: &Client,
        scopes: Scopes,
        resources: Vec<String>,
        holder: Option<&Confirmation>,
        now: Timestamp,
    ) -> Option<Self> {
        client.may_use(GrantType::RefreshToken).ok()?;
        Some(Self {
            client_id: client.id().to_owned(),
            scopes,
            resources,
            holder: holder.filter(|_| !client.is_confidential()).cloned(),
            began_at: now,
        })
    }

    /// Whether this client, whose identity has been proved, may use a token of the family that ends then, and what
    /// becomes of the token if it was used before or not. `holder` is from [`crate::sender::Shown::bind`].
    ///
    /// # Errors
    /// `invalid_grant`, in the same words for every reason.
    pub fn turn(
        &self,
        client: &Client,
        holder: Option<&Confirmation>,
        ends_at: Timestamp,
        used_before: bool,
        now: Timestamp,
    ) -> Result<Turn, Error> {
        let held = self.holder.is_none() || self.holder.as_ref() == holder;
        let over = now >= ends_at || now >= self.began_at + SignedDuration::from_secs(LIFE);
        if self.client_id != client.id() || !held || over {
            return Err(Error::refresh());
        }
        Ok(match (client.rules().rotates, used_before) {
            (_, true) => Turn::EndFamily,
            (true, false) => Turn::Replace,
            (false, false) => Turn::Keep,
        })
    }

    /// The scopes of the next access token: what is asked for, which may be less than was granted but never more
    /// (RFC 6749 section 6), and never more than the client may have by now.
    ///
    /// # Errors
    /// `invalid_scope`.
    pub fn narrow(&self, client: &Client, wished: Option<&Scopes>) -> Result<Scopes, Error> {
        let registered = &client.metadata().scope;
        let allowed: Scopes = self.scopes.iter().filter(|scope| registered.contains(*scope)).collect();
        match wished {
            None => Ok(allowed),
            Some(wished) if wished.is_subset(&allowed) => Ok(wished.clone()),
            Some(_) => Err(Error::new(ErrorCode::InvalidScope, "more than was granted")),
        }
    }

    /// Whether the answer carries an ID token again (OpenID Connect Core 12.2).
    pub fn has_id_token(scopes: &Scopes) -> bool {
        scopes.contains(Scope::OpenId)
    }
}

#[cfg(test)]
#[path = "refresh_tests.rs"]
mod tests;
