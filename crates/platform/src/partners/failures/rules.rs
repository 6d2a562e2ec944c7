//! Who made a request, what it did right, and what became of it.

use std::borrow::Cow;

use ::http::{HeaderMap, header, request::Parts};
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use crypto::jws::Compact;
use serde_json::Value;

use super::LARGEST;
use crate::partners::{self, checks::Step};
use crate::shell::page;

/// A request as far as it is of interest.
pub(super) struct Seen {
    pub(super) client_id: String,
    params: Vec<(String, String)>,
}

impl Seen {
    /// A request of a partner's client, named by parameter, by the `Authorization` header, or in its signed assertion. Nothing is verified.
    pub(super) fn read(parts: &Parts, body: &[u8]) -> Option<Self> {
        let query = parts.uri.query().unwrap_or_default().as_bytes();
        let read = || url::form_urlencoded::parse(query).chain(url::form_urlencoded::parse(body));
        let named = |name: &str| read().find(|(known, _)| known == name).map(|(_, value)| value);
        let client_id = named("client_id")
            .map(Cow::into_owned)
            .or_else(|| by_header(&parts.headers))
            .or_else(|| by_assertion(&named("client_assertion")?))?;
        // What others ask is not kept, and costs them nothing more.
        partners::is_partner(&client_id).then(|| Self {
            client_id,
            params: read()
                .map(|(name, value)| (name.into_owned(), value.into_owned()))
                .collect(),
        })
    }

    fn has(&self, name: &str, value: &str) -> bool {
        self.params.iter().any(|(known, said)| known == name && said == value)
    }

    fn gives(&self, name: &str) -> bool {
        self.params
            .iter()
            .any(|(known, said)| known == name && !said.is_empty())
    }

    /// What the request does right.
    pub(super) fn steps(&self, endpoint: &str) -> Vec<Step> {
        match endpoint {
            "/sso/authorize" | "/sso/par" => {
                let done = [
                    (self.has("code_challenge_method", "S256"), Step::Pkce),
                    (self.gives("state"), Step::State),
                    (self.gives("nonce"), Step::Nonce),
                ];
                done.into_iter()
                    .filter(|(done, _)| *done)
                    .map(|(_, step)| step)
                    .collect()
            }
            "/sso/token" if self.has("grant_type", "authorization_code") => vec![Step::Code],
            _ => Vec::new(),
        }
    }
}

fn by_header(headers: &HeaderMap) -> Option<String> {
    let encoded = headers
        .get(header::AUTHORIZATION)?
        .to_str()
        .ok()?
        .strip_prefix("Basic ")?;
    let pair = String::from_utf8(STANDARD.decode(encoded).ok()?).ok()?;
    Some(pair.split_once(':')?.0.to_owned())
}

fn by_assertion(assertion: &str) -> Option<String> {
    let claims = Compact::parse(assertion).ok()?.unverified_claims().ok()?;
    claims.get("sub")?.as_str().map(str::to_owned)
}

/// What became of a request.
pub(super) enum Outcome {
    /// It did what it should.
    Good,
    /// It was refused.
    Failed {
        /// The error code of OAuth, or the slug of our problem.
        error: String,
        /// Our own words about it.
        detail: String,
    },
}

impl Outcome {
    /// Reads it off an answer, which is given back whole.
    pub(super) async fn read(response: Response) -> (Response, Self) {
        if let Some(slug) = page::slug_of(&response) {
            let failed = Self::Failed {
                error: slug.to_owned(),
                detail: String::new(),
            };
            return (response, failed);
        }
        let location = response
            .headers()
            .get(header::LOCATION)
            .and_then(|value| value.to_str().ok());
        if let Some(failed) = location.and_then(sent_back) {
            return (response, failed);
        }
        if response.status().as_u16() < 400 {
            return (response, Self::Good);
        }
        let (parts, body) = response.into_parts();
        let bytes = axum::body::to_bytes(body, LARGEST).await.unwrap_or_default();
        let said: Value = serde_json::from_slice(&bytes).unwrap_or_default();
        let text = |name: &str| said.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let failed = Self::Failed {
            error: text("error"),
            detail: text("error_description"),
        };
        (Response::from_parts(parts, bytes.into()), failed)
    }
}

/// The error with which the browser is sent back to the client.
fn sent_back(location: &str) -> Option<Outcome> {
    let url = url::Url::parse(location).ok()?;
    let said = |name: &str| {
        url.query_pairs()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.into_owned())
    };
    Some(Outcome::Failed {
        error: said("error")?,
        detail: said("error_description").unwrap_or_default(),
    })
}
