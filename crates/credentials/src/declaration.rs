//! The declaration slip (*phiếu khai báo*): the result of a health or movement declaration, signed, short enough for a QR code, and good for a time.
//!
//! It is a compact JWS whose header names the signer by its key id: whoever keeps the trust list verifies it without network. Whoever is shown it
//! compares name, date of birth and the end of the number with the holder's card; it is no proof of identity by itself.

use crypto::jws::{self, Compact};
use crypto::sign::{Algorithm, SignError, Signer};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::trust::{Trust, TrustRefusal};

/// The kind of document for which an authority is trusted.
pub const DECLARATION: &str = "urn:vneid:declaration:1";
/// What the header calls it.
pub const TYPE: &str = "vneid-declaration+jwt";
/// The longest text that is read: more does not fit into a QR code.
pub const MAX_TEXT: usize = 2900;
/// How far the clock of who checks may be behind.
const SKEW: SignedDuration = SignedDuration::from_mins(5);

/// What a slip says. The names are short: it has to fit into a QR code that a phone reads from another phone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Slip {
    /// Who has issued it: an HTTPS address.
    pub iss: String,
    /// Which slip it is.
    pub jti: String,
    /// When it was issued, in seconds.
    pub iat: i64,
    /// Until when it is good, in seconds.
    pub exp: i64,
    /// `health` or `movement`.
    pub kind: String,
    /// The result: `clear`, `attention`, or `declared`.
    pub result: String,
    /// The holder's name.
    pub name: String,
    /// The date of birth.
    pub birth: Date,
    /// The last four digits of the personal number.
    pub number: String,
    /// Of a movement: from where, to where, the day, and by what.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub way: Option<Way>,
}

/// A movement within the country.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Way {
    /// From which commune and province.
    pub from: String,
    /// To which.
    pub to: String,
    /// The day of departure.
    pub on: Date,
    /// By what, with the plate where there is one.
    pub by: String,
    /// How many travel together.
    pub people: u8,
}

/// Why a slip is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SlipRefusal {
    /// Something else, or damaged.
    #[error("not a declaration slip")]
    NotASlip,
    /// The signer is not believed.
    #[error(transparent)]
    Trust(#[from] TrustRefusal),
    /// The signature does not verify.
    #[error("signature does not verify")]
    Signature,
    /// Its time is over.
    #[error("slip has expired")]
    Expired,
    /// It says that it was issued in the future.
    #[error("slip is from the future")]
    FromFuture,
}

impl Slip {
    /// The text of the QR code.
    ///
    /// # Errors
    /// [`SignError`].
    pub fn sign(&self, signer: &dyn Signer) -> Result<String, SignError> {
        let mut members = Map::new();
        members.insert("typ".to_owned(), TYPE.into());
        members.insert("kid".to_owned(), signer.public().key().thumbprint().into());
        let claims = serde_json::to_vec(self).map_err(|error| SignError::Failed(error.to_string()))?;
        jws::sign_with(signer, members, &claims)
    }

    /// Reads and verifies a slip, without network.
    ///
    /// # Errors
    /// [`SlipRefusal`].
    pub fn verify(text: &str, trust: &Trust, at: Timestamp) -> Result<Self, SlipRefusal> {
        let none = SlipRefusal::NotASlip;
        let compact = Compact::parse_within(text.trim(), MAX_TEXT).ok().ok_or(none)?;
        if !compact.header().is_typ(TYPE) {
            return Err(none);
        }
        let key_id = compact.header().get("kid").and_then(Value::as_str).ok_or(none)?;
        let issuer = trust.signer(key_id.as_bytes(), DECLARATION, at)?;
        let verified = compact
            .verify(&issuer.key, &[Algorithm::Es256])
            .ok()
            .ok_or(SlipRefusal::Signature)?;
        let slip: Self = verified.claims().ok().ok_or(none)?;
        let instant = |seconds| Timestamp::from_second(seconds).ok().ok_or(none);
        if instant(slip.exp)? <= at {
            return Err(SlipRefusal::Expired);
        }
        if instant(slip.iat)? > crate::times::after(at, SKEW) {
            return Err(SlipRefusal::FromFuture);
        }
        Ok(slip)
    }
}

#[cfg(test)]
mod tests {
    use crypto::sign::SoftKey;

    use super::*;
    use crate::trust::make::{Role, Subject, authority, signer};
    use crate::trust::{Authority, TrustList};

    const AT: Timestamp = Timestamp::constant(1_800_000_000, 0);

    fn slip() -> Slip {
        Slip {
            iss: "https://vneid.example".to_owned(),
            jti: "0123456789abcdef0123456789abcdef".to_owned(),
            iat: AT.as_second(),
            exp: AT.as_second() + 3600,
            kind: "movement".to_owned(),
            result: "declared".to_owned(),
            name: "Nguyễn Thị Phương Thảo Nguyên".to_owned(),
            birth: Date::constant(1990, 5, 17),
            number: "1234".to_owned(),
            way: Some(Way {
                from: "Phường Hoàn Kiếm, Thành phố Hà Nội".to_owned(),
                to: "Phường Bà Rịa, Thành phố Hồ Chí Minh".to_owned(),
                on: Date::constant(2027, 1, 15),
                by: "car 30A-123.45".to_owned(),
                people: 4,
            }),
        }
    }

    fn trusted(documents: &[&str]) -> (SoftKey, Trust) {
        let root = SoftKey::from_seed(Algorithm::Es256, &[1; 32]).unwrap();
        let own = SoftKey::from_seed(Algorithm::Es256, &[2; 32]).unwrap();
        let subject = |name| Subject {
            name,
            site: "https://vneid.example",
            not_before: AT - SignedDuration::from_hours(1),
            not_after: AT + SignedDuration::from_hours(24),
        };
        let certificate = signer(
            &root,
            "root",
            own.public().key(),
            Role::DocumentSigner,
            &subject("signer"),
        )
        .unwrap();
        let authority = Authority {
            name: "authority".to_owned(),
            certificate: authority(&root, &subject("root")).unwrap(),
            documents: documents.iter().map(|&document| document.to_owned()).collect(),
        };
        let list = TrustList::new(1, AT, AT + SignedDuration::from_hours(24), vec![authority]);
        (own, Trust::new(list.with_signer(certificate)).unwrap())
    }

    #[test]
    fn a_slip_is_verified_without_network_until_its_time_is_over() {
        let (key, trust) = trusted(&[DECLARATION]);

        let text = slip().sign(&key).unwrap();

        assert!(
            text.len() < 900,
            "{} characters do not fit into a code that a phone reads well",
            text.len()
        );
        assert_eq!(Slip::verify(&text, &trust, AT), Ok(slip()));
        let hour = SignedDuration::from_hours(1);
        assert_eq!(Slip::verify(&text, &trust, AT + hour), Err(SlipRefusal::Expired));
        let early = AT - SignedDuration::from_mins(6);
        assert_eq!(Slip::verify(&text, &trust, early), Err(SlipRefusal::FromFuture));
    }

    #[test]
    fn a_changed_slip_a_foreign_one_and_one_for_which_nobody_vouches_are_refused() {
        let (key, trust) = trusted(&[DECLARATION]);
        let (_, other_documents) = trusted(&["urn:vneid:identity-qr:1"]);
        let stranger = SoftKey::from_seed(Algorithm::Es256, &[9; 32]).unwrap();
        let text = slip().sign(&key).unwrap();
        let attention = Slip {
            result: "clear".to_owned(),
            ..slip()
        }
        .sign(&key)
        .unwrap();
        let parts: Vec<&str> = text.split('.').collect();
        let swapped = format!("{}.{}.{}", parts[0], attention.split('.').nth(1).unwrap(), parts[2]);

        let verify = |text: &str| Slip::verify(text, &trust, AT).unwrap_err();
        assert_eq!(verify(&swapped), SlipRefusal::Signature);
        assert_eq!(
            verify(&slip().sign(&stranger).unwrap()),
            SlipRefusal::Trust(TrustRefusal::UnknownSigner)
        );
        assert_eq!(
            Slip::verify(&text, &other_documents, AT),
            Err(SlipRefusal::Trust(TrustRefusal::OtherDocument))
        );
        for text in ["", "a.b.c", "HC1:6BF"] {
            assert_eq!(verify(text), SlipRefusal::NotASlip);
        }
    }
}
