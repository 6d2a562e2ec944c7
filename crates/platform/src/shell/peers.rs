//! The certificates of programs that connect (RFC 8705): from our own TLS, or from a proxy of ours that tells them (RFC 9440). And ours, where we
//! call relying parties that ask for one.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, HeaderName, HeaderValue};
use jiff::Timestamp;
use oidc::certificate::Certificate;
use rustls::RootCertStore;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, UnixTime};
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::ClientCertVerifier;
use serde::{Deserialize, Serialize};

/// The header in which a certificate is told (RFC 9440 section 2.2).
pub(super) const HEADER: HeaderName = HeaderName::from_static("client-cert");

/// How programs' certificates are known.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// The authorities whose certificates name a program by their subject: a PEM file.
    pub authorities: Option<PathBuf>,
    /// A proxy of ours ends TLS, removes the header `Client-Cert` from what comes in, and tells the certificate in it.
    pub from_proxy: bool,
    /// Another address by which programs with certificates reach us, so that browsers are not asked for one. No trailing slash.
    pub address: Option<String>,
    /// Our own certificate and its key, which we show to relying parties that we call (a CIBA ping, a logout, a security event): a PEM file.
    pub own: Option<PathBuf>,
    /// Authorities that we believe at relying parties' addresses beside the public ones: a PEM file.
    pub servers: Option<PathBuf>,
}

/// The authorities cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum NoAuthorities {
    /// The file cannot be read.
    #[error("cannot read the authorities of programs' certificates")]
    Unreadable(#[from] io::Error),
    /// It is not PEM.
    #[error("the authorities of programs' certificates are not PEM")]
    Pem(#[from] rustls::pki_types::pem::Error),
    /// They cannot vouch for anybody.
    #[error("the authorities of programs' certificates cannot vouch for anybody")]
    Unusable(#[from] rustls::Error),
    /// Our own certificate, or the authorities of relying parties' servers, cannot be used.
    #[error("client_certificates.own or client_certificates.servers cannot be used")]
    Own(#[from] reqwest::Error),
    /// There is none.
    #[error("the authorities of programs' certificates are none")]
    None(#[from] rustls::server::VerifierBuilderError),
}

/// Knows the certificates of programs that connect.
#[derive(Clone, Default)]
pub struct Peers {
    listens: bool,
    authorities: Option<Arc<dyn ClientCertVerifier>>,
    own: Option<reqwest::Identity>,
    servers: Vec<reqwest::Certificate>,
}

impl Peers {
    /// Reads the authorities. `own_tls` says that we end TLS ourselves.
    ///
    /// # Errors
    /// [`NoAuthorities`].
    pub fn open(settings: &Settings, own_tls: bool) -> Result<Self, NoAuthorities> {
        let authorities = match &settings.authorities {
            Some(file) => {
                let mut roots = RootCertStore::empty();
                for authority in CertificateDer::pem_slice_iter(&std::fs::read(file)?) {
                    roots.add(authority?)?;
                }
                let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
                Some(WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build()?)
            }
            None => None,
        };
        let own = settings.own.as_ref().map(std::fs::read).transpose()?;
        let servers = settings.servers.as_ref().map(std::fs::read).transpose()?;
        Ok(Self {
            listens: settings.from_proxy || own_tls,
            authorities,
            own: own.map(|pem| reqwest::Identity::from_pem(&pem)).transpose()?,
            servers: servers
                .map(|pem| reqwest::Certificate::from_pem_bundle(&pem))
                .transpose()?
                .unwrap_or_default(),
        })
    }

    /// A client that shows our certificate where one is asked for.
    pub fn equip(&self, client: reqwest::ClientBuilder) -> reqwest::ClientBuilder {
        let client = match &self.own {
            Some(own) => client.identity(own.clone()),
            None => client,
        };
        if self.servers.is_empty() {
            return client;
        }
        client.tls_certs_merge(self.servers.iter().cloned())
    }

    /// Whether certificates can be known at all.
    pub fn listens(&self) -> bool {
        self.listens
    }

    /// The certificate of the program that asks, if it has shown one.
    pub fn certificate(&self, headers: &HeaderMap, now: Timestamp) -> Option<Certificate> {
        if !self.listens {
            return None;
        }
        let der = read(headers.get(HEADER)?)?;
        let trusted = self.is_trusted(&der, now);
        Certificate::from_der(&der, trusted).ok()
    }

    fn is_trusted(&self, der: &[u8], now: Timestamp) -> bool {
        let now = Duration::from_secs(u64::try_from(now.as_second()).unwrap_or_default());
        self.authorities.as_ref().is_some_and(|authorities| {
            authorities
                .verify_client_cert(&CertificateDer::from(der), &[], UnixTime::since_unix_epoch(now))
                .is_ok()
        })
    }
}

/// A byte sequence of structured fields (RFC 8941 section 3.3.5).
fn read(value: &HeaderValue) -> Option<Vec<u8>> {
    let text = value.to_str().ok()?.trim();
    STANDARD.decode(text.strip_prefix(':')?.strip_suffix(':')?).ok()
}

/// The header of a certificate.
pub(super) fn written(der: &[u8]) -> Option<HeaderValue> {
    HeaderValue::from_str(&format!(":{}:", STANDARD.encode(der))).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_in_a_header_counts_only_where_a_proxy_of_ours_tells_it() {
        let pki = nation::sources::Pki::generate(&["localhost"]).unwrap();
        let client = CertificateDer::from_pem_slice(pki.client.certificate_pem.as_bytes()).unwrap();
        let headers = HeaderMap::from_iter([(HEADER, written(&client).unwrap())]);
        let now = "2026-11-29T00:00:00Z".parse().unwrap();

        let told = Peers {
            listens: true,
            authorities: None,
            ..Peers::default()
        };

        assert!(told.certificate(&headers, now).is_some());
        assert!(Peers::default().certificate(&headers, now).is_none());
        for broken in ["", ":", "::x", ":####:", "MIIB"] {
            let headers = HeaderMap::from_iter([(HEADER, HeaderValue::from_str(broken).unwrap())]);
            assert!(told.certificate(&headers, now).is_none(), "{broken}");
        }
    }
}
