//! Registered relying parties.

use std::collections::BTreeSet;

use crypto::digest::DigestKey;
use crypto::jwk::JwkSet;
use crypto::secret::Secret;
use serde::{Deserialize, Serialize};
use url::Url;

use crate::assurance::Assurance;
use crate::claims::{Scope, Scopes};
use crate::provider::is_loopback;

const MAX_ID: usize = 128;
const MAX_URI: usize = 2048;
const MAX_URIS: usize = 32;

/// How a client proves who it is at the token endpoint (OpenID Connect Core 9).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum AuthMethod {
    /// A secret in the `Authorization` header.
    #[default]
    ClientSecretBasic,
    /// A secret in the form.
    ClientSecretPost,
    /// A JWT signed with the client's key (RFC 7523).
    PrivateKeyJwt,
    /// Nothing: an app that cannot keep a secret. PKCE protects its codes.
    None,
}

impl AuthMethod {
    /// All methods.
    pub const ALL: &'static [Self] = &[
        Self::ClientSecretBasic,
        Self::ClientSecretPost,
        Self::PrivateKeyJwt,
        Self::None,
    ];

    fn uses_secret(self) -> bool {
        matches!(self, Self::ClientSecretBasic | Self::ClientSecretPost)
    }
}

/// A response type (RFC 6749 section 3.1.1). Only the code flow exists (RFC 9700 section 2.1.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResponseType {
    /// `code`.
    Code,
}

/// A grant type (RFC 6749 section 1.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GrantType {
    /// `authorization_code`.
    AuthorizationCode,
}

/// How persons are named to the client (OpenID Connect Core 8). Only pairwise: nobody can join the data of two
/// sectors by `sub`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum SubjectType {
    /// `pairwise`.
    #[default]
    Pairwise,
}

/// What a client registered, under the names of RFC 7591 and OpenID Connect Registration 2. Members that we do not
/// know are passed over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Metadata {
    /// The client's identifier: 1 to 128 letters, digits, `-`, `.`, `_`, `~`.
    pub client_id: String,
    /// The name that persons see.
    pub client_name: String,
    /// Where answers may go; compared byte for byte.
    pub redirect_uris: Vec<String>,
    /// Default: `code`.
    #[serde(default = "only_code")]
    pub response_types: Vec<ResponseType>,
    /// Default: `authorization_code`.
    #[serde(default = "only_authorization_code")]
    pub grant_types: Vec<GrantType>,
    /// The scopes that the client may ask for.
    pub scope: Scopes,
    /// Default: `client_secret_basic`.
    #[serde(default)]
    pub token_endpoint_auth_method: AuthMethod,
    /// The client's public keys, for `private_key_jwt`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jwks: Option<JwkSet>,
    /// The host that stands for the client's sector; needed if the redirect URIs have several hosts (OpenID Connect
    /// Core 8.1).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sector_identifier: Option<String>,
    /// Where a person may go after logout; compared byte for byte.
    #[serde(default)]
    pub post_logout_redirect_uris: Vec<String>,
    /// Default: `pairwise`.
    #[serde(default)]
    pub subject_type: SubjectType,
    /// The weakest authentication that the client accepts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minimum_assurance: Option<Assurance>,
    /// Whether a request without a code challenge is refused (RFC 9700 section 2.1.1). Default: yes; a confidential
    /// client may be exempted.
    #[serde(default = "yes")]
    pub require_pkce: bool,
}

fn only_code() -> Vec<ResponseType> {
    vec![ResponseType::Code]
}

fn only_authorization_code() -> Vec<GrantType> {
    vec![GrantType::AuthorizationCode]
}

const fn yes() -> bool {
    true
}

/// Why a registration was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MetadataError {
    /// The identifier is empty, too long or has other characters.
    #[error("client_id is malformed")]
    ClientId,
    /// The name is empty, longer than 200 characters, or has control characters.
    #[error("client_name is malformed")]
    Name,
    /// There is no redirect URI, or too many.
    #[error("between 1 and 32 redirect_uris are needed")]
    RedirectUriCount,
    /// A redirect URI is not absolute, has a fragment or credentials, or is neither https, nor http on this machine,
    /// nor an app's own scheme.
    #[error("a redirect URI is not acceptable")]
    RedirectUri,
    /// A post-logout URI is not acceptable, by the same rules, or there are too many.
    #[error("a post-logout redirect URI is not acceptable")]
    PostLogoutUri,
    /// The code flow is missing from response or grant types.
    #[error("the code flow is missing")]
    Flow,
    /// `openid` is missing from the scopes.
    #[error("the scope openid is missing")]
    Scope,
    /// A secret is missing for a method that needs one, or given for one that does not.
    #[error("secret and authentication method do not fit together")]
    Secret,
    /// `private_key_jwt` without a key that we can verify with.
    #[error("private_key_jwt needs a usable key in jwks")]
    Keys,
    /// The sector is not a host name, or is missing although the redirect URIs have several hosts or none.
    #[error("sector_identifier is needed, as one host name")]
    Sector,
    /// A public client may not do without PKCE.
    #[error("a public client needs PKCE")]
    Pkce,
}

/// A registered client whose metadata has been checked.
#[derive(Debug, Clone)]
pub struct Client {
    metadata: Metadata,
    secret_digest: Option<[u8; 32]>,
    sector: String,
}

impl Client {
    /// Checks a registration. `secret_digest` is [`secret_digest`] of the client's secret, for the methods that use
    /// one.
    ///
    /// # Errors
    /// [`MetadataError`]: the first rule that is broken.
    pub fn new(metadata: Metadata, secret_digest: Option<[u8; 32]>) -> Result<Self, MetadataError> {
        check_names(&metadata)?;
        check_uris(&metadata)?;
        let method = metadata.token_endpoint_auth_method;
        if metadata.response_types.is_empty() || !metadata.grant_types.contains(&GrantType::AuthorizationCode) {
            return Err(MetadataError::Flow);
        }
        if !metadata.scope.contains(Scope::OpenId) {
            return Err(MetadataError::Scope);
        }
        if method.uses_secret() != secret_digest.is_some() {
            return Err(MetadataError::Secret);
        }
        if method == AuthMethod::PrivateKeyJwt && metadata.jwks.as_ref().is_none_or(|set| set.keys().is_empty()) {
            return Err(MetadataError::Keys);
        }
        if method == AuthMethod::None && !metadata.require_pkce {
            return Err(MetadataError::Pkce);
        }
        let sector = sector(&metadata).ok_or(MetadataError::Sector)?;
        Ok(Self {
            metadata,
            secret_digest,
            sector,
        })
    }

    /// The identifier.
    pub fn id(&self) -> &str {
        &self.metadata.client_id
    }

    /// The name that persons see.
    pub fn name(&self) -> &str {
        &self.metadata.client_name
    }

    /// All that was registered.
    pub fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    /// The host that stands for the client's sector, for [`crate::subject::pairwise`].
    pub fn sector(&self) -> &str {
        &self.sector
    }

    pub(crate) fn secret_digest(&self) -> Option<&[u8; 32]> {
        self.secret_digest.as_ref()
    }

    /// Whether answers may go to this address: byte for byte one of the registered (RFC 9700 section 2.1).
    pub fn may_redirect_to(&self, uri: &str) -> bool {
        self.metadata.redirect_uris.iter().any(|registered| registered == uri)
    }

    /// Whether a person may be sent to this address after logout.
    pub fn may_leave_to(&self, uri: &str) -> bool {
        self.metadata
            .post_logout_redirect_uris
            .iter()
            .any(|registered| registered == uri)
    }
}

/// What is kept of a client's secret, which must be 32 random bytes or more in text form.
pub fn secret_digest(key: &DigestKey, secret: &Secret<String>) -> [u8; 32] {
    key.digest("client secret", secret.expose().as_bytes())
}

fn check_names(metadata: &Metadata) -> Result<(), MetadataError> {
    let id = &metadata.client_id;
    if id.is_empty()
        || id.len() > MAX_ID
        || !id
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte))
    {
        return Err(MetadataError::ClientId);
    }
    let name = &metadata.client_name;
    if name.trim().is_empty() || name.chars().count() > 200 || name.chars().any(char::is_control) {
        return Err(MetadataError::Name);
    }
    Ok(())
}

fn check_uris(metadata: &Metadata) -> Result<(), MetadataError> {
    if metadata.redirect_uris.is_empty() || metadata.redirect_uris.len() > MAX_URIS {
        return Err(MetadataError::RedirectUriCount);
    }
    if !metadata.redirect_uris.iter().all(|uri| is_acceptable(uri)) {
        return Err(MetadataError::RedirectUri);
    }
    let leaving = &metadata.post_logout_redirect_uris;
    if leaving.len() > MAX_URIS || !leaving.iter().all(|uri| is_acceptable(uri)) {
        return Err(MetadataError::PostLogoutUri);
    }
    Ok(())
}

/// RFC 6749 section 3.1.2, RFC 9700 section 4.1, RFC 8252 sections 7.1 to 7.3. An app's own scheme is a reversed
/// domain name, so it has a dot.
fn is_acceptable(uri: &str) -> bool {
    let printable = uri.bytes().all(|byte| byte.is_ascii_graphic());
    let Ok(url) = Url::parse(uri) else { return false };
    let safe = match url.scheme() {
        "https" => url.host().is_some(),
        "http" => is_loopback(&url),
        scheme => scheme.contains('.'),
    };
    let plain = url.username().is_empty() && url.password().is_none() && !uri.contains(['#', '*']);
    printable && safe && plain && uri.len() <= MAX_URI
}

fn sector(metadata: &Metadata) -> Option<String> {
    if let Some(given) = &metadata.sector_identifier {
        let url = Url::parse(&format!("https://{given}")).ok()?;
        return (url.host_str() == Some(given)).then(|| given.clone());
    }
    let hosts: Option<BTreeSet<String>> = metadata
        .redirect_uris
        .iter()
        .map(|uri| Url::parse(uri).ok()?.host_str().map(str::to_owned))
        .collect();
    let hosts = hosts?;
    if hosts.len() == 1 {
        hosts.into_iter().next()
    } else {
        None
    }
}

#[cfg(test)]
#[path = "client_tests.rs"]
mod tests;
