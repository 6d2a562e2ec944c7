//! Registered relying parties.

use crypto::digest::DigestKey;
use crypto::secret::Secret;

use crate::claims::Scopes;
use crate::error::{Error, ErrorCode};
use crate::profile::Rules;

mod check;
mod metadata;
pub(crate) mod terms;

pub use metadata::{
    AuthMethod, Backchannel, ContentEncryption, Delivery, Envelopes, GrantType, KeyAgreement, LogoutUris, Metadata,
    MetadataError, ResponseType, SubjectType, TlsSubject,
};
pub use terms::Terms;

/// A registered client whose metadata has been checked.
#[derive(Debug, Clone)]
pub struct Client {
    metadata: Metadata,
    secret_digest: Option<[u8; 32]>,
    sector: String,
    rules: Rules,
}

impl Client {
    /// Checks a registration. `secret_digest` is [`secret_digest`] of the client's secret, for the methods that use
    /// one.
    ///
    /// # Errors
    /// [`MetadataError`]: the first rule that is broken.
    pub fn new(metadata: Metadata, secret_digest: Option<[u8; 32]>) -> Result<Self, MetadataError> {
        let rules = Rules::of(&metadata);
        check::check(&metadata, &rules, secret_digest.is_some())?;
        let sector = check::sector(&metadata).ok_or(MetadataError::Sector)?;
        Ok(Self {
            metadata,
            secret_digest,
            sector,
            rules,
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

    /// The rules by which the client is served.
    pub fn rules(&self) -> &Rules {
        &self.rules
    }

    /// Whether the client may use this grant type.
    ///
    /// # Errors
    /// `unauthorized_client`.
    pub fn may_use(&self, grant: GrantType) -> Result<(), Error> {
        if self.metadata.grant_types.contains(&grant) {
            return Ok(());
        }
        Err(Error::new(
            ErrorCode::UnauthorizedClient,
            "the client may not use this grant_type",
        ))
    }

    /// Whether the client proves who it is (RFC 6749 section 2.1).
    pub fn is_confidential(&self) -> bool {
        self.metadata.token_endpoint_auth_method != AuthMethod::None
    }

    /// What was registered for a purpose; nothing for one that was not.
    pub fn terms(&self, purpose: &str) -> Option<&Terms> {
        self.metadata.vneid_terms.iter().find(|terms| terms.purpose == purpose)
    }

    /// The data that the client may ask for: for a purpose, where it registered purposes with their data.
    pub fn data_for(&self, purpose: Option<&str>) -> &Scopes {
        let terms = purpose.and_then(|purpose| self.terms(purpose));
        terms.map_or(&self.metadata.scope, |terms| &terms.scope)
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

#[cfg(test)]
mod tests;
