//! The way to a source: HTTPS with mutual TLS, or inside the process for tests.

use std::path::{Path, PathBuf};
use std::time::Duration;

use ::http::{Method, Request, Response, header};
use axum::Router;
use axum::body::Body;
use crypto::message::content_digest;
use tower::ServiceExt as _;

use super::Why;
use crate::shell::config;

/// The way to the sources.
#[derive(Clone)]
pub enum Transport {
    /// HTTPS with mutual TLS: only the sources' own authority is trusted, and we show our certificate.
    Https(reqwest::Client),
    /// The sources run inside this process.
    Inside(Router),
}

/// The way to the sources cannot be built.
#[derive(Debug, thiserror::Error)]
pub enum Unbuildable {
    /// A file cannot be read.
    #[error("cannot read {0}")]
    File(PathBuf, #[source] std::io::Error),
    /// A certificate or a key is not as TLS needs it.
    #[error("the certificates for the sources cannot be used")]
    Certificates(#[source] reqwest::Error),
    /// The file of the sources' keys does not name a public key for each source.
    #[error("the keys of the sources cannot be used: {0}")]
    Signers(PathBuf),
}

/// A source was not reached.
#[derive(Debug, thiserror::Error)]
#[error("it cannot be reached")]
pub(crate) struct Unreached(#[source] Box<dyn std::error::Error + Send + Sync>);

impl From<Unreached> for Why {
    fn from(unreached: Unreached) -> Self {
        Why::Down(unreached.0)
    }
}

impl Transport {
    pub(super) fn https(config: &config::Registries) -> Result<Self, Unbuildable> {
        let connect = Duration::from_millis(config.connect_ms);
        Self::mutual_tls((&config.authority, &config.identity), connect, config.at_once)
    }

    /// HTTPS to a source whose authority is in one PEM file; our certificate and key are in another.
    ///
    /// # Errors
    /// [`Unbuildable`] if a certificate or a key cannot be used.
    pub(crate) fn mutual_tls(
        (authority, identity): (&Path, &Path),
        connect: Duration,
        at_once: usize,
    ) -> Result<Self, Unbuildable> {
        let read = |file: &Path| std::fs::read(file).map_err(|error| Unbuildable::File(file.to_owned(), error));
        let authority = reqwest::Certificate::from_pem_bundle(&read(authority)?);
        let identity = reqwest::Identity::from_pem(&read(identity)?);
        let client = reqwest::Client::builder()
            .tls_certs_only(authority.map_err(Unbuildable::Certificates)?)
            .identity(identity.map_err(Unbuildable::Certificates)?)
            .https_only(true)
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(connect)
            .pool_max_idle_per_host(at_once)
            .build();
        Ok(Self::Https(client.map_err(Unbuildable::Certificates)?))
    }

    /// Sends a question as JSON.
    ///
    /// # Errors
    /// [`Unreached`] if there is no connection, or it broke.
    pub(crate) async fn post(&self, base: &str, path: &str, body: Vec<u8>) -> Result<Response<Body>, Unreached> {
        // The signature over the answer covers the question by this digest (RFC 9421).
        let digest = content_digest(&body);
        match self {
            Self::Https(client) => {
                let request = client
                    .post(format!("{base}{path}"))
                    .header(header::CONTENT_TYPE, "application/json")
                    .header("content-digest", digest)
                    .body(body);
                // The address carries no personal data, but it is no use in a log either.
                let sent = request
                    .send()
                    .await
                    .map_err(|error| Unreached(error.without_url().into()))?;
                Ok(Response::from(sent).map(Body::new))
            }
            Self::Inside(router) => {
                let request = Request::builder()
                    .method(Method::POST)
                    .uri(path)
                    .header(header::CONTENT_TYPE, "application/json")
                    .header("content-digest", digest)
                    .body(Body::from(body))
                    .map_err(|error| Unreached(error.into()))?;
                router.clone().oneshot(request).await.map_err(|never| match never {})
            }
        }
    }
}
