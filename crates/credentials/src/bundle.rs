//! The verified data bundle (*gói dữ liệu đã xác thực*): what an organisation was told about a customer, in a form that can be checked again without
//! network years later.
//!
//! It says what was asked and for what purpose, what the person agreed to and when, what was returned, how strongly the person was authenticated, and how
//! account, card and person stood at that second. It is a JWS whose header carries the signer's certificates; the signature is judged at the instant
//! at which the bundle was made, by an authority whose certificate the organisation keeps.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use crypto::jws::{self, Compact};
use crypto::sign::{Algorithm, SignError, Signer};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::Map;

use crate::status::x5c;
use crate::trust::{Authority, Trust, TrustList, TrustRefusal};

/// What the header calls it, and the kind of document for which an authority is trusted.
pub const TYPE: &str = "vneid-bundle+jwt";

const MAX_BYTES: usize = 256 * 1024;

/// What was asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// The organisation, as the person was told.
    pub by: String,
    /// The registered purpose; empty for a sign-in without one.
    pub purpose: String,
    /// Why the data was needed, in the words that the person read.
    pub reason: String,
    /// The data, as scopes.
    pub scope: String,
    /// The organisation's own number of the matter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
}

/// What the person agreed to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Consented {
    /// The data, as scopes.
    pub scope: String,
    /// When.
    pub at: Timestamp,
    /// Until when the answer is remembered; the same instant if it was for once.
    pub until: Timestamp,
    /// The provision that it rests on.
    pub basis: String,
}

/// The newest identity card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Card {
    /// When it was issued.
    pub issued_on: Date,
    /// When it ends; never for older people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_on: Option<Date>,
    /// Which card it is.
    pub kind: String,
}

/// A comparison of the customer's picture with the portrait on record. Scores are not told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Face {
    /// `match`, `no-match` or `undecided`.
    pub result: String,
    /// Which engine compared.
    pub engine: String,
    /// Whether the engine only stands in for one, as in the sandbox.
    pub stand_in: bool,
    /// SHA-256 of the picture that was sent, in hexadecimal.
    pub picture_sha256: String,
}

/// What was returned: what was agreed to, and nothing else.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Returned {
    /// Full name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Date of birth.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub birthdate: Option<Date>,
    /// Personal number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub personal_number: Option<String>,
    /// Permanent residence, as the population database has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub residence: Option<String>,
    /// The newest identity card.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub card: Option<Card>,
    /// The face compared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub face: Option<Face>,
}

/// How strongly the person was authenticated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assurance {
    /// The level of the authentication, 1 to 4 (Decree 69/2024/NĐ-CP, article 20.1).
    pub authentication: i64,
    /// The means that were used (RFC 8176).
    pub methods: Vec<String>,
    /// When.
    pub at: Timestamp,
    /// The level of the account, 1 or 2.
    pub account: i64,
}

/// How things stood at the second in which the bundle was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// `active` or `locked`.
    pub account: String,
    /// `valid`, `locked` or `none`.
    pub eid: String,
    /// What the population database says: `alive`, …
    pub person: String,
}

/// A bundle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bundle {
    /// Who made it.
    pub iss: String,
    /// For whom.
    pub aud: String,
    /// The person, as that organisation knows them.
    pub sub: String,
    /// Its own identifier.
    pub jti: String,
    /// When it was made, in seconds since 1970.
    pub iat: i64,
    /// What was asked.
    pub asked: Asked,
    /// What was agreed to.
    pub consented: Consented,
    /// What was returned.
    pub returned: Returned,
    /// At what assurance.
    pub assurance: Assurance,
    /// The status at that second.
    pub standing: Standing,
}

/// Why a bundle is not to be relied upon.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BundleRefusal {
    /// Not a signed bundle.
    #[error("this is not a verified data bundle")]
    NotABundle,
    /// The signature is not that of the certificate in it: something was changed.
    #[error("the signature does not verify: the bundle was changed")]
    Signature,
    /// The signer is not one that was trusted when the bundle was made.
    #[error("the signer was not trusted: {0}")]
    Trust(#[from] TrustRefusal),
    /// It tells more than was agreed to.
    #[error("the bundle tells more than was agreed to")]
    BeyondConsent,
}

impl Bundle {
    /// Signs it; `chain` is the signer's certificates, DER, the root left out.
    ///
    /// # Errors
    /// Whatever the key answers.
    pub fn sign(&self, signer: &dyn Signer, chain: &[Vec<u8>]) -> Result<String, SignError> {
        let mut header = Map::new();
        header.insert("typ".to_owned(), TYPE.into());
        header.insert("x5c".to_owned(), x5c(chain));
        let payload = serde_json::to_vec(self).unwrap_or_default();
        jws::sign_with(signer, header, &payload)
    }

    /// Verifies a bundle by the certificates of authorities (DER) that the reader keeps. No network, no clock: what counts is whether the signer's
    /// certificate was good when the bundle was made.
    ///
    /// # Errors
    /// [`BundleRefusal`].
    pub fn verify(text: &str, authorities: &[Vec<u8>]) -> Result<Self, BundleRefusal> {
        let compact = Compact::parse_within(text.trim(), MAX_BYTES)
            .ok()
            .ok_or(BundleRefusal::NotABundle)?;
        if !compact.header().is_typ(TYPE) {
            return Err(BundleRefusal::NotABundle);
        }
        let certificates = compact
            .header()
            .get("x5c")
            .and_then(chain)
            .ok_or(BundleRefusal::NotABundle)?;
        let claims = compact.unverified_claims().ok().ok_or(BundleRefusal::NotABundle)?;
        let made = claims
            .get("iat")
            .and_then(serde_json::Value::as_i64)
            .unwrap_or(i64::MAX);
        let made = Timestamp::from_second(made).ok().ok_or(BundleRefusal::NotABundle)?;
        let issuer = trust(authorities, made)?.chain(&certificates, TYPE, made)?;
        let verified = compact
            .verify(&issuer.key, &[Algorithm::Es256])
            .ok()
            .ok_or(BundleRefusal::Signature)?;
        let bundle: Self = verified.claims().ok().ok_or(BundleRefusal::NotABundle)?;
        if bundle.is_within_consent() {
            Ok(bundle)
        } else {
            Err(BundleRefusal::BeyondConsent)
        }
    }

    /// Whether everything that was returned stands under what was agreed to.
    pub fn is_within_consent(&self) -> bool {
        let agreed = |scope: &str| self.consented.scope.split(' ').any(|word| word == scope);
        let told = &self.returned;
        [
            (told.name.is_some() || told.birthdate.is_some(), "profile"),
            (told.personal_number.is_some(), "vneid_number"),
            (told.residence.is_some(), "address"),
            (told.card.is_some(), "vneid_card"),
            (told.face.is_some(), "vneid_face"),
        ]
        .into_iter()
        .all(|(told, scope)| !told || agreed(scope))
    }
}

/// The certificates of the header `x5c` (RFC 7515 section 4.1.6).
fn chain(header: &serde_json::Value) -> Option<Vec<Vec<u8>>> {
    let certificates = header.as_array()?.iter();
    certificates.map(|text| STANDARD.decode(text.as_str()?).ok()).collect()
}

fn trust(authorities: &[Vec<u8>], at: Timestamp) -> Result<Trust, TrustRefusal> {
    let authority = |certificate: &Vec<u8>| Authority {
        name: "authority".to_owned(),
        certificate: certificate.clone(),
        documents: vec![TYPE.to_owned()],
    };
    Trust::new(TrustList::new(1, at, at, authorities.iter().map(authority).collect()))
}

#[cfg(test)]
mod tests {
    use crypto::sign::SoftKey;
    use jiff::SignedDuration;

    use super::*;
    use crate::trust::make::{Role, Subject, authority, signer};

    const AT: Timestamp = Timestamp::constant(1_800_000_000, 0);

    fn bundle() -> Bundle {
        Bundle {
            iss: "https://vneid.example".to_owned(),
            aud: "bank".to_owned(),
            sub: "pairwise".to_owned(),
            jti: "1".to_owned(),
            iat: AT.as_second(),
            asked: Asked {
                by: "Ngân hàng".to_owned(),
                purpose: "ekyc".to_owned(),
                reason: "Mở tài khoản".to_owned(),
                scope: "openid profile".to_owned(),
                reference: None,
            },
            consented: Consented {
                scope: "openid profile".to_owned(),
                at: AT,
                until: AT,
                basis: "Điều 19".to_owned(),
            },
            returned: Returned {
                name: Some("Nguyễn Thúy An".to_owned()),
                ..Returned::default()
            },
            assurance: Assurance {
                authentication: 3,
                methods: vec!["face".to_owned()],
                at: AT,
                account: 2,
            },
            standing: Standing {
                account: "active".to_owned(),
                eid: "valid".to_owned(),
                person: "alive".to_owned(),
            },
        }
    }

    fn made(seed: u8) -> (SoftKey, Vec<u8>, Vec<u8>) {
        let root = SoftKey::from_seed(Algorithm::Es256, &[seed; 32]).unwrap();
        let own = SoftKey::from_seed(Algorithm::Es256, &[seed + 1; 32]).unwrap();
        let subject = |name| Subject {
            name,
            site: "https://vneid.example",
            not_before: AT - SignedDuration::from_hours(1),
            not_after: AT + SignedDuration::from_hours(24),
        };
        let authority = authority(&root, &subject("root")).unwrap();
        let certificate = signer(
            &root,
            "root",
            own.public().key(),
            Role::DocumentSigner,
            &subject("signer"),
        )
        .unwrap();
        (own, certificate, authority)
    }

    #[test]
    fn a_bundle_is_verified_years_later_by_the_authority_alone() {
        let (key, certificate, authority) = made(1);
        let (_, _, other) = made(9);
        let text = bundle().sign(&key, std::slice::from_ref(&certificate)).unwrap();

        assert_eq!(Bundle::verify(&text, &[other.clone(), authority.clone()]), Ok(bundle()));
        assert_eq!(
            Bundle::verify(&text, &[other]),
            Err(BundleRefusal::Trust(TrustRefusal::UnknownAuthority))
        );
        let late = Bundle {
            iat: AT.as_second() + 90_000,
            ..bundle()
        };
        let late = late.sign(&key, &[certificate]).unwrap();
        assert!(matches!(
            Bundle::verify(&late, &[authority]),
            Err(BundleRefusal::Trust(_))
        ));
    }

    #[test]
    fn a_changed_bundle_and_one_that_tells_more_than_was_agreed_are_refused() {
        let (key, certificate, authority) = made(1);
        let text = bundle().sign(&key, std::slice::from_ref(&certificate)).unwrap();
        let other = Bundle {
            jti: "2".to_owned(),
            ..bundle()
        }
        .sign(&key, std::slice::from_ref(&certificate))
        .unwrap();
        let parts: Vec<&str> = text.split('.').collect();
        let swapped = format!("{}.{}.{}", parts[0], other.split('.').nth(1).unwrap(), parts[2]);
        let beyond = Bundle {
            returned: Returned {
                residence: Some("Hà Giang".to_owned()),
                ..Returned::default()
            },
            ..bundle()
        };
        let beyond = beyond.sign(&key, &[certificate]).unwrap();

        let verify = |text: &str| Bundle::verify(text, std::slice::from_ref(&authority));
        assert_eq!(verify(&swapped), Err(BundleRefusal::Signature));
        assert_eq!(verify(&beyond), Err(BundleRefusal::BeyondConsent));
        assert_eq!(verify("nothing"), Err(BundleRefusal::NotABundle));
    }
}
