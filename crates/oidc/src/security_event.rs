//! Security Event Tokens (RFC 8417), as Shared Signals 1.0 shapes them: one event each, about one subject.

use crypto::sign::{SignError, Signer};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};

use crate::provider::Issuer;
use crate::signed;

/// The `typ` (RFC 8417 section 2.3).
pub const TYP: &str = "secevent+jwt";
/// The media type of a token that is pushed (RFC 8935 section 2).
pub const MEDIA_TYPE: &str = "application/secevent+jwt";

/// Whom or what an event is about (RFC 9493).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject<'a> {
    /// A person, as the receiver knows them: issuer and pairwise `sub`.
    Person {
        /// Who gave the identifier.
        iss: &'a str,
        /// The pairwise identifier.
        sub: &'a str,
    },
    /// A stream.
    Stream(&'a str),
}

impl Subject<'_> {
    fn json(self) -> Value {
        match self {
            Subject::Person { iss, sub } => json!({ "format": "iss_sub", "iss": iss, "sub": sub }),
            Subject::Stream(id) => json!({ "format": "opaque", "id": id }),
        }
    }
}

/// A token about one event. It has neither `sub` nor `exp`, so that it can never pass for an ID token or an access token
/// (Shared Signals 1.0, section 4.1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SecurityEvent {
    iss: String,
    aud: String,
    iat: i64,
    jti: String,
    sub_id: Value,
    events: Value,
}

impl SecurityEvent {
    /// A token for a receiver about an event of a type, with what the event says.
    pub fn new(
        issuer: &Issuer,
        (audience, jti): (&str, String),
        subject: Subject<'_>,
        (event_type, event): (&str, &Value),
        now: Timestamp,
    ) -> Self {
        Self {
            iss: issuer.as_str().to_owned(),
            aud: audience.to_owned(),
            iat: now.as_second(),
            jti,
            sub_id: subject.json(),
            events: json!({ event_type: event }),
        }
    }

    /// Signs the token.
    ///
    /// # Errors
    /// [`SignError`].
    pub fn sign(&self, signer: &dyn Signer) -> Result<String, SignError> {
        signed::claims(signer, TYP, self)
    }
}

#[cfg(test)]
mod tests {
    use crypto::jws;
    use crypto::sign::{Algorithm, Signer as _, SoftKey};

    use super::*;

    #[test]
    fn a_token_names_its_receiver_its_subject_and_one_event_and_cannot_pass_for_another_kind() {
        let key = SoftKey::from_seed(Algorithm::Es256, &[1; 32]).unwrap();
        let issuer = Issuer::parse("https://vneid.example").unwrap();
        let subject = Subject::Person {
            iss: issuer.as_str(),
            sub: "s1",
        };
        let event = json!({ "event_timestamp": 999 });

        let token = SecurityEvent::new(
            &issuer,
            ("bank", "j1".to_owned()),
            subject,
            ("urn:event", &event),
            Timestamp::constant(1000, 0),
        );

        let compact = token.sign(&key).unwrap();
        let verified = jws::verify(&compact, key.public(), &[Algorithm::Es256]).unwrap();
        assert_eq!(verified.header().typ(), Some(TYP));
        let claims: Value = verified.claims().unwrap();
        assert_eq!(
            claims,
            json!({
                "iss": "https://vneid.example", "aud": "bank", "iat": 1000, "jti": "j1",
                "sub_id": { "format": "iss_sub", "iss": "https://vneid.example", "sub": "s1" },
                "events": { "urn:event": { "event_timestamp": 999 } },
            })
        );
    }
}
