//! Proof key for code exchange (RFC 7636), with S256 only (RFC 9700 section 2.1.1).

use crypto::digest::sha256;
use crypto::{base64url, equal};
use serde::{Deserialize, Serialize};

use crate::error::Error;

/// The name of the one method.
pub const METHOD: &str = "S256";

/// A code challenge: the SHA-256 of a verifier that only the client knows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Challenge([u8; 32]);

impl Challenge {
    /// Reads `code_challenge` and `code_challenge_method` (RFC 7636 section 4.3). An absent method would mean
    /// `plain`, which is refused.
    ///
    /// # Errors
    /// `invalid_request`.
    pub fn parse(challenge: &str, method: Option<&str>) -> Result<Self, Error> {
        if method != Some(METHOD) {
            return Err(Error::request("code_challenge_method must be S256"));
        }
        let malformed = Error::request("code_challenge is not a SHA-256 digest in base64url");
        base64url::decode_fixed(challenge).ok().map(Self).ok_or(malformed)
    }

    /// The challenge of a verifier.
    pub fn of(verifier: &str) -> Self {
        Self(sha256(verifier.as_bytes()))
    }

    /// Whether the verifier is the one of this challenge (RFC 7636 section 4.6) and follows the grammar of section 4.1.
    pub fn fits(&self, verifier: &str) -> bool {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
        let well_formed = (43..=128).contains(&verifier.len()) && verifier.bytes().all(allowed);
        well_formed && equal(&sha256(verifier.as_bytes()), &self.0)
    }
}

impl From<Challenge> for String {
    fn from(challenge: Challenge) -> Self {
        base64url::encode(challenge.0)
    }
}

impl TryFrom<String> for Challenge {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        Self::parse(&text, Some(METHOD))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    #[test]
    fn the_example_of_rfc_7636_appendix_b() {
        let challenge = Challenge::parse(CHALLENGE, Some("S256")).unwrap();

        assert!(challenge.fits(VERIFIER));
        assert!(!challenge.fits(&VERIFIER.replace('k', "l")));
        assert_eq!(Challenge::of(VERIFIER), challenge);
    }

    #[test]
    fn plain_is_refused_also_when_it_is_meant_by_silence() {
        for method in [None, Some("plain"), Some("s256"), Some("S512")] {
            assert!(Challenge::parse(CHALLENGE, method).is_err(), "{method:?}");
        }
    }

    #[test]
    fn a_verifier_that_breaks_the_grammar_never_fits() {
        for verifier in [
            "",
            "short",
            &"a".repeat(42),
            &"a".repeat(129),
            &format!("{VERIFIER}="),
            &format!("{VERIFIER} "),
        ] {
            assert!(!Challenge::of(verifier).fits(verifier), "{verifier}");
        }
    }

    proptest! {
        #[test]
        fn any_challenge_is_answered(text in ".*") {
            if let Ok(challenge) = Challenge::parse(&text, Some(METHOD)) {
                prop_assert_eq!(String::from(challenge), text);
            }
        }

        #[test]
        fn only_the_verifier_fits(verifier in "[A-Za-z0-9._~-]{43,128}", other in "[A-Za-z0-9._~-]{43,128}") {
            prop_assert!(Challenge::of(&verifier).fits(&verifier));
            prop_assert_eq!(Challenge::of(&verifier).fits(&other), verifier == other);
        }
    }
}
