//! What the issuer does (RFC 9901 section 4.2, SD-JWT VC section 3).

use crypto::base64url;
use crypto::digest::sha256;
use crypto::jwk::Jwk;
use crypto::jws;
use crypto::sign::{SignError, Signer};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value};

use super::disclosures::{DIGEST, DIGESTS};
use super::{ClaimPath, NEVER_HIDDEN, Segment, TYP};
use crate::status::StatusRef;

/// Why nothing was issued.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IssueError {
    /// A claim has a name that only the format itself may use: `_sd`, `...`, `_sd_alg`, or one of [`NEVER_HIDDEN`].
    #[error("claim has a reserved name: {0}")]
    Reserved(String),
    /// A path leads to no claim.
    #[error("no such claim to hide")]
    NoSuchClaim,
    /// The key failed.
    #[error(transparent)]
    Sign(#[from] SignError),
}

/// A credential to be issued.
#[derive(Debug, Clone)]
pub struct Draft<'a> {
    /// Its type.
    pub vct: &'a str,
    /// Its issuer (`iss`): an HTTPS address.
    pub issuer: &'a str,
    /// When it is issued (`iat`). Round it to the day where many are issued, so that it does not link presentations.
    pub issued_at: Timestamp,
    /// From when it is valid (`nbf`).
    pub valid_from: Option<Timestamp>,
    /// Until when it is valid (`exp`).
    pub expires_at: Timestamp,
    /// The holder's key (`cnf`).
    pub holder: Option<&'a Jwk>,
    /// Where its status stands (`status`).
    pub status: Option<&'a StatusRef>,
    /// What it says of the holder.
    pub claims: &'a Map<String, Value>,
    /// Which of the claims hide; a path within a path makes the inner one hide on its own.
    pub hidden: &'a [ClaimPath],
    /// Wherever something hides, decoys fill the digests up to a multiple of this, so that their number says little; 0 or
    /// 1 for none.
    pub fill: usize,
}

impl Draft<'_> {
    /// Issues the credential: the SD-JWT with all its disclosures. `chain` is the signer's certificate chain in DER, its own
    /// first, without the root; it becomes `x5c`. `random` gives 16 fresh random bytes at each call: the salts.
    ///
    /// # Errors
    /// [`IssueError`].
    pub fn issue(
        &self,
        signer: &dyn Signer,
        chain: &[Vec<u8>],
        random: &mut dyn FnMut() -> [u8; 16],
    ) -> Result<String, IssueError> {
        if !self.hidden.iter().all(|path| path.leads_into(self.claims)) {
            return Err(IssueError::NoSuchClaim);
        }
        if let Some(name) = self.claims.keys().find(|name| is_registered(name)) {
            return Err(IssueError::Reserved(name.clone()));
        }
        let mut hiding = Hiding {
            fill: self.fill.max(1),
            random,
            disclosures: String::with_capacity(2048),
            spare: Vec::new(),
        };
        let paths: Vec<&[Segment]> = self.hidden.iter().map(|path| path.0.as_slice()).collect();
        let mut payload = self.opening();
        hiding.members(self.claims, &paths, &mut payload)?;
        payload.push(b'}');
        let header = Header {
            typ: TYP,
            x5c: chain.iter().map(|certificate| crate::base64(certificate)).collect(),
        };
        let mut text = jws::sign_as(signer, &header, &payload)?;
        text.reserve(hiding.disclosures.len() + 1);
        text.push('~');
        text.push_str(&hiding.disclosures);
        Ok(text)
    }

    /// The payload up to the claims that an issuer chooses: an object that is still open.
    fn opening(&self) -> Vec<u8> {
        let registered = Registered {
            vct: self.vct,
            iss: self.issuer,
            iat: self.issued_at.as_second(),
            exp: self.expires_at.as_second(),
            nbf: self.valid_from.map(Timestamp::as_second),
            cnf: self.holder.map(|jwk| Confirmation { jwk }),
            status: self.status.map(|status_list| StatusClaim { status_list }),
            digests_by: (!self.hidden.is_empty()).then_some("sha-256"),
        };
        let mut payload = Vec::with_capacity(2048);
        write(&mut payload, &registered);
        payload.pop();
        payload
    }
}

#[derive(Serialize)]
struct Header {
    typ: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    x5c: Vec<String>,
}

/// What an SD-JWT VC says of itself.
#[derive(Serialize)]
struct Registered<'a> {
    vct: &'a str,
    iss: &'a str,
    iat: i64,
    exp: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    nbf: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cnf: Option<Confirmation<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<StatusClaim<'a>>,
    #[serde(rename = "_sd_alg", skip_serializing_if = "Option::is_none")]
    digests_by: Option<&'static str>,
}

#[derive(Serialize)]
struct Confirmation<'a> {
    jwk: &'a Jwk,
}

#[derive(Serialize)]
struct StatusClaim<'a> {
    status_list: &'a StatusRef,
}

fn is_registered(name: &str) -> bool {
    NEVER_HIDDEN.contains(&name) || name == "iat" || name == "_sd_alg"
}

/// Writes JSON as it goes, what hides into the disclosures and what shows into the payload: issuing is held to the speed of
/// the signature, and a tree of values for each part costs as much as signing.
struct Hiding<'r> {
    fill: usize,
    random: &'r mut dyn FnMut() -> [u8; 16],
    /// Each with its `~`.
    disclosures: String,
    /// Room that earlier disclosures were written in.
    spare: Vec<Vec<u8>>,
}

/// A digest in base64url.
type Digest = [u8; 43];

impl Hiding<'_> {
    /// Writes a value; of `paths`, those within it hide.
    fn value(&mut self, value: &Value, paths: &[&[Segment]], out: &mut Vec<u8>) -> Result<(), IssueError> {
        match value {
            Value::Object(members) => {
                out.push(b'{');
                self.members(members, paths, out)?;
                out.push(b'}');
            }
            Value::Array(items) => {
                out.push(b'[');
                self.items(items, paths, out)?;
                out.push(b']');
            }
            plain => write(out, plain),
        }
        Ok(())
    }

    fn members(
        &mut self,
        members: &Map<String, Value>,
        paths: &[&[Segment]],
        out: &mut Vec<u8>,
    ) -> Result<(), IssueError> {
        let mut digests = Vec::new();
        for (name, value) in members {
            if name == DIGESTS || name == DIGEST {
                return Err(IssueError::Reserved(name.clone()));
            }
            let fits = |segment: &Segment| matches!(segment, Segment::Name(wanted) if wanted == name);
            let (hides, inner) = enter(paths, fits);
            if hides {
                digests.push(self.disclose(Some(name), value, &inner)?);
            } else {
                separate(out);
                write(out, name);
                out.push(b':');
                self.value(value, &inner, out)?;
            }
        }
        if !digests.is_empty() {
            self.fill_up(&mut digests);
            digests.sort_unstable();
            separate(out);
            write(out, DIGESTS);
            out.extend_from_slice(b":[");
            for digest in &digests {
                separate(out);
                quote(out, digest);
            }
            out.push(b']');
        }
        Ok(())
    }

    fn items(&mut self, items: &[Value], paths: &[&[Segment]], out: &mut Vec<u8>) -> Result<(), IssueError> {
        let mut digests = Vec::new();
        for (index, value) in items.iter().enumerate() {
            let fits = |segment: &Segment| match segment {
                Segment::Index(wanted) => *wanted == index,
                Segment::All(()) => true,
                Segment::Name(_) => false,
            };
            let (hides, inner) = enter(paths, fits);
            if hides {
                let digest = self.disclose(None, value, &inner)?;
                stand_in(out, &digest);
                digests.push(digest);
            } else {
                separate(out);
                self.value(value, &inner, out)?;
            }
        }
        let real = digests.len();
        if real > 0 {
            self.fill_up(&mut digests);
        }
        digests.iter().skip(real).for_each(|decoy| stand_in(out, decoy));
        Ok(())
    }

    /// Writes a disclosure, and answers its digest. What hides within comes before it.
    fn disclose(&mut self, name: Option<&str>, value: &Value, inner: &[&[Segment]]) -> Result<Digest, IssueError> {
        let mut disclosure = self.spare.pop().unwrap_or_default();
        disclosure.push(b'[');
        quote(&mut disclosure, &self.salt());
        if let Some(name) = name {
            disclosure.push(b',');
            write(&mut disclosure, name);
        }
        disclosure.push(b',');
        self.value(value, inner, &mut disclosure)?;
        disclosure.push(b']');
        let start = self.disclosures.len();
        base64url::encode_onto(&disclosure, &mut self.disclosures);
        let digest = sha256(self.disclosures.get(start..).unwrap_or_default().as_bytes());
        self.disclosures.push('~');
        disclosure.clear();
        self.spare.push(disclosure);
        Ok(base64url::encode_fixed(digest))
    }

    fn salt(&mut self) -> [u8; 22] {
        base64url::encode_fixed((self.random)())
    }

    /// A decoy is the digest of random bytes (RFC 9901 section 4.2.7).
    fn fill_up(&mut self, digests: &mut Vec<Digest>) {
        let wanted = digests.len().next_multiple_of(self.fill);
        while digests.len() < wanted {
            digests.push(base64url::encode_fixed(sha256(&self.salt())));
        }
    }
}

/// Whether a step arrives at the end of one of the paths, and what is left of those that go on.
fn enter<'p>(paths: &[&'p [Segment]], fits: impl Fn(&Segment) -> bool) -> (bool, Vec<&'p [Segment]>) {
    let mut arrived = false;
    let mut inner = Vec::new();
    for (first, rest) in paths.iter().filter_map(|path| path.split_first()) {
        if fits(first) {
            match rest {
                [] => arrived = true,
                _ => inner.push(rest),
            }
        }
    }
    (arrived, inner)
}

/// A comma, unless an object or array has only just begun.
fn separate(out: &mut Vec<u8>) {
    if !matches!(out.last(), Some(b'{' | b'[')) {
        out.push(b',');
    }
}

/// The element that stands for a hidden one.
fn stand_in(out: &mut Vec<u8>, digest: &Digest) {
    separate(out);
    out.extend_from_slice(b"{\"...\":");
    quote(out, digest);
    out.push(b'}');
}

/// Writes letters of base64url as JSON: nothing in them needs escaping.
fn quote(out: &mut Vec<u8>, letters: &[u8]) {
    out.push(b'"');
    out.extend_from_slice(letters);
    out.push(b'"');
}

/// Writes JSON. The one error there is comes from the writer, and memory takes everything.
fn write<T: Serialize + ?Sized>(out: &mut Vec<u8>, value: &T) {
    serde_json::to_writer(out, value).ok();
}
