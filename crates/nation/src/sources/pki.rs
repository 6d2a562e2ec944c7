//! The keys of the mutual authentication: a test authority, an identity for the sources, one for their client.

use crypto::secret::Secret;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose,
};

/// A certificate and its private key.
#[derive(Debug)]
pub struct Identity {
    /// The certificate, PEM.
    pub certificate_pem: String,
    /// The private key, PKCS #8 in PEM.
    pub key_pem: Secret<String>,
}

/// A fresh authority with one server and one client identity; for the sandbox and for tests.
#[derive(Debug)]
pub struct Pki {
    /// The certificate of the authority, PEM: both sides trust it.
    pub ca_pem: String,
    /// Of the source databases.
    pub server: Identity,
    /// Of the platform, towards the source databases.
    pub client: Identity,
}

impl Pki {
    /// Draws new keys; `server_names` are the host names and addresses under which the sources are reached.
    ///
    /// # Errors
    /// [`rcgen::Error`] for a name that cannot stand in a certificate, or when no key can be drawn.
    pub fn generate(server_names: &[&str]) -> Result<Self, rcgen::Error> {
        let key = KeyPair::generate()?;
        let mut authority = named("VNeID sandbox source authority", &[])?;
        authority.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        authority.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let ca_pem = authority.self_signed(&key)?.pem();
        let issuer = Issuer::new(authority, key);

        let server = named("Source databases (synthetic)", server_names)?;
        let client = named("VNeID platform", &[])?;
        Ok(Self {
            ca_pem,
            server: identity(server, ExtendedKeyUsagePurpose::ServerAuth, &issuer)?,
            client: identity(client, ExtendedKeyUsagePurpose::ClientAuth, &issuer)?,
        })
    }
}

fn named(name: &str, alternatives: &[&str]) -> Result<CertificateParams, rcgen::Error> {
    let alternatives: Vec<String> = alternatives.iter().map(|name| (*name).to_owned()).collect();
    let mut params = CertificateParams::new(alternatives)?;
    params.distinguished_name.push(DnType::CommonName, name);
    Ok(params)
}

fn identity(
    mut params: CertificateParams,
    usage: ExtendedKeyUsagePurpose,
    issuer: &Issuer<'_, KeyPair>,
) -> Result<Identity, rcgen::Error> {
    let key = KeyPair::generate()?;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![usage];
    params.use_authority_key_identifier_extension = true;
    let certificate_pem = params.signed_by(&key, issuer)?.pem();
    Ok(Identity {
        certificate_pem,
        key_pem: Secret::new(key.serialize_pem()),
    })
}
