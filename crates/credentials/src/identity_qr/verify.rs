//! What the verifier does.

use coset::{AsCborValue as _, Header};
use crypto::jwk::PublicKey;
use crypto::{equal, sign};
use jiff::{SignedDuration, Timestamp};

use super::pass::countersigned;
use super::{
    CHALLENGE, CONFIRMATION, COUNTERSIGNATURE, CWT_CLAIMS, EXPIRES_AT, IDENTITY, ISSUED_AT, ISSUER, Identity,
    MAX_CHALLENGE, MAX_INFLATED, MAX_TEXT, Refusal, SHOWN_AT, STAPLED, STATUS,
};
use crate::cbor::{self, Value};
use crate::cose::{self, Signed};
use crate::status::{Status, StatusRef};
use crate::times::after;
use crate::zlib::{self, ZlibError};

/// What the verifier wants.
#[derive(Debug, Clone, Copy)]
pub struct Expect<'a> {
    /// Now.
    pub at: Timestamp,
    /// How far ahead of the verifier's a clock may be.
    pub skew: SignedDuration,
    /// How old a proof may be: [`super::MAX_AGE`].
    pub max_age: SignedDuration,
    /// The challenge that the holder was given; `None` when there was none, and then a proof for another's is refused too.
    pub challenge: Option<&'a [u8]>,
}

/// The text of a QR code taken apart; nothing in it can be trusted yet.
#[derive(Debug, Clone)]
pub struct Shown(Signed);

/// An identity QR that was verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// The issuer (`iss`).
    pub issuer: String,
    /// Who the holder is.
    pub identity: Identity,
    /// When the device has shown it.
    pub shown_at: Timestamp,
    /// The device's key.
    pub device: PublicKey,
    /// What the status was when the pass was issued.
    pub stapled: Stapled,
    /// Where the status stands, for who has a list that is newer.
    pub status: Option<StatusRef>,
    /// Until when the pass is good.
    pub expires_at: Timestamp,
}

/// A status that came with the pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stapled {
    /// The status.
    pub status: Status,
    /// As of when.
    pub at: Timestamp,
}

impl Shown {
    /// Takes the text of a QR code apart.
    ///
    /// # Errors
    /// [`Refusal`].
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        if text.len() > MAX_TEXT {
            return Err(Refusal::TooLong);
        }
        let compressed = base45::decode(text).ok().ok_or(Refusal::NotBase45)?;
        let bytes = zlib::inflate(&compressed, MAX_INFLATED).map_err(|error| match error {
            ZlibError::Malformed => Refusal::NotCompressed,
            ZlibError::TooLarge => Refusal::TooLarge,
        })?;
        Ok(Self(Signed::parse(&bytes, MAX_INFLATED)?))
    }

    /// The short id of the issuer's key ([`crate::trust::short_id`]): to find the key by.
    pub fn key_id(&self) -> Option<&[u8]> {
        self.0.key_id()
    }

    /// Where it says that its status stands, unverified: to fetch the list before it is judged.
    pub fn unverified_status(&self) -> Option<StatusRef> {
        let claims = cbor::decode(self.0.payload().ok()?, MAX_INFLATED).ok()?;
        StatusRef::from_cbor(cbor::labelled(&claims, STATUS)?)
    }

    /// Verifies a pass of the issuer whose key this is, and the device's proof. Whether the status may be relied upon is
    /// still to be judged.
    ///
    /// # Errors
    /// [`Refusal`] names the first rule that was broken.
    pub fn verify(&self, issuer: &PublicKey, expect: &Expect<'_>) -> Result<Verified, Refusal> {
        self.0.verify(issuer)?;
        let claims = cbor::decode(self.0.payload()?, MAX_INFLATED)
            .ok()
            .ok_or(Refusal::MissingClaim)?;
        let pass = Claims(&claims).read().ok_or(Refusal::MissingClaim)?;
        if pass.issued_at > after(expect.at, expect.skew) {
            return Err(Refusal::FromFuture);
        }
        if pass.expires_at <= expect.at {
            return Err(Refusal::Expired);
        }
        let shown_at = self.check_proof(&pass.device, expect)?;
        Ok(Verified {
            issuer: pass.issuer,
            identity: pass.identity,
            shown_at,
            device: pass.device,
            stapled: pass.stapled,
            status: pass.status,
            expires_at: pass.expires_at,
        })
    }

    fn check_proof(&self, device: &PublicKey, expect: &Expect<'_>) -> Result<Timestamp, Refusal> {
        let message = &self.0.0;
        let proof = cose::header_value(&message.unprotected, COUNTERSIGNATURE).ok_or(Refusal::ProofMissing)?;
        let [Value::Bytes(protected), Value::Map(_), Value::Bytes(signature)] =
            proof.as_array().ok_or(Refusal::Malformed)?.as_slice()
        else {
            return Err(Refusal::Malformed);
        };
        let decoded = cbor::decode(protected, MAX_INFLATED).ok().ok_or(Refusal::Malformed)?;
        let header = Header::from_cbor_value(decoded).ok().ok_or(Refusal::Malformed)?;
        if !header.crit.is_empty() {
            return Err(Refusal::Critical);
        }
        cose::check_algorithm(&header, device)?;
        let signed = countersigned(message, protected).ok_or(Refusal::Malformed)?;
        sign::verify(device, &signed, signature)
            .ok()
            .ok_or(Refusal::ProofSignature)?;
        let claims = cose::header_value(&header, CWT_CLAIMS).ok_or(Refusal::Malformed)?;
        check_challenge(claims, expect.challenge)?;
        let shown_at = Claims(claims).instant(SHOWN_AT).ok_or(Refusal::Malformed)?;
        if shown_at > after(expect.at, expect.skew) {
            return Err(Refusal::ProofFromFuture);
        }
        if after(shown_at, expect.max_age) < expect.at {
            return Err(Refusal::ProofTooOld);
        }
        Ok(shown_at)
    }
}

fn check_challenge(claims: &Value, wanted: Option<&[u8]>) -> Result<(), Refusal> {
    let given = match cbor::labelled(claims, CHALLENGE) {
        None => None,
        Some(challenge) => Some(challenge.as_bytes().ok_or(Refusal::Malformed)?.as_slice()),
    };
    let same = match (given, wanted) {
        (None, None) => true,
        (Some(given), Some(wanted)) => given.len() <= MAX_CHALLENGE && equal(given, wanted),
        _ => false,
    };
    if same { Ok(()) } else { Err(Refusal::OtherChallenge) }
}

struct PassClaims {
    issuer: String,
    identity: Identity,
    device: PublicKey,
    issued_at: Timestamp,
    expires_at: Timestamp,
    stapled: Stapled,
    status: Option<StatusRef>,
}

struct Claims<'a>(&'a Value);

impl Claims<'_> {
    fn read(&self) -> Option<PassClaims> {
        let status = match cbor::labelled(self.0, STATUS) {
            None => None,
            Some(status) => Some(StatusRef::from_cbor(status)?),
        };
        Some(PassClaims {
            issuer: cbor::labelled(self.0, ISSUER)?.as_text()?.to_owned(),
            identity: Identity::from_cbor(cbor::labelled(self.0, IDENTITY)?)?,
            device: cose::key_from_cbor(cbor::labelled(cbor::labelled(self.0, CONFIRMATION)?, 1)?)?,
            issued_at: self.instant(ISSUED_AT)?,
            expires_at: self.instant(EXPIRES_AT)?,
            stapled: self.stapled()?,
            status,
        })
    }

    fn stapled(&self) -> Option<Stapled> {
        let [status, at] = cbor::labelled(self.0, STAPLED)?.as_array()?.as_slice() else {
            return None;
        };
        Some(Stapled {
            status: Status::from_value(u8::try_from(cbor::integer(status)?).ok()?),
            at: Timestamp::from_second(cbor::integer(at)?).ok()?,
        })
    }

    fn instant(&self, label: i64) -> Option<Timestamp> {
        Timestamp::from_second(cbor::integer(cbor::labelled(self.0, label)?)?).ok()
    }
}
