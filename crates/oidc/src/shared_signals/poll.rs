//! Tokens that the receiver fetches (RFC 8936).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Refusal;

/// How many tokens are given at once when nothing is said, and at most.
const MOST: u32 = 100;
/// How many tokens can be acknowledged at once.
const MOST_ACKNOWLEDGED: usize = 1000;

/// What the receiver asks, and what it says of the tokens it has (section 2.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// How many tokens it takes; 0 only acknowledges.
    pub most: u32,
    /// Whether it wants an answer at once although there is nothing.
    pub at_once: bool,
    /// The tokens that it has: they are not given again.
    pub acknowledged: Vec<String>,
    /// The tokens that it could not use, with what is wrong: they are not given again either.
    pub refused: BTreeMap<String, Fault>,
}

/// What is wrong with a token (RFC 8935 section 2.3).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// The code.
    pub err: String,
    /// In words.
    #[serde(default)]
    pub description: String,
}

impl Request {
    /// Reads a request.
    ///
    /// # Errors
    /// [`Refusal`].
    pub fn read(body: &[u8]) -> Result<Self, Refusal> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Raw {
            max_events: Option<u32>,
            #[serde(default)]
            return_immediately: bool,
            #[serde(default)]
            ack: Vec<String>,
            #[serde(default)]
            set_errs: BTreeMap<String, Fault>,
        }
        let raw: Raw = serde_json::from_slice(body).ok().ok_or(Refusal::Malformed)?;
        if raw.ack.len() > MOST_ACKNOWLEDGED || raw.set_errs.len() > MOST_ACKNOWLEDGED {
            return Err(Refusal::Text);
        }
        Ok(Self {
            most: raw.max_events.unwrap_or(MOST).min(MOST),
            at_once: raw.return_immediately,
            acknowledged: raw.ack,
            refused: raw.set_errs,
        })
    }
}

/// What the receiver gets (section 2.3).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Answer {
    /// The tokens, by their names.
    pub sets: BTreeMap<String, String>,
    /// Whether there are more.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub more_available: bool,
}
