//! Purposes, as the ministry has granted them: which data for what, on which legal basis, and for how long a consent is remembered.

use serde::{Deserialize, Serialize};

use super::metadata::{Metadata, MetadataError};
use crate::claims::{Scope, Scopes};
use crate::error::{Error, ErrorCode};
use crate::params::Params;

const MAX_NAME: usize = 64;
const MAX_TEXT: usize = 500;

/// What a client may learn for one purpose, and what the person is told of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// The purpose, one of `vneid_purposes`.
    pub purpose: String,
    /// The data that is needed for it.
    pub scope: Scopes,
    /// The provision that allows it.
    pub basis: String,
    /// Why the data is needed, in Vietnamese, for everybody to understand.
    pub reason: String,
    /// The same in English.
    pub reason_en: String,
    /// For how many days a consent is remembered; with 0 the person is asked each time.
    pub days: u16,
}

impl Terms {
    /// Whether the purpose allows all these data; who signed in (`openid`) belongs to each.
    pub fn allow(&self, scopes: &Scopes) -> bool {
        scopes
            .iter()
            .all(|scope| scope == Scope::OpenId || self.scope.contains(scope))
    }
}

pub(super) fn check(metadata: &Metadata) -> Result<(), MetadataError> {
    let short = |text: &str, most: usize| {
        !text.trim().is_empty() && text.chars().count() <= most && !text.chars().any(char::is_control)
    };
    let terms = &metadata.vneid_terms;
    let sound = |(index, term): (usize, &Terms)| {
        let texts = [&term.basis, &term.reason, &term.reason_en];
        short(&term.purpose, MAX_NAME)
            && texts.iter().all(|text| short(text, MAX_TEXT))
            && term.scope.is_subset(&metadata.scope)
            && metadata.vneid_purposes.contains(&term.purpose)
            && terms.iter().skip(index + 1).all(|other| other.purpose != term.purpose)
    };
    if terms.iter().enumerate().all(sound) {
        Ok(())
    } else {
        Err(MetadataError::Terms)
    }
}

/// The purpose of a request: the parameter `vneid_purpose`, or the only one that is registered.
///
/// # Errors
/// `invalid_request` for one that is not registered, and where one of several has to be named; `invalid_scope` for data beyond it.
pub(crate) fn purpose(params: &Params, terms: &[Terms], scopes: &Scopes) -> Result<Option<String>, Error> {
    let named = params.get_short("vneid_purpose", MAX_NAME)?;
    let chosen = match (terms, named) {
        ([], _) => return Ok(None),
        ([only], None) => only,
        (_, None) => return Err(Error::request("vneid_purpose must name one of the registered purposes")),
        (_, Some(name)) => terms
            .iter()
            .find(|terms| terms.purpose == name)
            .ok_or(Error::request("vneid_purpose is not registered"))?,
    };
    if !chosen.allow(scopes) {
        return Err(Error::new(
            ErrorCode::InvalidScope,
            "the registered purpose does not need all these data",
        ));
    }
    Ok(Some(chosen.purpose.clone()))
}
