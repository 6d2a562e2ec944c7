//! The relying parties.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use crypto::secret::Secret;
use jiff::{SignedDuration, Timestamp};
use oidc::client::{Client, Metadata, MetadataError, secret_digest};
use oidc::credential::PRE_AUTHORIZED;

use crate::app::App;
use crate::issuance;
use crate::shell::problem::Problem;

mod store;

/// How long a client is remembered before it is looked up again: so soon a change made on another node is known here.
const REMEMBERED: SignedDuration = SignedDuration::from_secs(60);

/// The clients met lately, so that a sign-in does not read and check their registration each time.
#[derive(Default)]
pub(super) struct Met(RwLock<HashMap<String, (Timestamp, Arc<Client>)>>);

impl Met {
    fn get(&self, id: &str, now: Timestamp) -> Option<Arc<Client>> {
        let met = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let (since, client) = met.get(id)?;
        (now.duration_since(*since) < REMEMBERED).then(|| client.clone())
    }

    fn remember(&self, client: Arc<Client>, now: Timestamp) {
        let mut met = self.0.write().unwrap_or_else(PoisonError::into_inner);
        met.insert(client.id().to_owned(), (now, client));
    }
}

/// A relying party was not registered.
#[derive(Debug, thiserror::Error)]
pub enum NotRegistered {
    /// A rule of its registration is broken.
    #[error("the client's registration is not acceptable")]
    Metadata(#[from] MetadataError),
    /// The database.
    #[error(transparent)]
    Db(#[from] db::Error),
}

/// Registers a relying party, or replaces its registration.
///
/// # Errors
/// [`NotRegistered`].
pub async fn register(app: &App, metadata: Metadata, secret: Option<Secret<String>>) -> Result<(), NotRegistered> {
    let digest = secret.map(|secret| secret_digest(&app.sso.digests, &secret));
    let client = Client::new(metadata, digest)?;
    let written = serde_json::to_string(client.metadata()).unwrap_or_default();
    let (id, now) = (client.id().to_owned(), app.clock.now());
    app.db
        .write(move |tx| store::replace(tx, &id, &written, digest.as_ref(), now))
        .await?;
    app.sso.clients.remember(Arc::new(client), now);
    Ok(())
}

/// Our own app as a wallet: part of the platform, so it is registered nowhere. It has no secret that a browser could keep; its tokens are
/// bound to a key, and what they give is bound to the person's device.
fn own_app(app: &App) -> Result<Client, Problem> {
    let host = url::Url::parse(&app.config.public_url).map_err(Problem::internal)?;
    let metadata = serde_json::json!({
        "client_id": issuance::APP, "client_name": "VNeID", "redirect_uris": [],
        "grant_types": [PRE_AUTHORIZED], "scope": issuance::scopes(), "token_endpoint_auth_method": "none",
        "dpop_bound_access_tokens": true, "sector_identifier": host.host_str(),
    });
    let metadata: Metadata = serde_json::from_value(metadata).map_err(Problem::internal)?;
    Client::new(metadata, None).map_err(Problem::internal)
}

/// The relying party of that identifier.
pub(super) async fn find(app: &App, id: &str) -> Result<Option<Arc<Client>>, Problem> {
    if id == issuance::APP {
        return Ok(Some(Arc::new(own_app(app)?)));
    }
    let now = app.clock.now();
    if let Some(client) = app.sso.clients.get(id, now) {
        return Ok(Some(client));
    }
    let wanted = id.to_owned();
    let row = app.db.read(move |conn| store::find(conn, &wanted)).await?;
    let Some((metadata, digest)) = row else { return Ok(None) };
    let metadata: Metadata = serde_json::from_str(&metadata).map_err(Problem::internal)?;
    let client = Arc::new(Client::new(metadata, digest).map_err(Problem::internal)?);
    app.sso.clients.remember(client.clone(), now);
    Ok(Some(client))
}
