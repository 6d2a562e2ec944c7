//! What a resource may know of a token that it was shown (RFC 7662), also signed (RFC 9701).

use crypto::secret::Secret;
use crypto::sign::{SignError, Signer};
use jiff::Timestamp;
use serde::Serialize;

use crate::authentication::Credentials;
use crate::authorization_details::Detail;
use crate::client::Client;
use crate::error::Error;
use crate::params::Params;
use crate::provider::Issuer;
use crate::sender::Confirmation;
use crate::signed;
use crate::token::TokenType;

/// The media type that asks for a signed answer, and its `typ` (RFC 9701 sections 4 and 5).
pub const SIGNED: &str = "application/token-introspection+jwt";

const MAX_TOKEN: usize = 8 * 1024;

/// A request about a token: of introspection or of revocation (RFC 7009 section 2.1), which look alike.
#[derive(Debug)]
pub struct AboutToken {
    /// Who asks, with the proof.
    pub credentials: Credentials,
    /// The token.
    pub token: Secret<String>,
    /// What it may be. Only a hint: other kinds are looked for as well.
    pub hint: Option<Hint>,
}

/// What a token may be (RFC 7009 section 2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hint {
    /// `access_token`.
    AccessToken,
    /// `refresh_token`.
    RefreshToken,
}

impl AboutToken {
    /// Reads the form and the `Authorization` header. Hints that we do not know are passed over.
    ///
    /// # Errors
    /// `invalid_request`, `invalid_client`.
    pub fn read(params: &Params, authorization: Option<&str>) -> Result<Self, Error> {
        params.refuse_repeated()?;
        let credentials = Credentials::read(params, authorization)?;
        let token = params.get_short("token", MAX_TOKEN)?;
        let hint = match params.get("token_type_hint")? {
            Some("access_token") => Some(Hint::AccessToken),
            Some("refresh_token") => Some(Hint::RefreshToken),
            _ => None,
        };
        Ok(Self {
            credentials,
            token: Secret::new(token.ok_or(Error::request("token is missing"))?.to_owned()),
            hint,
        })
    }
}

/// A token that is good now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Active {
    /// The issuer.
    pub iss: String,
    /// The client that it was issued to.
    pub client_id: String,
    /// The person, under the name that this client knows; or the client itself.
    pub sub: String,
    /// What it is good for.
    pub scope: String,
    /// The resources it is for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub aud: Vec<String>,
    /// End, in seconds since 1970.
    pub exp: i64,
    /// How it is used; left out for refresh tokens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token_type: Option<TokenType>,
    /// The key that it is bound to (RFC 8705 section 3.2, RFC 9449 section 6.2).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cnf: Option<Confirmation>,
    /// The data for purposes that were granted (RFC 9396 section 9).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub authorization_details: Vec<Detail>,
}

impl Active {
    /// Whether this client may be told: it is the one that got the token, or one that offers a resource which the token
    /// is for. Everybody else learns that the token is not active (RFC 7662 section 2.2).
    pub fn may_be_told(&self, client: &Client) -> bool {
        let offered = &client.metadata().vneid_offers;
        self.client_id == client.id() || self.aud.iter().any(|resource| offered.contains(resource))
    }
}

/// The answer (RFC 7662 section 2.2). A token that is unknown, over, taken back or not for the asker's eyes is just not
/// active.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Answer {
    active: bool,
    #[serde(flatten)]
    token: Option<Active>,
}

impl Answer {
    /// The answer to this client.
    pub fn new(token: Option<Active>, asker: &Client) -> Self {
        let token = token.filter(|token| token.may_be_told(asker));
        Self {
            active: token.is_some(),
            token,
        }
    }

    /// The answer, signed for the asker (RFC 9701 section 5).
    ///
    /// # Errors
    /// [`SignError`].
    pub fn sign(
        &self,
        issuer: &Issuer,
        asker: &Client,
        now: Timestamp,
        signer: &dyn Signer,
    ) -> Result<String, SignError> {
        #[derive(Serialize)]
        struct Claims<'a> {
            iss: &'a str,
            aud: &'a str,
            iat: i64,
            token_introspection: &'a Answer,
        }
        let claims = Claims {
            iss: issuer.as_str(),
            aud: asker.id(),
            iat: now.as_second(),
            token_introspection: self,
        };
        signed::claims(signer, "token-introspection+jwt", &claims)
    }
}

#[cfg(test)]
#[path = "introspection_tests.rs"]
mod tests;
