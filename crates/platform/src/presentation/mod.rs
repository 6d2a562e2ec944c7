//! Presentation (*xuất trình*) online: verifiers ask a wallet by `OpenID4VP` 1.0 and learn what its holder agrees to show, no more.
//!
//! A verifier is registered with a purpose and the data that the purpose needs; what goes beyond is refused before any wallet sees it.
//! It needs no cryptography of its own: it opens a request here, shows the link or the QR code, and fetches the outcome.
//!
//! | request | what it does |
//! | --- | --- |
//! | `POST /presentation/requests` | a verifier opens a request (`Authorization: Bearer`) |
//! | `GET /presentation/requests/{id}` | the verifier fetches the outcome |
//! | `GET`, `POST /presentation/objects/{id}` | a wallet fetches the signed request |
//! | `POST /presentation/answers/{id}` | a wallet answers, or refuses |
//!
//! **Invariant:** a verifier asks for what it was registered for and for nothing else.
//! **Invariant:** a request is answered once, in time, and only by an answer that was made for it.

use axum::Router;
use axum::middleware::map_response;
use axum::routing::{get, post};
use credentials::openid4vp::dcql::Query;
use credentials::openid4vp::{ClientId, Mode, Registered, Request, TransactionData};
use db::Conn;
use http::StatusCode;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::app::{App, Capability};
use crate::issuance;
use crate::shell::ids::id;
use crate::shell::jobs::{self as outbox, Order, Runner};
use crate::shell::problem::Problem;
use crate::shell::texts;

pub mod command;
mod desk;
mod jobs;
mod store;
mod wallets;

#[cfg(test)]
mod tests;

pub(crate) const CAPABILITY: Capability = Capability {
    texts: texts::source!(),
    routes,
    jobs: learn,
    only_in_sandbox: false,
};

fn routes() -> Router<App> {
    Router::new()
        .route("/presentation/requests", post(desk::http::open))
        .route("/presentation/requests/{id}", get(desk::http::outcome))
        .route(
            "/presentation/objects/{id}",
            get(wallets::http::object)
                .post(wallets::http::object_for)
                .layer(map_response(wallets::http::open_to_browsers)),
        )
        .route(
            "/presentation/answers/{id}",
            post(wallets::http::answer).layer(map_response(wallets::http::open_to_browsers)),
        )
}

fn learn(runner: &mut Runner) {
    runner.learn::<jobs::Forget>();
}

/// How long a wallet has to answer.
const OPEN_FOR: SignedDuration = SignedDuration::from_mins(10);
/// How long the outcome is there to be fetched.
const KEPT_FOR: SignedDuration = SignedDuration::from_hours(1);

id! {
    /// A verifier.
    VerifierId
}

id! {
    /// A request of a verifier.
    RequestId
}

/// Who may ask wallets, and for what.
#[derive(Clone, Debug)]
pub struct Verifier {
    /// Its identifier.
    pub verifier: VerifierId,
    /// Its name, as holders are told.
    pub name: String,
    /// What it needs the data for, as holders are told.
    pub purpose: String,
    /// What it may ask for.
    pub registered: Registered,
}

/// What a verifier wants.
pub struct Wanted {
    /// What it asks for.
    pub query: Query,
    /// How the answer comes.
    pub mode: Mode,
    /// Known by its name in the certificate, or by the certificate's digest.
    pub by_name: bool,
    /// What the holder agrees to beside showing data.
    pub transaction_data: Vec<TransactionData>,
    /// For the Digital Credentials API, the origin of the page.
    pub origin: Option<String>,
    /// Where the browser of the same device goes on afterwards; `{id}` in it stands for the request's identifier.
    pub redirect_uri: Option<String>,
}

/// A request as it is kept.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Content {
    pub(crate) request: Request,
    /// The private number of the key for encrypted answers.
    number: [u8; 32],
    redirect_uri: Option<String>,
}

/// A request that was opened.
#[derive(Clone, Debug)]
pub struct Opened {
    /// Its identifier.
    pub request: RequestId,
    /// Where a wallet fetches it.
    pub request_uri: String,
    /// Who asks, as the wallet knows it.
    pub client_id: String,
    /// Until when it can be answered.
    pub expires_at: Timestamp,
}

impl Opened {
    /// The address by which a wallet is called, on the same device or from a QR code.
    pub fn link(&self, scheme: &str) -> String {
        let query = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("client_id", &self.client_id)
            .append_pair("request_uri", &self.request_uri)
            .append_pair("request_uri_method", "post")
            .finish();
        format!("{scheme}?{query}")
    }
}

/// What became of a request.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// No wallet has answered yet.
    Waiting,
    /// Its time is over.
    Expired,
    /// The holder has refused, or the wallet could not.
    Refused,
    /// It was answered.
    Answered(Vec<Shown>),
}

/// What was shown of a credential, and is genuine.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Shown {
    /// The part of the query that it answers.
    pub id: String,
    /// Its type.
    pub document: Option<String>,
    /// What it says.
    pub claims: serde_json::Value,
}

/// Registers a verifier, or renews what it may ask for; answers the secret of its programs.
///
/// # Errors
/// Those of the database.
pub async fn register(
    app: &App,
    name: &str,
    purpose: &str,
    registered: Registered,
) -> Result<(Verifier, String), Problem> {
    let secret: [u8; 32] = app.chance.bytes();
    let verifier = Verifier {
        verifier: VerifierId::draw(&app.chance),
        name: name.to_owned(),
        purpose: purpose.to_owned(),
        registered,
    };
    let (row, digest, now) = (
        verifier,
        app.vault.digest("presentation_verifier", &secret),
        app.clock.now(),
    );
    let kept = app.db.write(move |tx| store::put(tx, &row, &digest, now)).await?;
    let token = format!("{}.{}", kept.verifier, crypto::base64url::encode(secret));
    Ok((kept, token))
}

/// Opens a request of a verifier.
///
/// # Errors
/// `presentation-beyond-purpose`; those of the database and of the keys.
pub async fn open(app: &App, verifier: &Verifier, wanted: Wanted) -> Result<Opened, Problem> {
    verifier
        .registered
        .allows(&wanted.query)
        .map_err(|beyond| Problem::new("presentation-beyond-purpose", StatusCode::FORBIDDEN).with("what", beyond))?;
    let request = RequestId::draw(&app.chance);
    let content = draw(app, verifier, request, wanted)?;
    let opened = Opened {
        request,
        request_uri: format!("{}/presentation/objects/{request}", app.config.public_url),
        client_id: content.request.client_id.text(),
        expires_at: app.clock.now() + OPEN_FOR,
    };
    let sealed = app
        .vault
        .seal_record("presentation_request", "content", request.bytes(), &content)?;
    let row = store::NewRequest {
        request,
        verifier: verifier.verifier,
        content_sealed: sealed,
        opened_at: app.clock.now(),
        expires_at: opened.expires_at,
    };
    let forget = Order::at(app, &jobs::Forget { request }, row.opened_at + KEPT_FOR);
    app.db
        .write(move |tx| {
            store::insert(tx, &row)?;
            outbox::enqueue(tx, &forget)
        })
        .await?;
    app.bell.ring();
    Ok(opened)
}

fn draw(app: &App, verifier: &Verifier, id: RequestId, wanted: Wanted) -> Result<Content, Problem> {
    let redirect_uri = wanted.redirect_uri;
    let (number, key) = loop {
        let number: [u8; 32] = app.chance.bytes();
        if let Ok(key) = crypto::jwe::DecryptionKey::from_number(&number) {
            break (number, key);
        }
    };
    let certificate = issuance::verifier_certificate(app)?;
    let host = url::Url::parse(&app.config.public_url)
        .ok()
        .and_then(|url| url.host_str().map(str::to_owned));
    let client_id = match host.filter(|_| wanted.by_name) {
        Some(host) => ClientId::SanDns(host),
        None => ClientId::Hash(certificate),
    };
    let text = |bytes: [u8; 24]| crypto::base64url::encode(bytes);
    let answers = format!("{}/presentation/answers/{id}", app.config.public_url);
    let request = Request {
        client_id,
        mode: wanted.mode,
        response_uri: wanted.origin.filter(|_| wanted.mode.is_dc_api()).unwrap_or(answers),
        nonce: text(app.chance.bytes()),
        state: text(app.chance.bytes()),
        query: wanted.query,
        encryption: wanted.mode.is_encrypted().then(|| key.jwk()),
        transaction_data: wanted.transaction_data,
        client_name: verifier.name.clone(),
        purpose: verifier.purpose.clone(),
    };
    Ok(Content {
        request,
        number,
        redirect_uri: redirect_uri.map(|to| to.replace("{id}", &id.to_string())),
    })
}

/// What became of a verifier's request. One that leads the browser back is told only for the code that the browser brings.
///
/// # Errors
/// `not-found` for another verifier's; those of the database and of the vault.
pub async fn outcome(app: &App, verifier: VerifierId, id: RequestId, code: Option<&str>) -> Result<Outcome, Problem> {
    let row = app.db.read(move |conn| store::find(conn, &id)).await?;
    let row = row
        .filter(|row| row.verifier == verifier)
        .ok_or_else(Problem::not_found)?;
    let told = code.map(|code| app.vault.digest("presentation_request", code.as_bytes()));
    match (&row.answer_sealed, row.ended_at) {
        (Some(_), _) if row.code_digest.is_some() && row.code_digest != told.map(|digest| digest.to_vec()) => {
            Err(Problem::new("presentation-other-browser", StatusCode::FORBIDDEN))
        }
        (Some(sealed), _) => Ok(Outcome::Answered(app.vault.open_record(
            "presentation_request",
            "answer",
            id.bytes(),
            sealed,
        )?)),
        (None, Some(_)) => Ok(Outcome::Refused),
        (None, None) if row.expires_at <= app.clock.now() => Ok(Outcome::Expired),
        (None, None) => Ok(Outcome::Waiting),
    }
}

/// A verifier by its name.
///
/// # Errors
/// Those of the database.
pub fn find(conn: &mut Conn<'_>, name: &str) -> Result<Option<Verifier>, db::Error> {
    store::named(conn, name)
}

/// The signed request, for a wallet that fetches it while it is open.
///
/// # Errors
/// `not-found` when there is none, or it has ended; those of the database, the vault and the keys.
async fn object(app: &App, id: &RequestId, wallet_nonce: Option<&str>) -> Result<String, Problem> {
    let (id, now) = (*id, app.clock.now());
    let sealed = app.db.write(move |tx| store::fetch(tx, &id, now)).await?;
    let sealed = sealed.ok_or_else(Problem::not_found)?;
    let content: Content = app
        .vault
        .open_record("presentation_request", "content", id.bytes(), &sealed)?;
    issuance::sign_as_verifier(app, &content.request, (now, now + OPEN_FOR), wallet_nonce)
}
