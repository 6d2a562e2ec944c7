//! What the issuer does (RFC 9901 section 4.2, SD-JWT VC section 3).

use crypto::base64url;
use crypto::jwk::Jwk;
use crypto::jws;
use crypto::sign::{SignError, Signer};
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::disclosures::{DIGEST, DIGESTS};
use super::{ClaimPath, Hash, NEVER_HIDDEN, Segment, TYP};
use crate::status::StatusRef;
use crate::status::x5c;

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
    pub claims: Map<String, Value>,
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
        if !self.hidden.iter().all(|path| path.leads_into(&self.claims)) {
            return Err(IssueError::NoSuchClaim);
        }
        if let Some(name) = self.claims.keys().find(|name| is_registered(name)) {
            return Err(IssueError::Reserved(name.clone()));
        }
        let mut hiding = Hiding {
            draft: self,
            random,
            disclosures: Vec::new(),
            here: Vec::new(),
        };
        let mut payload = hiding.object(self.claims.clone())?;
        let disclosures = hiding.disclosures;
        self.register(&mut payload, !disclosures.is_empty());
        let mut header = Map::new();
        header.insert("typ".to_owned(), TYP.into());
        if !chain.is_empty() {
            header.insert("x5c".to_owned(), x5c(chain));
        }
        let mut text = jws::sign_with(signer, header, Value::Object(payload).to_string().as_bytes())?;
        text.push('~');
        for disclosure in disclosures {
            text.push_str(&disclosure);
            text.push('~');
        }
        Ok(text)
    }

    fn register(&self, payload: &mut Map<String, Value>, hides: bool) {
        let mut put = |name: &str, value: Value| payload.insert(name.to_owned(), value);
        put("vct", self.vct.into());
        put("iss", self.issuer.into());
        put("iat", self.issued_at.as_second().into());
        put("exp", self.expires_at.as_second().into());
        if let Some(from) = self.valid_from {
            put("nbf", from.as_second().into());
        }
        if let Some(holder) = self.holder {
            put("cnf", json!({ "jwk": holder }));
        }
        if let Some(status) = self.status {
            put("status", status.to_json());
        }
        if hides {
            put("_sd_alg", "sha-256".into());
        }
    }
}

fn is_registered(name: &str) -> bool {
    NEVER_HIDDEN.contains(&name) || name == "iat" || name == "_sd_alg"
}

struct Hiding<'d, 'r> {
    draft: &'d Draft<'d>,
    random: &'r mut dyn FnMut() -> [u8; 16],
    disclosures: Vec<String>,
    here: Vec<Segment>,
}

impl Hiding<'_, '_> {
    fn value(&mut self, value: Value) -> Result<Value, IssueError> {
        match value {
            Value::Object(members) => self.object(members).map(Value::Object),
            Value::Array(items) => self.array(items).map(Value::Array),
            plain => Ok(plain),
        }
    }

    /// The value with what hides inside it hidden, and whether it hides itself.
    fn at(&mut self, segment: Segment, value: Value) -> Result<(Value, bool), IssueError> {
        self.here.push(segment);
        let value = self.value(value);
        let hides = self.draft.hidden.iter().any(|path| path.is(&self.here));
        self.here.pop();
        Ok((value?, hides))
    }

    fn object(&mut self, members: Map<String, Value>) -> Result<Map<String, Value>, IssueError> {
        let mut shown = Map::new();
        let mut digests = Vec::new();
        for (name, value) in members {
            if name == DIGESTS || name == DIGEST {
                return Err(IssueError::Reserved(name));
            }
            match self.at(Segment::Name(name.clone()), value)? {
                (value, true) => digests.push(self.disclose(|salt| json!([salt, name, value]))),
                (value, false) => {
                    shown.insert(name, value);
                }
            }
        }
        if !digests.is_empty() {
            self.fill_up(&mut digests);
            digests.sort_unstable();
            shown.insert(DIGESTS.to_owned(), digests.into());
        }
        Ok(shown)
    }

    fn array(&mut self, items: Vec<Value>) -> Result<Vec<Value>, IssueError> {
        let mut shown = Vec::with_capacity(items.len());
        let mut digests = Vec::new();
        for (index, value) in items.into_iter().enumerate() {
            match self.at(Segment::Index(index), value)? {
                (value, true) => {
                    let digest = self.disclose(|salt| json!([salt, value]));
                    digests.push(digest.clone());
                    shown.push(json!({ DIGEST: digest }));
                }
                (value, false) => shown.push(value),
            }
        }
        let real = digests.len();
        if real > 0 {
            self.fill_up(&mut digests);
        }
        shown.extend(digests.into_iter().skip(real).map(|decoy| json!({ DIGEST: decoy })));
        Ok(shown)
    }

    fn disclose(&mut self, disclosure: impl FnOnce(String) -> Value) -> String {
        let salt = base64url::encode((self.random)());
        let text = base64url::encode(disclosure(salt).to_string());
        let digest = Hash::Sha256.of(&text);
        self.disclosures.push(text);
        digest
    }

    /// A decoy is the digest of random bytes (RFC 9901 section 4.2.7).
    fn fill_up(&mut self, digests: &mut Vec<String>) {
        let wanted = digests.len().next_multiple_of(self.draft.fill.max(1));
        while digests.len() < wanted {
            let random = base64url::encode((self.random)());
            digests.push(Hash::Sha256.of(&random));
        }
    }
}
