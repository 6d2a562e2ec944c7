//! What a verifier was registered for: it may ask for that and for nothing else.

use serde::{Deserialize, Serialize};

use super::dcql::{CredentialQuery, Query};
use crate::sdjwt::{ClaimPath, Segment};

/// What a verifier may ask for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Registered(pub Vec<RegisteredType>);

/// A type of credential, and what of it may be asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegisteredType {
    /// The `vct` or document type.
    pub document: String,
    /// The claims; whatever lies in one of them too.
    pub claims: Vec<ClaimPath>,
}

/// What of a query goes beyond that.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Beyond {
    /// A type that the verifier may not ask for.
    #[error("the verifier is not registered for {0}")]
    Document(String),
    /// A claim that it may not ask for, by the names on its path.
    #[error("the verifier is not registered for the claim {0}")]
    Claim(String),
}

impl Registered {
    /// Whether a query stays within what the verifier was registered for.
    ///
    /// # Errors
    /// [`Beyond`] with the first that does not.
    pub fn allows(&self, query: &Query) -> Result<(), Beyond> {
        query.credentials.iter().try_for_each(|wanted| self.allows_one(wanted))
    }

    fn allows_one(&self, wanted: &CredentialQuery) -> Result<(), Beyond> {
        for document in wanted.types() {
            let registered = self
                .0
                .iter()
                .find(|registered| registered.document == document)
                .ok_or_else(|| Beyond::Document(document.to_owned()))?;
            let within = |path: &ClaimPath| registered.claims.iter().any(|known| leads_to(&known.0, &path.0));
            if let Some(claim) = wanted.claims.iter().find(|claim| !within(&claim.path)) {
                return Err(Beyond::Claim(names(&claim.path)));
            }
        }
        Ok(())
    }
}

fn leads_to(known: &[Segment], path: &[Segment]) -> bool {
    known.len() <= path.len() && known.iter().zip(path).all(|(one, other)| one == other)
}

fn names(path: &ClaimPath) -> String {
    let name = |segment: &Segment| match segment {
        Segment::Name(name) => name.clone(),
        Segment::Index(index) => index.to_string(),
        Segment::All(()) => "*".to_owned(),
    };
    path.0.iter().map(name).collect::<Vec<_>>().join(".")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_verifier_asks_for_what_it_was_registered_for_and_nothing_else() {
        let registered = Registered(vec![RegisteredType {
            document: "urn:vneid:eid:1".into(),
            claims: vec![ClaimPath::of(["age_over_18"]), ClaimPath::of(["residence"])],
        }]);
        let asks = |vct: &str, path: serde_json::Value| {
            let query = json!({"credentials": [{"id": "a", "format": "dc+sd-jwt", "meta": {"vct_values": [vct]}, "claims": [{"path": path}]}]});
            registered.allows(&Query::parse(&query).unwrap())
        };

        assert_eq!(asks("urn:vneid:eid:1", json!(["age_over_18"])), Ok(()));
        assert_eq!(asks("urn:vneid:eid:1", json!(["residence", "province"])), Ok(()));
        let beyond = Beyond::Claim("personal_number".into());
        assert_eq!(asks("urn:vneid:eid:1", json!(["personal_number"])), Err(beyond));
        assert_eq!(
            asks("urn:other", json!(["age_over_18"])),
            Err(Beyond::Document("urn:other".into()))
        );
    }
}
