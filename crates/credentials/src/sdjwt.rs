//! SD-JWT (RFC 9901) and SD-JWT VC (draft-ietf-oauth-sd-jwt-vc-19, `dc+sd-jwt`): a signed set of claims of which the
//! holder shows what is needed and hides the rest.
//!
//! | who | what |
//! | --- | --- |
//! | issuer | [`Draft::issue`]: which claims hide behind digests is said by [`ClaimPath`]s, at any depth and in arrays |
//! | holder | [`SdJwt::present`] picks by the same paths; [`bind`] proves possession of the key in `cnf` |
//! | verifier | [`SdJwt::verify`]; every rule of RFC 9901 section 7 has its [`Refusal`] |
//!
//! **Invariant:** nothing that an issuer's signature does not cover reaches the claims: guarded by
//! `no_flipped_bit_of_a_presentation_passes` and the tests of each refusal.

mod disclosures;
mod issue;
mod path;
mod present;
mod verify;

pub use issue::{Draft, IssueError};
pub use path::{ClaimPath, Segment};
pub use present::{BindError, KeyBinding, PresentError, bind};
pub use verify::{Binding, Expect, Verified};

use crypto::digest::{sha256, sha384, sha512};
use crypto::jwk::Jwk;
use crypto::jws::{Compact, VerifyError};
use crypto::sign::Algorithm;
use crypto::{base64url, json};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::status::StatusRef;
use crate::trust::jose_chain;
use disclosures::Disclosure;

/// The media type of an SD-JWT VC, as `typ` has it.
pub const TYP: &str = "dc+sd-jwt";
/// The longest SD-JWT that is read, in bytes: a portrait in base64 may be in it.
pub const MAX_TEXT: usize = 1024 * 1024;
/// The most disclosures that are read.
pub const MAX_DISCLOSURES: usize = 512;

/// Claims that a verifier must see, so they never hide (SD-JWT VC section 3.2.2.2).
pub const NEVER_HIDDEN: [&str; 7] = ["iss", "nbf", "exp", "cnf", "vct", "vct#integrity", "status"];

/// Why an SD-JWT was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(rename_all = "kebab-case")]
pub enum Refusal {
    /// Not a JWT and disclosures, joined and ended by `~`.
    #[error("sd-jwt is malformed")]
    Malformed,
    /// Longer than [`MAX_TEXT`], a part longer than it may be, or more than [`MAX_DISCLOSURES`].
    #[error("sd-jwt is too large")]
    TooLarge,
    /// `alg` is `none` or unknown.
    #[error("algorithm is not allowed")]
    Algorithm,
    /// `crit` asks for an extension.
    #[error("unsupported extension")]
    Critical,
    /// No given key has the `kid` and the algorithm.
    #[error("no key matches the sd-jwt")]
    UnknownKey,
    /// The issuer's signature does not verify.
    #[error("issuer's signature does not verify")]
    IssuerSignature,
    /// The payload is not a JSON object with unique members.
    #[error("payload is malformed")]
    Payload,
    /// `typ` is not `dc+sd-jwt`.
    #[error("not an sd-jwt vc")]
    Type,
    /// `_sd_alg` names no hash of the SHA-2 family.
    #[error("hash algorithm is not allowed")]
    HashAlgorithm,
    /// `_sd` is no list of texts, or `...` no text that stands alone in an array's element.
    #[error("digests are malformed")]
    DigestMalformed,
    /// A disclosure is not base64url of a JSON array of two or three.
    #[error("disclosure is malformed")]
    DisclosureMalformed,
    /// A disclosure of an array's element stands for a member of an object, or the other way round.
    #[error("disclosure is of the wrong kind")]
    DisclosureKind,
    /// A claim is named `_sd` or `...`.
    #[error("claim has a forbidden name")]
    ForbiddenName,
    /// A disclosed claim is there already.
    #[error("disclosed claim exists already")]
    NameTaken,
    /// One digest stands in two places.
    #[error("digest is there twice")]
    DuplicateDigest,
    /// One disclosure came twice.
    #[error("disclosure is there twice")]
    DuplicateDisclosure,
    /// A disclosure whose digest stands nowhere.
    #[error("disclosure is not referenced")]
    UnreferencedDisclosure,
    /// Disclosures within disclosures, too deep.
    #[error("claims are nested too deeply")]
    TooDeep,
    /// One of [`NEVER_HIDDEN`] was disclosed.
    #[error("a registered claim was hidden")]
    HiddenClaim,
    /// `vct` or `exp` is missing, or a registered claim is ill-typed.
    #[error("a required claim is missing")]
    MissingClaim,
    /// `vct` is none of the wanted types.
    #[error("credential is of another type")]
    OtherType,
    /// `nbf` is yet to come.
    #[error("credential is not valid yet")]
    NotYetValid,
    /// `exp` has passed.
    #[error("credential has expired")]
    Expired,
    /// `iat` is yet to come.
    #[error("credential is from the future")]
    FromFuture,
    /// A proof of possession is wanted, and the credential has no key in `cnf`.
    #[error("credential has no holder key")]
    NoHolderKey,
    /// A proof of possession is wanted, and there is none.
    #[error("key binding is missing")]
    BindingMissing,
    /// The key binding is no JWT with `iat`, `aud`, `nonce` and `sd_hash`.
    #[error("key binding is malformed")]
    BindingMalformed,
    /// Its `typ` is not `kb+jwt`.
    #[error("key binding is of another type")]
    BindingType,
    /// It was not signed by the holder's key.
    #[error("key binding does not verify")]
    BindingSignature,
    /// It was made for another verifier.
    #[error("key binding is for another audience")]
    BindingAudience,
    /// It was made for another transaction.
    #[error("key binding is for another nonce")]
    BindingNonce,
    /// It is older than allowed.
    #[error("key binding is too old")]
    BindingTooOld,
    /// It says that it was made in the future.
    #[error("key binding is from the future")]
    BindingFromFuture,
    /// It was made over other disclosures.
    #[error("key binding is for another presentation")]
    BindingDigest,
}

impl From<VerifyError> for Refusal {
    fn from(error: VerifyError) -> Self {
        match error {
            VerifyError::Malformed => Self::Malformed,
            VerifyError::TooLarge => Self::TooLarge,
            VerifyError::Algorithm => Self::Algorithm,
            VerifyError::Critical => Self::Critical,
            VerifyError::UnknownKey => Self::UnknownKey,
            VerifyError::Signature => Self::IssuerSignature,
            VerifyError::Payload => Self::Payload,
        }
    }
}

/// An SD-JWT taken apart; nothing in it can be trusted yet.
#[derive(Debug, Clone)]
pub struct SdJwt<'a> {
    /// Everything up to and including the last `~`: what a key binding is made over.
    unbound: &'a str,
    jwt: Compact<'a>,
    jwt_text: &'a str,
    disclosures: Vec<Disclosure<'a>>,
    binding: Option<&'a str>,
}

impl<'a> SdJwt<'a> {
    /// Takes an SD-JWT or SD-JWT+KB (RFC 9901 section 4) apart.
    ///
    /// # Errors
    /// [`Refusal`].
    pub fn parse(text: &'a str) -> Result<Self, Refusal> {
        if text.len() > MAX_TEXT {
            return Err(Refusal::TooLarge);
        }
        let (body, binding) = text.rsplit_once('~').ok_or(Refusal::Malformed)?;
        let unbound = text.get(..=body.len()).ok_or(Refusal::Malformed)?;
        let mut parts = body.split('~');
        let jwt_text = parts.next().ok_or(Refusal::Malformed)?;
        let disclosures: Vec<_> = parts
            .take(MAX_DISCLOSURES + 1)
            .map(Disclosure::parse)
            .collect::<Result<_, _>>()?;
        if disclosures.len() > MAX_DISCLOSURES {
            return Err(Refusal::TooLarge);
        }
        Ok(Self {
            unbound,
            jwt: Compact::parse(jwt_text)?,
            jwt_text,
            disclosures,
            binding: (!binding.is_empty()).then_some(binding),
        })
    }

    /// Whether a key binding follows.
    pub fn is_bound(&self) -> bool {
        self.binding.is_some()
    }

    /// The issuer's certificate chain in the header `x5c`, in DER, its own first: to find the key by. Empty when there is
    /// none or it is malformed.
    pub fn chain(&self) -> Vec<Vec<u8>> {
        jose_chain(self.jwt.header())
    }

    /// The type that it says it has (`vct`), unverified: to find the trusted authorities by.
    ///
    /// # Errors
    /// [`Refusal::Payload`], [`Refusal::MissingClaim`].
    pub fn unverified_type(&self) -> Result<String, Refusal> {
        let claims = self.jwt.unverified_claims()?;
        let vct = claims.get("vct").and_then(Value::as_str);
        vct.map(str::to_owned).ok_or(Refusal::MissingClaim)
    }

    /// Where it says that its status stands, unverified: to fetch the list before it is judged.
    pub fn unverified_status(&self) -> Option<StatusRef> {
        StatusRef::from_json(self.jwt.unverified_claims().ok()?.get("status")?)
    }

    /// The holder's key that it says (`cnf`), unverified.
    pub fn unverified_holder(&self) -> Option<Jwk> {
        Jwk::from_value(self.jwt.unverified_claims().ok()?.get("cnf")?.get("jwk")?).ok()
    }

    /// What the key binding says, once it was verified; `None` without one.
    pub fn binding_claims(&self) -> Option<Map<String, Value>> {
        Compact::parse(self.binding?).ok()?.unverified_claims().ok()
    }

    /// The key id in the header, to find the key by.
    pub fn key_id(&self) -> Option<&str> {
        self.jwt.header().key_id()
    }

    /// The processing that issuer, holder and verifier share (RFC 9901 section 7.1): the issuer's signature, and each
    /// disclosure in its place. Times, type and key binding are not judged: that is [`SdJwt::verify`].
    ///
    /// # Errors
    /// [`Refusal`].
    pub fn open(&self, issuer: &impl AsRef<[Jwk]>) -> Result<Opened, Refusal> {
        let verified = self.jwt.clone().verify(issuer, Algorithm::ALL)?;
        let payload = json::parse_object(verified.payload()).ok().ok_or(Refusal::Payload)?;
        self.place(payload)
    }

    /// As [`SdJwt::open`], without the issuer's key: for the holder who has verified it once.
    ///
    /// # Errors
    /// [`Refusal`].
    pub fn open_unverified(&self) -> Result<Opened, Refusal> {
        self.place(self.jwt.unverified_claims()?)
    }

    fn place(&self, mut payload: Map<String, Value>) -> Result<Opened, Refusal> {
        let hash = match payload.remove("_sd_alg") {
            None => Hash::Sha256,
            Some(name) => name.as_str().and_then(Hash::from_name).ok_or(Refusal::HashAlgorithm)?,
        };
        disclosures::place(payload, &self.disclosures, hash)
    }
}

/// An SD-JWT with its disclosures in their places.
#[derive(Debug, Clone, PartialEq)]
pub struct Opened {
    /// The claims that are left: what RFC 9901 calls the processed payload.
    pub claims: Map<String, Value>,
    /// Where each disclosure belongs, in their order.
    places: Vec<Vec<Segment>>,
    hash: Hash,
}

/// A hash that digests are made with (`_sd_alg`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Hash {
    Sha256,
    Sha384,
    Sha512,
}

impl Hash {
    fn from_name(name: &str) -> Option<Self> {
        match name {
            "sha-256" => Some(Self::Sha256),
            "sha-384" => Some(Self::Sha384),
            "sha-512" => Some(Self::Sha512),
            _ => None,
        }
    }

    /// The digest of a text, in base64url.
    fn of(self, text: &str) -> String {
        match self {
            Self::Sha256 => base64url::encode(sha256(text.as_bytes())),
            Self::Sha384 => base64url::encode(sha384(text.as_bytes())),
            Self::Sha512 => base64url::encode(sha512(text.as_bytes())),
        }
    }
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod vectors;
