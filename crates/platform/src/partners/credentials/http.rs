use ::http::StatusCode;
use axum::extract::State as Of;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use crypto::base64url;
use crypto::jwk::JwkSet;
use crypto::secret::Secret;
use jiff::{SignedDuration, Timestamp};
use oidc::certificate::Certificate;
use oidc::client::Metadata;
use serde::Deserialize;
use serde_json::json;

use super::{challenge, proven};
use crate::app::App;
use crate::partners::http::{granted, opened, registration};
use crate::partners::jobs::warnings;
use crate::partners::portal::http::{Connection, own};
use crate::partners::rules::{self, State};
use crate::partners::store::{self, Row};
use crate::partners::{ConnectionId, LIVE, checks};
use crate::shell::ids::hexadecimal;
use crate::shell::input::{Input, Path};
use crate::shell::jobs as outbox;
use crate::shell::outward;
use crate::shell::page::{Next, Page};
use crate::shell::problem::{Fault, Problem};
use crate::shell::session::Citizen;
use crate::sso;

/// Gives another secret for the sandbox; the old one is worth nothing from now on.
pub(in crate::partners) async fn renew_secret(
    Of(app): Of<App>,
    citizen: Citizen,
    Path(id): Path<ConnectionId>,
) -> Result<Page<Connection>, Problem> {
    let row = own(&app, &citizen, id).await?;
    let client = sso::find(&app, &row.trial_client)
        .await?
        .ok_or_else(Problem::not_found)?;
    let secret = base64url::encode(app.chance.bytes::<32>());
    let registered = sso::register(&app, client.metadata().clone(), Some(Secret::new(secret.clone()))).await;
    registered.map_err(Problem::internal)?;
    Ok(Page(Connection::load(&app, row, Some(secret)).await?))
}

/// The partner's public keys, and what it signed with each.
#[derive(Deserialize)]
pub(in crate::partners) struct Keys {
    /// The key set, or the address (`jwks_uri`) where it is.
    #[serde(default)]
    jwks: String,
    #[serde(default)]
    proof: String,
}

/// Takes keys for production, in place of those before: the first time it makes the production credentials.
pub(in crate::partners) async fn prove_keys(
    Of(app): Of<App>,
    citizen: Citizen,
    Path(id): Path<ConnectionId>,
    Input(form): Input<Keys>,
) -> Result<Next<Connection>, Problem> {
    let row = own(&app, &citizen, id).await?;
    if row.state != State::Granted {
        return Err(
            Problem::new("partners-not-granted", StatusCode::CONFLICT).on(Connection::load(&app, row, None).await?)
        );
    }
    let view = Connection::load(&app, row.clone(), None).await?;
    if !view.is_ready() {
        return Err(Problem::new("partners-unchecked", StatusCode::CONFLICT).on(view));
    }
    let now = app.clock.now();
    let challenges = [now, now - SignedDuration::from_hours(1)].map(|at| challenge(&app, &id, at));
    let audience = sso::issuer(&app).to_string();
    let jwks = jwks(&app, &form).await?;
    let keys = JwkSet::parse(jwks.trim().as_bytes()).ok();
    let keys = keys.filter(|keys| proven(keys, &form.proof, &audience, &challenges));
    let Some(keys) = keys else {
        let fault = Fault::new("proof", "partners-fault-proof");
        return Err(Problem::invalid(vec![fault]).on(view));
    };

    let client_id = row
        .live_client
        .clone()
        .unwrap_or_else(|| format!("{LIVE}{}", hexadecimal(&app.chance.bytes::<8>())));
    let metadata = live(&app, &client_id, &row, &keys)?;
    sso::register(&app, metadata, None).await.map_err(Problem::internal)?;
    let ends_at = certificate_ends_at(&jwks);
    let warnings = ends_at.map(|ends_at| warnings(&app, id, ends_at)).unwrap_or_default();
    let row = app
        .db
        .write(move |tx| {
            store::go_live(tx, &id, &client_id, ends_at)?;
            warnings.iter().try_for_each(|warning| outbox::enqueue(tx, warning))?;
            store::find(tx, &id)?.ok_or_else(Problem::not_found)
        })
        .await?;

    Ok(Next {
        to: format!("/partners/connections/{id}"),
        view: Connection::load(&app, row, None).await?,
    })
}

/// The key set: as it was sent, or as the partner's `jwks_uri` has it now.
async fn jwks(app: &App, form: &Keys) -> Result<String, Problem> {
    let said = form.jwks.trim();
    if rules::is_address_of_site(said) && outward::may_be_registered(app, said) {
        return Ok(checks::http::text_at(&checks::http::client(app)?, said)
            .await
            .unwrap_or_default());
    }
    Ok(said.to_owned())
}

/// When the first of the certificates of the keys ends (RFC 7517 section 4.7).
fn certificate_ends_at(jwks: &str) -> Option<Timestamp> {
    let set: serde_json::Value = serde_json::from_str(jwks).ok()?;
    let ends = set.get("keys")?.as_array()?.iter().filter_map(|key| {
        let der = STANDARD.decode(key.get("x5c")?.get(0)?.as_str()?).ok()?;
        Certificate::from_der(&der, false).ok()?.ends_at()
    });
    ends.min()
}

/// What the production client is registered with: what was granted, and nothing else.
fn live(app: &App, client_id: &str, row: &Row, keys: &JwkSet) -> Result<Metadata, Problem> {
    let asked = opened(app, row)?;
    let more = json!({
        "client_id": client_id,
        "client_name": asked.system,
        "redirect_uris": asked.redirect_uris,
        "token_endpoint_auth_method": "private_key_jwt",
        "jwks": keys,
    });
    registration(app, more, &granted(row))
}
