//! The messages of an OpenID Shared Signals 1.0 transmitter: its metadata, its streams, subjects, verification.
//!
//! What each event says is in [`event`]; how tokens are fetched in [`poll`].

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use url::Url;

use crate::provider::{Issuer, is_loopback};

pub mod event;
pub mod poll;

#[cfg(test)]
mod tests;

pub use event::Event;

/// Where the metadata stand, before the path of the issuer (section 7.2).
pub const PATH: &str = "/.well-known/ssf-configuration";
/// Tokens are posted to the receiver (RFC 8935).
pub const PUSH: &str = "urn:ietf:rfc:8935";
/// Tokens are fetched by the receiver (RFC 8936).
pub const POLL: &str = "urn:ietf:rfc:8936";
/// The longest text that a receiver may give us.
const LONGEST: usize = 2000;
/// The longest `state` of a verification.
const LONGEST_STATE: usize = 256;

/// The endpoints of the transmitter, as paths.
#[derive(Debug, Clone, Copy)]
pub struct Endpoints {
    /// Streams are made, read, changed and deleted.
    pub configuration: &'static str,
    /// A stream is paused and goes on.
    pub status: &'static str,
    /// A subject is added.
    pub add_subject: &'static str,
    /// A subject is left out.
    pub remove_subject: &'static str,
    /// A verification is asked for.
    pub verification: &'static str,
}

/// The metadata (section 7.1).
#[derive(Debug, Clone, Serialize)]
pub struct Metadata {
    spec_version: &'static str,
    issuer: String,
    jwks_uri: String,
    delivery_methods_supported: [&'static str; 2],
    configuration_endpoint: String,
    status_endpoint: String,
    add_subject_endpoint: String,
    remove_subject_endpoint: String,
    verification_endpoint: String,
    authorization_schemes: [Scheme; 1],
    default_subjects: &'static str,
}

#[derive(Debug, Clone, Serialize)]
struct Scheme {
    spec_urn: &'static str,
}

/// The metadata of a transmitter.
///
/// `default_subjects` is `ALL`: a stream tells of everybody whom its receiver may know, without asking for each.
pub fn metadata(issuer: &Issuer, jwks: &str, endpoints: Endpoints) -> Metadata {
    let url = |path: &str| format!("{issuer}{path}");
    Metadata {
        spec_version: "1_0",
        issuer: issuer.as_str().to_owned(),
        jwks_uri: url(jwks),
        delivery_methods_supported: [PUSH, POLL],
        configuration_endpoint: url(endpoints.configuration),
        status_endpoint: url(endpoints.status),
        add_subject_endpoint: url(endpoints.add_subject),
        remove_subject_endpoint: url(endpoints.remove_subject),
        verification_endpoint: url(endpoints.verification),
        authorization_schemes: [Scheme {
            spec_urn: "urn:ietf:rfc:6749",
        }],
        default_subjects: "ALL",
    }
}

/// How the tokens of a stream travel (section 6.1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// [`PUSH`] or [`POLL`].
    pub method: String,
    /// Where tokens are posted, or where they are fetched: that address is ours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub endpoint_url: Option<String>,
    /// What we send as `Authorization` when we post. It is kept and never told again.
    #[serde(default, skip_serializing)]
    pub authorization_header: Option<String>,
}

impl Delivery {
    /// Whether the tokens are posted.
    pub fn is_push(&self) -> bool {
        self.method == PUSH
    }
}

/// What a receiver sends about a stream: to make it, to change it, to replace it (sections 8.1.1.1, 8.1.1.3, 8.1.1.4).
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct Wish {
    /// Which stream; not when it is made.
    #[serde(default)]
    pub stream_id: Option<String>,
    /// The receiver may repeat what we said; another value is refused.
    #[serde(default)]
    pub iss: Option<String>,
    /// As `iss`.
    #[serde(default)]
    pub aud: Option<Value>,
    /// The events that it wants.
    #[serde(default)]
    pub events_requested: Option<Vec<String>>,
    /// How they shall travel; without it they are fetched.
    #[serde(default)]
    pub delivery: Option<Delivery>,
    /// What the stream is for.
    #[serde(default)]
    pub description: Option<String>,
}

/// Why a message of a receiver is refused: all are answered 400.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It is not JSON, or not of the form that the standard asks for.
    #[error("the message is malformed")]
    Malformed,
    /// Something that only we may set has another value.
    #[error("iss and aud are set by the transmitter")]
    ReadOnly,
    /// Neither push nor poll.
    #[error("the delivery method is not supported")]
    Method,
    /// Tokens are posted to https addresses alone.
    #[error("endpoint_url must be an https address")]
    Endpoint,
    /// A text is too long, or is no header.
    #[error("a text is too long or has characters that are not allowed")]
    Text,
    /// `stream_id` is missing.
    #[error("stream_id is missing")]
    NoStream,
    /// Not a status that there is.
    #[error("the status is unknown")]
    Status,
    /// Not a subject that we understand.
    #[error("the subject is not an iss_sub of ours")]
    Subject,
}

impl Wish {
    /// Reads a message.
    ///
    /// # Errors
    /// [`Refusal`].
    pub fn read(body: &[u8], issuer: &Issuer, audience: &str) -> Result<Self, Refusal> {
        let members: Map<String, Value> = serde_json::from_slice(body).ok().ok_or(Refusal::Malformed)?;
        let wish: Self = serde_json::from_value(members.into()).ok().ok_or(Refusal::Malformed)?;
        let same_iss = wish.iss.as_deref().is_none_or(|iss| iss == issuer.as_str());
        let same_aud = wish.aud.as_ref().is_none_or(|aud| is_audience(aud, audience));
        if !same_iss || !same_aud {
            return Err(Refusal::ReadOnly);
        }
        let bounded = |text: &Option<String>| text.as_ref().is_none_or(|text| text.len() <= LONGEST);
        let events = wish.events_requested.as_deref().unwrap_or_default();
        if !bounded(&wish.description) || events.len() > 100 || events.iter().any(|event| event.len() > LONGEST) {
            return Err(Refusal::Text);
        }
        if let Some(delivery) = &wish.delivery {
            check(delivery)?;
        }
        Ok(wish)
    }

    /// The stream that is meant.
    ///
    /// # Errors
    /// [`Refusal::NoStream`].
    pub fn stream(&self) -> Result<&str, Refusal> {
        self.stream_id.as_deref().ok_or(Refusal::NoStream)
    }

    /// Of the events wanted those that there are.
    pub fn delivered(&self) -> Vec<&'static str> {
        delivered(self.events_requested.as_deref().unwrap_or_default())
    }
}

/// Of some events those that there are, in our order.
pub fn delivered(requested: &[String]) -> Vec<&'static str> {
    event::SUPPORTED
        .iter()
        .copied()
        .filter(|event| requested.iter().any(|wanted| wanted == event))
        .collect()
}

fn is_audience(said: &Value, audience: &str) -> bool {
    match said {
        Value::String(text) => text == audience,
        Value::Array(texts) => texts.iter().all(|text| text == audience),
        _ => false,
    }
}

fn check(delivery: &Delivery) -> Result<(), Refusal> {
    match delivery.method.as_str() {
        POLL => Ok(()),
        PUSH => {
            let url = delivery.endpoint_url.as_deref().filter(|url| url.len() <= LONGEST);
            let url = url.and_then(|url| Url::parse(url).ok()).ok_or(Refusal::Endpoint)?;
            let safe = url.scheme() == "https" || (url.scheme() == "http" && is_loopback(&url));
            if !safe || !url.username().is_empty() || url.fragment().is_some() {
                return Err(Refusal::Endpoint);
            }
            let header = delivery.authorization_header.as_deref().unwrap_or_default();
            let sound = header.len() <= LONGEST && header.bytes().all(|byte| (0x20..0x7f).contains(&byte));
            if sound { Ok(()) } else { Err(Refusal::Text) }
        }
        _ => Err(Refusal::Method),
    }
}

/// Whether a stream tells (section 8.1.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// It tells.
    Enabled,
    /// It keeps what there is to tell.
    Paused,
    /// It tells nothing and keeps nothing.
    Disabled,
}

impl Status {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Status::Enabled => "enabled",
            Status::Paused => "paused",
            Status::Disabled => "disabled",
        }
    }

    /// The status of a word.
    pub fn of(word: &str) -> Option<Self> {
        [Status::Enabled, Status::Paused, Status::Disabled]
            .into_iter()
            .find(|status| status.word() == word)
    }
}

/// A change of a stream's status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusWish {
    /// Which stream.
    pub stream_id: String,
    /// The status it shall have.
    pub status: Status,
    /// Why.
    pub reason: Option<String>,
}

impl StatusWish {
    /// Reads a message.
    ///
    /// # Errors
    /// [`Refusal`].
    pub fn read(body: &[u8]) -> Result<Self, Refusal> {
        #[derive(Deserialize)]
        struct Raw {
            stream_id: Option<String>,
            status: String,
            reason: Option<String>,
        }
        let raw: Raw = serde_json::from_slice(body).ok().ok_or(Refusal::Malformed)?;
        if raw.reason.as_ref().is_some_and(|reason| reason.len() > LONGEST) {
            return Err(Refusal::Text);
        }
        Ok(Self {
            stream_id: raw.stream_id.ok_or(Refusal::NoStream)?,
            status: Status::of(&raw.status).ok_or(Refusal::Status)?,
            reason: raw.reason,
        })
    }
}

/// A subject to be added or left out (section 8.1.3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubjectWish {
    /// Which stream.
    pub stream_id: String,
    /// The pairwise `sub`.
    pub sub: String,
}

impl SubjectWish {
    /// Reads a message.
    ///
    /// # Errors
    /// [`Refusal`].
    pub fn read(body: &[u8], issuer: &Issuer) -> Result<Self, Refusal> {
        #[derive(Deserialize)]
        struct Raw {
            stream_id: Option<String>,
            subject: Value,
        }
        let raw: Raw = serde_json::from_slice(body).ok().ok_or(Refusal::Malformed)?;
        let member = |name: &str| raw.subject.get(name).and_then(Value::as_str);
        let ours = member("format") == Some("iss_sub") && member("iss") == Some(issuer.as_str());
        let sub = member("sub").filter(|sub| ours && !sub.is_empty() && sub.len() <= 255);
        Ok(Self {
            sub: sub.ok_or(Refusal::Subject)?.to_owned(),
            stream_id: raw.stream_id.ok_or(Refusal::NoStream)?,
        })
    }
}

/// A wish to see that a stream works (section 8.1.4).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerificationWish {
    /// Which stream.
    pub stream_id: String,
    /// What the event shall repeat.
    pub state: Option<String>,
}

impl VerificationWish {
    /// Reads a message.
    ///
    /// # Errors
    /// [`Refusal`].
    pub fn read(body: &[u8]) -> Result<Self, Refusal> {
        #[derive(Deserialize)]
        struct Raw {
            stream_id: Option<String>,
            state: Option<String>,
        }
        let raw: Raw = serde_json::from_slice(body).ok().ok_or(Refusal::Malformed)?;
        if raw.state.as_ref().is_some_and(|state| state.len() > LONGEST_STATE) {
            return Err(Refusal::Text);
        }
        Ok(Self {
            stream_id: raw.stream_id.ok_or(Refusal::NoStream)?,
            state: raw.state,
        })
    }
}
