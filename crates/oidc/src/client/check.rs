//! The rules of registration.

use std::collections::BTreeSet;

use crypto::jwk::JwkSet;
use crypto::sign::Algorithm;
use url::Url;

use super::metadata::{AuthMethod, Delivery, GrantType, Metadata, MetadataError};
use super::terms;
use crate::claims::Scope;
use crate::profile::Rules;
use crate::provider::is_loopback;
use crate::resource;

const MAX_ID: usize = 128;
const MAX_URI: usize = 2048;
const MAX_URIS: usize = 32;

/// Checks what was registered; answers the first rule that is broken.
pub(super) fn check(metadata: &Metadata, rules: &Rules, has_secret: bool) -> Result<(), MetadataError> {
    check_names(metadata)?;
    terms::check(metadata)?;
    check_uris(metadata, rules)?;
    check_grants(metadata)?;
    check_proof(metadata, rules, has_secret)?;
    check_backchannel(metadata)?;
    check_envelopes(metadata)?;
    check_logout(metadata)
}

fn check_grants(metadata: &Metadata) -> Result<(), MetadataError> {
    let grants = &metadata.grant_types;
    let code = grants.contains(&GrantType::AuthorizationCode);
    if grants.iter().all(|grant| *grant == GrantType::RefreshToken) || (code && metadata.response_types.is_empty()) {
        return Err(MetadataError::Flow);
    }
    if grants.iter().any(|grant| grant.has_person())
        && !metadata.scope.contains(Scope::OpenId)
        && !metadata.scope.have_credentials()
    {
        return Err(MetadataError::Scope);
    }
    let confidential = [GrantType::ClientCredentials, GrantType::Ciba];
    if metadata.token_endpoint_auth_method == AuthMethod::None
        && confidential.iter().any(|grant| grants.contains(grant))
    {
        return Err(MetadataError::PublicGrant);
    }
    Ok(())
}

fn check_proof(metadata: &Metadata, rules: &Rules, has_secret: bool) -> Result<(), MetadataError> {
    let method = metadata.token_endpoint_auth_method;
    if !rules.auth_methods.contains(&method) {
        return Err(MetadataError::Method);
    }
    if method.uses_secret() != has_secret {
        return Err(MetadataError::Secret);
    }
    let signs = metadata
        .backchannel
        .backchannel_authentication_request_signing_alg
        .is_some();
    let needs_key = matches!(
        method,
        AuthMethod::PrivateKeyJwt | AuthMethod::SelfSignedTlsClientAuth | AuthMethod::AttestJwtClientAuth
    );
    if (needs_key || rules.signed_request || signs) && metadata.jwks.as_ref().is_none_or(|set| set.keys().is_empty()) {
        return Err(MetadataError::Keys);
    }
    if method == AuthMethod::TlsClientAuth && !metadata.tls.is_one() {
        return Err(MetadataError::TlsSubject);
    }
    let weak = method == AuthMethod::None || rules.auth_methods.len() < AuthMethod::ALL.len();
    if weak && !metadata.require_pkce {
        return Err(MetadataError::Pkce);
    }
    Ok(())
}

/// OpenID Connect Registration 2. Everything is signed with ES256; there is no default for the encryption of content,
/// since that of the standard is not ours.
fn check_envelopes(metadata: &Metadata) -> Result<(), MetadataError> {
    let given = &metadata.envelopes;
    let whole = [
        (
            given.id_token_encrypted_response_alg.is_some(),
            given.id_token_encrypted_response_enc.is_some(),
        ),
        (
            given.userinfo_encrypted_response_alg.is_some(),
            given.userinfo_encrypted_response_enc.is_some(),
        ),
    ];
    let encrypts = whole.iter().any(|(alg, _)| *alg);
    let key = metadata.jwks.as_ref().and_then(JwkSet::recipient);
    let signed = [given.id_token_signed_response_alg, given.userinfo_signed_response_alg];
    let ours = signed.iter().flatten().all(|algorithm| *algorithm == Algorithm::Es256);
    let login = metadata.initiate_login_uri.as_deref().is_none_or(is_https);
    let fits = whole.iter().all(|(alg, enc)| alg == enc) && (!encrypts || key.is_some()) && ours && login;
    if fits { Ok(()) } else { Err(MetadataError::Envelopes) }
}

/// OpenID Connect CIBA 4.
fn check_backchannel(metadata: &Metadata) -> Result<(), MetadataError> {
    let given = &metadata.backchannel;
    let endpoint = given.backchannel_client_notification_endpoint.as_deref();
    let whole = match (
        metadata.grant_types.contains(&GrantType::Ciba),
        given.backchannel_token_delivery_mode,
    ) {
        (true, None) => false,
        (_, Some(Delivery::Ping)) => endpoint.is_some_and(is_acceptable_call),
        (_, Some(Delivery::Poll) | None) => endpoint.is_none_or(is_acceptable_call),
    };
    if whole { Ok(()) } else { Err(MetadataError::Backchannel) }
}

/// OpenID Connect Back-Channel Logout 2.2; Front-Channel Logout 2: scheme, host and port of a redirect URI.
fn check_logout(metadata: &Metadata) -> Result<(), MetadataError> {
    let origin = |uri: &str| Url::parse(uri).ok().map(|url| url.origin());
    let logout = &metadata.logout;
    let back = logout.backchannel_logout_uri.as_deref().is_none_or(is_acceptable_call);
    let front = logout.frontchannel_logout_uri.as_deref().is_none_or(|uri| {
        is_acceptable_call(uri) && metadata.redirect_uris.iter().any(|known| origin(known) == origin(uri))
    });
    if back && front {
        Ok(())
    } else {
        Err(MetadataError::LogoutUri)
    }
}

fn is_acceptable_call(uri: &str) -> bool {
    is_acceptable(uri) && uri.starts_with("http")
}

fn is_https(uri: &str) -> bool {
    is_acceptable(uri) && uri.starts_with("https://")
}

fn check_names(metadata: &Metadata) -> Result<(), MetadataError> {
    let id = &metadata.client_id;
    if id.is_empty()
        || id.len() > MAX_ID
        || !id
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte))
    {
        return Err(MetadataError::ClientId);
    }
    let name = &metadata.client_name;
    if name.trim().is_empty() || name.chars().count() > 200 || name.chars().any(char::is_control) {
        return Err(MetadataError::Name);
    }
    Ok(())
}

fn check_uris(metadata: &Metadata, rules: &Rules) -> Result<(), MetadataError> {
    let needed = metadata.grant_types.contains(&GrantType::AuthorizationCode);
    let count = metadata.redirect_uris.len();
    if (needed && count == 0) || count > MAX_URIS {
        return Err(MetadataError::RedirectUriCount);
    }
    if !metadata.redirect_uris.iter().all(|uri| is_acceptable(uri)) {
        return Err(MetadataError::RedirectUri);
    }
    if rules.https_only && !metadata.redirect_uris.iter().all(|uri| is_https(uri)) {
        return Err(MetadataError::NotHttps);
    }
    if !metadata.vneid_resources.iter().all(|uri| resource::is_acceptable(uri)) {
        return Err(MetadataError::Resource);
    }
    let leaving = &metadata.post_logout_redirect_uris;
    if leaving.len() > MAX_URIS || !leaving.iter().all(|uri| is_acceptable(uri)) {
        return Err(MetadataError::PostLogoutUri);
    }
    Ok(())
}

/// RFC 6749 section 3.1.2, RFC 9700 section 4.1, RFC 8252 sections 7.1 to 7.3. An app's own scheme is a reversed
/// domain name, so it has a dot.
pub(super) fn is_acceptable(uri: &str) -> bool {
    let printable = uri.bytes().all(|byte| byte.is_ascii_graphic());
    let Ok(url) = Url::parse(uri) else { return false };
    let safe = match url.scheme() {
        "https" => url.host().is_some(),
        "http" => is_loopback(&url),
        scheme => scheme.contains('.'),
    };
    let plain = url.username().is_empty() && url.password().is_none() && !uri.contains(['#', '*']);
    printable && safe && plain && uri.len() <= MAX_URI
}

pub(super) fn sector(metadata: &Metadata) -> Option<String> {
    if let Some(given) = &metadata.sector_identifier {
        let url = Url::parse(&format!("https://{given}")).ok()?;
        return (url.host_str() == Some(given)).then(|| given.clone());
    }
    let hosts: Option<BTreeSet<String>> = metadata
        .redirect_uris
        .iter()
        .map(|uri| Url::parse(uri).ok()?.host_str().map(str::to_owned))
        .collect();
    let hosts = hosts?;
    if hosts.len() == 1 {
        hosts.into_iter().next()
    } else {
        None
    }
}
