//! What a relying party proves with each request: who it is, and which key its tokens are bound to. Each proof works once.

use std::sync::Arc;

use axum::response::{IntoResponse as _, Response};
use crypto::secret::Secret;
use db::Tx;
use http::{HeaderMap, HeaderValue, Method};
use jiff::Timestamp;
use oidc::attestation::{self, Attestation};
use oidc::authentication::{AssertionId, Credentials, Headers, Judge};
use oidc::client::Client;
use oidc::dpop::{self, Check, Nonces, Proof};
use oidc::error::Error;
use oidc::sender::Shown;

use super::clients;
use super::tokens::http::{Refused, authorization};
use crate::app::App;

mod store;

pub(super) use store::use_assertion;

/// A relying party that has proved who it is.
pub(super) struct Proven {
    pub(super) client: Arc<Client>,
    pub(super) shown: Shown,
    pub(super) now: Timestamp,
    assertion: Option<AssertionId>,
}

impl Proven {
    /// Judges the proofs of a request to an endpoint of ours. They are used up by [`Proven::use_up`].
    pub(super) async fn judge(
        app: &App,
        credentials: &Credentials,
        headers: &HeaderMap,
        path: &str,
    ) -> Result<Arc<Self>, Refused> {
        let client = clients::find(app, credentials.client_id())
            .await?
            .ok_or(Error::client())?;
        let now = app.clock.now();
        let certificate = app.sso.peers.certificate(headers, now);
        let judge = Judge {
            provider: &app.sso.provider,
            secrets: &app.sso.digests,
            certificate: certificate.as_ref(),
            now,
        };
        let assertion = credentials.prove(&client, &judge)?;
        let shown = Shown {
            proof: proof(app, headers, (&Method::POST, path), None, nonces(app, &client))?,
            certificate: certificate.map(|certificate| certificate.thumbprint().to_owned()),
        };
        Ok(Arc::new(Self {
            client,
            shown,
            now,
            assertion,
        }))
    }

    /// Whether there is anything to use up.
    pub(super) fn is_single_use(&self) -> bool {
        self.assertion.is_some() || self.shown.proof.is_some()
    }

    /// Uses up the proofs, in the unit of work that does what they were shown for.
    pub(super) fn use_up(&self, tx: &mut Tx<'_>) -> Result<(), Refused> {
        if let Some(assertion) = &self.assertion
            && !use_assertion(tx, self.client.id(), assertion, self.now)?
        {
            return Err(Error::client().into());
        }
        use_once(tx, self.shown.proof.as_ref(), self.now)
    }
}

/// The answer, to a proof with the nonce for the next one (RFC 9449 section 8.2).
pub(super) fn answered(app: &App, headers: &HeaderMap, answer: Result<Response, Refused>) -> Response {
    let mut response = answer.into_response();
    if let Some(nonce) = nonce(app, headers) {
        response.headers_mut().insert("dpop-nonce", nonce);
    }
    response
}

/// The nonce that who sent a proof is to put into the next one.
pub(super) fn nonce(app: &App, headers: &HeaderMap) -> Option<HeaderValue> {
    let current = headers
        .contains_key("dpop")
        .then(|| app.sso.nonces.current(app.clock.now()))?;
    HeaderValue::from_str(&current).ok()
}

/// The nonces that the proofs of a client must carry; none for one that did not register for them.
fn nonces<'a>(app: &'a App, client: &Client) -> Option<&'a Nonces> {
    client.metadata().vneid_dpop_nonces.then_some(&app.sso.nonces)
}

/// The headers in which a client proves who it is. An attestation without its proof is one with an empty proof, which does not hold.
pub(super) fn headers(headers: &HeaderMap) -> Headers<'_> {
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or_default());
    Headers {
        authorization: authorization(headers),
        attestation: text(attestation::HEADER).map(|statement| Attestation {
            statement,
            proof: text(attestation::PROOF_HEADER).unwrap_or_default(),
        }),
    }
}

/// The DPoP proof of a request, if it carries one.
fn proof(
    app: &App,
    headers: &HeaderMap,
    (method, path): (&Method, &str),
    access_token: Option<&Secret<String>>,
    nonces: Option<&Nonces>,
) -> Result<Option<Proof>, Error> {
    let values = headers.get_all("dpop").iter().map(HeaderValue::as_bytes);
    let Some(proof) = dpop::header(values)? else {
        return Ok(None);
    };
    let check = Check {
        method: method.as_str(),
        url: &app.sso.provider.url(path),
        access_token: access_token.map(|token| token.expose().as_str()),
        nonces,
        now: app.clock.now(),
    };
    dpop::verify(proof, &check).map(Some)
}

/// What a request of a client to a resource of ours shows beside its token.
pub(super) fn shown(
    app: &App,
    client: &Client,
    headers: &HeaderMap,
    (method, path): (&Method, &str),
    access_token: &Secret<String>,
) -> Result<Shown, Error> {
    let certificate = app.sso.peers.certificate(headers, app.clock.now());
    Ok(Shown {
        proof: proof(app, headers, (method, path), Some(access_token), nonces(app, client))?,
        certificate: certificate.map(|certificate| certificate.thumbprint().to_owned()),
    })
}

/// Uses up a DPoP proof.
pub(super) fn use_once(tx: &mut Tx<'_>, proof: Option<&Proof>, now: Timestamp) -> Result<(), Refused> {
    match proof {
        Some(proof) if !store::use_proof(tx, &proof.id, now)? => Err(dpop::REPLAYED.into()),
        _ => Ok(()),
    }
}
