//! How an answer goes back to the relying party.

use crypto::sign::{SignError, Signer};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use url::form_urlencoded::Serializer;

use crate::error::{Error, ErrorCode};
use crate::provider::Issuer;
use crate::signed;

/// By which way the answer's parameters travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum ResponseMode {
    /// In the query of the redirect URI (OAuth Multiple Response Types 2.1).
    #[default]
    Query,
    /// In a form that the browser posts to the redirect URI (OAuth Form Post Response Mode).
    FormPost,
    /// Signed, in the query (JARM 2.3.1).
    #[serde(rename = "query.jwt")]
    QueryJwt,
    /// Signed, in a form (JARM 2.3.3).
    #[serde(rename = "form_post.jwt")]
    FormPostJwt,
}

impl ResponseMode {
    /// Whether the answer is signed.
    pub fn is_signed(self) -> bool {
        matches!(self, Self::QueryJwt | Self::FormPostJwt)
    }
}

/// An answer, ready to be sent through the person's browser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Delivery {
    /// Redirect (303) to this address.
    Redirect(String),
    /// Show a page with a form that posts these fields to this address.
    FormPost {
        /// Where to.
        action: String,
        /// Names and values, unescaped.
        fields: Vec<(&'static str, String)>,
    },
}

/// Where a request's answer goes: a redirect URI that the client registered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplyTo {
    pub(crate) redirect_uri: String,
    pub(crate) mode: ResponseMode,
    pub(crate) state: Option<String>,
}

impl ReplyTo {
    /// The redirect URI.
    pub fn redirect_uri(&self) -> &str {
        &self.redirect_uri
    }

    /// Whether the answer must be signed: by [`ReplyTo::sign`] and not by [`ReplyTo::code`] or [`ReplyTo::error`].
    pub fn must_sign(&self) -> bool {
        self.mode.is_signed()
    }

    /// The good answer: the code, with `state` and `iss` (RFC 6749 section 4.1.2, RFC 9207 section 2). Where the answer
    /// must be signed, an error goes back instead: no code leaves without the signature.
    pub fn code(&self, issuer: &Issuer, code: &str) -> Delivery {
        if self.must_sign() {
            return self.error(issuer, UNSIGNED);
        }
        self.deliver(self.with_state_and_issuer(issuer, vec![("code", code.to_owned())]))
    }

    /// The bad answer: the error, with `state` and `iss` (RFC 6749 section 4.1.2.1, RFC 9207 section 2).
    pub fn error(&self, issuer: &Issuer, error: Error) -> Delivery {
        self.deliver(self.with_state_and_issuer(issuer, error_fields(error)))
    }

    /// The answer in the way that the request asks for, signed if need be (JARM 2.1): to the client alone, good for ten
    /// minutes at most.
    ///
    /// # Errors
    /// [`SignError`].
    pub fn sign(&self, answer: Result<&str, Error>, by: &Signing<'_>) -> Result<Delivery, SignError> {
        let fields = match answer {
            Ok(code) => {
                let watched = by.session_state.map(|state| ("session_state", state.to_owned()));
                std::iter::once(("code", code.to_owned())).chain(watched).collect()
            }
            Err(error) => error_fields(error),
        };
        let fields = self.with_state_and_issuer(by.issuer, fields);
        if !self.must_sign() {
            return Ok(self.deliver(fields));
        }
        let mut claims: Map<String, Value> = fields
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value.into()))
            .collect();
        claims.insert("aud".to_owned(), by.client_id.into());
        claims.insert("exp".to_owned(), (by.now.as_second() + SIGNED_LIFE).into());
        let response = signed::claims(by.signer, "JWT", &claims)?;
        Ok(self.deliver(vec![("response", response)]))
    }

    fn with_state_and_issuer(&self, issuer: &Issuer, mut fields: Vec<(&'static str, String)>) -> Fields {
        fields.extend(self.state.clone().map(|state| ("state", state)));
        fields.push(("iss", issuer.as_str().to_owned()));
        fields
    }

    fn deliver(&self, fields: Fields) -> Delivery {
        match self.mode {
            ResponseMode::Query | ResponseMode::QueryJwt => Delivery::Redirect(with_query(&self.redirect_uri, &fields)),
            ResponseMode::FormPost | ResponseMode::FormPostJwt => Delivery::FormPost {
                action: self.redirect_uri.clone(),
                fields,
            },
        }
    }
}

/// With what an answer is signed.
#[derive(Clone, Copy)]
pub struct Signing<'a> {
    /// Ourselves.
    pub issuer: &'a Issuer,
    /// The client that is answered.
    pub client_id: &'a str,
    /// The time.
    pub now: Timestamp,
    /// Our key.
    pub signer: &'a dyn Signer,
    /// What tells the client whether the session is still the same ([`crate::session_state`]).
    pub session_state: Option<&'a str>,
}

type Fields = Vec<(&'static str, String)>;

const UNSIGNED: Error = Error::new(ErrorCode::ServerError, "the answer could not be signed");
const SIGNED_LIFE: i64 = 600;

fn error_fields(error: Error) -> Fields {
    vec![
        ("error", error.code.as_str().to_owned()),
        ("error_description", error.description.to_owned()),
    ]
}

/// Adds parameters to a URI without a fragment, keeping its own query (RFC 6749 section 3.1.2) and every byte of it.
pub(crate) fn with_query(uri: &str, fields: &[(&str, String)]) -> String {
    let joint = match uri.split_once('?') {
        None => "?",
        Some((_, query)) if query.is_empty() || query.ends_with('&') => "",
        Some(_) => "&",
    };
    let query = Serializer::new(String::new()).extend_pairs(fields).finish();
    format!("{uri}{joint}{query}")
}

#[cfg(test)]
mod tests {
    use crypto::jws;
    use crypto::sign::{Algorithm, Signer as _, SoftKey};

    use super::*;

    fn to(redirect_uri: &str, mode: ResponseMode) -> ReplyTo {
        ReplyTo {
            redirect_uri: redirect_uri.to_owned(),
            mode,
            state: Some("a&b=ư".to_owned()),
        }
    }

    fn issuer() -> Issuer {
        Issuer::parse("https://vneid.example").unwrap()
    }

    #[test]
    fn a_code_goes_back_with_state_and_issuer() {
        let answer = to("https://portal.example/cb", ResponseMode::Query).code(&issuer(), "c0de");

        let url = "https://portal.example/cb?code=c0de&state=a%26b%3D%C6%B0&iss=https%3A%2F%2Fvneid.example";
        assert_eq!(answer, Delivery::Redirect(url.to_owned()));
    }

    #[test]
    fn oidcc_redirect_uri_query_ok() {
        let Delivery::Redirect(url) = to("https://portal.example?x=1", ResponseMode::Query).code(&issuer(), "c") else {
            panic!("not a redirect")
        };

        assert!(url.starts_with("https://portal.example?x=1&code=c&state="), "{url}");
        assert_eq!(with_query("https://a?", &[("b", "c".to_owned())]), "https://a?b=c");
    }

    #[test]
    fn an_error_can_be_posted_by_form() {
        let error = Error::new(ErrorCode::AccessDenied, "the person said no");

        let answer = to("https://portal.example/cb", ResponseMode::FormPost).error(&issuer(), error);

        let Delivery::FormPost { action, fields } = answer else {
            panic!("not a form")
        };
        assert_eq!(action, "https://portal.example/cb");
        assert_eq!(fields[0], ("error", "access_denied".to_owned()));
        assert_eq!(fields[2], ("state", "a&b=ư".to_owned()));
        assert_eq!(fields[3], ("iss", "https://vneid.example".to_owned()));
    }

    #[test]
    fn a_signed_answer_says_code_state_issuer_audience_and_end_under_our_signature() {
        let key = SoftKey::from_seed(Algorithm::Es256, &[1; 32]).unwrap();
        let issuer = issuer();
        let signing = Signing {
            issuer: &issuer,
            client_id: "bank",
            now: Timestamp::constant(1000, 0),
            signer: &key,
            session_state: None,
        };
        let to = to("https://bank.example/cb", ResponseMode::FormPostJwt);

        let Ok(Delivery::FormPost { fields, .. }) = to.sign(Ok("c0de"), &signing) else {
            panic!("not a form")
        };

        assert_eq!((fields.len(), fields[0].0), (1, "response"));
        let verified = jws::verify(&fields[0].1, key.public(), &[Algorithm::Es256]).unwrap();
        let claims: Value = verified.claims().unwrap();
        let wanted = serde_json::json!({
            "code": "c0de", "state": "a&b=ư", "iss": "https://vneid.example", "aud": "bank", "exp": 1600,
        });
        assert_eq!(claims, wanted);
    }

    #[test]
    fn no_code_leaves_unsigned_where_the_answer_must_be_signed() {
        let answer = to("https://bank.example/cb", ResponseMode::QueryJwt).code(&issuer(), "c0de");

        let Delivery::Redirect(url) = answer else {
            panic!("not a redirect")
        };
        assert!(!url.contains("c0de") && url.contains("error=server_error"), "{url}");
    }
}
