//! The `claims` parameter: single claims instead of whole scopes, in the ID token or at userinfo (OpenID Connect Core
//! 5.5), and `verified_claims` among them (OpenID Identity Assurance 1.0).
//!
//! A wish is no grant: a claim is released only if the client's scopes would release it too, and the person agreed.

use std::collections::BTreeMap;

use crypto::json;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::assurance::Assurance;
use crate::claims::{Scope, Scopes};
use crate::error::Error;
use crate::verified_claims::Wish as Verified;

const MAX_BYTES: usize = 16 * 1024;
const MAX_CLAIMS: usize = 64;
/// Claims about the authentication itself: no scope releases them.
const OWN: &[&str] = &["sub", "acr", "auth_time", "amr"];

/// What is wished for one claim (section 5.5.1).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wish {
    /// Whether the service does not work without it. The claim may be missing from the answer all the same.
    #[serde(default)]
    pub essential: bool,
    /// If not empty, only these values are wanted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<Value>,
}

impl Wish {
    /// Reads `null` or an object with `essential`, `value`, `values`; other members are passed over.
    fn read(value: &Value) -> Option<Self> {
        let members = match value {
            Value::Null => return Some(Self::default()),
            Value::Object(members) => members,
            _ => return None,
        };
        let essential = match members.get("essential") {
            None => false,
            Some(essential) => essential.as_bool()?,
        };
        let mut values = match members.get("values") {
            None => Vec::new(),
            Some(values) => values.as_array()?.clone(),
        };
        values.extend(members.get("value").cloned());
        Some(Self { essential, values })
    }

    /// Whether this value is wanted.
    pub fn wants(&self, value: &Value) -> bool {
        self.values.is_empty() || self.values.contains(value)
    }
}

/// The wishes for one place.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wishes {
    /// Plain claims by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub claims: BTreeMap<String, Wish>,
    /// Verified claims; several wishes are several alternatives.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub verified: Vec<Verified>,
}

impl Wishes {
    /// Whether nothing is wished for.
    pub fn are_none(&self) -> bool {
        self.claims.is_empty() && self.verified.is_empty()
    }

    fn read(value: Option<&Value>) -> Option<Self> {
        let members = match value {
            None | Some(Value::Null) => return Some(Self::default()),
            Some(Value::Object(members)) => members,
            Some(_) => return None,
        };
        if members.len() > MAX_CLAIMS {
            return None;
        }
        let mut wishes = Self::default();
        for (name, value) in members {
            if name == "verified_claims" {
                wishes.verified = Verified::read_all(value)?;
            } else {
                wishes.claims.insert(name.clone(), Wish::read(value)?);
            }
        }
        Some(wishes)
    }

    /// The claims to tell, of those that are known: wished for, of a wanted value, and within the scopes that were
    /// granted. What is unknown or not granted is left out, even if it is essential (section 5.5.1).
    pub fn release(&self, known: &Map<String, Value>, granted: &Scopes) -> Map<String, Value> {
        let released = |name: &str, value: &Value| {
            let wanted = self.claims.get(name).is_some_and(|wish| wish.wants(value));
            wanted && granted.release(name)
        };
        known
            .iter()
            .filter(|(name, value)| released(name, value))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect()
    }
}

/// A `claims` parameter that was understood.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClaimsRequest {
    /// For the ID token.
    #[serde(default)]
    pub id_token: Wishes,
    /// For userinfo.
    #[serde(default)]
    pub userinfo: Wishes,
}

impl ClaimsRequest {
    /// Reads the parameter. Members of the top level that we do not know are passed over (section 5.5).
    ///
    /// # Errors
    /// `invalid_request` if it is not JSON of the right shape, has duplicate members, or is too large.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let malformed = Error::request("claims is malformed");
        if text.len() > MAX_BYTES {
            return Err(malformed);
        }
        let members = json::parse_object(text.as_bytes()).ok().ok_or(malformed)?;
        let read = |name| Wishes::read(members.get(name)).ok_or(malformed);
        Ok(Self {
            id_token: read("id_token")?,
            userinfo: read("userinfo")?,
        })
    }

    /// The wishes without those that these scopes do not release: what a client may not have is not kept.
    #[must_use]
    pub fn within(mut self, scopes: &Scopes) -> Self {
        for wishes in [&mut self.id_token, &mut self.userinfo] {
            wishes
                .claims
                .retain(|name, _| OWN.contains(&name.as_str()) || scopes.release(name));
            for verified in &mut wishes.verified {
                verified.claims.retain(|name, _| scopes.release(name));
            }
        }
        self
    }

    /// The person that the request is about, and nobody else (section 5.5.1).
    pub fn subject(&self) -> Option<&str> {
        let wishes = [&self.id_token, &self.userinfo];
        let mut named = wishes.iter().filter_map(|wishes| wishes.claims.get("sub"));
        named.find_map(|wish| wish.values.first()?.as_str())
    }

    /// The weakest assurance that will do, if the client named some as essential (section 5.5.1.1); values that are not
    /// ours are beyond reach.
    pub fn assurance(&self) -> Option<Assurance> {
        let wish = self.id_token.claims.get("acr").filter(|wish| wish.essential)?;
        let known = wish.values.iter().filter_map(Value::as_str);
        known.filter_map(Assurance::from_acr).min()
    }

    /// Whether an assurance is essential, and none of the values is ours.
    pub fn asks_the_impossible(&self) -> bool {
        let wish = self.id_token.claims.get("acr");
        wish.is_some_and(|wish| wish.essential && !wish.values.is_empty()) && self.assurance().is_none()
    }

    /// The scopes that the wishes reach into, so that the person is asked for exactly those: all of them must be
    /// granted to the client, or the claims of the others are left out.
    pub fn scopes(&self) -> Scopes {
        let wishes = [&self.id_token, &self.userinfo];
        let plain = wishes.iter().flat_map(|wishes| wishes.claims.keys());
        let verified = wishes.iter().flat_map(|wishes| wishes.verified.iter());
        let verified = verified.flat_map(|wish| wish.claims.keys());
        let names: Vec<&str> = plain.chain(verified).map(String::as_str).collect();
        let holds = |scope: &Scope| names.iter().any(|name| scope.claims().contains(name));
        Scope::ALL.iter().copied().filter(holds).collect()
    }
}

#[cfg(test)]
#[path = "claims_request_tests.rs"]
mod tests;
