//! Pushed authorization requests (RFC 9126): the client sends its request itself, proves who it is, and gets a name for
//! it that the browser carries.
//!
//! The platform keeps a [`Pushed`] under the digest of its [`RequestUri`]. At the authorization endpoint it takes it by
//! [`Pushed::open`], as often as the browser comes before the person has answered (a page is loaded again, a link is
//! previewed); with the answer the name is used up: the code is issued, or the refusal sent, only if the name was not
//! used before (RFC 9126 section 7.3).

use crypto::base64url;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::authentication::{Credentials, Headers};
use crate::authorize::{self, PageError, Refusal, Request};
use crate::client::Client;
use crate::dpop::Proof;
use crate::error::{Error, ErrorCode};
use crate::params::Params;
use crate::provider::Issuer;
use crate::request_object;

/// How long a name can be used, in seconds (section 2.2; FAPI 2.0 Security Profile 5.3.2.2 number 12: under 600).
pub const LIFE: u32 = 90;

const PREFIX: &str = "urn:ietf:params:oauth:request_uri:";

/// The name of a pushed request: 32 random bytes that nobody can guess (section 7.1).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestUri([u8; 32]);

impl std::fmt::Debug for RequestUri {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RequestUri(..)")
    }
}

impl RequestUri {
    /// The name that these random bytes make.
    pub const fn new(random: [u8; 32]) -> Self {
        Self(random)
    }

    /// Reads a name; nothing if it is none of ours.
    pub fn parse(text: &str) -> Option<Self> {
        let encoded = text.strip_prefix(PREFIX)?;
        base64url::decode_fixed(encoded).ok().map(Self)
    }

    /// The name, as it is told.
    pub fn text(&self) -> String {
        format!("{PREFIX}{}", base64url::encode(self.0))
    }

    /// The random bytes, of which the platform keeps a digest.
    pub const fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// The good answer (section 2.2), with status 201 and `Cache-Control: no-store`.
#[derive(Debug, Serialize)]
pub struct PushedResponse {
    /// The name.
    pub request_uri: String,
    /// How long it can be used, in seconds.
    pub expires_in: u32,
}

impl PushedResponse {
    /// The answer with this name.
    pub fn new(name: &RequestUri) -> Self {
        Self {
            request_uri: name.text(),
            expires_in: LIFE,
        }
    }
}

/// A request that was pushed and found valid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pushed {
    request: Request,
    /// The end of the name.
    pub expires_at: Timestamp,
}

/// The client's proof in a pushed request.
///
/// # Errors
/// `invalid_request` also if `request_uri` is among the parameters (section 2.1).
pub fn credentials<'a>(params: &Params, headers: impl Into<Headers<'a>>) -> Result<Credentials, Error> {
    params.refuse_repeated()?;
    if params.get("request_uri")?.is_some() {
        return Err(Error::request("request_uri cannot be pushed"));
    }
    Credentials::read(params, headers)
}

/// Judges a pushed request of a client that has proved who it is (section 2.1), with its DPoP proof if it showed one.
///
/// # Errors
/// Any of the authorization endpoint, as a JSON answer (section 2.3); `invalid_dpop_proof` if `dpop_jkt` is not the key
/// of the proof (RFC 9449 section 10.1).
pub fn accept(
    params: Params,
    client: &Client,
    issuer: &Issuer,
    proof: Option<&Proof>,
    now: Timestamp,
) -> Result<Pushed, Error> {
    let params = request_object::open(params, client, issuer, now)?;
    if params.get("client_id")?.is_some_and(|named| named != client.id()) {
        return Err(Error::request("client_id differs from the client's proof"));
    }
    let mut request = authorize::judge(&params, client, now).map_err(|refusal| told(&refusal))?;
    match (&request.dpop_jkt, proof) {
        (Some(named), Some(proof)) if *named != proof.thumbprint => {
            return Err(Error::dpop("dpop_jkt is not the key of the proof"));
        }
        (None, Some(proof)) => request.dpop_jkt = Some(proof.thumbprint.clone()),
        _ => {}
    }
    Ok(Pushed {
        request,
        expires_at: now + SignedDuration::from_secs(LIFE.into()),
    })
}

fn told(refusal: &Refusal) -> Error {
    match refusal {
        Refusal::Reply(_, error) => *error,
        Refusal::Page(PageError::ForeignRedirectUri) => Error::request("redirect_uri is not registered"),
        Refusal::Page(_) => Error::request("redirect_uri is missing"),
    }
}

/// The name that an authorization request carries instead of parameters. All others but `client_id` are passed over
/// (section 4).
///
/// # Errors
/// `invalid_request_uri` if it is none of ours: addresses elsewhere are never fetched.
pub fn named(params: &Params) -> Result<Option<RequestUri>, Error> {
    let Some(text) = params.get_short("request_uri", 512)? else {
        return Ok(None);
    };
    RequestUri::parse(text).map(Some).ok_or(UNKNOWN)
}

/// The name is unknown, over, used, or another client's: the same words for each. To be shown on a page of ours.
pub const UNKNOWN: Error = Error::new(
    ErrorCode::InvalidRequestUri,
    "the request is unknown or no longer valid",
);

impl Pushed {
    /// The request, for the client that the browser names. It counts as received now.
    ///
    /// # Errors
    /// [`UNKNOWN`] for another client or after the end.
    pub fn open(self, name: RequestUri, client: &Client, now: Timestamp) -> Result<Request, Error> {
        if self.request.client_id != client.id() || now >= self.expires_at {
            return Err(UNKNOWN);
        }
        Ok(Request {
            pushed_as: Some(name),
            received_at: now,
            ..self.request
        })
    }
}

#[cfg(test)]
#[path = "par_tests.rs"]
mod tests;
