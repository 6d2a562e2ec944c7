//! Rich authorization requests (RFC 9396): not only which data, but for what.
//!
//! `vneid_data` is the data that a service needs for a purpose which it has registered. A purpose that was not registered is
//! refused, so that nobody asks for more than was reviewed. `openid_credential` is a credential for a wallet (`OpenID4VCI` 1.0
//! section 5.1.1): it means the same as the scope of that name.

use crypto::json;
use serde::{Deserialize, Serialize};

use crate::claims::{Scope, Scopes};
use crate::client::Client;
use crate::error::{Error, ErrorCode};

/// The types of authorization details.
pub const TYPES: &[&str] = &["vneid_data", "openid_credential"];

const MAX_BYTES: usize = 16 * 1024;
const MAX_COUNT: usize = 16;

/// One entry of `authorization_details` (section 2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum Detail {
    /// Data of the person for a purpose.
    VneidData {
        /// The registered purpose.
        purpose: String,
        /// The data, as scopes.
        data: Scopes,
        /// The client's own number of the matter, shown to the person.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reference: Option<String>,
    },
    /// A credential.
    OpenidCredential {
        /// Which one: a configuration in the issuer's metadata.
        credential_configuration_id: String,
        /// What a wallet asks for at the credential endpoint. Told with the token, never asked for.
        #[serde(default, skip_deserializing, skip_serializing_if = "Vec::is_empty")]
        credential_identifiers: Vec<String>,
    },
}

impl Detail {
    /// The scopes that it reaches into.
    pub fn scopes(&self) -> Scopes {
        match self {
            Self::VneidData { data, .. } => data.clone(),
            Self::OpenidCredential {
                credential_configuration_id: id,
                ..
            } => Scope::from_name(id).into_iter().collect(),
        }
    }

    /// As it is told with the token: a credential with its identifier, which is that of its configuration, since a person has each once.
    #[must_use]
    pub fn told(self) -> Self {
        match self {
            Self::OpenidCredential {
                credential_configuration_id,
                ..
            } => Self::OpenidCredential {
                credential_identifiers: vec![credential_configuration_id.clone()],
                credential_configuration_id,
            },
            data @ Self::VneidData { .. } => data,
        }
    }

    /// Its type.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::VneidData { .. } => "vneid_data",
            Self::OpenidCredential { .. } => "openid_credential",
        }
    }

    fn is_allowed(&self, client: &Client) -> bool {
        let metadata = client.metadata();
        let (purpose, data, reference) = match self {
            Self::VneidData {
                purpose,
                data,
                reference,
            } => (purpose, data, reference),
            // What a wallet may fetch is registered by its scopes.
            Self::OpenidCredential { .. } => {
                let scopes = self.scopes();
                return scopes.have_credentials() && scopes.is_subset(&metadata.scope);
            }
        };
        let short = |text: &String| text.chars().count() <= 64 && !text.chars().any(char::is_control);
        metadata
            .authorization_details_types
            .iter()
            .any(|kind| kind == self.kind())
            && metadata.vneid_purposes.contains(purpose)
            && data.iter().next().is_some()
            && data.is_subset(&metadata.scope)
            && client.terms(purpose).is_none_or(|terms| terms.allow(data))
            && reference.as_ref().is_none_or(short)
    }
}

/// Reads the parameter `authorization_details`: every entry must be of a known type, with no member that we do not
/// know, for a purpose and data that the client has registered (section 5).
///
/// # Errors
/// `invalid_authorization_details`.
pub fn parse(text: &str, client: &Client) -> Result<Vec<Detail>, Error> {
    let refused = Error::new(
        ErrorCode::InvalidAuthorizationDetails,
        "authorization_details is malformed, or not for this client",
    );
    if text.len() > MAX_BYTES {
        return Err(refused);
    }
    let value = json::parse(text.as_bytes()).ok().ok_or(refused)?;
    let details: Vec<Detail> = serde_json::from_value(value).ok().ok_or(refused)?;
    let allowed = !details.is_empty() && details.len() <= MAX_COUNT;
    if allowed && details.iter().all(|detail| detail.is_allowed(client)) {
        Ok(details)
    } else {
        Err(refused)
    }
}

/// The scopes of the credentials that are asked for.
pub fn credentials(details: &[Detail]) -> Scopes {
    let credential = |detail: &&Detail| matches!(detail, Detail::OpenidCredential { .. });
    let scopes: Vec<Scopes> = details.iter().filter(credential).map(Detail::scopes).collect();
    scopes.iter().flat_map(Scopes::iter).collect()
}

/// The details of a token: of those granted, the ones that the token request names (section 6).
///
/// # Errors
/// `invalid_authorization_details` for one that was not granted.
pub fn narrow(granted: &[Detail], wished: Option<Vec<Detail>>) -> Result<Vec<Detail>, Error> {
    match wished {
        None => Ok(granted.to_vec()),
        Some(wished) if wished.iter().all(|detail| granted.contains(detail)) => Ok(wished),
        Some(_) => Err(Error::new(
            ErrorCode::InvalidAuthorizationDetails,
            "a detail was not granted",
        )),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    fn client() -> Client {
        let metadata = json!({
            "client_id": "bank", "client_name": "Ngân hàng", "redirect_uris": ["https://bank.example/cb"],
            "scope": "openid profile address", "token_endpoint_auth_method": "none",
            "authorization_details_types": ["vneid_data"], "vneid_purposes": ["open-account"],
        });
        Client::new(serde_json::from_value(metadata).unwrap(), None).unwrap()
    }

    fn detail(changes: &Value) -> Value {
        let mut whole = json!({"type": "vneid_data", "purpose": "open-account", "data": "profile"});
        whole
            .as_object_mut()
            .unwrap()
            .extend(changes.as_object().unwrap().clone());
        json!([whole])
    }

    fn read(value: &Value) -> Result<Vec<Detail>, ErrorCode> {
        parse(&value.to_string(), &client()).map_err(|error| error.code)
    }

    #[test]
    fn data_for_a_registered_purpose_may_be_asked_for() {
        let details = read(&detail(&json!({"reference": "HS-12"}))).unwrap();

        assert_eq!(details[0].kind(), "vneid_data");
        let kept = serde_json::to_value(&details).unwrap();
        assert_eq!(kept, detail(&json!({"reference": "HS-12"})));
    }

    #[test]
    fn data_beyond_the_registered_purpose_is_refused() {
        for changes in [
            json!({"purpose": "advertising"}),
            json!({"data": "vneid_number"}),
            json!({"data": ""}),
            json!({"type": "payment_initiation"}),
            json!({"unknown": 1}),
            json!({"reference": "x".repeat(65)}),
            json!({"reference": "a\u{0}"}),
        ] {
            let refused = read(&detail(&changes));
            assert_eq!(refused, Err(ErrorCode::InvalidAuthorizationDetails), "{changes}");
        }
        assert!(read(&json!([])).is_err() && read(&json!({})).is_err());
    }

    #[test]
    fn a_wallet_asks_for_a_credential_that_it_registered_and_is_told_its_identifier() {
        let metadata = json!({
            "client_id": "wallet", "client_name": "Ví", "redirect_uris": ["https://wallet.example/cb"],
            "scope": "vneid_eid_sd_jwt", "token_endpoint_auth_method": "none",
        });
        let wallet = Client::new(serde_json::from_value(metadata).unwrap(), None).unwrap();
        let asked = |id: &str| json!([{"type": "openid_credential", "credential_configuration_id": id}]).to_string();

        let details = parse(&asked("vneid_eid_sd_jwt"), &wallet).unwrap();
        let told = serde_json::to_value(details[0].clone().told()).unwrap();

        assert_eq!(details[0].scopes().to_string(), "vneid_eid_sd_jwt");
        assert_eq!(told["credential_identifiers"], json!(["vneid_eid_sd_jwt"]));
        for id in ["vneid_eid_mdoc", "openid", "unknown"] {
            assert!(parse(&asked(id), &wallet).is_err(), "{id}");
        }
    }

    #[test]
    fn a_token_is_for_no_more_than_was_granted() {
        let granted = read(&detail(&json!({}))).unwrap();
        let other = read(&detail(&json!({"data": "address"}))).unwrap();

        assert_eq!(narrow(&granted, None).unwrap(), granted);
        assert_eq!(narrow(&granted, Some(granted.clone())).unwrap(), granted);
        assert!(narrow(&granted, Some(other)).is_err());
    }

    proptest! {
        #[test]
        fn any_text_is_answered(text in ".*") {
            prop_assert!(parse(&text, &client()).is_err());
        }
    }
}
