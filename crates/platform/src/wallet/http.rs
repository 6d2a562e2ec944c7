use ::http::StatusCode;
use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use crypto::jwk::PublicKey;
use serde::{Deserialize, Serialize};

use super::rules;
use crate::app::App;
use crate::recovery::{self, Right};
use crate::shell::filters;
use crate::shell::input::Input;
use crate::shell::offline::{self, Manifest};
use crate::shell::page::Page;
use crate::shell::problem::Problem;
use crate::shell::session::{Citizen, Visitor};
use crate::shell::texts::Lang;
use crate::{devices, issuance, signin};

/// What the page needs without network.
const FILES: [&str; 37] = [
    "app.css",
    "eid.css",
    "icon.svg",
    "wallet.css",
    "documents.css",
    "device.js",
    "time.js",
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
    "verifier/status.js",
    "verifier/trust.js",
    "verifier/verify.js",
    "wallet/held.js",
    "wallet/issuer.js",
    "wallet/mdoc.js",
    "wallet/papers.js",
    "wallet/offers.js",
    "wallet/trust.js",
    "inspection/camera.js",
    "qr/find.js",
    "qr/decode.js",
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
pub(super) struct OfferForm {
    passcode: String,
    proof: String,
}

#[derive(Deserialize)]
pub(super) struct RenewForm {
    proof: String,
}

/// Offers the card and the documents to the device that asks.
pub(super) async fn offer(
    State(app): State<App>,
    citizen: Citizen,
    Input(form): Input<OfferForm>,
) -> Result<Response, Problem> {
    own_device(&app, &citizen, &form.proof).await?;
    signin::check_passcode(&app, &citizen.person, form.passcode.trim()).await?;

    let (person, now) = (citizen.person, app.clock.now());
    app.db
        .read(move |conn| recovery::must_have(conn, &person, Right::Present, now))
        .await?;
    let offered = issuance::offer_to_app(&app, &citizen.session).await?;
    Ok(axum::Json(offered).into_response())
}

/// Issues a fresh pass to the device that holds the card.
pub(super) async fn renew(
    State(app): State<App>,
    citizen: Citizen,
    Input(form): Input<RenewForm>,
) -> Result<Response, Problem> {
    let device = own_device(&app, &citizen, &form.proof).await?;

    let (person, now) = (citizen.person, app.clock.now());
    app.db
        .read(move |conn| recovery::must_have(conn, &person, Right::Present, now))
        .await?;
    let pass = issuance::pass(&app, person, &device).await?;

    let renewed = serde_json::json!({"pass": STANDARD.encode(&pass), "at": now});
    Ok(axum::Json(renewed).into_response())
}

/// The key that has proved itself, if it is that of the citizen's one device.
async fn own_device(app: &App, citizen: &Citizen, proof: &str) -> Result<PublicKey, Problem> {
    let key = rules::proven(proof, &audience(app), app.clock.now())
        .ok_or_else(|| Problem::new("wallet-device-not-proven", StatusCode::FORBIDDEN))?;
    let person = citizen.person;
    let current = app.db.read(move |conn| devices::current(conn, &person)).await?;
    match current {
        None => Err(Problem::new("wallet-no-device", StatusCode::CONFLICT)),
        Some(device) if device.thumbprint != key.thumbprint() => {
            Err(Problem::new("wallet-other-device", StatusCode::CONFLICT))
        }
        Some(_) => Ok(key),
    }
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
