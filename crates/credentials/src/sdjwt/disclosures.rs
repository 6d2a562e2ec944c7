//! Disclosures and their places (RFC 9901 sections 4.2 and 7.1).

use std::collections::{HashMap, HashSet};

use crypto::{base64url, json};
use serde_json::{Map, Value};

use super::{Hash, Opened, Refusal, Segment};

/// Disclosures within disclosures and claims within claims, at most so deep.
const MAX_DEPTH: usize = 32;
/// The member that lists the digests of an object's hidden members.
pub(super) const DIGESTS: &str = "_sd";
/// The member that holds the digest of an array's hidden element.
pub(super) const DIGEST: &str = "...";

/// A salted claim in the clear.
#[derive(Debug, Clone)]
pub(super) struct Disclosure<'a> {
    pub(super) text: &'a str,
    /// The name of a member; none for an array's element.
    name: Option<String>,
    value: Value,
}

impl<'a> Disclosure<'a> {
    pub(super) fn parse(text: &'a str) -> Result<Self, Refusal> {
        let malformed = Refusal::DisclosureMalformed;
        let decoded = base64url::decode(text).ok().ok_or(malformed)?;
        let Ok(Value::Array(parts)) = json::parse(&decoded) else {
            return Err(malformed);
        };
        let mut parts = parts.into_iter();
        let (salt, second, third, more) = (parts.next(), parts.next(), parts.next(), parts.next());
        match (salt, second, third, more) {
            (Some(Value::String(_)), Some(Value::String(name)), Some(value), None) => Ok(Self {
                text,
                name: Some(name),
                value,
            }),
            (Some(Value::String(_)), Some(value), None, None) => Ok(Self {
                text,
                name: None,
                value,
            }),
            _ => Err(malformed),
        }
    }
}

/// Puts each disclosure in its place.
pub(super) fn place(
    payload: Map<String, Value>,
    disclosures: &[Disclosure<'_>],
    hash: Hash,
) -> Result<Opened, Refusal> {
    let mut by_digest = HashMap::with_capacity(disclosures.len());
    for (number, disclosure) in disclosures.iter().enumerate() {
        if by_digest.insert(hash.of(disclosure.text), number).is_some() {
            return Err(Refusal::DuplicateDisclosure);
        }
    }
    let mut placing = Placing {
        disclosures,
        by_digest,
        seen: HashSet::new(),
        places: vec![None; disclosures.len()],
        here: Vec::new(),
    };
    let claims = placing.object(payload)?;
    let places: Option<Vec<_>> = placing.places.into_iter().collect();
    let places = places.ok_or(Refusal::UnreferencedDisclosure)?;
    Ok(Opened { claims, places, hash })
}

struct Placing<'d, 'a> {
    disclosures: &'d [Disclosure<'a>],
    by_digest: HashMap<String, usize>,
    seen: HashSet<String>,
    places: Vec<Option<Vec<Segment>>>,
    here: Vec<Segment>,
}

impl<'d, 'a> Placing<'d, 'a> {
    fn value(&mut self, value: Value) -> Result<Value, Refusal> {
        if self.here.len() > MAX_DEPTH {
            return Err(Refusal::TooDeep);
        }
        match value {
            Value::Object(members) => self.object(members).map(Value::Object),
            Value::Array(items) => self.array(items).map(Value::Array),
            plain => Ok(plain),
        }
    }

    fn at(&mut self, segment: Segment, value: Value) -> Result<Value, Refusal> {
        self.here.push(segment);
        let placed = self.value(value);
        self.here.pop();
        placed
    }

    fn object(&mut self, mut members: Map<String, Value>) -> Result<Map<String, Value>, Refusal> {
        let digests = members.remove(DIGESTS);
        if members.contains_key(DIGEST) {
            return Err(Refusal::ForbiddenName);
        }
        let mut placed = Map::new();
        for (name, value) in members {
            let value = self.at(Segment::Name(name.clone()), value)?;
            placed.insert(name, value);
        }
        let Value::Array(digests) = digests.unwrap_or_else(|| Value::Array(Vec::new())) else {
            return Err(Refusal::DigestMalformed);
        };
        for digest in digests {
            let Some(number) = self.referenced(&digest)? else {
                continue;
            };
            let disclosure = self.disclosure(number)?;
            let name = disclosure.name.as_ref().ok_or(Refusal::DisclosureKind)?;
            if name == DIGESTS || name == DIGEST {
                return Err(Refusal::ForbiddenName);
            }
            if placed.contains_key(name) {
                return Err(Refusal::NameTaken);
            }
            let segment = Segment::Name(name.clone());
            self.found(number, segment.clone());
            let value = self.at(segment, disclosure.value.clone())?;
            placed.insert(name.clone(), value);
        }
        Ok(placed)
    }

    fn array(&mut self, items: Vec<Value>) -> Result<Vec<Value>, Refusal> {
        let mut placed = Vec::with_capacity(items.len());
        for item in items {
            let segment = Segment::Index(placed.len());
            let Some(digest) = hidden_element(&item)? else {
                placed.push(self.at(segment, item)?);
                continue;
            };
            let Some(number) = self.referenced(digest)? else {
                continue;
            };
            let disclosure = self.disclosure(number)?;
            if disclosure.name.is_some() {
                return Err(Refusal::DisclosureKind);
            }
            self.found(number, segment.clone());
            placed.push(self.at(segment, disclosure.value.clone())?);
        }
        Ok(placed)
    }

    /// The number of the disclosure with this digest, if it was given; the others are decoys or stay hidden.
    fn referenced(&mut self, digest: &Value) -> Result<Option<usize>, Refusal> {
        let digest = digest.as_str().ok_or(Refusal::DigestMalformed)?;
        if !self.seen.insert(digest.to_owned()) {
            return Err(Refusal::DuplicateDigest);
        }
        Ok(self.by_digest.get(digest).copied())
    }

    fn disclosure(&self, number: usize) -> Result<&'d Disclosure<'a>, Refusal> {
        self.disclosures.get(number).ok_or(Refusal::UnreferencedDisclosure)
    }

    fn found(&mut self, number: usize, segment: Segment) {
        let mut place = self.here.clone();
        place.push(segment);
        if let Some(known) = self.places.get_mut(number) {
            *known = Some(place);
        }
    }
}

/// The digest in an array's element, if it is a hidden one.
fn hidden_element(item: &Value) -> Result<Option<&Value>, Refusal> {
    let Some((members, digest)) = item
        .as_object()
        .and_then(|members| Some((members, members.get(DIGEST)?)))
    else {
        return Ok(None);
    };
    if members.len() == 1 {
        Ok(Some(digest))
    } else {
        Err(Refusal::DigestMalformed)
    }
}
