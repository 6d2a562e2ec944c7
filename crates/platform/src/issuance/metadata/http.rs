use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use credentials::{eid, licence, paper};
use crypto::jwe;
use crypto::jws;
use crypto::sign::Algorithm;
use http::{HeaderMap, header};
use oidc::credential::MAX_BATCH;
use serde_json::{Map, Value, json};

use crate::app::App;
use crate::issuance::documents::rules::{Configuration, Document, Format};
use crate::issuance::{protocol, signers};
use crate::shell::keys;
use crate::shell::problem::Problem;

const CACHE: &str = "public, max-age=3600";
const SIGNED: &str = "application/jwt";
/// The identifier of ES256 among the algorithms of COSE.
const COSE_ES256: i64 = -7;

/// Tells the issuer's metadata (`OpenID4VCI` 1.0 section 12.2); signed for who asks for it (section 12.2.3).
pub(in crate::issuance) async fn issuer(State(app): State<App>, headers: HeaderMap) -> Result<Response, Problem> {
    let metadata = metadata(&app)?;
    let accepts = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok());
    let answer = if accepts.is_some_and(|accept| accept.contains(SIGNED)) {
        ([(header::CONTENT_TYPE, SIGNED)], signed(&app, metadata)?).into_response()
    } else {
        Json(metadata).into_response()
    };
    let open = [
        (header::CACHE_CONTROL, CACHE),
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
    ];
    Ok((open, answer).into_response())
}

/// Tells the keys of the issuer of SD-JWT VCs, for verifiers that do not follow certificates (draft-ietf-oauth-sd-jwt-vc section 5).
pub(in crate::issuance) async fn jwt_issuer(State(app): State<App>) -> Response {
    let jwks = app.keys.jwks(keys::ISSUER, app.clock.now());
    let body = Json(json!({"issuer": app.config.public_url, "jwks": jwks}));
    ([(header::CACHE_CONTROL, CACHE)], body).into_response()
}

fn signed(app: &App, metadata: Map<String, Value>) -> Result<String, Problem> {
    let signing = signers::signing(app, keys::ISSUER)?;
    let now = app.clock.now().as_second();
    let mut claims = metadata;
    claims.insert("iss".to_owned(), app.config.public_url.as_str().into());
    claims.insert("sub".to_owned(), app.config.public_url.as_str().into());
    claims.insert("iat".to_owned(), now.into());
    claims.insert("exp".to_owned(), (now + 86_400).into());
    let mut header = Map::new();
    header.insert("typ".to_owned(), "openidvci-issuer-metadata+jwt".into());
    header.insert("x5c".to_owned(), signing.x5c());
    let payload = Value::from(claims).to_string();
    jws::sign_with(signing.key.as_ref(), header, payload.as_bytes()).map_err(Problem::internal)
}

fn metadata(app: &App) -> Result<Map<String, Value>, Problem> {
    let url = |path: &str| format!("{}{path}", app.config.public_url);
    let encryptions = jwe::Encryption::ALL.map(jwe::Encryption::name);
    let configurations: Map<String, Value> = Document::ALL
        .into_iter()
        .flat_map(|(_, first, second)| [first, second])
        .map(|configuration| (configuration.id().to_owned(), describe(configuration)))
        .collect();
    let metadata = json!({
        "credential_issuer": app.config.public_url,
        "credential_endpoint": url(protocol::CREDENTIAL),
        "nonce_endpoint": url(protocol::NONCE),
        "deferred_credential_endpoint": url(protocol::DEFERRED),
        "notification_endpoint": url(protocol::NOTIFICATION),
        "credential_request_encryption": {
            "jwks": {"keys": [protocol::decryption_key(app)?.jwk()]},
            "enc_values_supported": encryptions,
            "encryption_required": false,
        },
        "credential_response_encryption": {
            "alg_values_supported": [jwe::ALGORITHM],
            "enc_values_supported": encryptions,
            "encryption_required": false,
        },
        "batch_credential_issuance": {"batch_size": MAX_BATCH},
        "display": [
            {"name": "VNeID – Định danh và xác thực điện tử", "locale": "vi"},
            {"name": "VNeID – Electronic identification of Viet Nam", "locale": "en"},
        ],
        "status_list_aggregation_endpoint": url("/issuance/status"),
        "credential_configurations_supported": configurations,
    });
    match metadata {
        Value::Object(members) => Ok(members),
        _ => Ok(Map::new()),
    }
}

fn describe(configuration: Configuration) -> Value {
    let algorithms: Vec<&str> = Algorithm::ALL.iter().map(|algorithm| algorithm.name()).collect();
    let proof = json!({"proof_signing_alg_values_supported": algorithms, "key_attestations_required": {}});
    let metadata = match configuration.document() {
        Document::Eid => eid::type_metadata(),
        Document::Licence => licence::type_metadata(),
        Document::Vehicles => paper::VEHICLES.type_metadata(),
        Document::Insurance => paper::HEALTH_INSURANCE.type_metadata(),
        Document::CriminalRecord => paper::CRIMINAL_RECORD.type_metadata(),
    };
    let (binding, signing, kind) = match configuration.format() {
        Format::SdJwt => ("jwk", json!([Algorithm::Es256.name()]), "vct"),
        Format::Mdoc => ("cose_key", json!([COSE_ES256]), "doctype"),
    };
    let display = metadata.get("display").cloned().unwrap_or_default();
    let claims = metadata.get("claims").and_then(Value::as_array).into_iter().flatten();
    let about = match configuration.format() {
        Format::SdJwt => json!({"display": display, "claims": claims.map(claim).collect::<Value>()}),
        Format::Mdoc => json!({"display": display}),
    };
    json!({
        "format": configuration.format().name(),
        "scope": configuration.id(),
        "cryptographic_binding_methods_supported": [binding],
        "credential_signing_alg_values_supported": signing,
        "proof_types_supported": {"jwt": proof, "attestation": proof},
        "credential_metadata": about,
        kind: configuration.kind(),
    })
}

/// A claim as `OpenID4VCI` 1.0 appendix B.2 describes it.
fn claim(described: &Value) -> Value {
    let named = |display: &Value| json!({"name": display["label"].clone(), "locale": display["locale"].clone()});
    let display: Value = described["display"]
        .as_array()
        .into_iter()
        .flatten()
        .map(named)
        .collect();
    json!({"path": described["path"].clone(), "display": display})
}
