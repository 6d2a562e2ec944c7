//! How an answer goes back to the relying party.

use serde::{Deserialize, Serialize};
use url::form_urlencoded::Serializer;

use crate::error::Error;
use crate::provider::Issuer;

/// By which way the answer's parameters travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum ResponseMode {
    /// In the query of the redirect URI (OAuth Multiple Response Types 2.1).
    #[default]
    Query,
    /// In a form that the browser posts to the redirect URI (OAuth Form Post Response Mode).
    FormPost,
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

    /// The good answer: the code, with `state` and `iss` (RFC 6749 section 4.1.2, RFC 9207 section 2).
    pub fn code(&self, issuer: &Issuer, code: &str) -> Delivery {
        self.deliver(issuer, vec![("code", code.to_owned())])
    }

    /// The bad answer: the error, with `state` and `iss` (RFC 6749 section 4.1.2.1, RFC 9207 section 2).
    pub fn error(&self, issuer: &Issuer, error: Error) -> Delivery {
        let fields = vec![
            ("error", error.code.as_str().to_owned()),
            ("error_description", error.description.to_owned()),
        ];
        self.deliver(issuer, fields)
    }

    fn deliver(&self, issuer: &Issuer, mut fields: Vec<(&'static str, String)>) -> Delivery {
        fields.extend(self.state.clone().map(|state| ("state", state)));
        fields.push(("iss", issuer.as_str().to_owned()));
        match self.mode {
            ResponseMode::Query => Delivery::Redirect(with_query(&self.redirect_uri, &fields)),
            ResponseMode::FormPost => Delivery::FormPost {
                action: self.redirect_uri.clone(),
                fields,
            },
        }
    }
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
    use super::*;
    use crate::error::ErrorCode;

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
}
