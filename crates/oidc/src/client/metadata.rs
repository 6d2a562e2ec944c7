//! What a client registers, under the names of the standards.

use crypto::jwk::JwkSet;
use crypto::sign::Algorithm;
use serde::{Deserialize, Serialize};

use super::terms::Terms;
use crate::assurance::Assurance;
use crate::claims::Scopes;
use crate::profile::Profile;

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
    /// A certificate of a trusted authority, by the name in it (RFC 8705 section 2.1).
    TlsClientAuth,
    /// A certificate of the client's own, by its key (RFC 8705 section 2.2).
    SelfSignedTlsClientAuth,
    /// A statement of the wallet's provider, whose keys are the registered `jwks`, and a proof of the wallet's key
    /// ([`crate::attestation`]).
    AttestJwtClientAuth,
    /// Nothing: an app that cannot keep a secret. PKCE protects its codes.
    None,
}

impl AuthMethod {
    /// All methods.
    pub const ALL: &'static [Self] = &[
        Self::ClientSecretBasic,
        Self::ClientSecretPost,
        Self::PrivateKeyJwt,
        Self::TlsClientAuth,
        Self::SelfSignedTlsClientAuth,
        Self::AttestJwtClientAuth,
        Self::None,
    ];

    /// Whether the proof is a secret that both know.
    pub fn uses_secret(self) -> bool {
        matches!(self, Self::ClientSecretBasic | Self::ClientSecretPost)
    }

    /// Whether the proof is the certificate of the connection (RFC 8705 section 2).
    pub fn uses_certificate(self) -> bool {
        matches!(self, Self::TlsClientAuth | Self::SelfSignedTlsClientAuth)
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
    /// `refresh_token`.
    RefreshToken,
    /// `client_credentials`: the client asks for itself.
    ClientCredentials,
    /// `urn:openid:params:grant-type:ciba`: the person approves on another device.
    #[serde(rename = "urn:openid:params:grant-type:ciba")]
    Ciba,
    /// `urn:ietf:params:oauth:grant-type:pre-authorized_code`: the person has chosen on a page of ours (`OpenID4VCI`
    /// 1.0 section 4.1.1).
    #[serde(rename = "urn:ietf:params:oauth:grant-type:pre-authorized_code")]
    PreAuthorizedCode,
}

impl GrantType {
    /// Whether a person stands behind the grant.
    pub fn has_person(self) -> bool {
        matches!(self, Self::AuthorizationCode | Self::Ciba | Self::PreAuthorizedCode)
    }
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
#[expect(
    clippy::struct_excessive_bools,
    reason = "the members and their types are the standard's"
)]
pub struct Metadata {
    /// The client's identifier: 1 to 128 letters, digits, `-`, `.`, `_`, `~`.
    pub client_id: String,
    /// The name that persons see.
    pub client_name: String,
    /// Where answers may go; compared byte for byte. Needed for the code flow only.
    #[serde(default)]
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
    /// How strictly the client is served. Default: `standard`.
    #[serde(default)]
    pub vneid_profile: Profile,
    /// Whether requests must be pushed (RFC 9126 section 6).
    #[serde(default)]
    pub require_pushed_authorization_requests: bool,
    /// Whether requests must be signed (RFC 9101 section 10.5).
    #[serde(default)]
    pub require_signed_request_object: bool,
    /// If given, responses are signed with this algorithm (JARM 3).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authorization_signed_response_alg: Option<Algorithm>,
    /// Whether access tokens are bound to a DPoP key (RFC 9449 section 5.2).
    #[serde(default)]
    pub dpop_bound_access_tokens: bool,
    /// Whether its DPoP proofs must carry a nonce of ours (RFC 9449 section 8).
    #[serde(default)]
    pub vneid_dpop_nonces: bool,
    /// Whether access tokens are bound to the client's certificate (RFC 8705 section 3.4).
    #[serde(default)]
    pub tls_client_certificate_bound_access_tokens: bool,
    /// The name in the client's certificate, for `tls_client_auth`.
    #[serde(flatten)]
    pub tls: TlsSubject,
    /// The resources that the client may ask tokens for (RFC 8707), compared byte for byte.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub vneid_resources: Vec<String>,
    /// The resources that the client itself offers: it may ask about tokens that are for them (RFC 7662).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub vneid_offers: Vec<String>,
    /// The types of authorization details that the client may use (RFC 9396 section 10).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub authorization_details_types: Vec<String>,
    /// The purposes for which the client may ask (RFC 9396 section 2: our own member `purpose`).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub vneid_purposes: Vec<String>,
    /// What the client may learn for each of its purposes. Where there are any, a request is for one of them, and for no data beyond it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub vneid_terms: Vec<Terms>,
    /// How the client asks a person on another device.
    #[serde(flatten)]
    pub backchannel: Backchannel,
    /// How the client hears that a session has ended.
    #[serde(flatten)]
    pub logout: LogoutUris,
    /// How what is told of a person is signed and encrypted for the client.
    #[serde(flatten)]
    pub envelopes: Envelopes,
    /// Where the client begins a sign-in that another site asks for (OpenID Connect Core 4).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub initiate_login_uri: Option<String>,
}

/// How a content key is agreed upon (RFC 7518 section 4.6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum KeyAgreement {
    /// With the client's key in `jwks` that is for encryption.
    #[serde(rename = "ECDH-ES")]
    EcdhEs,
}

/// How content is encrypted (RFC 7518 section 5.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ContentEncryption {
    /// AES-GCM with a key of 128 bits.
    #[serde(rename = "A128GCM")]
    A128Gcm,
    /// AES-GCM with a key of 256 bits.
    #[serde(rename = "A256GCM")]
    A256Gcm,
}

/// How what is told of a person is signed and encrypted for the client (OpenID Connect Registration 2).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Envelopes {
    /// If given, ID tokens are signed with this algorithm.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id_token_signed_response_alg: Option<Algorithm>,
    /// If given, ID tokens are encrypted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id_token_encrypted_response_alg: Option<KeyAgreement>,
    /// How.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id_token_encrypted_response_enc: Option<ContentEncryption>,
    /// If given, userinfo is signed with this algorithm.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub userinfo_signed_response_alg: Option<Algorithm>,
    /// If given, userinfo is encrypted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub userinfo_encrypted_response_alg: Option<KeyAgreement>,
    /// How.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub userinfo_encrypted_response_enc: Option<ContentEncryption>,
}

/// The name that a client's certificate must have: exactly one of them (RFC 8705 section 2.1.2).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TlsSubject {
    /// The subject, as RFC 4514 writes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tls_client_auth_subject_dn: Option<String>,
    /// A DNS name among the alternative names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tls_client_auth_san_dns: Option<String>,
    /// A URI among the alternative names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tls_client_auth_san_uri: Option<String>,
    /// An e-mail address among the alternative names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tls_client_auth_san_email: Option<String>,
}

impl TlsSubject {
    pub(super) fn is_one(&self) -> bool {
        let names = [
            &self.tls_client_auth_subject_dn,
            &self.tls_client_auth_san_dns,
            &self.tls_client_auth_san_uri,
            &self.tls_client_auth_san_email,
        ];
        names.iter().filter(|name| name.is_some()).count() == 1
    }
}

/// How the client learns what a person answered on another device (OpenID Connect CIBA 5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Delivery {
    /// It asks again and again.
    Poll,
    /// It is called, and then asks.
    Ping,
}

/// The registration for OpenID Connect CIBA (section 4). Push is not offered (FAPI-CIBA 5.2.2).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Backchannel {
    /// How the client learns the answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backchannel_token_delivery_mode: Option<Delivery>,
    /// Where the client is called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backchannel_client_notification_endpoint: Option<String>,
    /// If given, requests must be signed with this algorithm.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backchannel_authentication_request_signing_alg: Option<Algorithm>,
}

/// Where the client hears that a session has ended (OpenID Connect Back-Channel Logout 2.2, Front-Channel Logout 2).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogoutUris {
    /// Called by us with a logout token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backchannel_logout_uri: Option<String>,
    /// Whether the logout token must name the session.
    #[serde(default)]
    pub backchannel_logout_session_required: bool,
    /// Loaded in the person's browser.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub frontchannel_logout_uri: Option<String>,
    /// Whether that address gets issuer and session.
    #[serde(default)]
    pub frontchannel_logout_session_required: bool,
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
    /// No grant type that gives tokens by itself, or the code flow without its response type.
    #[error("a grant type is missing")]
    Flow,
    /// `openid` is missing from the scopes.
    #[error("the scope openid is missing")]
    Scope,
    /// A secret is missing for a method that needs one, or given for one that does not.
    #[error("secret and authentication method do not fit together")]
    Secret,
    /// A method or a signed request without a key that we can verify with.
    #[error("a usable key is needed in jwks")]
    Keys,
    /// The sector is not a host name, or is missing although the redirect URIs have several hosts or none.
    #[error("sector_identifier is needed, as one host name")]
    Sector,
    /// A purpose is registered twice, or with data that the client may not ask for.
    #[error("the terms of a purpose are not acceptable")]
    Terms,
    /// A public client may not do without PKCE.
    #[error("a public client needs PKCE")]
    Pkce,
    /// The method is too weak for the profile.
    #[error("the profile does not allow this token_endpoint_auth_method")]
    Method,
    /// A redirect URI is not https, although the profile asks for it.
    #[error("the profile allows only https redirect URIs")]
    NotHttps,
    /// `tls_client_auth` needs exactly one name of the certificate.
    #[error("tls_client_auth needs exactly one subject")]
    TlsSubject,
    /// A public client cannot act for itself or ask on another device.
    #[error("a public client may not use this grant type")]
    PublicGrant,
    /// A resource is not an absolute URI without a fragment.
    #[error("a resource is not acceptable")]
    Resource,
    /// The delivery mode is missing, or its notification endpoint is missing or not https.
    #[error("the backchannel registration is not whole")]
    Backchannel,
    /// Encryption is asked for without a key for it in `jwks`, or half of it is missing, or the algorithm is not ours.
    #[error("the registration for signed and encrypted answers is not whole")]
    Envelopes,
    /// A logout address is not https, or the front-channel one is on another site than the redirect URIs.
    #[error("a logout URI is not acceptable")]
    LogoutUri,
}
