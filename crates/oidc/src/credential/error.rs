//! Refusals of the credential endpoints (`OpenID4VCI` 1.0 sections 8.3.1 and 9.3, 11.3).

use serde::Serialize;

/// The standard code of a refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CredentialErrorCode {
    /// A member is missing, ill-typed or contradicts another.
    InvalidCredentialRequest,
    /// There is no such configuration.
    UnknownCredentialConfiguration,
    /// The token was not given for such an identifier.
    UnknownCredentialIdentifier,
    /// A proof is missing or does not hold.
    InvalidProof,
    /// The nonce in a proof is not ours, or over.
    InvalidNonce,
    /// The answer cannot be encrypted as wished.
    InvalidEncryptionParameters,
    /// The credential is not issued, and asking again would not help.
    CredentialRequestDenied,
    /// There is no such deferred credential.
    InvalidTransactionId,
    /// There is no such notification.
    InvalidNotificationId,
    /// A member of the notification is missing or ill-typed.
    InvalidNotificationRequest,
}

/// A refusal; serialised, the JSON body. Its status is 400.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("{code:?}: {description}")]
pub struct CredentialError {
    /// What kind.
    #[serde(rename = "error")]
    pub code: CredentialErrorCode,
    /// For the developer of the wallet, in English; never repeats anything of the request.
    #[serde(rename = "error_description")]
    pub description: &'static str,
}

impl CredentialError {
    /// A refusal of this kind.
    pub const fn new(code: CredentialErrorCode, description: &'static str) -> Self {
        Self { code, description }
    }

    /// `invalid_credential_request`.
    pub const fn request(description: &'static str) -> Self {
        Self::new(CredentialErrorCode::InvalidCredentialRequest, description)
    }

    /// `invalid_proof`.
    pub const fn proof(description: &'static str) -> Self {
        Self::new(CredentialErrorCode::InvalidProof, description)
    }

    /// `invalid_encryption_parameters`.
    pub const fn encryption(description: &'static str) -> Self {
        Self::new(CredentialErrorCode::InvalidEncryptionParameters, description)
    }
}
