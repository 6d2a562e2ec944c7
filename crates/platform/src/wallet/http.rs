use ::http::StatusCode;
use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use crypto::jwk::PublicKey;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{rules, store};
use crate::app::App;
use crate::shell::filters;
use crate::shell::input::Input;
use crate::shell::offline::{self, Manifest};
use crate::shell::page::Page;
use crate::shell::problem::Problem;
use crate::shell::session::{Citizen, Visitor};
use crate::shell::texts::Lang;
use crate::{issuance, signin};

/// What the page needs without network.
const FILES: [&str; 23] = [
    "app.css",
    "eid.css",
    "icon.svg",
    "wallet.css",
    "device.js",
    "offline.js",
    "wallet.js",
    "wallet/card.js",
    "wallet/code.js",
    "wallet/disclosures.js",
    "wallet/seal.js",
    "wallet/words.js",
    "qr/encode.js",
    "qr/galois.js",
    "qr/symbol.js",
    "verifier/bytes.js",
    "verifier/cbor.js",
    "verifier/identity.js",
    "verifier/keys.js",
    "wallet/history.js",
    "wallet/consent.js",
    "wallet/request.js",
    "verifier/certificate.js",
];

/// The page, as it is before the device shows what it keeps.
#[derive(Template, Serialize)]
#[template(path = "wallet/pages/wallet.html")]
pub(super) struct Wallet {
    signed_in: bool,
    /// For whom a device makes its proofs.
    audience: String,
}

/// Shows the page.
pub(super) async fn page(State(app): State<App>, visitor: Visitor) -> Page<Wallet> {
    Page(Wallet {
        signed_in: visitor.citizen.is_some(),
        audience: audience(&app),
    })
}

fn audience(app: &App) -> String {
    format!("{}/wallet", app.config.public_url)
}

#[derive(Deserialize)]
pub(super) struct TakeForm {
    passcode: String,
    proof: String,
}

#[derive(Deserialize)]
pub(super) struct RenewForm {
    proof: String,
}

/// What a device keeps.
#[derive(Serialize)]
struct Kept {
    pass: String,
    credentials: Vec<Credential>,
    at: Timestamp,
}

#[derive(Serialize)]
struct Credential {
    document: &'static str,
    vct: &'static str,
    document_type: &'static str,
    sd_jwt: String,
    mdoc: String,
    expires_at: Timestamp,
}

/// Issues the card and the documents to the device that asks.
pub(super) async fn take(
    State(app): State<App>,
    citizen: Citizen,
    Input(form): Input<TakeForm>,
) -> Result<Response, Problem> {
    let device = device(&app, &form.proof)?;
    signin::check_passcode(&app, &citizen.person, form.passcode.trim()).await?;

    let held = issuance::for_device(&app, citizen.person, &device).await?;
    let (now, thumbprint) = (app.clock.now(), device.thumbprint());
    app.db
        .write(move |tx| store::put(tx, &citizen.person, &thumbprint, now))
        .await?;

    let credential = |credential: issuance::HeldCredential| Credential {
        document: credential.document,
        vct: credential.vct,
        document_type: credential.document_type,
        sd_jwt: credential.sd_jwt,
        mdoc: STANDARD.encode(&credential.mdoc),
        expires_at: credential.expires_at,
    };
    let kept = Kept {
        pass: STANDARD.encode(&held.pass),
        credentials: held.credentials.into_iter().map(credential).collect(),
        at: now,
    };
    Ok(axum::Json(kept).into_response())
}

/// Issues a fresh pass to the device that holds the card.
pub(super) async fn renew(
    State(app): State<App>,
    citizen: Citizen,
    Input(form): Input<RenewForm>,
) -> Result<Response, Problem> {
    let device = device(&app, &form.proof)?;
    let (person, thumbprint) = (citizen.person, device.thumbprint());
    let holds = app
        .db
        .read(move |conn| store::holds(conn, &person, &thumbprint))
        .await?;
    if !holds {
        return Err(Problem::new("wallet-other-device", StatusCode::CONFLICT));
    }

    let pass = issuance::pass(&app, person, &device).await?;
    let now = app.clock.now();
    app.db.write(move |tx| store::renewed(tx, &person, now)).await?;

    let renewed = serde_json::json!({"pass": STANDARD.encode(&pass), "at": now});
    Ok(axum::Json(renewed).into_response())
}

fn device(app: &App, proof: &str) -> Result<PublicKey, Problem> {
    rules::proven(proof, &audience(app), app.clock.now())
        .ok_or_else(|| Problem::new("wallet-device-not-proven", StatusCode::FORBIDDEN))
}

/// Keeps the page for when there is no network.
pub(super) async fn worker() -> Response {
    offline::worker("/wallet", &FILES)
}

/// Installs the page.
pub(super) async fn manifest(State(app): State<App>) -> Manifest {
    Manifest {
        name: app.texts.say(Lang::Vi, "wallet-app", &[]),
        short_name: app.texts.say(Lang::Vi, "wallet-app-short", &[]),
        start_url: "/wallet",
    }
}
