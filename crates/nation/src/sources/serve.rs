//! The listening end: TLS with a client certificate from the authority, or no answer at all.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use hyper_util::service::TowerToHyperService;
use rustls::RootCertStore;
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use thiserror::Error;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

use super::pki::Identity;

/// How long a client may take to show its certificate.
const HANDSHAKE: Duration = Duration::from_secs(10);

/// Why the sources cannot be served.
#[derive(Debug, Error)]
pub enum ServeError {
    /// A certificate or key is not PEM.
    #[error("a certificate or key cannot be read")]
    Pem(#[from] rustls::pki_types::pem::Error),
    /// The certificates and keys do not fit together.
    #[error("the certificates and keys do not fit together")]
    Tls(#[from] rustls::Error),
    /// The authority cannot vouch for clients.
    #[error("the authority cannot vouch for clients")]
    Authority(#[from] rustls::server::VerifierBuilderError),
}

/// The ready side of the server: certificate, key, and whom it lets in.
#[derive(Clone)]
pub struct ServerTls(TlsAcceptor);

impl ServerTls {
    /// Serves with an identity and lets in whoever has a certificate of the authority `ca_pem`.
    ///
    /// # Errors
    /// [`ServeError`] says what does not fit.
    pub fn new(identity: &Identity, ca_pem: &str) -> Result<Self, ServeError> {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let mut roots = RootCertStore::empty();
        for authority in CertificateDer::pem_slice_iter(ca_pem.as_bytes()) {
            roots.add(authority?)?;
        }
        let clients = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider)).build()?;
        let chain = CertificateDer::pem_slice_iter(identity.certificate_pem.as_bytes()).collect::<Result<_, _>>()?;
        let key = PrivateKeyDer::from_pem_slice(identity.key_pem.expose().as_bytes())?;
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_client_cert_verifier(clients)
            .with_single_cert(chain, key)?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self(TlsAcceptor::from(Arc::new(config))))
    }
}

/// Answers until `stop` is ready, then cuts the connections that are left.
pub async fn serve(listener: TcpListener, tls: ServerTls, router: Router, stop: impl Future<Output = ()>) {
    let mut connections = JoinSet::new();
    let mut stop = std::pin::pin!(stop);
    loop {
        tokio::select! {
            () = &mut stop => return,
            Some(_) = connections.join_next() => {}
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => { connections.spawn(answer(stream, tls.clone(), router.clone())); }
                Err(error) => tracing::warn!(%error, "a connection to the source databases was not accepted"),
            }
        }
    }
}

async fn answer(stream: TcpStream, tls: ServerTls, router: Router) {
    let secured = match tokio::time::timeout(HANDSHAKE, tls.0.accept(stream)).await {
        Ok(Ok(secured)) => secured,
        Ok(Err(error)) => return tracing::debug!(%error, "a client of the source databases was turned away"),
        Err(_) => return tracing::debug!("a client of the source databases was too slow"),
    };
    let service = TowerToHyperService::new(router);
    if let Err(error) = Builder::new(TokioExecutor::new())
        .serve_connection(TokioIo::new(secured), service)
        .await
    {
        tracing::debug!(%error, "a connection to the source databases broke off");
    }
}
