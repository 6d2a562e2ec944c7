//! What is asked of a client: one table of rules for each profile, in one place.
//!
//! A client registers one word, `vneid_profile`; all that the profile asks follows from it. What the client registers
//! beside (such as `dpop_bound_access_tokens`) can only make the rules stricter. The rules are checked at registration
//! by [`crate::client::Client::new`] and kept at every endpoint, which asks [`crate::client::Client::rules`].

use serde::{Deserialize, Serialize};

use crate::client::{AuthMethod, Metadata};

/// How strictly a client is served.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum Profile {
    /// OpenID Connect Core with the best current practice (RFC 9700).
    #[default]
    Standard,
    /// FAPI 2.0 Security Profile: banks and whoever gets much.
    Fapi2,
    /// FAPI 2.0 Message Signing on top: what was asked and answered can be proved years later.
    Fapi2MessageSigning,
    /// `OpenID4VC` High Assurance Interoperability Profile 1.0: wallets of other providers.
    Haip,
}

/// What an access token must be bound to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Bound {
    /// Nothing; it is bound where the client shows a key.
    Free,
    /// The key of a DPoP proof.
    Dpop,
    /// The client's certificate.
    Certificate,
    /// One of the two.
    Either,
}

/// Which audiences of a client's assertion are right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AssertionAudience {
    /// The issuer or the address of an endpoint, alone (RFC 7523 section 3, RFC 9126 section 2).
    Ours,
    /// The issuer, as a text and not as a list (FAPI 2.0 Security Profile 5.3.2.1 number 8).
    IssuerText,
}

/// The rules for one client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "a table of rules, each of which holds or does not"
)]
pub struct Rules {
    /// How the client may prove who it is.
    pub auth_methods: &'static [AuthMethod],
    /// What its access tokens are bound to.
    pub bound: Bound,
    /// Whether authorization requests must be pushed (RFC 9126 section 6).
    pub pushed: bool,
    /// Whether codes need a challenge (RFC 7636).
    pub pkce: bool,
    /// Which audiences of its assertions are right.
    pub audience: AssertionAudience,
    /// Whether authorization requests must be signed (RFC 9101 section 10.5).
    pub signed_request: bool,
    /// Whether authorization responses are signed (JARM 3).
    pub signed_response: bool,
    /// Whether redirect URIs must be https, even on this machine.
    pub https_only: bool,
    /// How long its codes may live at most, in seconds.
    pub code_life: u32,
    /// Whether a refresh token is replaced at each use.
    pub rotates: bool,
    /// Whether credentials are bound only to keys that the wallet's provider attests (HAIP 1.0 section 4.5.1).
    pub attested_keys: bool,
}

/// RFC 9700: rotation protects the refresh tokens of clients whose tokens are bound to nothing (section 4.14.2).
const STANDARD: Rules = Rules {
    auth_methods: AuthMethod::ALL,
    bound: Bound::Free,
    pushed: false,
    pkce: false,
    audience: AssertionAudience::Ours,
    signed_request: false,
    signed_response: false,
    https_only: false,
    code_life: 60,
    rotates: true,
    attested_keys: false,
};

/// FAPI 2.0 Security Profile 5.3.2.1 and 5.3.2.2, by their numbers: confidential clients (1.3), sender-constrained
/// tokens (1.4, 1.5), mutual TLS or `private_key_jwt` (1.6), the issuer as the one audience (1.8), no rotation (1.9),
/// codes of at most 60 seconds (1.11), pushed requests (2.2 to 2.4), PKCE (2.5), encrypted responses (2.8).
const FAPI2: Rules = Rules {
    auth_methods: &[
        AuthMethod::PrivateKeyJwt,
        AuthMethod::TlsClientAuth,
        AuthMethod::SelfSignedTlsClientAuth,
    ],
    bound: Bound::Either,
    pushed: true,
    pkce: true,
    audience: AssertionAudience::IssuerText,
    https_only: true,
    rotates: false,
    ..STANDARD
};

/// FAPI 2.0 Message Signing 5.3 and 5.4: signed requests at the PAR endpoint, signed responses.
const FAPI2_MESSAGE_SIGNING: Rules = Rules {
    signed_request: true,
    signed_response: true,
    ..FAPI2
};

/// HAIP 1.0 section 4: pushed requests with S256 (4.2), DPoP (4.4), wallet attestation (4.3.1); an app's own scheme is
/// a good address.
const HAIP: Rules = Rules {
    auth_methods: &[AuthMethod::AttestJwtClientAuth],
    bound: Bound::Dpop,
    https_only: false,
    attested_keys: true,
    ..FAPI2
};

impl Profile {
    /// The rules of the profile alone.
    pub const fn rules(self) -> Rules {
        match self {
            Self::Standard => STANDARD,
            Self::Fapi2 => FAPI2,
            Self::Fapi2MessageSigning => FAPI2_MESSAGE_SIGNING,
            Self::Haip => HAIP,
        }
    }
}

impl Rules {
    /// The rules of the client's profile, made stricter by what it registered.
    pub fn of(metadata: &Metadata) -> Self {
        let rules = metadata.vneid_profile.rules();
        let bound = match (
            metadata.dpop_bound_access_tokens,
            metadata.tls_client_certificate_bound_access_tokens,
        ) {
            (true, true) => Bound::Either,
            (true, false) => Bound::Dpop,
            (false, true) => Bound::Certificate,
            (false, false) => rules.bound,
        };
        Self {
            bound,
            pushed: rules.pushed || metadata.require_pushed_authorization_requests,
            pkce: rules.pkce || metadata.require_pkce,
            signed_request: rules.signed_request || metadata.require_signed_request_object,
            signed_response: rules.signed_response || metadata.authorization_signed_response_alg.is_some(),
            rotates: rules.rotates && bound == Bound::Free,
            ..rules
        }
    }
}

#[cfg(test)]
#[path = "profile_tests.rs"]
mod tests;
