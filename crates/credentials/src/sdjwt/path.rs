//! Which claims are meant (claims path pointer, `OpenID4VP` 1.0 section 7).

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// One step of a path.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Segment {
    /// The member of an object.
    Name(String),
    /// The element of an array, from 0.
    Index(usize),
    /// All elements of an array (`null`).
    All(()),
}

/// A path to claims, in JSON an array of names, indexes and nulls: `["address", "province"]`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ClaimPath(pub Vec<Segment>);

impl ClaimPath {
    /// A path of names alone.
    pub fn of<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        Self(names.into_iter().map(|name| Segment::Name(name.to_owned())).collect())
    }

    /// The path that means all elements of the array at this path.
    #[must_use]
    pub fn all(mut self) -> Self {
        self.0.push(Segment::All(()));
        self
    }

    /// The path that means one element of the array at this path.
    #[must_use]
    pub fn element(mut self, index: usize) -> Self {
        self.0.push(Segment::Index(index));
        self
    }

    /// The values that are meant, in their order; none if there are no such claims.
    pub fn select<'a>(&self, claims: &'a Value) -> Vec<&'a Value> {
        follow(&self.0, claims)
    }

    /// Whether it leads to any of the claims.
    pub(super) fn leads_into(&self, claims: &Map<String, Value>) -> bool {
        match self.0.split_first() {
            Some((Segment::Name(name), rest)) => claims.get(name).is_some_and(|value| arrives(rest, value)),
            _ => false,
        }
    }

    /// Whether a place is the one that is meant, leads to it, or lies in it.
    pub(super) fn meets(&self, place: &[Segment]) -> bool {
        self.0
            .iter()
            .zip(place)
            .all(|(wanted, found)| wanted == found || matches!((wanted, found), (Segment::All(()), Segment::Index(_))))
    }
}

fn arrives(path: &[Segment], value: &Value) -> bool {
    let Some((first, rest)) = path.split_first() else {
        return true;
    };
    match first {
        Segment::Name(name) => value.get(name).is_some_and(|inner| arrives(rest, inner)),
        Segment::Index(index) => value.get(index).is_some_and(|inner| arrives(rest, inner)),
        Segment::All(()) => value
            .as_array()
            .is_some_and(|items| items.iter().any(|inner| arrives(rest, inner))),
    }
}

fn follow<'a>(path: &[Segment], from: &'a Value) -> Vec<&'a Value> {
    path.iter().fold(vec![from], |found, segment| {
        found.into_iter().flat_map(|value| step(value, segment)).collect()
    })
}

fn step<'a>(value: &'a Value, segment: &Segment) -> Vec<&'a Value> {
    match segment {
        Segment::Name(name) => value
            .as_object()
            .and_then(|members| members.get(name))
            .into_iter()
            .collect(),
        Segment::Index(index) => value
            .as_array()
            .and_then(|items| items.get(*index))
            .into_iter()
            .collect(),
        Segment::All(()) => value.as_array().into_iter().flatten().collect(),
    }
}
