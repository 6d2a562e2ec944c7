//! One entry for verifiers: whatever a holder shows, judged with or without a network.
//!
//! ```no_run
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let (published, pinned, status_list, scanned) = ("", crypto::jwk::JwkSet::default(), "", "");
//! # let now = jiff::Timestamp::UNIX_EPOCH;
//! use credentials::trust::{Trust, TrustList};
//! use credentials::verify::{Outcome, SKEW, Session, Verifier};
//!
//! let list = TrustList::read(published, &pinned, 0, now, SKEW)?;
//! let mut verifier = Verifier::new(Trust::new(list)?);
//! verifier.keep_status_list(status_list, now)?;
//! let verdict = verifier.text(scanned, &Session::at(now));
//! if verdict.outcome == Outcome::Accept {
//!     let name = &verdict.claims["full_name"];
//! }
//! # Ok(())
//! # }
//! ```
//!
//! A verdict says what was checked, how fresh its knowledge of the status is, and every reason against, by name.
//!
//! **Invariant:** claims are in a verdict only when the issuer's signature and trust in the issuer were established; of
//! what is refused nothing is told: guarded by `what_is_refused_tells_nothing`.

mod addresses;
mod formats;
mod json;
mod status;

pub use addresses::{addresses_in_bytes, addresses_in_text};

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use serde_json::Value;

use crate::status::{Status, StatusRefusal, StatusToken};
use crate::trust::{Issuer, Trust, TrustRefusal};

/// What clocks may be apart, unless the [`Policy`] says otherwise.
pub const SKEW: SignedDuration = SignedDuration::from_secs(30);

/// What a verifier insists on.
#[derive(Debug, Clone, Copy)]
pub struct Policy {
    /// What clocks may be apart.
    pub skew: SignedDuration,
    /// How old the proof in an identity QR may be.
    pub qr_max_age: SignedDuration,
    /// How old the key binding of an SD-JWT may be.
    pub binding_max_age: SignedDuration,
    /// How old the knowledge of a status may be before it is a reason for caution.
    pub status_max_age: SignedDuration,
}

impl Default for Policy {
    /// 30 seconds, a minute, five minutes, a day.
    fn default() -> Self {
        Self {
            skew: SKEW,
            qr_max_age: crate::identity_qr::MAX_AGE,
            binding_max_age: SignedDuration::from_mins(5),
            status_max_age: SignedDuration::from_hours(24),
        }
    }
}

/// One presentation: when it is judged, and what the verifier gave the holder for it.
#[derive(Debug, Clone, Copy)]
pub struct Session<'a> {
    /// Now.
    pub at: Timestamp,
    /// The types that are welcome (`vct`s, document types); empty for all.
    pub types: &'a [&'a str],
    /// The challenge for an identity QR, if one was given.
    pub challenge: Option<&'a [u8]>,
    /// For an SD-JWT, the verifier as the holder knows it, and the nonce.
    pub binding: Option<(&'a str, &'a str)>,
    /// For a mobile document, the `SessionTranscript` in CBOR.
    pub transcript: Option<&'a [u8]>,
}

impl Session<'_> {
    /// A presentation for which nothing was given to the holder.
    pub fn at(at: Timestamp) -> Self {
        Self {
            at,
            types: &[],
            challenge: None,
            binding: None,
            transcript: None,
        }
    }
}

/// The judgement in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Good (green).
    Accept,
    /// Genuine, but a person should look at the reasons (amber): locked, status unknown or old, possession not proved.
    Caution,
    /// Not to be relied upon (red).
    Reject,
}

/// How the credential is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// The QR code on a screen.
    IdentityQr,
    /// SD-JWT VC.
    SdJwt,
    /// ISO/IEC 18013-5.
    Mdoc,
}

/// A check that was passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Check {
    /// The issuer is one that the trust list knows, for this kind of document, now.
    IssuerTrusted,
    /// The issuer's signature covers what is shown.
    Genuine,
    /// The credential is within its time.
    InForce,
    /// Who shows it has the holder's key, now and for this session.
    Possession,
    /// Its status was valid as of the time that the verdict tells.
    Status,
}

/// A reason against.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reason {
    /// Its name, for programs and translations: `credential/proof-too-old`, `issuer/expired`, `status/locked`.
    pub code: String,
    /// The same for people, in English.
    pub text: String,
}

/// How a status is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Source {
    /// It came with the credential.
    Stapled,
    /// From a status list that the verifier keeps.
    List,
}

/// What is known of a status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Knowledge {
    /// The status.
    pub status: Status,
    /// As of when.
    pub as_of: Timestamp,
    /// How old that is, in seconds.
    pub age_seconds: i64,
    /// Where it comes from.
    pub source: Source,
}

/// A judgement.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Verdict {
    /// In one word.
    pub outcome: Outcome,
    /// How the credential is written.
    pub format: Format,
    /// Its type.
    pub document: Option<String>,
    /// The signer's name.
    pub issuer: Option<String>,
    /// The authority behind the signer, as the trust list names it.
    pub authority: Option<String>,
    /// What is shown; `null` when refused.
    pub claims: Value,
    /// What was checked and is right.
    pub checked: Vec<Check>,
    /// What speaks against it.
    pub reasons: Vec<Reason>,
    /// What is known of the status.
    pub status: Option<Knowledge>,
    /// Until when the credential is good.
    pub expires_at: Option<Timestamp>,
}

impl Verdict {
    fn new(format: Format) -> Self {
        Self {
            outcome: Outcome::Accept,
            format,
            document: None,
            issuer: None,
            authority: None,
            claims: Value::Null,
            checked: Vec::new(),
            reasons: Vec::new(),
            status: None,
            expires_at: None,
        }
    }

    fn distrusted(format: Format, refusal: TrustRefusal) -> Self {
        let mut verdict = Self::new(format);
        verdict.against(Outcome::Reject, "issuer", &refusal);
        verdict
    }

    fn rejected(format: Format, refusal: &(impl Serialize + ToString)) -> Self {
        let mut verdict = Self::new(format);
        verdict.against(Outcome::Reject, "credential", refusal);
        verdict
    }

    fn against(&mut self, outcome: Outcome, what: &str, refusal: &(impl Serialize + ToString)) {
        let name = serde_json::to_value(refusal).unwrap_or_default();
        self.outcome = self.outcome.max(outcome);
        self.reasons.push(Reason {
            code: format!("{what}/{}", name.as_str().unwrap_or("refused")),
            text: refusal.to_string(),
        });
    }

    fn issued_by(&mut self, issuer: Issuer) {
        self.issuer = Some(issuer.name);
        self.authority = Some(issuer.authority);
        self.checked
            .extend([Check::IssuerTrusted, Check::Genuine, Check::InForce]);
    }
}

/// Why a status list was not kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeepError {
    /// Its signer is not trusted with status lists.
    #[error(transparent)]
    Trust(#[from] TrustRefusal),
    /// The list itself is not right.
    #[error(transparent)]
    Status(#[from] StatusRefusal),
}

/// What a verifier keeps: whom to believe, and the status lists that it has fetched.
#[derive(Debug, Clone)]
pub struct Verifier {
    trust: Trust,
    policy: Policy,
    lists: BTreeMap<String, StatusToken>,
}

impl Verifier {
    /// A verifier that believes this list, with the policy of [`Policy::default`].
    pub fn new(trust: Trust) -> Self {
        Self::with_policy(trust, Policy::default())
    }

    /// A verifier with its own policy.
    pub fn with_policy(trust: Trust, policy: Policy) -> Self {
        Self {
            trust,
            policy,
            lists: BTreeMap::new(),
        }
    }

    /// Believes another list from now on, and keeps the status lists.
    pub fn trust(&mut self, trust: Trust) {
        self.trust = trust;
    }

    /// Judges a text: that of an identity QR, or an SD-JWT.
    pub fn text(&self, text: &str, session: &Session<'_>) -> Verdict {
        let text = text.trim();
        if text.contains('~') {
            self.sd_jwt(text, session)
        } else {
            self.identity_qr(text, session)
        }
    }

    /// The addresses of the status lists that a text names, unverified: what to fetch before it is judged.
    pub fn addresses_in_text(text: &str) -> Vec<String> {
        formats::addresses_in_text(text.trim())
    }

    /// The same for a `DeviceResponse` or an `IssuerSigned`.
    pub fn addresses_in_bytes(bytes: &[u8]) -> Vec<String> {
        formats::addresses_in_bytes(bytes)
    }

    /// Judges the documents in a `DeviceResponse`, or in an `IssuerSigned` without a device's answer. Never empty: where
    /// there is no document there is a refusal.
    pub fn bytes(&self, bytes: &[u8], session: &Session<'_>) -> Vec<Verdict> {
        self.mdoc(bytes, session)
    }
}

#[cfg(test)]
mod cases;
#[cfg(test)]
mod tests;
