//! The metadata document at `/.well-known/openid-configuration` (OpenID Connect Discovery 3, RFC 8414).

use crypto::sign::Algorithm;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::assurance::Assurance;
use crate::authentication;
use crate::authorization_details;
use crate::authorize::Prompt;
use crate::claims::Scope;
use crate::client::{AuthMethod, ContentEncryption, Delivery, GrantType, KeyAgreement, ResponseType, SubjectType};
use crate::dpop;
use crate::pkce;
use crate::provider::Provider;
use crate::reply::ResponseMode;
use crate::verified_claims;

/// Where the document stands, after the issuer.
pub const PATH: &str = "/.well-known/openid-configuration";

/// The claims of an ID token and of every userinfo answer that are not released by a scope.
const TOKEN_CLAIMS: &[&str] = &[
    "iss",
    "aud",
    "exp",
    "iat",
    "auth_time",
    "nonce",
    "acr",
    "amr",
    "at_hash",
    "sid",
];

/// How content is encrypted.
const ENCRYPTIONS: [ContentEncryption; 2] = [ContentEncryption::A256Gcm, ContentEncryption::A128Gcm];

/// The document. What it says is drawn from the types that do the work, so it cannot promise more than there is.
#[derive(Debug, Clone, Serialize)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "the members and their types are the standard's"
)]
pub struct Document {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    userinfo_endpoint: String,
    jwks_uri: String,
    end_session_endpoint: String,
    frontchannel_logout_supported: bool,
    frontchannel_logout_session_supported: bool,
    backchannel_logout_supported: bool,
    backchannel_logout_session_supported: bool,
    scopes_supported: Vec<&'static str>,
    response_types_supported: [ResponseType; 1],
    response_modes_supported: Vec<ResponseMode>,
    grant_types_supported: Vec<GrantType>,
    acr_values_supported: &'static [Assurance],
    subject_types_supported: [SubjectType; 1],
    id_token_signing_alg_values_supported: Vec<Algorithm>,
    id_token_encryption_alg_values_supported: [KeyAgreement; 1],
    id_token_encryption_enc_values_supported: [ContentEncryption; 2],
    userinfo_signing_alg_values_supported: Vec<Algorithm>,
    userinfo_encryption_alg_values_supported: [KeyAgreement; 1],
    userinfo_encryption_enc_values_supported: [ContentEncryption; 2],
    token_endpoint_auth_methods_supported: Vec<AuthMethod>,
    token_endpoint_auth_signing_alg_values_supported: &'static [Algorithm],
    code_challenge_methods_supported: [&'static str; 1],
    prompt_values_supported: [Prompt; 4],
    claim_types_supported: [&'static str; 1],
    claims_supported: Vec<&'static str>,
    ui_locales_supported: [&'static str; 2],
    claims_parameter_supported: bool,
    verified_claims_supported: bool,
    trust_frameworks_supported: [&'static str; 1],
    evidence_supported: [&'static str; 2],
    documents_supported: [&'static str; 1],
    documents_check_methods_supported: [&'static str; 6],
    electronic_records_supported: [&'static str; 1],
    claims_in_verified_claims_supported: &'static [&'static str],
    authorization_details_types_supported: &'static [&'static str],
    request_parameter_supported: bool,
    request_uri_parameter_supported: bool,
    authorization_response_iss_parameter_supported: bool,
    #[serde(flatten)]
    more: Option<More>,
    #[serde(flatten)]
    backchannel: Option<Backchannel>,
    #[serde(skip_serializing_if = "Option::is_none")]
    check_session_iframe: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    registration_endpoint: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mtls_endpoint_aliases: Option<Map<String, Value>>,
    tls_client_certificate_bound_access_tokens: bool,
}

/// Where clients with a certificate go (RFC 8705 section 5).
fn aliases(provider: &Provider) -> Option<Map<String, Value>> {
    let address = provider.mutual_tls.as_ref()?.as_ref()?;
    let endpoints = [
        ("token_endpoint", Some(provider.token)),
        ("userinfo_endpoint", Some(provider.userinfo)),
        ("pushed_authorization_request_endpoint", provider.pushed),
        ("introspection_endpoint", provider.introspect),
        ("revocation_endpoint", provider.revoke),
        ("backchannel_authentication_endpoint", provider.backchannel),
    ];
    let named = endpoints
        .into_iter()
        .filter_map(|(name, path)| Some((name.to_owned(), format!("{address}{}", path?).into())));
    Some(named.collect())
}

/// What a provider that asks persons on other devices tells beside (OpenID Connect CIBA 4).
#[derive(Debug, Clone, Serialize)]
struct Backchannel {
    backchannel_authentication_endpoint: String,
    backchannel_token_delivery_modes_supported: [Delivery; 2],
    backchannel_authentication_request_signing_alg_values_supported: &'static [Algorithm],
    backchannel_user_code_parameter_supported: bool,
}

impl Backchannel {
    fn of(provider: &Provider) -> Option<Self> {
        Some(Self {
            backchannel_authentication_endpoint: provider.url(provider.backchannel?),
            backchannel_token_delivery_modes_supported: [Delivery::Poll, Delivery::Ping],
            backchannel_authentication_request_signing_alg_values_supported: authentication::ALGORITHMS,
            backchannel_user_code_parameter_supported: false,
        })
    }
}

/// What a provider with pushed requests tells beside (RFC 9126 section 5, RFC 9449 section 5.1, RFC 8414 section 2).
#[derive(Debug, Clone, Serialize)]
struct More {
    pushed_authorization_request_endpoint: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    introspection_endpoint: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    revocation_endpoint: Option<String>,
    dpop_signing_alg_values_supported: &'static [Algorithm],
    request_object_signing_alg_values_supported: &'static [Algorithm],
    authorization_signing_alg_values_supported: Vec<Algorithm>,
    introspection_signing_alg_values_supported: Vec<Algorithm>,
    client_attestation_signing_alg_values_supported: &'static [Algorithm],
    client_attestation_pop_signing_alg_values_supported: &'static [Algorithm],
    /// `OpenID4VCI` 1.0 section 12.3: a wallet proves who made it.
    #[serde(rename = "pre-authorized_grant_anonymous_access_supported")]
    anonymous_offers: bool,
}

impl More {
    fn of(provider: &Provider, algorithms: &[Algorithm]) -> Option<Self> {
        Some(Self {
            pushed_authorization_request_endpoint: provider.url(provider.pushed?),
            introspection_endpoint: provider.introspect.map(|path| provider.url(path)),
            revocation_endpoint: provider.revoke.map(|path| provider.url(path)),
            dpop_signing_alg_values_supported: dpop::ALGORITHMS,
            request_object_signing_alg_values_supported: authentication::ALGORITHMS,
            authorization_signing_alg_values_supported: algorithms.to_vec(),
            introspection_signing_alg_values_supported: algorithms.to_vec(),
            client_attestation_signing_alg_values_supported: authentication::ALGORITHMS,
            client_attestation_pop_signing_alg_values_supported: authentication::ALGORITHMS,
            anonymous_offers: false,
        })
    }
}

/// The document of a provider whose ID tokens are signed with one of these algorithms.
pub fn document(provider: &Provider, id_token_algorithms: &[Algorithm]) -> Document {
    Document {
        issuer: provider.issuer.as_str().to_owned(),
        authorization_endpoint: provider.url(provider.authorize),
        token_endpoint: provider.url(provider.token),
        userinfo_endpoint: provider.url(provider.userinfo),
        jwks_uri: provider.url(provider.jwks),
        end_session_endpoint: provider.url(provider.logout),
        frontchannel_logout_supported: true,
        frontchannel_logout_session_supported: true,
        backchannel_logout_supported: true,
        backchannel_logout_session_supported: true,
        scopes_supported: Scope::ALL.iter().map(|scope| scope.name()).collect(),
        response_types_supported: [ResponseType::Code],
        response_modes_supported: response_modes(provider),
        grant_types_supported: grant_types(provider),
        acr_values_supported: Assurance::ALL,
        subject_types_supported: [SubjectType::Pairwise],
        id_token_signing_alg_values_supported: id_token_algorithms.to_vec(),
        id_token_encryption_alg_values_supported: [KeyAgreement::EcdhEs],
        id_token_encryption_enc_values_supported: ENCRYPTIONS,
        userinfo_signing_alg_values_supported: id_token_algorithms.to_vec(),
        userinfo_encryption_alg_values_supported: [KeyAgreement::EcdhEs],
        userinfo_encryption_enc_values_supported: ENCRYPTIONS,
        token_endpoint_auth_methods_supported: AuthMethod::ALL
            .iter()
            .copied()
            .filter(|method| provider.mutual_tls.is_some() || !method.uses_certificate())
            .collect(),
        token_endpoint_auth_signing_alg_values_supported: authentication::ALGORITHMS,
        code_challenge_methods_supported: [pkce::METHOD],
        prompt_values_supported: [Prompt::None, Prompt::Login, Prompt::Consent, Prompt::SelectAccount],
        claim_types_supported: ["normal"],
        claims_supported: Scope::ALL
            .iter()
            .flat_map(|scope| scope.claims())
            .chain(TOKEN_CLAIMS)
            .copied()
            .collect(),
        ui_locales_supported: ["vi", "en"],
        claims_parameter_supported: true,
        verified_claims_supported: true,
        trust_frameworks_supported: [verified_claims::FRAMEWORK],
        evidence_supported: ["document", "electronic_record"],
        documents_supported: ["idcard"],
        documents_check_methods_supported: ["vcrypt", "vpip", "vri", "bvp", "bvr", "pvp"],
        electronic_records_supported: ["population_register"],
        claims_in_verified_claims_supported: verified_claims::CLAIMS,
        authorization_details_types_supported: authorization_details::TYPES,
        request_parameter_supported: provider.pushed.is_some(),
        request_uri_parameter_supported: false,
        authorization_response_iss_parameter_supported: true,
        more: More::of(provider, id_token_algorithms),
        backchannel: Backchannel::of(provider),
        check_session_iframe: provider.watch.map(|path| provider.url(path)),
        registration_endpoint: provider.registration.map(|path| provider.url(path)),
        mtls_endpoint_aliases: aliases(provider),
        tls_client_certificate_bound_access_tokens: provider.mutual_tls.is_some(),
    }
}

fn response_modes(provider: &Provider) -> Vec<ResponseMode> {
    let mut modes = vec![ResponseMode::Query, ResponseMode::FormPost];
    if provider.pushed.is_some() {
        modes.extend([ResponseMode::QueryJwt, ResponseMode::FormPostJwt]);
    }
    modes
}

fn grant_types(provider: &Provider) -> Vec<GrantType> {
    let mut types = vec![GrantType::AuthorizationCode];
    if provider.revoke.is_some() {
        types.extend([
            GrantType::RefreshToken,
            GrantType::ClientCredentials,
            GrantType::PreAuthorizedCode,
        ]);
    }
    if provider.backchannel.is_some() {
        types.push(GrantType::Ciba);
    }
    types
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::provider::Issuer;

    #[test]
    fn oidcc_discovery_endpoint_verification() {
        let provider = Provider::new(Issuer::parse("https://vneid.example").unwrap());

        let document = serde_json::to_value(document(&provider, &[Algorithm::Es256])).unwrap();

        assert_eq!(document["issuer"], "https://vneid.example");
        assert_eq!(document["token_endpoint"], "https://vneid.example/sso/token");
        assert_eq!(document["response_types_supported"], json!(["code"]));
        assert_eq!(document["response_modes_supported"], json!(["query", "form_post"]));
        assert_eq!(document["grant_types_supported"], json!(["authorization_code"]));
        assert_eq!(document["subject_types_supported"], json!(["pairwise"]));
        assert_eq!(document["id_token_signing_alg_values_supported"], json!(["ES256"]));
        assert_eq!(
            document["token_endpoint_auth_methods_supported"],
            json!([
                "client_secret_basic",
                "client_secret_post",
                "private_key_jwt",
                "attest_jwt_client_auth",
                "none"
            ])
        );
        assert_eq!(
            document["prompt_values_supported"],
            json!(["none", "login", "consent", "select_account"])
        );
        assert_eq!(document["request_uri_parameter_supported"], false);
        assert!(
            document["claims_supported"]
                .as_array()
                .unwrap()
                .contains(&json!("birthdate"))
        );
    }

    #[test]
    fn fapi2_security_profile_final_discovery_end_point_verification() {
        let provider = Provider::new(Issuer::parse("https://vneid.example").unwrap()).with_pushed_and_tokens();

        let document = serde_json::to_value(document(&provider, &[Algorithm::Es256])).unwrap();

        assert_eq!(
            document["pushed_authorization_request_endpoint"],
            "https://vneid.example/sso/par"
        );
        assert_eq!(
            document["introspection_endpoint"],
            "https://vneid.example/sso/introspect"
        );
        assert_eq!(document["dpop_signing_alg_values_supported"], json!(["ES256", "EdDSA"]));
        assert_eq!(document["authorization_signing_alg_values_supported"], json!(["ES256"]));
        assert_eq!(
            document["grant_types_supported"],
            json!([
                "authorization_code",
                "refresh_token",
                "client_credentials",
                "urn:ietf:params:oauth:grant-type:pre-authorized_code"
            ])
        );
        assert_eq!(
            document["response_modes_supported"],
            json!(["query", "form_post", "query.jwt", "form_post.jwt"])
        );
        assert_eq!(document["authorization_response_iss_parameter_supported"], true);
    }
}
