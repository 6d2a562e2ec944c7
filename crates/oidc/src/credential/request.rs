//! What a wallet asks for (`OpenID4VCI` 1.0 sections 8.2, 9.1 and 11.1).

use crypto::json;
use crypto::jwe::{Encryption, Recipient};
use serde_json::{Map, Value};

use super::MAX_BATCH;
use super::error::{CredentialError, CredentialErrorCode};

/// Which credential is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// By the identifier of its configuration.
    Configuration(String),
    /// By an identifier that came with the token.
    Identifier(String),
}

/// The proofs of the keys that credentials are to be bound to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proofs {
    /// None came.
    None,
    /// `jwt`: one for each key, or one with an attestation of several keys.
    Jwt(Vec<String>),
    /// `attestation`: an attestation of several keys.
    Attestation(String),
}

/// How the answer is to be encrypted.
#[derive(Debug, Clone)]
pub struct ResponseEncryption {
    /// For whom.
    pub recipient: Recipient,
    /// How.
    pub encryption: Encryption,
}

/// A credential request.
#[derive(Debug, Clone)]
pub struct CredentialRequest {
    /// Which credential.
    pub wanted: Wanted,
    /// The proofs.
    pub proofs: Proofs,
    /// How the answer is to be encrypted, if at all.
    pub encryption: Option<ResponseEncryption>,
}

/// A request for a credential that was not ready.
#[derive(Debug, Clone)]
pub struct DeferredRequest {
    /// The name of the deferred credential.
    pub transaction_id: String,
    /// How the answer is to be encrypted, if at all.
    pub encryption: Option<ResponseEncryption>,
}

impl CredentialRequest {
    /// Reads the JSON body.
    ///
    /// # Errors
    /// [`CredentialError`].
    pub fn read(body: &[u8]) -> Result<Self, CredentialError> {
        let members = object(body)?;
        let wanted = match (
            text(&members, "credential_configuration_id")?,
            text(&members, "credential_identifier")?,
        ) {
            (Some(configuration), None) => Wanted::Configuration(configuration),
            (None, Some(identifier)) => Wanted::Identifier(identifier),
            _ => {
                return Err(CredentialError::request(
                    "exactly one of credential_configuration_id and credential_identifier is needed",
                ));
            }
        };
        Ok(Self {
            wanted,
            proofs: proofs(&members)?,
            encryption: encryption(&members)?,
        })
    }
}

impl DeferredRequest {
    /// Reads the JSON body.
    ///
    /// # Errors
    /// [`CredentialError`].
    pub fn read(body: &[u8]) -> Result<Self, CredentialError> {
        let members = object(body)?;
        let missing = CredentialError::new(CredentialErrorCode::InvalidTransactionId, "transaction_id is missing");
        Ok(Self {
            transaction_id: text(&members, "transaction_id")?.ok_or(missing)?,
            encryption: encryption(&members)?,
        })
    }
}

fn proofs(members: &Map<String, Value>) -> Result<Proofs, CredentialError> {
    if members.contains_key("proof") {
        return Err(CredentialError::request(
            "proof is of an earlier version: proofs is needed",
        ));
    }
    let Some(proofs) = members.get("proofs") else {
        return Ok(Proofs::None);
    };
    let kinds = proofs
        .as_object()
        .ok_or(CredentialError::proof("proofs is not an object"))?;
    let mut kinds = kinds.iter();
    let (Some((kind, list)), None) = (kinds.next(), kinds.next()) else {
        return Err(CredentialError::proof("proofs has exactly one kind of proof"));
    };
    let list = list
        .as_array()
        .ok_or(CredentialError::proof("the proofs are not a list"))?;
    let list: Option<Vec<String>> = list.iter().map(|proof| proof.as_str().map(str::to_owned)).collect();
    let list = list.ok_or(CredentialError::proof("a proof is not a text"))?;
    match (kind.as_str(), list.as_slice()) {
        (_, []) => Err(CredentialError::proof("the list of proofs is empty")),
        ("jwt", several) if several.len() <= MAX_BATCH => Ok(Proofs::Jwt(list)),
        ("jwt", _) => Err(CredentialError::request("too many proofs")),
        ("attestation", [one]) => Ok(Proofs::Attestation(one.clone())),
        ("attestation", _) => Err(CredentialError::proof("exactly one attestation is taken")),
        _ => Err(CredentialError::proof("the kind of proof is not supported")),
    }
}

fn encryption(members: &Map<String, Value>) -> Result<Option<ResponseEncryption>, CredentialError> {
    let Some(wished) = members.get("credential_response_encryption") else {
        return Ok(None);
    };
    let jwk = wished.get("jwk").ok_or(CredentialError::encryption("jwk is missing"))?;
    if wished.get("zip").is_some() {
        return Err(CredentialError::encryption("zip is not supported"));
    }
    let named = jwk.get("alg").and_then(Value::as_str);
    if named != Some(crypto::jwe::ALGORITHM) {
        return Err(CredentialError::encryption("alg of the key must be ECDH-ES"));
    }
    let encryption = wished
        .get("enc")
        .and_then(Value::as_str)
        .and_then(Encryption::from_name);
    Ok(Some(ResponseEncryption {
        recipient: Recipient::from_jwk(jwk)
            .ok()
            .ok_or(CredentialError::encryption("jwk is not a key for ECDH-ES on P-256"))?,
        encryption: encryption.ok_or(CredentialError::encryption("enc must be A256GCM or A128GCM"))?,
    }))
}

/// What a wallet tells of a credential that it received.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// It is kept.
    Accepted,
    /// It could not be kept.
    Failure,
    /// The person has deleted it, or did not want it.
    Deleted,
}

impl Event {
    /// The event as it is written.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Accepted => "credential_accepted",
            Self::Failure => "credential_failure",
            Self::Deleted => "credential_deleted",
        }
    }
}

/// A notification (section 11.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notification {
    /// The name that came with the credentials.
    pub id: String,
    /// What has happened.
    pub event: Event,
}

impl Notification {
    /// Reads the JSON body.
    ///
    /// # Errors
    /// `invalid_notification_request`.
    pub fn read(body: &[u8]) -> Result<Self, CredentialError> {
        let refused = |description| CredentialError::new(CredentialErrorCode::InvalidNotificationRequest, description);
        let members = json::parse_object(body)
            .ok()
            .ok_or(refused("the body is not a JSON object"))?;
        let text = |name: &str| members.get(name).and_then(Value::as_str);
        let event = [Event::Accepted, Event::Failure, Event::Deleted]
            .into_iter()
            .find(|event| text("event") == Some(event.text()));
        Ok(Self {
            id: text("notification_id")
                .map(str::to_owned)
                .ok_or(refused("notification_id is missing"))?,
            event: event.ok_or(refused("event is missing or unknown"))?,
        })
    }
}

fn object(body: &[u8]) -> Result<Map<String, Value>, CredentialError> {
    json::parse_object(body)
        .ok()
        .ok_or(CredentialError::request("the body is not a JSON object"))
}

fn text(members: &Map<String, Value>, name: &str) -> Result<Option<String>, CredentialError> {
    match members.get(name) {
        None => Ok(None),
        Some(Value::String(text)) if !text.is_empty() && text.len() <= 256 => Ok(Some(text.clone())),
        Some(_) => Err(CredentialError::request(
            "a member is not a text of at most 256 characters",
        )),
    }
}
