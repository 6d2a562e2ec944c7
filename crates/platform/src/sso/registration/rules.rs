//! What a registration means.

use oidc::client::{Metadata, MetadataError};
use serde::Serialize;
use serde_json::{Map, Value};

/// The longest body that is read, in bytes.
pub(super) const LONGEST: usize = 64 * 1024;

/// Why a program was not registered (RFC 7591 section 3.2.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Refusal {
    /// An address is not acceptable.
    InvalidRedirectUri,
    /// Another member is not.
    InvalidClientMetadata,
    /// The statement cannot be read, or is over.
    InvalidSoftwareStatement,
    /// There is none, or it is not ours.
    UnapprovedSoftwareStatement,
}

impl From<MetadataError> for Refusal {
    fn from(error: MetadataError) -> Self {
        match error {
            MetadataError::RedirectUri | MetadataError::RedirectUriCount | MetadataError::NotHttps => {
                Self::InvalidRedirectUri
            }
            _ => Self::InvalidClientMetadata,
        }
    }
}

/// The metadata: what was sent, over which the statement has the last word (RFC 7591 section 2.3). Scopes and purposes come from it alone.
pub(super) fn metadata(
    mut sent: Map<String, Value>,
    statement: Map<String, Value>,
    client_id: &str,
) -> Result<Metadata, Refusal> {
    for given in ["scope", "vneid_purposes", "vneid_resources", "vneid_offers"] {
        sent.remove(given);
    }
    sent.remove("software_statement");
    sent.extend(statement);
    sent.insert("client_id".to_owned(), client_id.into());
    serde_json::from_value(Value::Object(sent))
        .ok()
        .ok_or(Refusal::InvalidClientMetadata)
}
