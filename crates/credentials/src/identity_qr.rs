//! The identity QR (*mã QR định danh điện tử*): who the holder is, readable with no network at all, and worth nothing as a
//! screenshot.
//!
//! It has two layers, both of published standards:
//!
//! - the **pass**: a CWT (RFC 8392) of the issuer with identity data in claim 169, the key of the holder's device (`cnf`,
//!   RFC 8747), where its status stands, and what that status was when it was issued (the stapled status). It lives for a
//!   day or two, so that a device shows it without network; each time the device is online it gets a fresh one;
//! - the **proof**: a countersignature (RFC 9338, version 2) by the device over the pass and the time of showing, with the
//!   verifier's challenge if there was one (as CWT claims in its protected header, RFC 9597). It stands in the unprotected
//!   header of the pass, so any reader of claim 169 reads the whole as a CWT.
//!
//! ```text
//! QR text = base45(zlib(18([ {alg, kid}, {11: [ {alg, 15: {6: shown at, 10: challenge}}, {}, proof ]}, claims, signature ])))
//! ```
//!
//! The device makes a new proof every 30 seconds; a verifier takes none that is older than [`MAX_AGE`].
//!
//! **Invariant:** no text passes that differs in one byte from one that a device has made: guarded by
//! `no_changed_byte_of_the_text_passes` and `no_flipped_bit_of_the_message_passes`.

mod identity;
mod pass;
mod size;
mod verify;

pub use identity::{Identity, Photo, PhotoFormat};
pub use pass::{Draft, Pass};
pub use size::{Level, Size};
pub use verify::{Expect, Shown, Stapled, Verified};

use jiff::SignedDuration;
use serde::Serialize;

use crate::cbor::CborError;
use crate::cose::CoseRefusal;

/// How old a proof may be.
pub const MAX_AGE: SignedDuration = SignedDuration::from_secs(60);
/// The longest text that is read: more does not fit into a QR code (ISO/IEC 18004, version 40-L, alphanumeric).
pub const MAX_TEXT: usize = 4296;
/// The most that a text may inflate to, in bytes.
pub const MAX_INFLATED: usize = 16 * 1024;
/// The longest challenge, in bytes.
pub const MAX_CHALLENGE: usize = 64;

/// Claims of the pass: RFC 8392, RFC 8747, identity data, status (Token Status List), and the stapled status, which is
/// private: `[status, seconds]`.
const ISSUER: i64 = 1;
const EXPIRES_AT: i64 = 4;
const ISSUED_AT: i64 = 6;
const CONFIRMATION: i64 = 8;
const IDENTITY: i64 = 169;
const STATUS: i64 = 65_535;
const STAPLED: i64 = -65_537;
/// The claims of the proof: `iat`, and the nonce of RFC 9711.
const SHOWN_AT: i64 = 6;
const CHALLENGE: i64 = 10;
/// Header parameters: the countersignature (RFC 9338), CWT claims (RFC 9597).
const COUNTERSIGNATURE: i64 = 11;
const CWT_CLAIMS: i64 = 15;

/// Why an identity QR was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(rename_all = "kebab-case")]
pub enum Refusal {
    /// Longer than any QR code.
    #[error("text is too long")]
    TooLong,
    /// Not base45 (RFC 9285).
    #[error("not base45")]
    NotBase45,
    /// Not ZLIB, or cut off.
    #[error("not compressed data")]
    NotCompressed,
    /// It would inflate to more than [`MAX_INFLATED`].
    #[error("compressed data is too large")]
    TooLarge,
    /// Not a CWT of this shape.
    #[error("identity qr is malformed")]
    Malformed,
    /// Nested too deeply.
    #[error("identity qr is nested too deeply")]
    TooDeep,
    /// The algorithm is not the key's.
    #[error("algorithm is not allowed")]
    Algorithm,
    /// `crit` asks for an extension.
    #[error("unsupported extension")]
    Critical,
    /// The issuer's signature does not verify.
    #[error("issuer's signature does not verify")]
    IssuerSignature,
    /// A claim is missing or ill-typed.
    #[error("a required claim is missing")]
    MissingClaim,
    /// The pass has expired.
    #[error("pass has expired")]
    Expired,
    /// The pass says that it was issued in the future.
    #[error("pass is from the future")]
    FromFuture,
    /// There is no proof by the device: a pass alone is a copy.
    #[error("proof of possession is missing")]
    ProofMissing,
    /// The proof is not one by the device's key over this pass.
    #[error("proof of possession does not verify")]
    ProofSignature,
    /// The proof is older than allowed: a screenshot, or a clock that is off.
    #[error("proof of possession is too old")]
    ProofTooOld,
    /// The proof says that it was made in the future: a clock is off.
    #[error("proof of possession is from the future")]
    ProofFromFuture,
    /// The proof was made for another challenge, or for none.
    #[error("proof of possession is for another challenge")]
    OtherChallenge,
}

impl From<CoseRefusal> for Refusal {
    fn from(error: CoseRefusal) -> Self {
        match error {
            CoseRefusal::Cbor(CborError::TooDeep) => Self::TooDeep,
            CoseRefusal::Cbor(_) | CoseRefusal::Malformed => Self::Malformed,
            CoseRefusal::Critical => Self::Critical,
            CoseRefusal::Algorithm => Self::Algorithm,
            CoseRefusal::Signature => Self::IssuerSignature,
        }
    }
}

#[cfg(test)]
mod tests;
