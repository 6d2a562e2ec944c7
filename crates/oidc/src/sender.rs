//! Tokens that only their owner can use: bound to a DPoP key (RFC 9449 section 6) or a certificate (RFC 8705 section 3).

use crypto::equal;
use serde::{Deserialize, Serialize};

use crate::bearer::{self, Presented};
use crate::client::Client;
use crate::dpop::Proof;
use crate::error::Error;
use crate::profile::Bound;
use crate::token::TokenType;

/// The key that a code or a token is bound to. Serialised, it is the `cnf` claim (RFC 7800 section 3.1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Confirmation {
    /// The SHA-256 thumbprint of a DPoP key.
    #[serde(rename = "jkt")]
    Dpop(String),
    /// The SHA-256 digest of a certificate, in base64url.
    #[serde(rename = "x5t#S256")]
    Certificate(String),
}

impl Confirmation {
    /// How a token bound so is used.
    pub fn token_type(bound: Option<&Self>) -> TokenType {
        match bound {
            Some(Self::Dpop(_)) => TokenType::Dpop,
            Some(Self::Certificate(_)) | None => TokenType::Bearer,
        }
    }
}

/// What a request shows beside the client's credentials and the token.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Shown {
    /// The DPoP proof, judged by [`crate::dpop::verify`].
    pub proof: Option<Proof>,
    /// The digest of the connection's certificate, from [`crate::certificate::Certificate::thumbprint`].
    pub certificate: Option<String>,
}

impl Shown {
    /// What the client's next access token is bound to. A client that must bind its tokens gets none without.
    ///
    /// # Errors
    /// `invalid_dpop_proof` or `invalid_request` if the client must show a key and does not.
    pub fn bind(&self, client: &Client) -> Result<Option<Confirmation>, Error> {
        let proof = self
            .proof
            .as_ref()
            .map(|proof| Confirmation::Dpop(proof.thumbprint.clone()));
        let certificate = self.certificate.clone().map(Confirmation::Certificate);
        match client.rules().bound {
            Bound::Free => Ok(proof),
            Bound::Dpop => proof.map(Some).ok_or(Error::dpop("the client must show a DPoP proof")),
            Bound::Certificate => certificate
                .map(Some)
                .ok_or(Error::request("the client must show its certificate")),
            Bound::Either => proof
                .or(certificate)
                .map(Some)
                .ok_or(Error::dpop("the client must show a DPoP proof or its certificate")),
        }
    }

    /// Whether a token that is bound so may be used by who shows this: in its own scheme (RFC 9449 section 7.2), with
    /// its own key.
    ///
    /// # Errors
    /// `invalid_token`; `invalid_dpop_proof` if the proof is missing.
    pub fn may_use(&self, bound: Option<&Confirmation>, presented: &Presented) -> Result<(), Error> {
        let right = match (bound, presented.scheme) {
            (None, TokenType::Bearer) => true,
            (Some(Confirmation::Dpop(key)), TokenType::Dpop) => {
                let proof = self.proof.as_ref().ok_or(Error::dpop("the DPoP proof is missing"))?;
                equal(proof.thumbprint.as_bytes(), key.as_bytes())
            }
            (Some(Confirmation::Certificate(known)), TokenType::Bearer) => self
                .certificate
                .as_ref()
                .is_some_and(|shown| equal(shown.as_bytes(), known.as_bytes())),
            _ => false,
        };
        if right { Ok(()) } else { Err(bearer::INVALID) }
    }
}

#[cfg(test)]
#[path = "sender_tests.rs"]
mod tests;
