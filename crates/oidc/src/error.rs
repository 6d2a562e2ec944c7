//! Refusals in the OAuth format.

use std::fmt;

use serde::Serialize;

/// The standard code of a refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// A parameter is missing, repeated or wrong (RFC 6749 sections 4.1.2.1 and 5.2).
    InvalidRequest,
    /// The client is unknown or did not prove who it is (RFC 6749 section 5.2).
    InvalidClient,
    /// The code is wrong, used, old, another client's, or its verifier does not fit (RFC 6749 section 5.2).
    InvalidGrant,
    /// The client may not do this (RFC 6749 sections 4.1.2.1 and 5.2).
    UnauthorizedClient,
    /// No such grant type here (RFC 6749 section 5.2).
    UnsupportedGrantType,
    /// No such response type here (RFC 6749 section 4.1.2.1).
    UnsupportedResponseType,
    /// `openid` is missing, or the client was not granted a scope (RFC 6749 sections 4.1.2.1 and 5.2).
    InvalidScope,
    /// The person, or the platform, said no (RFC 6749 section 4.1.2.1).
    AccessDenied,
    /// Something failed on our side (RFC 6749 section 4.1.2.1).
    ServerError,
    /// We cannot answer at the moment (RFC 6749 section 4.1.2.1).
    TemporarilyUnavailable,
    /// `prompt=none`, and a page would have to be shown (OpenID Connect Core 3.1.2.6).
    InteractionRequired,
    /// `prompt=none`, and the person would have to sign in (OpenID Connect Core 3.1.2.6).
    LoginRequired,
    /// `prompt=none`, and the person would have to consent (OpenID Connect Core 3.1.2.6).
    ConsentRequired,
    /// `request` is not supported (OpenID Connect Core 3.1.2.6).
    RequestNotSupported,
    /// `request_uri` is not supported (OpenID Connect Core 3.1.2.6).
    RequestUriNotSupported,
    /// `registration` is not supported (OpenID Connect Core 3.1.2.6).
    RegistrationNotSupported,
    /// The authentication cannot be as strong as the client requires (OpenID Connect Unmet Authentication
    /// Requirements).
    UnmetAuthenticationRequirements,
    /// The access token is unknown, expired or revoked (RFC 6750 section 3.1).
    InvalidToken,
    /// The access token does not reach this far (RFC 6750 section 3.1).
    InsufficientScope,
    /// The DPoP proof is missing or wrong (RFC 9449 sections 5 and 7.1).
    InvalidDpopProof,
    /// The DPoP proof must carry the nonce that the answer names (RFC 9449 sections 8 and 9).
    UseDpopNonce,
    /// The resource is unknown, or not for this client (RFC 8707 section 2).
    InvalidTarget,
    /// The request object is not valid (RFC 9101 section 7).
    InvalidRequestObject,
    /// The request URI is unknown, over, or another client's (RFC 9101 section 7).
    InvalidRequestUri,
    /// The authorization details are not valid, or not for this client (RFC 9396 section 5).
    InvalidAuthorizationDetails,
    /// This kind of token cannot be taken back (RFC 7009 section 2.2.1).
    UnsupportedTokenType,
    /// The person has not answered yet (OpenID Connect CIBA 11).
    AuthorizationPending,
    /// The person has not answered yet, and the client asks too often (OpenID Connect CIBA 11).
    SlowDown,
    /// The person has not answered in time (OpenID Connect CIBA 11).
    ExpiredToken,
    /// A hint that has expired (OpenID Connect CIBA 13).
    ExpiredLoginHintToken,
    /// No person is meant by the hint (OpenID Connect CIBA 13).
    UnknownUserId,
    /// The message that both screens show is missing, too long or unreadable (OpenID Connect CIBA 13).
    InvalidBindingMessage,
}

impl ErrorCode {
    /// The code as it is written.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::InvalidClient => "invalid_client",
            Self::InvalidGrant => "invalid_grant",
            Self::UnauthorizedClient => "unauthorized_client",
            Self::UnsupportedGrantType => "unsupported_grant_type",
            Self::UnsupportedResponseType => "unsupported_response_type",
            Self::InvalidScope => "invalid_scope",
            Self::AccessDenied => "access_denied",
            Self::ServerError => "server_error",
            Self::TemporarilyUnavailable => "temporarily_unavailable",
            Self::InteractionRequired => "interaction_required",
            Self::LoginRequired => "login_required",
            Self::ConsentRequired => "consent_required",
            Self::RequestNotSupported => "request_not_supported",
            Self::RequestUriNotSupported => "request_uri_not_supported",
            Self::RegistrationNotSupported => "registration_not_supported",
            Self::UnmetAuthenticationRequirements => "unmet_authentication_requirements",
            Self::InvalidToken => "invalid_token",
            Self::InsufficientScope => "insufficient_scope",
            Self::InvalidDpopProof => "invalid_dpop_proof",
            Self::UseDpopNonce => "use_dpop_nonce",
            Self::InvalidTarget => "invalid_target",
            Self::InvalidRequestObject => "invalid_request_object",
            Self::InvalidRequestUri => "invalid_request_uri",
            Self::InvalidAuthorizationDetails => "invalid_authorization_details",
            Self::UnsupportedTokenType => "unsupported_token_type",
            Self::AuthorizationPending => "authorization_pending",
            Self::SlowDown => "slow_down",
            Self::ExpiredToken => "expired_token",
            Self::ExpiredLoginHintToken => "expired_login_hint_token",
            Self::UnknownUserId => "unknown_user_id",
            Self::InvalidBindingMessage => "invalid_binding_message",
        }
    }

    /// The HTTP status where the refusal is an answer of its own (RFC 6749 section 5.2, RFC 6750 section 3.1).
    pub const fn status(self) -> u16 {
        match self {
            Self::InvalidClient | Self::InvalidToken => 401,
            Self::InsufficientScope => 403,
            Self::ServerError => 500,
            Self::TemporarilyUnavailable => 503,
            _ => 400,
        }
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A refusal. Serialised, it is the JSON body of RFC 6749 section 5.2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("{code}: {description}")]
pub struct Error {
    /// What kind.
    #[serde(rename = "error")]
    pub code: ErrorCode,
    /// For the developer of the client, in English; never repeats anything of the request.
    #[serde(rename = "error_description")]
    pub description: &'static str,
}

impl Error {
    /// A refusal of this kind.
    pub const fn new(code: ErrorCode, description: &'static str) -> Self {
        Self { code, description }
    }

    /// `invalid_request`.
    pub const fn request(description: &'static str) -> Self {
        Self::new(ErrorCode::InvalidRequest, description)
    }

    /// `invalid_client`, always in the same words: it does not tell an unknown client from a wrong secret.
    pub const fn client() -> Self {
        Self::new(ErrorCode::InvalidClient, "client authentication failed")
    }

    /// `invalid_grant`, always in the same words: it does not tell a wrong code from a used or foreign one.
    pub const fn grant() -> Self {
        Self::new(ErrorCode::InvalidGrant, "the code is not valid for this request")
    }

    /// `invalid_grant` for a refresh token: unknown, over, taken back, used before, or another client's.
    pub const fn refresh() -> Self {
        Self::new(ErrorCode::InvalidGrant, "the refresh token is not valid")
    }

    /// `invalid_dpop_proof`.
    pub const fn dpop(description: &'static str) -> Self {
        Self::new(ErrorCode::InvalidDpopProof, description)
    }

    /// The HTTP status of an answer of its own.
    pub const fn status(self) -> u16 {
        self.code.status()
    }

    /// The `WWW-Authenticate` header of a refusal at the token endpoint, if any (RFC 6749 section 5.2). For protected
    /// resources there is [`crate::bearer::challenge`].
    pub fn www_authenticate(self) -> Option<&'static str> {
        (self.code == ErrorCode::InvalidClient).then_some(r#"Basic realm="vneid""#)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_body_is_that_of_rfc_6749_section_5_2() {
        let body = serde_json::to_string(&Error::client()).unwrap();

        assert_eq!(
            body,
            r#"{"error":"invalid_client","error_description":"client authentication failed"}"#
        );
        assert_eq!(Error::client().status(), 401);
        assert_eq!(Error::client().www_authenticate().unwrap(), r#"Basic realm="vneid""#);
        assert_eq!(Error::grant().status(), 400);
        assert_eq!(Error::grant().www_authenticate(), None);
    }

    #[test]
    fn a_code_is_written_the_same_in_json_and_in_a_redirect() {
        for code in [
            ErrorCode::RequestUriNotSupported,
            ErrorCode::UnmetAuthenticationRequirements,
            ErrorCode::LoginRequired,
            ErrorCode::InvalidDpopProof,
            ErrorCode::UseDpopNonce,
            ErrorCode::InvalidAuthorizationDetails,
            ErrorCode::ExpiredLoginHintToken,
        ] {
            assert_eq!(serde_json::to_value(code).unwrap(), code.as_str());
        }
    }
}
