//! What is told: CAEP 1.0 and RISC 1.0 events where they fit, and a few of our own where they have none.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// RISC 2.2: the account cannot be used.
pub const ACCOUNT_DISABLED: &str = "https://schemas.openid.net/secevent/risc/event-type/account-disabled";
/// RISC 2.3: it can be used again.
pub const ACCOUNT_ENABLED: &str = "https://schemas.openid.net/secevent/risc/event-type/account-enabled";
/// CAEP 3.1: a session has ended.
pub const SESSION_REVOKED: &str = "https://schemas.openid.net/secevent/caep/event-type/session-revoked";
/// CAEP 3.3: what the person signs in with has changed.
pub const CREDENTIAL_CHANGE: &str = "https://schemas.openid.net/secevent/caep/event-type/credential-change";
/// Our own: the electronic identity card is locked (Luật Căn cước 26/2023/QH15, article 34.1).
pub const EID_LOCKED: &str = "https://vneid.gov.vn/secevent/event-type/eid-locked";
/// Our own: it is unlocked (article 34.2).
pub const EID_UNLOCKED: &str = "https://vneid.gov.vn/secevent/event-type/eid-unlocked";
/// Our own: the person has died.
pub const DECEASED: &str = "https://vneid.gov.vn/secevent/event-type/deceased";
/// Our own: the person took back what had been agreed to for a purpose.
pub const CONSENT_WITHDRAWN: &str = "https://vneid.gov.vn/secevent/event-type/consent-withdrawn";
/// Shared Signals 8.1.4.1: the stream works.
pub const VERIFICATION: &str = "https://schemas.openid.net/secevent/ssf/event-type/verification";
/// Shared Signals 8.1.5: the stream was paused, disabled or goes on.
pub const STREAM_UPDATED: &str = "https://schemas.openid.net/secevent/ssf/event-type/stream-updated";

/// The events that a receiver can ask for.
pub const SUPPORTED: &[&str] = &[
    ACCOUNT_DISABLED,
    ACCOUNT_ENABLED,
    SESSION_REVOKED,
    CREDENTIAL_CHANGE,
    EID_LOCKED,
    EID_UNLOCKED,
    DECEASED,
    CONSENT_WITHDRAWN,
];

/// What a person signs in with (CAEP 3.3, `credential_type`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Credential {
    /// The password.
    Password,
    /// The passcode of six digits.
    Passcode,
    /// A passkey.
    Passkey,
    /// The device that the account is used from.
    Device,
    /// The phone number that codes are sent to.
    Phone,
}

impl Credential {
    fn word(self) -> &'static str {
        match self {
            Credential::Password => "password",
            Credential::Passcode => "pin",
            Credential::Passkey => "fido2-platform",
            Credential::Device => "app",
            Credential::Phone => "phone-sms",
        }
    }
}

/// What became of it (CAEP 3.3, `change_type`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Change {
    /// There is a new one.
    Created,
    /// It was replaced.
    Updated,
    /// It does not count any more.
    Revoked,
}

impl Change {
    fn word(self) -> &'static str {
        match self {
            Change::Created => "create",
            Change::Updated => "update",
            Change::Revoked => "revoke",
        }
    }
}

/// Something that happened to a person's account, without any datum of the person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    /// The account cannot be used.
    AccountLocked,
    /// The account can be used again.
    AccountUnlocked,
    /// The electronic identity card is locked.
    EidLocked,
    /// The electronic identity card is unlocked.
    EidUnlocked,
    /// The phone number changed.
    PhoneChanged,
    /// What the person signs in with changed.
    CredentialChanged {
        /// Which.
        credential: Credential,
        /// How.
        change: Change,
    },
    /// All sessions have ended.
    SessionsRevoked,
    /// The person has died.
    Deceased,
}

impl Event {
    /// The type by which receivers ask for it.
    pub fn uri(self) -> &'static str {
        match self {
            Event::AccountLocked => ACCOUNT_DISABLED,
            Event::AccountUnlocked => ACCOUNT_ENABLED,
            Event::EidLocked => EID_LOCKED,
            Event::EidUnlocked => EID_UNLOCKED,
            Event::PhoneChanged | Event::CredentialChanged { .. } => CREDENTIAL_CHANGE,
            Event::SessionsRevoked => SESSION_REVOKED,
            Event::Deceased => DECEASED,
        }
    }

    /// What the event says, about something that happened at this second.
    pub fn claims(self, at: i64) -> Value {
        let mut claims = Map::new();
        let changed = match self {
            Event::PhoneChanged => Some((Credential::Phone, Change::Updated)),
            Event::CredentialChanged { credential, change } => Some((credential, change)),
            _ => None,
        };
        if let Some((credential, change)) = changed {
            claims.insert("credential_type".to_owned(), credential.word().into());
            claims.insert("change_type".to_owned(), change.word().into());
        }
        claims.insert("event_timestamp".to_owned(), at.into());
        claims.into()
    }
}

/// What the withdrawal of a consent says: for which purpose (empty for a sign-in without one), and when.
pub fn consent_withdrawn(purpose: &str, at: i64) -> Value {
    json!({ "purpose": purpose, "event_timestamp": at })
}

/// What a verification says.
pub fn verification(state: Option<&str>) -> Value {
    match state {
        Some(state) => json!({ "state": state }),
        None => json!({}),
    }
}

/// What a change of a stream says.
pub fn stream_updated(status: super::Status, reason: Option<&str>) -> Value {
    match reason {
        Some(reason) => json!({ "status": status, "reason": reason }),
        None => json!({ "status": status }),
    }
}
