//! Access tokens that a resource can read and verify by itself (RFC 9068).
//!
//! They are for resources elsewhere, each of which is named as the audience (RFC 8707); our own endpoints use opaque
//! tokens, which can be taken back at once. One about a person can be taken back as well: it ends for whoever asks about it
//! (RFC 7662) at once, for others when its few minutes are over.

use crypto::jwk::JwkSet;
use crypto::jws;
use crypto::sign::{Algorithm, SignError, Signer};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::assurance::Assurance;
use crate::bearer;
use crate::error::Error;
use crate::provider::Issuer;
use crate::sender::Confirmation;
use crate::signed;

/// The `typ` (section 2.1).
pub const TYP: &str = "at+jwt";

/// The claims (section 2.2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessToken {
    /// The issuer.
    pub iss: String,
    /// The person, by [`crate::subject::pairwise_at`]; or the client itself.
    pub sub: String,
    /// The resources it is for: at least one.
    pub aud: Vec<String>,
    /// The client.
    pub client_id: String,
    /// Issue, in seconds since 1970.
    pub iat: i64,
    /// End, in seconds since 1970.
    pub exp: i64,
    /// The token's own name.
    pub jti: String,
    /// What it is good for.
    pub scope: String,
    /// When the person signed in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auth_time: Option<i64>,
    /// How strongly.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acr: Option<Assurance>,
    /// By which means.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub amr: Vec<String>,
    /// The key that it is bound to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cnf: Option<Confirmation>,
}

impl AccessToken {
    /// Signs the token.
    ///
    /// # Errors
    /// [`SignError`].
    pub fn sign(&self, signer: &dyn Signer) -> Result<String, SignError> {
        signed::claims(signer, TYP, self)
    }
}

/// Reads a token as a resource must (section 4): type, signature, issuer, audience, time. The caller then lets
/// [`crate::sender::Shown::may_use`] judge `cnf`.
///
/// # Errors
/// `invalid_token`.
pub fn verify(
    compact: &str,
    keys: &JwkSet,
    issuer: &Issuer,
    resource: &str,
    now: Timestamp,
) -> Result<AccessToken, Error> {
    let token = read(compact, keys, issuer, now)?;
    let is_for_it = token.aud.iter().any(|audience| audience == resource);
    if is_for_it { Ok(token) } else { Err(bearer::INVALID) }
}

/// As [`verify`], for whichever resource: for the issuer itself, which is asked about a token.
///
/// # Errors
/// `invalid_token`.
pub fn read(compact: &str, keys: &JwkSet, issuer: &Issuer, now: Timestamp) -> Result<AccessToken, Error> {
    let verified = jws::verify(compact, keys, Algorithm::ALL).ok().ok_or(bearer::INVALID)?;
    let token: AccessToken = verified.claims().ok().ok_or(bearer::INVALID)?;
    let right = verified.header().is_typ(TYP) && token.iss == issuer.as_str() && now.as_second() < token.exp;
    if right { Ok(token) } else { Err(bearer::INVALID) }
}

#[cfg(test)]
mod tests {
    use crypto::sign::SoftKey;
    use proptest::prelude::*;

    use super::*;

    const RESOURCE: &str = "https://api.example/";

    fn key(seed: u8) -> SoftKey {
        SoftKey::from_seed(Algorithm::Es256, &[seed; 32]).unwrap()
    }

    fn token() -> AccessToken {
        AccessToken {
            iss: "https://vneid.example".to_owned(),
            sub: "s".to_owned(),
            aud: vec![RESOURCE.to_owned()],
            client_id: "portal".to_owned(),
            iat: 1000,
            exp: 1300,
            jti: "j".to_owned(),
            scope: "openid".to_owned(),
            auth_time: None,
            acr: Some(Assurance::Two),
            amr: Vec::new(),
            cnf: Some(Confirmation::Dpop("k".to_owned())),
        }
    }

    fn judge(compact: &str, resource: &str, second: i64) -> Result<AccessToken, Error> {
        let keys = JwkSet::new(vec![key(1).public().clone()]);
        let issuer = Issuer::parse("https://vneid.example").unwrap();
        verify(
            compact,
            &keys,
            &issuer,
            resource,
            Timestamp::from_second(second).unwrap(),
        )
    }

    #[test]
    fn a_resource_reads_a_token_that_is_for_it() {
        let compact = token().sign(&key(1)).unwrap();

        assert_eq!(judge(&compact, RESOURCE, 1299), Ok(token()));
        assert_eq!(serde_json::to_value(token()).unwrap()["cnf"]["jkt"], "k");
    }

    #[test]
    fn a_token_for_another_resource_too_old_of_another_kind_or_issuer_is_refused() {
        let good = token().sign(&key(1)).unwrap();
        let foreign = AccessToken {
            iss: "https://other.example".to_owned(),
            ..token()
        };
        let other_kind = jws::sign(&key(1), Some("JWT"), &serde_json::to_vec(&token()).unwrap()).unwrap();

        for (compact, resource, second) in [
            (&good, "https://other.example/", 1000),
            (&good, RESOURCE, 1300),
            (&foreign.sign(&key(1)).unwrap(), RESOURCE, 1000),
            (&token().sign(&key(2)).unwrap(), RESOURCE, 1000),
            (&other_kind, RESOURCE, 1000),
        ] {
            assert_eq!(judge(compact, resource, second), Err(bearer::INVALID));
        }
    }

    proptest! {
        #[test]
        fn any_text_is_answered(text in ".*") {
            prop_assert!(judge(&text, RESOURCE, 1).is_err());
        }
    }
}
