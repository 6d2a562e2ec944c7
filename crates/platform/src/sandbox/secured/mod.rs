//! A sandbox that is reached by TLS: `vneid sandbox --tls`.

use nation::sources::Pki;

use super::folder::Folder;
use crate::shell::config::Config;
use crate::shell::server::Failure;
use crate::shell::tls;

/// Ends TLS here, by a certificate of the authority of the sources, which also vouches for programs that show one.
///
/// # Errors
/// The folder cannot be written.
pub(super) fn secure(config: &mut Config, folder: &Folder, pki: &Pki) -> Result<(), Failure> {
    config.public_url = config.public_url.replacen("http:", "https:", 1);
    config.tls = Some(tls::Settings {
        certificate: folder.write("tls.pem", pki.server.certificate_pem.as_bytes())?,
        key: folder.write("tls-key.pem", pki.server.key_pem.expose().as_bytes())?,
    });
    config.client_certificates.authorities = Some(config.registries.authority.clone());
    Ok(())
}
