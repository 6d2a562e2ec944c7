use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use crypto::base64url;
use crypto::jwe::{self, Dice};
use crypto::jwk::{Jwk, PublicKey};
use http::{HeaderMap, Method, StatusCode, header};
use jiff::SignedDuration;
use oidc::credential::{
    CredentialError, CredentialErrorCode, CredentialRequest, DeferredRequest, Event, Judge, Notification,
    ResponseEncryption, Wanted,
};
use serde_json::{Map, Value, json};

use super::store::{self, Deferred};
use super::{CREDENTIAL, DEFERRED, NOTIFICATION};
use crate::app::App;
use crate::devices;
use crate::history::{self, Look, Purpose, Who};
use crate::issuance::documents::rules::Configuration;
use crate::issuance::documents::{self, APP, Batch, Facts, Written};
use crate::issuance::status::{self, CredentialId};
use crate::recovery::{self, Right};
use crate::shell::ids::PersonId;
use crate::shell::problem::Problem;
use crate::sso::{self, Granted};

/// The longest request that is read, in bytes.
const MAX_REQUEST: usize = 256 * 1024;
/// How long a deferred credential can be fetched.
const DEFERRED_LIFE: SignedDuration = SignedDuration::from_hours(24 * 7);
/// After how many seconds it is worth asking for a deferred credential again.
const INTERVAL: u32 = 60;

/// Why a wallet gets nothing.
pub(in crate::issuance) enum Refused {
    /// The token is not good, told as RFC 6750 asks.
    Token(Box<Response>),
    /// The request is not good.
    Request(CredentialError),
    /// We failed, or are overloaded.
    Failed(Problem),
}

impl From<CredentialError> for Refused {
    fn from(error: CredentialError) -> Self {
        Self::Request(error)
    }
}

impl From<db::Error> for Refused {
    fn from(error: db::Error) -> Self {
        Self::Failed(error.into())
    }
}

impl From<Problem> for Refused {
    /// What a person may not have is denied to the wallet; everything else is our own failure.
    fn from(problem: Problem) -> Self {
        const DENIED: CredentialError = CredentialError::new(
            CredentialErrorCode::CredentialRequestDenied,
            "the person has no such document, or may not show it just now",
        );
        match problem.slug() {
            "issuance-level-needed" | "issuance-locked" | "issuance-no-licence" | "recovery-right-waits" => {
                Self::Request(DENIED)
            }
            _ => Self::Failed(problem),
        }
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        match self {
            Self::Token(response) => *response,
            Self::Request(error) => private(StatusCode::BAD_REQUEST, Json(error)),
            Self::Failed(problem) => problem.into_response(),
        }
    }
}

/// Gives a nonce for proofs (`OpenID4VCI` 1.0 section 7).
pub(in crate::issuance) async fn nonce(State(app): State<App>) -> Response {
    let nonce = super::nonces(&app).make(app.chance.bytes(), app.clock.now());
    private(StatusCode::OK, Json(json!({ "c_nonce": nonce })))
}

/// Issues credentials (section 8).
pub(in crate::issuance) async fn issue(
    State(app): State<App>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refused> {
    let granted = granted(&app, &headers, CREDENTIAL).await?;
    let request = CredentialRequest::read(&opened(&app, &headers, &body)?)?;
    let configuration = wanted(&request.wanted, &granted)?;
    let judge = Judge {
        issuer: &app.config.public_url,
        client_id: granted.client.id(),
        attesters: granted.client.metadata().jwks.as_ref(),
        attested: granted.client.rules().attested_keys,
        nonces: &super::nonces(&app),
        now: app.clock.now(),
    };
    let keys = judge.keys(&request.proofs)?;
    if granted.client.id() == APP {
        must_be_own_device(&app, granted.person, &keys).await?;
    }

    let facts = match documents::facts(&app, &granted.person, configuration.document()).await {
        Err(problem) if problem.slug() == "registries-silent" => {
            let name = defer(&app, &granted, configuration, &keys).await?;
            return waiting(&app, &name, request.encryption.as_ref());
        }
        facts => facts?,
    };
    deliver(
        &app,
        &granted,
        (configuration, &facts, &keys),
        None,
        request.encryption.as_ref(),
    )
    .await
}

/// Issues credentials that were not ready before (section 9).
pub(in crate::issuance) async fn issue_deferred(
    State(app): State<App>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refused> {
    let granted = granted(&app, &headers, DEFERRED).await?;
    let request = DeferredRequest::read(&opened(&app, &headers, &body)?)?;
    let digest = digest(&app, &request.transaction_id);
    let (person, client, now) = (granted.person, granted.client.id().to_owned(), app.clock.now());
    let found = app
        .db
        .read(move |conn| store::find(conn, &person, &digest, &client, now))
        .await?;
    let unknown = CredentialError::new(
        CredentialErrorCode::InvalidTransactionId,
        "there is no such deferred credential",
    );
    let deferred = found.ok_or(unknown)?;
    let configuration = Configuration::from_id(&deferred.configuration).ok_or(unknown)?;
    let keys = app
        .vault
        .open_record::<Vec<Value>>("issuance_deferred", "keys_sealed", &digest, &deferred.keys_sealed);
    let keys: Option<Vec<PublicKey>> = keys
        .map_err(Problem::from)?
        .iter()
        .map(|jwk| Jwk::from_value(jwk).ok().map(|jwk| jwk.key().clone()))
        .collect();
    let keys = keys.ok_or(unknown)?;

    let facts = match documents::facts(&app, &granted.person, configuration.document()).await {
        Err(problem) if problem.slug() == "registries-silent" => {
            return waiting(&app, &request.transaction_id, request.encryption.as_ref());
        }
        facts => facts?,
    };
    deliver(
        &app,
        &granted,
        (configuration, &facts, &keys),
        Some(digest),
        request.encryption.as_ref(),
    )
    .await
}

/// Hears what became of credentials (section 11). What the wallet has deleted is revoked.
pub(in crate::issuance) async fn hear(
    State(app): State<App>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refused> {
    let granted = granted(&app, &headers, NOTIFICATION).await?;
    let notification = Notification::read(&body)?;
    let unknown = CredentialError::new(
        CredentialErrorCode::InvalidNotificationId,
        "there is no such notification_id",
    );
    let batch: CredentialId = notification.id.parse().ok().ok_or(unknown)?;
    let (person, client, now) = (granted.person, granted.client.id().to_owned(), app.clock.now());
    let known = app
        .db
        .write(move |tx| {
            let known = status::store::notify(tx, &person, (&client, &batch), notification.event.text())?;
            if known && notification.event == Event::Deleted {
                status::revoke_batch(tx, &person, &batch, now)?;
            }
            Ok::<_, db::Error>(known)
        })
        .await?;
    if known {
        Ok(StatusCode::NO_CONTENT.into_response())
    } else {
        Err(unknown.into())
    }
}

/// Our own app keeps documents on the person's one device.
async fn must_be_own_device(app: &App, person: PersonId, keys: &[PublicKey]) -> Result<(), Refused> {
    let device = app.db.read(move |conn| devices::current(conn, &person)).await?;
    let own = |key: &PublicKey| {
        device
            .as_ref()
            .is_some_and(|device| device.thumbprint == key.thumbprint())
    };
    match keys {
        [key] if own(key) => Ok(()),
        _ => Err(CredentialError::proof("the key is not that of the person's device").into()),
    }
}

async fn granted(app: &App, headers: &HeaderMap, path: &str) -> Result<Granted, Refused> {
    sso::granted(app, &Method::POST, headers, path)
        .await
        .map_err(Refused::Token)
}

/// The body, decrypted where it was encrypted (section 10).
fn opened(app: &App, headers: &HeaderMap, body: &[u8]) -> Result<Vec<u8>, Refused> {
    let kind = headers
        .get(header::CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        .unwrap_or_default();
    if kind.starts_with("application/json") {
        return Ok(body.to_vec());
    }
    if !kind.starts_with("application/jwt") {
        return Err(
            CredentialError::request("the content type is neither application/json nor application/jwt").into(),
        );
    }
    let refused = CredentialError::encryption("the request cannot be decrypted");
    let token = std::str::from_utf8(body).ok().ok_or(refused)?;
    let opened = super::decryption_key(app)?.open(token, MAX_REQUEST);
    Ok(opened.ok().ok_or(refused)?.content)
}

fn wanted(wanted: &Wanted, granted: &Granted) -> Result<Configuration, CredentialError> {
    // An identifier that came with the token is that of its configuration (section 6.2).
    let given = |id: &str| granted.by_details.iter().any(|scope| scope.name() == id);
    let id = match wanted {
        Wanted::Configuration(id) => id,
        Wanted::Identifier(id) if given(id) => id,
        Wanted::Identifier(_) => {
            return Err(CredentialError::new(
                CredentialErrorCode::UnknownCredentialIdentifier,
                "the token came without this credential identifier",
            ));
        }
    };
    let configuration = Configuration::from_id(id).ok_or(CredentialError::new(
        CredentialErrorCode::UnknownCredentialConfiguration,
        "there is no such credential configuration",
    ))?;
    if granted.scopes.iter().any(|scope| scope.name() == configuration.id()) {
        Ok(configuration)
    } else {
        Err(CredentialError::new(
            CredentialErrorCode::CredentialRequestDenied,
            "the token was not given for this credential",
        ))
    }
}

/// Signs the credentials, keeps what was issued together with the entry in the history, and tells them.
async fn deliver(
    app: &App,
    granted: &Granted,
    (configuration, facts, keys): (Configuration, &Facts, &[PublicKey]),
    deferred: Option<[u8; 32]>,
    encryption: Option<&ResponseEncryption>,
) -> Result<Response, Refused> {
    let batch = Batch::draw(app, facts, configuration, keys).await?;
    let (person, client, now) = (granted.person, granted.client.id().to_owned(), app.clock.now());
    let wallet = match granted.client.id() {
        APP => Who::Holder,
        _ => Who::Partner(granted.client.name().to_owned()),
    };
    let look = Look::now(app, person, &wallet, Purpose::Issuance, configuration.document().what());
    let kept = batch.clone();
    app.db
        .write(move |tx| {
            if let Some(digest) = &deferred
                && !store::take(tx, &person, digest)?
            {
                let gone = "there is no such deferred credential";
                return Err(CredentialError::new(CredentialErrorCode::InvalidTransactionId, gone).into());
            }
            recovery::must_have(tx, &person, Right::Present, now)?;
            kept.keep(tx, &person, &client, now)?;
            history::record(tx, &look)?;
            Ok::<_, Refused>(())
        })
        .await?;
    let credentials = batch
        .written
        .iter()
        .map(|(written, _)| json!({"credential": text(written)}));
    let credentials: Vec<Value> = credentials.collect();
    let answer = json!({"credentials": credentials, "notification_id": batch.id});
    tell(app, StatusCode::OK, &answer, encryption)
}

fn text(written: &Written) -> String {
    match written {
        Written::SdJwt(text) => text.clone(),
        Written::Mdoc(bytes) => base64url::encode(bytes),
    }
}

/// Keeps what could not be issued yet; answers its name.
async fn defer(
    app: &App,
    granted: &Granted,
    configuration: Configuration,
    keys: &[PublicKey],
) -> Result<String, Refused> {
    let name = base64url::encode(app.chance.bytes::<32>());
    let digest = digest(app, &name);
    let now = app.clock.now();
    let keys: Vec<Jwk> = keys.iter().map(|key| Jwk::unnamed(key.clone())).collect();
    let deferred = Deferred {
        digest,
        client_id: granted.client.id().to_owned(),
        configuration: configuration.id().to_owned(),
        keys_sealed: app
            .vault
            .seal_record("issuance_deferred", "keys_sealed", &digest, &keys)
            .map_err(Problem::from)?,
        expires_at: now + DEFERRED_LIFE,
    };
    let person = granted.person;
    app.db
        .write(move |tx| store::defer(tx, &person, &deferred, now))
        .await?;
    Ok(name)
}

fn digest(app: &App, name: &str) -> [u8; 32] {
    app.vault.digest("issuance-deferred", name.as_bytes())
}

fn waiting(app: &App, name: &str, encryption: Option<&ResponseEncryption>) -> Result<Response, Refused> {
    let answer = json!({"transaction_id": name, "interval": INTERVAL});
    tell(app, StatusCode::ACCEPTED, &answer, encryption)
}

/// The answer, encrypted where the wallet wishes it.
fn tell(
    app: &App,
    status: StatusCode,
    answer: &Value,
    encryption: Option<&ResponseEncryption>,
) -> Result<Response, Refused> {
    let Some(wished) = encryption else {
        return Ok(private(status, Json(answer)));
    };
    let dice = Dice {
        number: app.chance.bytes(),
        nonce: app.chance.bytes(),
    };
    let content = answer.to_string();
    let token = jwe::encrypt(
        &wished.recipient,
        wished.encryption,
        Map::new(),
        content.as_bytes(),
        dice,
    );
    let token = token.map_err(Problem::internal)?;
    Ok(private(status, ([(header::CONTENT_TYPE, "application/jwt")], token)))
}

fn private(status: StatusCode, body: impl IntoResponse) -> Response {
    (status, [(header::CACHE_CONTROL, "no-store")], body).into_response()
}
