//! Time stamps (RFC 3161): the question to an authority, and the token in its answer.
//!
//! The token is put beside the signature for who relies upon its time later. Whether the authority's own signature holds is theirs to judge; here it is
//! checked that the token is about this signature, and of this minute.

use cms::content_info::ContentInfo;
use cms::signed_data::SignedData;
use der::asn1::{ObjectIdentifier as Oid, OctetString};
use der::{Any, Decode, Encode, Sequence};
use jiff::civil::DateTime;
use jiff::tz::Offset;
use jiff::{SignedDuration, Timestamp};
use x509_cert::spki::AlgorithmIdentifierOwned;

/// The media type of a question.
pub const QUESTION: &str = "application/timestamp-query";

const SHA_256: Oid = Oid::new_unwrap("2.16.840.1.101.3.4.2.1");
const TOKEN_INFO: Oid = Oid::new_unwrap("1.2.840.113549.1.9.16.1.4");
/// How far the authority's clock may be from ours.
const CLOCKS_DIFFER: SignedDuration = SignedDuration::from_mins(5);
/// The statuses *granted* and *granted with modifications* (section 2.4.2).
const GRANTED: [u8; 2] = [0, 1];

/// Why an answer holds no token that can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum StampRefusal {
    /// Not an answer.
    #[error("the answer cannot be read")]
    Unreadable,
    /// The authority refused.
    #[error("the authority did not give a time stamp")]
    NotGranted,
    /// It is about something else.
    #[error("the time stamp is about another signature")]
    Other,
    /// Its time is not now.
    #[error("the clock of the authority is wrong")]
    WrongClock,
}

/// What is stamped (section 2.4.1).
#[derive(Debug, Clone, PartialEq, Eq, Sequence)]
struct Imprint {
    algorithm: AlgorithmIdentifierOwned,
    digest: OctetString,
}

#[derive(Sequence)]
struct Question {
    version: u8,
    imprint: Imprint,
    certificates: bool,
}

/// The question for a time stamp over a SHA-256, which asks for the authority's certificate as well. A signature is never asked for twice, so that
/// no further number is needed to tell answers apart.
///
/// # Errors
/// Does not happen.
pub fn question(imprint: &[u8; 32]) -> Result<Vec<u8>, der::Error> {
    let algorithm = AlgorithmIdentifierOwned {
        oid: SHA_256,
        parameters: None,
    };
    let imprint = Imprint {
        algorithm,
        digest: OctetString::new(imprint.as_slice())?,
    };
    Question {
        version: 1,
        imprint,
        certificates: true,
    }
    .to_der()
}

/// The token of an answer.
///
/// # Errors
/// [`StampRefusal`].
pub fn token(answer: &[u8], imprint: &[u8; 32], now: Timestamp) -> Result<Vec<u8>, StampRefusal> {
    let parts = parts(answer).ok_or(StampRefusal::Unreadable)?;
    let status = parts.first().and_then(|status| self::parts(&status.to_der().ok()?));
    let status = status.and_then(|status| status.first()?.decode_as::<u8>().ok());
    if !GRANTED.contains(&status.ok_or(StampRefusal::Unreadable)?) {
        return Err(StampRefusal::NotGranted);
    }
    let token = parts.get(1).and_then(|token| token.to_der().ok());
    let token = token.ok_or(StampRefusal::Unreadable)?;
    let (about, at) = said(&token).ok_or(StampRefusal::Unreadable)?;
    if about.algorithm.oid != SHA_256 || about.digest.as_bytes() != imprint {
        return Err(StampRefusal::Other);
    }
    if at.duration_since(now).abs() > CLOCKS_DIFFER {
        return Err(StampRefusal::WrongClock);
    }
    Ok(token)
}

/// What a token is about, and its time.
fn said(token: &[u8]) -> Option<(Imprint, Timestamp)> {
    let data: SignedData = ContentInfo::from_der(token).ok()?.content.decode_as().ok()?;
    if data.encap_content_info.econtent_type != TOKEN_INFO {
        return None;
    }
    let info: OctetString = data.encap_content_info.econtent?.decode_as().ok()?;
    // version, policy, imprint, serial number, time, and what may follow (section 2.4.2)
    let info = parts(info.as_bytes())?;
    let imprint = info.get(2)?.decode_as().ok()?;
    // Some authorities write parts of a second after these digits.
    let written = std::str::from_utf8(info.get(4)?.value().get(..14)?).ok()?;
    let at = DateTime::strptime("%Y%m%d%H%M%S", written).ok()?;
    Some((imprint, Offset::UTC.to_timestamp(at).ok()?))
}

fn parts(sequence: &[u8]) -> Option<Vec<Any>> {
    Vec::from_der(sequence).ok()
}
