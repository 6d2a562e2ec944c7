//! A signed list.

use crypto::jwk::{Jwk, PublicKey};
use crypto::jws::{self, Compact, VerifyError};
use crypto::sign::{Algorithm, SignError, Signer};
use crypto::{base64url, json};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value as Json, json};

use super::{Status, StatusList, StatusRef};
use crate::cbor::{self, Value};
use crate::cose::{self, CoseRefusal, Headers, Signed};
use crate::times;
use crate::zlib::ZlibError;

/// The longest token that is read, in bytes.
pub const MAX_TOKEN: usize = 4 * 1024 * 1024;

const JWT_TYP: &str = "statuslist+jwt";
const CWT_TYP: &str = "application/statuslist+cwt";
/// Claims of a CWT: subject, expiration time, issued at, status list, time to live (draft section 5.2).
const SUB: i64 = 2;
const EXP: i64 = 4;
const IAT: i64 = 6;
const STATUS_LIST: i64 = 65_533;
const TTL: i64 = 65_534;

/// Why a status list token was refused, or says nothing of a credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum StatusRefusal {
    /// The JWT is malformed, or its signature does not verify.
    #[error("status list: {0}")]
    Jwt(VerifyError),
    /// The CWT is malformed, or its signature does not verify.
    #[error("status list: {0}")]
    Cwt(CoseRefusal),
    /// `typ` is not `statuslist+jwt` or `application/statuslist+cwt`.
    #[error("not a status list token")]
    Type,
    /// A claim is missing or ill-typed.
    #[error("status list token lacks a claim")]
    Claims,
    /// The list does not inflate, or to too much.
    #[error("status list: {0}")]
    Compression(#[from] ZlibError),
    /// Not 1, 2, 4 or 8 bits.
    #[error("status list has an unknown number of bits")]
    Bits,
    /// Its end has come.
    #[error("status list has expired")]
    Expired,
    /// It says that it was issued in the future.
    #[error("status list is from the future")]
    FromFuture,
    /// It is another list than the credential names.
    #[error("another status list")]
    OtherList,
    /// The credential's index is beyond the list.
    #[error("index is beyond the status list")]
    OutOfRange,
}

/// A status list with what its issuer signs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusToken {
    /// The address of the token (`sub`).
    pub uri: String,
    /// When it was issued (`iat`).
    pub issued_at: Timestamp,
    /// When it ends (`exp`).
    pub expires_at: Option<Timestamp>,
    /// How long it may be kept before a fresh one is asked for (`ttl`).
    pub time_to_live: Option<SignedDuration>,
    /// The statuses.
    pub list: StatusList,
}

impl StatusToken {
    /// Signs the list as a JWT. `chain` is the signer's certificate chain in DER, its own first; it becomes `x5c`.
    ///
    /// # Errors
    /// [`SignError`].
    pub fn sign_jwt(&self, signer: &dyn Signer, chain: &[Vec<u8>]) -> Result<String, SignError> {
        let mut header = Map::new();
        header.insert("typ".to_owned(), JWT_TYP.into());
        if !chain.is_empty() {
            header.insert("x5c".to_owned(), x5c(chain));
        }
        let list = base64url::encode(self.list.deflate());
        let fixed = [
            ("sub", self.uri.as_str().into()),
            ("iat", self.issued_at.as_second().into()),
            ("status_list", json!({ "bits": self.list.bits(), "lst": list })),
        ];
        let end = self.expires_at.map(|end| ("exp", end.as_second().into()));
        let life = self.time_to_live.map(|life| ("ttl", life.as_secs().into()));
        let named = fixed.into_iter().chain(end).chain(life);
        let claims = Json::Object(named.map(|(name, value)| (name.to_owned(), value)).collect());
        jws::sign_with(signer, header, claims.to_string().as_bytes())
    }

    /// Signs the list as a CWT.
    ///
    /// # Errors
    /// [`SignError`].
    pub fn sign_cwt(&self, signer: &dyn Signer, chain: &[Vec<u8>]) -> Result<Vec<u8>, SignError> {
        let list = cbor::map([
            ("bits", self.list.bits().into()),
            ("lst", Value::Bytes(self.list.deflate())),
        ]);
        let end = self.expires_at.map(|end| (EXP, end.as_second().into()));
        let life = self.time_to_live.map(|life| (TTL, life.as_secs().into()));
        let fixed = [
            (SUB, self.uri.as_str().into()),
            (IAT, self.issued_at.as_second().into()),
        ];
        let claims = fixed.into_iter().chain(end).chain(life).chain([(STATUS_LIST, list)]);
        let headers = Headers {
            typ: Some(CWT_TYP),
            key_id: Some(signer.key_id().as_bytes()),
            chain,
        };
        let payload = cbor::encode(&cbor::labels(claims));
        Ok(cose::sign(signer, headers, payload)?.to_tagged())
    }

    /// Reads a JWT and verifies its signature. Its time is still to be checked: [`StatusToken::check_time`].
    ///
    /// # Errors
    /// [`StatusRefusal`].
    pub fn read_jwt(token: &str, keys: &impl AsRef<[Jwk]>) -> Result<Self, StatusRefusal> {
        let verified = Compact::parse_within(token, MAX_TOKEN)
            .and_then(|compact| compact.verify(keys, Algorithm::ALL))
            .map_err(StatusRefusal::Jwt)?;
        if !verified.header().is_typ(JWT_TYP) {
            return Err(StatusRefusal::Type);
        }
        let claims = json::parse_object(verified.payload())
            .ok()
            .ok_or(StatusRefusal::Claims)?;
        Self::from_claims(&claims)?.ok_or(StatusRefusal::Bits)
    }

    /// Reads a CWT and verifies its signature. Its time is still to be checked: [`StatusToken::check_time`].
    ///
    /// # Errors
    /// [`StatusRefusal`].
    pub fn read_cwt(token: &[u8], key: &PublicKey) -> Result<Self, StatusRefusal> {
        let signed = Signed::parse(token, MAX_TOKEN).map_err(StatusRefusal::Cwt)?;
        signed.verify(key).map_err(StatusRefusal::Cwt)?;
        if signed.typ() != Some(CWT_TYP) {
            return Err(StatusRefusal::Type);
        }
        let payload = signed.payload().map_err(StatusRefusal::Cwt)?;
        let claims = cbor::decode(payload, MAX_TOKEN).map_err(|error| StatusRefusal::Cwt(CoseRefusal::Cbor(error)))?;
        Self::from_labels(&claims)?.ok_or(StatusRefusal::Bits)
    }

    /// Whether the token may be relied upon at an instant: it has not ended and is not from the future. `skew` is what
    /// the clocks may be apart.
    ///
    /// # Errors
    /// [`StatusRefusal::Expired`], [`StatusRefusal::FromFuture`].
    pub fn check_time(&self, at: Timestamp, skew: SignedDuration) -> Result<(), StatusRefusal> {
        if self.expires_at.is_some_and(|end| times::after(end, skew) <= at) {
            return Err(StatusRefusal::Expired);
        }
        if self.issued_at > times::after(at, skew) {
            return Err(StatusRefusal::FromFuture);
        }
        Ok(())
    }

    /// Whether a fresh copy should be asked for: `ttl` has passed since it was issued.
    pub fn is_stale(&self, at: Timestamp) -> bool {
        self.time_to_live
            .is_some_and(|life| times::after(self.issued_at, life) < at)
    }

    /// What the list says of a credential.
    ///
    /// # Errors
    /// [`StatusRefusal::OtherList`], [`StatusRefusal::OutOfRange`].
    pub fn status_of(&self, credential: &StatusRef) -> Result<Status, StatusRefusal> {
        if credential.uri != self.uri {
            return Err(StatusRefusal::OtherList);
        }
        self.list.get(credential.index).ok_or(StatusRefusal::OutOfRange)
    }

    fn from_claims(claims: &Map<String, Json>) -> Result<Option<Self>, StatusRefusal> {
        let required = |name: &str| claims.get(name).ok_or(StatusRefusal::Claims);
        let optional = |name: &str| {
            let second = |value: &Json| times::seconds(value).ok_or(StatusRefusal::Claims);
            claims.get(name).map(second).transpose()
        };
        let list = required("status_list")?;
        let bits = list.get("bits").and_then(Json::as_u64).ok_or(StatusRefusal::Claims)?;
        let compressed = list.get("lst").and_then(Json::as_str).ok_or(StatusRefusal::Claims)?;
        let compressed = base64url::decode(compressed).ok().ok_or(StatusRefusal::Claims)?;
        let uri = required("sub")?.as_str().ok_or(StatusRefusal::Claims)?;
        let times = [optional("iat")?, optional("exp")?, optional("ttl")?];
        Self::from_parts(uri, times, u8::try_from(bits).unwrap_or(0), &compressed)
    }

    fn from_labels(claims: &Value) -> Result<Option<Self>, StatusRefusal> {
        let optional = |label| {
            let second = |value| cbor::integer(value).ok_or(StatusRefusal::Claims);
            cbor::labelled(claims, label).map(second).transpose()
        };
        let read = || {
            let list = cbor::labelled(claims, STATUS_LIST)?;
            let bits = cbor::integer(cbor::named(list, "bits")?)?;
            let compressed = cbor::named(list, "lst")?.as_bytes()?;
            Some((cbor::labelled(claims, SUB)?.as_text()?, bits, compressed))
        };
        let (uri, bits, compressed) = read().ok_or(StatusRefusal::Claims)?;
        let times = [optional(IAT)?, optional(EXP)?, optional(TTL)?];
        Self::from_parts(uri, times, u8::try_from(bits).unwrap_or(0), compressed)
    }

    fn from_parts(
        uri: &str,
        [issued, end, life]: [Option<i64>; 3],
        bits: u8,
        compressed: &[u8],
    ) -> Result<Option<Self>, StatusRefusal> {
        let instant = |second| Timestamp::from_second(second).ok().ok_or(StatusRefusal::Claims);
        if life.is_some_and(|life| life <= 0) {
            return Err(StatusRefusal::Claims);
        }
        let issued_at = instant(issued.ok_or(StatusRefusal::Claims)?)?;
        let expires_at = end.map(instant).transpose()?;
        let list = StatusList::inflate(bits, compressed)?;
        Ok(list.map(|list| Self {
            uri: uri.to_owned(),
            issued_at,
            expires_at,
            time_to_live: life.map(SignedDuration::from_secs),
            list,
        }))
    }
}

/// The JOSE header `x5c` (RFC 7515 section 4.1.6): standard base64 of DER.
pub(crate) fn x5c(chain: &[Vec<u8>]) -> Json {
    chain.iter().map(|certificate| crate::base64(certificate)).collect()
}
