//! The token endpoint (RFC 6749 sections 4.1.3, 4.4 and 6, OpenID Connect Core 3.1.3 and 12, CIBA 10.1).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crypto::secret::Secret;

use crate::authentication::{Credentials, Headers};
use crate::authorization_details::Detail;
use crate::claims::{Scope, Scopes};
use crate::client::{Client, GrantType};
use crate::credential::PRE_AUTHORIZED;
use crate::error::{Error, ErrorCode};
use crate::params::Params;
use crate::pkce::Challenge;
use crate::sender::Confirmation;

/// The longest authorization code, in bytes: it travels in an address, and may hold all that it stands for.
pub const MAX_CODE: usize = 4096;
const MAX_NAME: usize = 512;

/// A request for tokens, taken apart.
#[derive(Debug)]
pub struct TokenRequest {
    /// Who asks, with the proof.
    pub credentials: Credentials,
    /// What for.
    pub grant: Grant,
    /// The resources that the access token is to be for (RFC 8707 section 2.2), not yet judged.
    pub resources: Vec<String>,
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
    /// `refresh_token`: [`crate::refresh`].
    RefreshToken {
        /// The refresh token.
        token: Secret<String>,
        /// What is asked for, if less than was granted.
        scope: Option<Scopes>,
    },
    /// `client_credentials`.
    ClientCredentials {
        /// What is asked for, if less than was registered.
        scope: Option<Scopes>,
    },
    /// `urn:ietf:params:oauth:grant-type:pre-authorized_code` (`OpenID4VCI` 1.0 section 6.1).
    PreAuthorized {
        /// The code of the offer.
        code: Secret<String>,
        /// What the person typed into the wallet.
        tx_code: Option<Secret<String>>,
    },
    /// `urn:openid:params:grant-type:ciba`.
    Ciba {
        /// The name of the request that the person answers.
        auth_req_id: Secret<String>,
    },
}

impl TokenRequest {
    /// Reads the form and the headers.
    ///
    /// # Errors
    /// `invalid_request`, `invalid_client`, `invalid_scope`, `unsupported_grant_type`.
    pub fn read<'a>(params: &Params, headers: impl Into<Headers<'a>>) -> Result<Self, Error> {
        params.refuse_repeated()?;
        let credentials = Credentials::read(params, headers)?;
        let scope = || params.get("scope")?.map(Scopes::parse).transpose();
        let grant = match params.get("grant_type")? {
            Some("authorization_code") => Grant::AuthorizationCode {
                code: secret(params, "code", MAX_CODE)?.ok_or(Error::request("code is missing"))?,
                redirect_uri: params.get("redirect_uri")?.map(str::to_owned),
                verifier: secret(params, "code_verifier", 128)?,
            },
            Some("refresh_token") => Grant::RefreshToken {
                token: secret(params, "refresh_token", MAX_NAME)?.ok_or(Error::request("refresh_token is missing"))?,
                scope: scope()?,
            },
            Some("client_credentials") => Grant::ClientCredentials { scope: scope()? },
            Some(PRE_AUTHORIZED) => Grant::PreAuthorized {
                code: secret(params, "pre-authorized_code", MAX_NAME)?
                    .ok_or(Error::request("pre-authorized_code is missing"))?,
                tx_code: secret(params, "tx_code", 64)?,
            },
            Some("urn:openid:params:grant-type:ciba") => Grant::Ciba {
                auth_req_id: secret(params, "auth_req_id", MAX_NAME)?
                    .ok_or(Error::request("auth_req_id is missing"))?,
            },
            Some(_) => {
                return Err(Error::new(
                    ErrorCode::UnsupportedGrantType,
                    "grant_type is not supported",
                ));
            }
            None => return Err(Error::request("grant_type is missing")),
        };
        Ok(Self {
            credentials,
            grant,
            resources: params.resources().to_vec(),
        })
    }
}

impl Grant {
    /// Its type.
    pub const fn kind(&self) -> GrantType {
        match self {
            Self::AuthorizationCode { .. } => GrantType::AuthorizationCode,
            Self::RefreshToken { .. } => GrantType::RefreshToken,
            Self::ClientCredentials { .. } => GrantType::ClientCredentials,
            Self::Ciba { .. } => GrantType::Ciba,
            Self::PreAuthorized { .. } => GrantType::PreAuthorizedCode,
        }
    }

    /// Whether the client registered this type of grant.
    ///
    /// # Errors
    /// `unauthorized_client`.
    pub fn allowed_for(&self, client: &Client) -> Result<(), Error> {
        client.may_use(self.kind())
    }
}

/// What a client gets for itself by `client_credentials` (RFC 6749 section 4.4): what it asks for, or all that it
/// registered; never what speaks of a person.
///
/// # Errors
/// `invalid_scope` for more than it registered, or for `openid`.
pub fn own_scopes(client: &Client, wished: Option<&Scopes>) -> Result<Scopes, Error> {
    let registered = &client.metadata().scope;
    let personal = |scopes: &Scopes| scopes.contains(Scope::OpenId);
    match wished {
        Some(wished) if wished.is_subset(registered) && !personal(wished) => Ok(wished.clone()),
        Some(_) => Err(Error::new(
            ErrorCode::InvalidScope,
            "the client may not have these scopes for itself",
        )),
        None if personal(registered) => Ok(Scopes::default()),
        None => Ok(registered.clone()),
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
    /// The key that the code is bound to, if any (RFC 9449 section 10).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dpop_jkt: Option<String>,
    /// The resources that were asked for (RFC 8707).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub resources: Vec<String>,
    /// The end of the code: at most ten minutes after its issue (RFC 6749 section 4.1.2).
    pub expires_at: Timestamp,
}

impl Binding {
    /// Whether this grant may be exchanged by this client, whose identity has been proved, and who holds this key (from
    /// [`crate::sender::Shown::bind`]).
    ///
    /// # Errors
    /// `invalid_grant`, in the same words for every reason: another client, another redirect URI or none (RFC 6749
    /// section 4.1.3), too late, a verifier that does not fit or is missing, or one for a code without challenge (RFC
    /// 9700 section 4.8.2), another key than the code's (RFC 9449 section 10).
    pub fn check(
        &self,
        grant: &Grant,
        client: &Client,
        holder: Option<&Confirmation>,
        now: Timestamp,
    ) -> Result<(), Error> {
        let Grant::AuthorizationCode {
            redirect_uri, verifier, ..
        } = grant
        else {
            return Err(Error::grant());
        };
        let proven = match (&self.challenge, verifier) {
            (Some(challenge), Some(verifier)) => challenge.fits(verifier.expose()),
            (None, None) => true,
            _ => false,
        };
        let held = match (&self.dpop_jkt, holder) {
            (Some(bound), Some(Confirmation::Dpop(shown))) => bound == shown,
            (Some(_), _) => false,
            (None, _) => true,
        };
        let same = self.client_id == client.id() && redirect_uri.as_ref() == Some(&self.redirect_uri);
        if proven && held && same && now < self.expires_at {
            Ok(())
        } else {
            Err(Error::grant())
        }
    }
}

/// How an access token is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum TokenType {
    /// RFC 6750.
    Bearer,
    /// RFC 9449 section 5.
    #[serde(rename = "DPoP")]
    Dpop,
}

impl TokenType {
    /// The type of an authentication scheme, which is written in any case (RFC 9110 section 11.1).
    pub fn from_scheme(scheme: &str) -> Option<Self> {
        if scheme.eq_ignore_ascii_case("bearer") {
            Some(Self::Bearer)
        } else if scheme.eq_ignore_ascii_case("dpop") {
            Some(Self::Dpop)
        } else {
            None
        }
    }
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
    /// The ID token, where a person stands behind the grant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id_token: Option<String>,
    /// The refresh token, where one was issued or replaced.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refresh_token: Option<String>,
    /// What was granted.
    pub scope: Scopes,
    /// The data for purposes that were granted (RFC 9396 section 7).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub authorization_details: Vec<Detail>,
}

#[cfg(test)]
mod tests;
