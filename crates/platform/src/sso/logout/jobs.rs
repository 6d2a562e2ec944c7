//! Posts logout tokens to relying parties.

use std::time::Duration;

use crypto::base64url;
use http::StatusCode;
use oidc::logout_token::{Ended, LogoutToken};
use oidc::subject;
use serde::{Deserialize, Serialize};

use super::VisitId;
use super::store::{self, Visit};
use crate::app::App;
use crate::shell::jobs::{Failure, Job, JobId};
use crate::shell::keys;
use crate::shell::outward;
use crate::shell::problem::Problem;
use crate::sso::clients;
use crate::sso::tokens::http::sid;

/// How long a relying party may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// Tell a relying party that the session has ended; the visit's name is the job's own.
#[derive(Serialize, Deserialize)]
pub(in crate::sso) struct Tell;

impl Job for Tell {
    const KIND: &'static str = "sso-tell-logout";
    const AT_ONCE: bool = true;

    async fn run(self, app: App, id: JobId) -> Result<(), Failure> {
        let visit = VisitId::from(*id.bytes());
        let found = app.db.read(move |conn| store::find_ended(conn, &visit)).await?;
        let Some(visit) = found else { return Ok(()) };
        let never = |problem: Problem| Failure::Never(problem.slug().to_owned());
        if let Some((address, token)) = token(&app, &visit).await.map_err(never)? {
            post(&app, &address, &token).await?;
        }
        app.db
            .write(move |tx| store::forget(tx, &visit.person, &visit.id))
            .await?;
        Ok(())
    }
}

/// Where to post which token; nothing for a client that is gone or is told by the browser alone.
async fn token(app: &App, visit: &Visit) -> Result<Option<(String, String)>, Problem> {
    let Some(client) = clients::find(app, &visit.client_id).await? else {
        return Ok(None);
    };
    let sub = subject::pairwise(&app.sso.digests, client.sector(), visit.person.bytes());
    let sid = sid(app, client.id(), &visit.session_digest);
    let ended = Ended::Session { sub: &sub, sid: &sid };
    let jti = base64url::encode(app.chance.bytes::<16>());
    let issuer = &app.sso.provider.issuer;
    let token = LogoutToken::new(issuer, &client, ended, jti, app.clock.now());
    let address = client.metadata().logout.backchannel_logout_uri.clone();
    let Some((address, token)) = address.zip(token) else {
        return Ok(None);
    };
    let signer = app.keys.signer(keys::SSO).map_err(Problem::internal)?;
    Ok(Some((address, token.sign(signer.as_ref())?)))
}

/// Posts a token (Back-Channel Logout 2.5 and 2.8). Who says that it is wrong is not asked again.
async fn post(app: &App, address: &str, token: &str) -> Result<(), Failure> {
    let again = |error: reqwest::Error| Failure::Again(error.without_url().to_string());
    let client = outward::client(app, PATIENCE).map_err(again)?;
    let answer = client.post(address).form(&[("logout_token", token)]).send().await;
    match answer.map_err(again)?.status() {
        status if status.is_success() => Ok(()),
        status if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS => {
            Err(Failure::Again(format!("the relying party answered {status}")))
        }
        status => {
            tracing::warn!(%status, "a relying party refuses a logout token");
            Ok(())
        }
    }
}
