//! Clients' certificates (RFC 8705): who the client is, and what its tokens are bound to.
//!
//! The platform's TLS layer has shown that the client holds the certificate's key; whether the certificate leads to a
//! trusted authority is its knowledge too.

use crypto::base64url;
use crypto::digest::sha256;
use jiff::Timestamp;
use x509_cert::der::Decode as _;
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::name::RdnSequence;

use crate::client::{AuthMethod, Client, TlsSubject};

const MAX_DER: usize = 16 * 1024;

/// The certificate of a connection.
#[derive(Debug, Clone)]
pub struct Certificate {
    parsed: x509_cert::Certificate,
    thumbprint: String,
    trusted: bool,
}

/// The bytes are not an X.509 certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an x.509 certificate")]
pub struct NotACertificate;

impl Certificate {
    /// Reads a certificate in DER. `trusted` says whether it leads to an authority that is trusted for clients.
    ///
    /// # Errors
    /// [`NotACertificate`], also for more than 16 KiB.
    pub fn from_der(der: &[u8], trusted: bool) -> Result<Self, NotACertificate> {
        if der.len() > MAX_DER {
            return Err(NotACertificate);
        }
        Ok(Self {
            parsed: x509_cert::Certificate::from_der(der).ok().ok_or(NotACertificate)?,
            thumbprint: base64url::encode(sha256(der)),
            trusted,
        })
    }

    /// The digest that tokens are bound to, `x5t#S256` (section 3.1).
    pub fn thumbprint(&self) -> &str {
        &self.thumbprint
    }

    /// Whether the certificate is this client's by the method that it registered, and valid now.
    pub fn proves(&self, client: &Client, now: Timestamp) -> bool {
        let metadata = client.metadata();
        let own = match metadata.token_endpoint_auth_method {
            AuthMethod::TlsClientAuth => self.trusted && self.has_name(&metadata.tls),
            AuthMethod::SelfSignedTlsClientAuth => metadata
                .jwks
                .as_ref()
                .is_some_and(|set| set.keys().iter().any(|key| key.key().bytes() == self.public_key())),
            _ => false,
        };
        own && self.is_valid_at(now)
    }

    /// When it ends.
    pub fn ends_at(&self) -> Option<Timestamp> {
        let end = self
            .parsed
            .tbs_certificate
            .validity
            .not_after
            .to_unix_duration()
            .as_secs();
        Timestamp::from_second(i64::try_from(end).ok()?).ok()
    }

    fn is_valid_at(&self, now: Timestamp) -> bool {
        let validity = &self.parsed.tbs_certificate.validity;
        let second = |time: &x509_cert::time::Time| i64::try_from(time.to_unix_duration().as_secs()).ok();
        let now = now.as_second();
        second(&validity.not_before).is_some_and(|begin| begin <= now)
            && second(&validity.not_after).is_some_and(|end| now <= end)
    }

    /// The key's bytes as [`crypto::jwk::PublicKey::bytes`] has them.
    fn public_key(&self) -> &[u8] {
        let key = &self.parsed.tbs_certificate.subject_public_key_info.subject_public_key;
        key.raw_bytes()
    }

    /// Section 2.1.2: the registered name is in the certificate.
    fn has_name(&self, registered: &TlsSubject) -> bool {
        if let Some(name) = &registered.tls_client_auth_subject_dn {
            let own = self.parsed.tbs_certificate.subject.to_string();
            let canonical = name.parse::<RdnSequence>().ok().map(|name| name.to_string());
            return canonical.as_ref() == Some(&own);
        }
        let names = self.parsed.tbs_certificate.get::<SubjectAltName>().ok().flatten();
        let Some((_, SubjectAltName(names))) = names else {
            return false;
        };
        names.iter().any(|name| match name {
            GeneralName::DnsName(dns) => registered
                .tls_client_auth_san_dns
                .as_ref()
                .is_some_and(|wanted| dns.as_str().eq_ignore_ascii_case(wanted)),
            GeneralName::UniformResourceIdentifier(uri) => {
                registered.tls_client_auth_san_uri.as_deref() == Some(uri.as_str())
            }
            GeneralName::Rfc822Name(mail) => registered.tls_client_auth_san_email.as_deref() == Some(mail.as_str()),
            _ => false,
        })
    }
}

#[cfg(test)]
#[path = "certificate_tests.rs"]
mod tests;
