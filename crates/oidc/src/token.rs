//! The token endpoint (RFC 6749 section 4.1.3, OpenID Connect Core 3.1.3).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crypto::secret::Secret;

use crate::authentication::Credentials;
use crate::claims::Scopes;
use crate::client::{Client, GrantType};
use crate::error::{Error, ErrorCode};
use crate::params::Params;
use crate::pkce::Challenge;

const MAX_CODE: usize = 512;

/// A request for tokens, taken apart.
#[derive(Debug)]
pub struct TokenRequest {
    /// Who asks, with the proof.
    pub credentials: Credentials,
    /// What for.
    pub grant: Grant,
}

/// What is exchanged for tokens.
#[derive(Debug)]
pub enum Grant {
    /// `authorization_code`.
    AuthorizationCode {
        /// The code; the platform finds what it stands for by a digest.
        code: Secret<String>,
        /// The redirect URI that the code was sent to.
        redirect_uri: Option<String>,
        /// The verifier of the code challenge.
        verifier: Option<Secret<String>>,
    },
}

impl TokenRequest {
    /// Reads the form and the `Authorization` header.
    ///
    /// # Errors
    /// `invalid_request`, `invalid_client`, `unsupported_grant_type`.
    pub fn read(params: &Params, authorization: Option<&str>) -> Result<Self, Error> {
        params.refuse_repeated()?;
        let credentials = Credentials::read(params, authorization)?;
        let grant = match params.get("grant_type")? {
            Some("authorization_code") => Grant::AuthorizationCode {
                code: secret(params, "code", MAX_CODE)?.ok_or(Error::request("code is missing"))?,
                redirect_uri: params.get("redirect_uri")?.map(str::to_owned),
                verifier: secret(params, "code_verifier", 128)?,
            },
            Some(_) => {
                return Err(Error::new(
                    ErrorCode::UnsupportedGrantType,
                    "grant_type is not supported",
                ));
            }
            None => return Err(Error::request("grant_type is missing")),
        };
        Ok(Self { credentials, grant })
    }
}

impl Grant {
    /// Whether the client registered this type of grant.
    ///
    /// # Errors
    /// `unauthorized_client`.
    pub fn allowed_for(&self, client: &Client) -> Result<(), Error> {
        let Self::AuthorizationCode { .. } = self;
        let allowed = client.metadata().grant_types.contains(&GrantType::AuthorizationCode);
        if allowed {
            Ok(())
        } else {
            Err(Error::new(
                ErrorCode::UnauthorizedClient,
                "the client may not use this grant_type",
            ))
        }
    }
}

fn secret(params: &Params, name: &str, most: usize) -> Result<Option<Secret<String>>, Error> {
    Ok(params.get_short(name, most)?.map(|value| Secret::new(value.to_owned())))
}

/// What a code is bound to when it is issued; kept beside the code's digest.
///
/// That a code works only once is the platform's to guard; on a second use it also revokes what the first one got
/// (RFC 6749 section 4.1.2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Binding {
    /// The client that asked.
    pub client_id: String,
    /// Where the code was sent.
    pub redirect_uri: String,
    /// The challenge, if the request had one.
    pub challenge: Option<Challenge>,
    /// The end of the code: at most ten minutes after its issue (RFC 6749 section 4.1.2).
    pub expires_at: Timestamp,
}

impl Binding {
    /// Whether this grant may be exchanged by this client, whose identity has been proved.
    ///
    /// # Errors
    /// `invalid_grant`, in the same words for every reason: another client, another redirect URI or none (RFC 6749
    /// section 4.1.3), too late, a verifier that does not fit or is missing, or one for a code without challenge (RFC
    /// 9700 section 4.8.2).
    pub fn check(&self, grant: &Grant, client: &Client, now: Timestamp) -> Result<(), Error> {
        let Grant::AuthorizationCode {
            redirect_uri, verifier, ..
        } = grant;
        let proven = match (&self.challenge, verifier) {
            (Some(challenge), Some(verifier)) => challenge.fits(verifier.expose()),
            (None, None) => true,
            _ => false,
        };
        let same = self.client_id == client.id() && redirect_uri.as_ref() == Some(&self.redirect_uri);
        if proven && same && now < self.expires_at {
            Ok(())
        } else {
            Err(Error::grant())
        }
    }
}

/// How an access token is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum TokenType {
    /// RFC 6750.
    Bearer,
}

/// The good answer (RFC 6749 section 5.1, OpenID Connect Core 3.1.3.3); to be sent with `Cache-Control: no-store`.
#[derive(Serialize)]
pub struct TokenResponse {
    /// The access token.
    pub access_token: String,
    /// How it is used.
    pub token_type: TokenType,
    /// How long it lives, in seconds.
    pub expires_in: u32,
    /// The ID token.
    pub id_token: String,
    /// What was granted.
    pub scope: Scopes,
}

#[cfg(test)]
#[path = "token_tests.rs"]
mod tests;
