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
use crate::partners::jobs::{keys_end_at, warnings};
use crate::partners::portal::http::{Connection, Seat, own};
use crate::partners::rules::{self, Role, State};
use crate::partners::store::{self, Row};
use crate::partners::{ConnectionId, LIVE, checks};
use crate::shell::input::{Input, Path};
use crate::shell::jobs as outbox;
use crate::shell::outward;
use crate::shell::page::{Next, Page};
use crate::shell::problem::{Fault, Problem};
use crate::shell::session::Citizen;
use crate::shell::words::words;
use crate::sso;

/// Gives another secret for the sandbox; the old one is worth nothing from now on.
pub(in crate::partners) async fn renew_secret(
    Of(app): Of<App>,
    citizen: Citizen,
    Path(id): Path<ConnectionId>,
) -> Result<Page<Connection>, Problem> {
    let seat = own(&app, &citizen, id, Role::Developer).await?;
    let client = sso::find(&app, &seat.row.trial_client)
        .await?
        .ok_or_else(Problem::not_found)?;
    let secret = base64url::encode(app.chance.bytes::<32>());
    let registered = sso::register(&app, client.metadata().clone(), Some(Secret::new(secret.clone()))).await;
    registered.map_err(Problem::internal)?;
    Ok(Page(Connection::load(&app, seat, Some(secret)).await?))
}

/// The partner's public keys, and what it signed with each.
#[derive(Deserialize)]
pub(in crate::partners) struct Keys {
    /// The key set, or the address (`jwks_uri`) where it is.
    #[serde(default)]
    jwks: String,
    #[serde(default)]
    proof: String,
    /// How the client will prove who it is.
    #[serde(default = "by_assertion")]
    method: String,
}

fn by_assertion() -> String {
    Method::PrivateKeyJwt.word().to_owned()
}

words! {
    /// How a production client proves who it is.
    Method {
        /// By a signed assertion (RFC 7523).
        PrivateKeyJwt = "private_key_jwt",
        /// By the certificate of its key, in TLS (RFC 8705 section 2.2); its tokens are bound to it.
        Certificate = "self_signed_tls_client_auth",
    }
}

impl Method {
    fn is_offered(self, app: &App) -> bool {
        self == Self::PrivateKeyJwt || sso::takes_certificates(app)
    }
}

/// Takes keys for production, in place of those before: the first time it makes the production credentials.
pub(in crate::partners) async fn prove_keys(
    Of(app): Of<App>,
    citizen: Citizen,
    Path(id): Path<ConnectionId>,
    Input(form): Input<Keys>,
) -> Result<Next<Connection>, Problem> {
    let seat = own(&app, &citizen, id, Role::Developer).await?;
    let view = Connection::load(&app, seat.clone(), None).await?;
    let Seat { row, role } = seat;
    if row.state != State::Granted {
        return Err(Problem::new("partners-not-granted", StatusCode::CONFLICT).on(view));
    }
    if !view.is_ready() {
        return Err(Problem::new("partners-unchecked", StatusCode::CONFLICT).on(view));
    }
    let method = Method::of_word(&form.method).filter(|method| method.is_offered(&app));
    let Some(method) = method else {
        let fault = Fault::new("method", "partners-fault-method");
        return Err(Problem::invalid(vec![fault]).on(view));
    };
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
        .unwrap_or_else(|| format!("{LIVE}{}", hex::encode(app.chance.bytes::<8>())));
    let metadata = live(&app, (&client_id, method), &row, &keys)?;
    sso::register(&app, metadata, None).await.map_err(Problem::internal)?;
    let ends_at = certificate_ends_at(&jwks);
    let row = Row {
        live_client: Some(client_id.clone()),
        certificate_ends_at: ends_at,
        keys_since_at: Some(now),
        ..row
    };
    let warnings = keys_end_at(&row).map(|end| warnings(&app, id, end)).unwrap_or_default();
    app.db
        .write(move |tx| {
            store::go_live(tx, &id, &client_id, ends_at, now)?;
            warnings.iter().try_for_each(|warning| outbox::enqueue(tx, warning))
        })
        .await?;

    Ok(Next {
        to: format!("/partners/connections/{id}"),
        view: Connection::load(&app, Seat { row, role }, None).await?,
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
fn live(app: &App, (client_id, method): (&str, Method), row: &Row, keys: &JwkSet) -> Result<Metadata, Problem> {
    let asked = opened(app, row)?;
    let more = json!({
        "client_id": client_id,
        "client_name": asked.system,
        "redirect_uris": asked.redirect_uris,
        "token_endpoint_auth_method": method.word(),
        "tls_client_certificate_bound_access_tokens": method == Method::Certificate,
        "jwks": keys,
    });
    registration(app, more, &granted(row))
}
