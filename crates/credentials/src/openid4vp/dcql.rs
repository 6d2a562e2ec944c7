//! The Digital Credentials Query Language (`OpenID4VP` 1.0 section 6).

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::sdjwt::ClaimPath;
use crate::verify::Format;

/// The most credentials, claims and sets that a query may have.
pub const MOST: usize = 64;

/// Why a query is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(rename_all = "kebab-case")]
pub enum DcqlRefusal {
    /// Not of the shape of a query, or something in it is empty that must not be.
    #[error("query is malformed")]
    Malformed,
    /// More than [`MOST`] of something.
    #[error("query is too large")]
    TooLarge,
    /// An identifier is not letters, digits, `_` and `-`, or is there twice.
    #[error("query has a bad identifier")]
    Identifier,
    /// A set names what is not in the query.
    #[error("query names what it does not have")]
    Unknown,
    /// A format that is not known here, or without its types.
    #[error("query asks for an unknown format")]
    Format,
}

/// A query.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Query {
    /// The credentials that are asked for.
    pub credentials: Vec<CredentialQuery>,
    /// Which of them together are enough; all, where there is none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub credential_sets: Vec<CredentialSet>,
}

/// One credential that is asked for (section 6.1).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CredentialQuery {
    /// By which the answer names it.
    pub id: String,
    /// `dc+sd-jwt` or `mso_mdoc`.
    pub format: String,
    /// Of which types.
    pub meta: Meta,
    /// More than one may be presented.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub multiple: bool,
    /// What must be shown of it; where there is none, what needs no disclosure is enough.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub claims: Vec<ClaimsQuery>,
    /// Which claims together are enough, the best first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub claim_sets: Vec<Vec<String>>,
    /// That the holder proves possession; it is always asked for here.
    #[serde(default = "yes", skip_serializing_if = "Clone::clone")]
    pub require_cryptographic_holder_binding: bool,
}

fn yes() -> bool {
    true
}

/// The types of a credential (appendix B).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Meta {
    /// For `dc+sd-jwt`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub vct_values: Vec<String>,
    /// For `mso_mdoc`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub doctype_value: Option<String>,
}

/// One claim that is asked for (section 6.3).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClaimsQuery {
    /// By which a set names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Where it is; of a mobile document namespace and identifier.
    pub path: ClaimPath,
    /// Which values are welcome; any, where there is none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<Value>,
    /// Of a mobile document: whether it will be kept (ISO/IEC 18013-5).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub intent_to_retain: Option<bool>,
}

/// Credentials of which one option is enough (section 6.2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CredentialSet {
    /// Each lists credentials that together are enough.
    pub options: Vec<Vec<String>>,
    /// Whether the set has to be answered at all.
    #[serde(default = "yes")]
    pub required: bool,
}

/// What was shown of a credential.
#[derive(Debug, Clone, Copy)]
pub struct Shown<'a> {
    /// Its format.
    pub format: Format,
    /// Its `vct` or document type.
    pub document: &'a str,
    /// What it says; of a mobile document elements by namespace.
    pub claims: &'a Value,
}

impl Query {
    /// Reads a query and checks that it is a whole one.
    ///
    /// # Errors
    /// [`DcqlRefusal`].
    pub fn parse(value: &Value) -> Result<Self, DcqlRefusal> {
        let query = Self::deserialize(value).ok().ok_or(DcqlRefusal::Malformed)?;
        query.check()?;
        Ok(query)
    }

    fn check(&self) -> Result<(), DcqlRefusal> {
        if self.credentials.is_empty() {
            return Err(DcqlRefusal::Malformed);
        }
        if self.credentials.len() > MOST || self.credential_sets.len() > MOST {
            return Err(DcqlRefusal::TooLarge);
        }
        let ids: BTreeSet<&str> = self
            .credentials
            .iter()
            .map(|credential| credential.id.as_str())
            .collect();
        if ids.len() != self.credentials.len() || !ids.iter().all(|id| is_identifier(id)) {
            return Err(DcqlRefusal::Identifier);
        }
        for set in &self.credential_sets {
            options(&set.options, &ids)?;
        }
        self.credentials.iter().try_for_each(CredentialQuery::check)
    }

    /// The credential that is asked for by a name.
    pub fn credential(&self, id: &str) -> Option<&CredentialQuery> {
        self.credentials.iter().find(|credential| credential.id == id)
    }

    /// Whether what was shown answers the query: nothing that was not asked for, each as it was asked for, and enough of them
    /// (section 6.4).
    pub fn is_answered_by(&self, shown: &BTreeMap<&str, Vec<Shown<'_>>>) -> bool {
        let each = shown.iter().all(|(id, presentations)| {
            self.credential(id).is_some_and(|wanted| {
                let count = presentations.len() == 1 || (wanted.multiple && !presentations.is_empty());
                count && presentations.iter().all(|shown| wanted.is_met_by(shown))
            })
        });
        let has = |id: &String| shown.contains_key(id.as_str());
        let enough = if self.credential_sets.is_empty() {
            self.credentials.iter().all(|credential| has(&credential.id))
        } else {
            let mut required = self.credential_sets.iter().filter(|set| set.required);
            required.all(|set| set.options.iter().any(|option| option.iter().all(has)))
        };
        each && enough
    }
}

impl CredentialQuery {
    /// The format, where it is one of ours.
    pub fn format(&self) -> Option<Format> {
        match self.format.as_str() {
            "dc+sd-jwt" => Some(Format::SdJwt),
            "mso_mdoc" => Some(Format::Mdoc),
            _ => None,
        }
    }

    /// The types that are welcome.
    pub fn types(&self) -> Vec<&str> {
        let vcts = self.meta.vct_values.iter().map(String::as_str);
        vcts.chain(self.meta.doctype_value.as_deref()).collect()
    }

    fn check(&self) -> Result<(), DcqlRefusal> {
        let typed = match self.format().ok_or(DcqlRefusal::Format)? {
            Format::SdJwt => !self.meta.vct_values.is_empty() && self.meta.doctype_value.is_none(),
            _ => self.meta.doctype_value.is_some() && self.meta.vct_values.is_empty(),
        };
        if !typed {
            return Err(DcqlRefusal::Format);
        }
        if self.claims.len() > MOST || self.claim_sets.len() > MOST {
            return Err(DcqlRefusal::TooLarge);
        }
        let ids: Vec<&str> = self.claims.iter().filter_map(|claim| claim.id.as_deref()).collect();
        let different: BTreeSet<&str> = ids.iter().copied().collect();
        if ids.len() != different.len() || !ids.iter().all(|id| is_identifier(id)) {
            return Err(DcqlRefusal::Identifier);
        }
        let is_empty = |claim: &ClaimsQuery| claim.path.0.is_empty() || claim.path.0.len() > MOST;
        if self.claims.iter().any(is_empty) || !self.require_cryptographic_holder_binding {
            return Err(DcqlRefusal::Malformed);
        }
        if self.claim_sets.is_empty() {
            Ok(())
        } else {
            options(&self.claim_sets, &different)
        }
    }

    fn is_met_by(&self, shown: &Shown<'_>) -> bool {
        let kind = self.format() == Some(shown.format) && self.types().contains(&shown.document);
        let meets = |claim: &ClaimsQuery| claim.is_met_by(shown.claims);
        let named = |id: &String| {
            self.claims
                .iter()
                .any(|claim| claim.id.as_ref() == Some(id) && meets(claim))
        };
        let claims = if self.claim_sets.is_empty() {
            self.claims.iter().all(meets)
        } else {
            self.claim_sets.iter().any(|set| set.iter().all(named))
        };
        kind && claims
    }
}

impl ClaimsQuery {
    fn is_met_by(&self, claims: &Value) -> bool {
        let found = self.path.select(claims);
        !found.is_empty() && (self.values.is_empty() || found.iter().any(|value| self.values.contains(value)))
    }
}

fn options(options: &[Vec<String>], known: &BTreeSet<&str>) -> Result<(), DcqlRefusal> {
    if options.is_empty() || options.iter().any(Vec::is_empty) {
        return Err(DcqlRefusal::Malformed);
    }
    if options.len() > MOST || options.iter().any(|option| option.len() > MOST) {
        return Err(DcqlRefusal::TooLarge);
    }
    let mut names = options.iter().flatten();
    if names.all(|name| known.contains(name.as_str())) {
        Ok(())
    } else {
        Err(DcqlRefusal::Unknown)
    }
}

fn is_identifier(text: &str) -> bool {
    let allowed = |letter: u8| letter.is_ascii_alphanumeric() || letter == b'_' || letter == b'-';
    !text.is_empty() && text.len() <= MOST && text.bytes().all(allowed)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn over_18() -> Value {
        json!({"credentials": [{"id": "eid", "format": "dc+sd-jwt", "meta": {"vct_values": ["urn:vneid:eid:1"]},
            "claims": [{"path": ["age_over_18"], "values": [true]}]}]})
    }

    fn shown(claims: &Value) -> Shown<'_> {
        Shown {
            format: Format::SdJwt,
            document: "urn:vneid:eid:1",
            claims,
        }
    }

    fn answers(query: &Value, shown: &[(&'static str, Shown<'_>)]) -> bool {
        let mut by_id: BTreeMap<&str, Vec<Shown<'_>>> = BTreeMap::new();
        for (id, shown) in shown {
            by_id.entry(id).or_default().push(*shown);
        }
        Query::parse(query).unwrap().is_answered_by(&by_id)
    }

    #[test]
    fn a_claim_must_be_there_with_a_welcome_value() {
        let (adult, child, empty) = (json!({"age_over_18": true}), json!({"age_over_18": false}), json!({}));

        assert!(answers(&over_18(), &[("eid", shown(&adult))]));
        assert!(!answers(&over_18(), &[("eid", shown(&child))]));
        assert!(!answers(&over_18(), &[("eid", shown(&empty))]));
        assert!(!answers(&over_18(), &[]));
        assert!(!answers(&over_18(), &[("other", shown(&adult))]));
        assert!(
            !answers(&over_18(), &[("eid", shown(&adult)), ("eid", shown(&adult))]),
            "one was asked for"
        );
        let other = Shown {
            document: "urn:other",
            ..shown(&adult)
        };
        assert!(!answers(&over_18(), &[("eid", other)]));
        let other = Shown {
            format: Format::Mdoc,
            ..shown(&adult)
        };
        assert!(!answers(&over_18(), &[("eid", other)]));
    }

    #[test]
    fn one_set_of_claims_and_one_option_of_credentials_are_enough() {
        let query = json!({"credentials": [
            {"id": "eid", "format": "dc+sd-jwt", "meta": {"vct_values": ["urn:vneid:eid:1"]},
             "claims": [{"id": "a", "path": ["name"]}, {"id": "b", "path": ["number"]}], "claim_sets": [["a", "b"], ["b"]]},
            {"id": "card", "format": "mso_mdoc", "meta": {"doctype_value": "vn.gov.vneid.eid.1"},
             "claims": [{"path": ["vn.gov.vneid.eid.1", "full_name"]}]}],
            "credential_sets": [{"options": [["eid"], ["card"]]}, {"options": [["card"]], "required": false}]});
        let (number, name) = (json!({"number": 1}), json!({"name": "An"}));
        let elements = json!({"vn.gov.vneid.eid.1": {"full_name": "An"}});
        let card = Shown {
            format: Format::Mdoc,
            document: "vn.gov.vneid.eid.1",
            claims: &elements,
        };

        assert!(answers(&query, &[("eid", shown(&number))]));
        assert!(answers(&query, &[("card", card)]));
        assert!(!answers(&query, &[("eid", shown(&name))]));
        assert!(!answers(&query, &[]));
    }

    #[test]
    fn what_is_no_query_is_refused_by_name() {
        let with = |pointer: &str, value: Value| {
            let mut query = over_18();
            *query.pointer_mut(pointer).unwrap() = value;
            Query::parse(&query).err()
        };

        assert_eq!(Query::parse(&json!({})).err(), Some(DcqlRefusal::Malformed));
        assert_eq!(with("/credentials", json!([])), Some(DcqlRefusal::Malformed));
        assert_eq!(with("/credentials/0/id", json!("a b")), Some(DcqlRefusal::Identifier));
        assert_eq!(
            with("/credentials/0/format", json!("ldp_vc")),
            Some(DcqlRefusal::Format)
        );
        assert_eq!(
            with("/credentials/0/format", json!("mso_mdoc")),
            Some(DcqlRefusal::Format)
        );
        assert_eq!(
            with("/credentials/0/claims/0/path", json!([])),
            Some(DcqlRefusal::Malformed)
        );
        assert_eq!(
            with("/credentials/0/claims/0/path", json!([-1])),
            Some(DcqlRefusal::Malformed)
        );
        let twice = over_18()["credentials"][0].clone();
        assert_eq!(
            with("/credentials", json!([twice, twice])),
            Some(DcqlRefusal::Identifier)
        );
        let mut query = over_18();
        query["credential_sets"] = json!([{"options": [["nobody"]]}]);
        assert_eq!(Query::parse(&query).err(), Some(DcqlRefusal::Unknown));
        query["credential_sets"] = json!([{"options": []}]);
        assert_eq!(Query::parse(&query).err(), Some(DcqlRefusal::Malformed));
    }

    proptest! {
        #[test]
        fn any_text_is_answered(text in "\\PC{0,200}|[\\[\\]{}:,\"a-z0-9]{0,200}") {
            if let Ok(value) = serde_json::from_str::<Value>(&text) {
                let _ = Query::parse(&value);
            }
        }
    }
}
