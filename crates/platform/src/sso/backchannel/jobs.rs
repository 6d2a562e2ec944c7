//! Calls services that asked to be called when the person has answered.

use std::time::Duration;

use crypto::secret::Secret;
use http::header;
use oidc::backchannel::{self, Ping};
use serde::{Deserialize, Serialize};

use super::{AskedId, Record, store};
use crate::app::App;
use crate::shell::jobs::{Failure, Job, JobId};
use crate::shell::outward;
use crate::shell::problem::Problem;
use crate::sso::clients;

/// How long a service may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// Call the service of a request; the request's name is the job's own.
#[derive(Serialize, Deserialize)]
pub(in crate::sso) struct Call;

impl Job for Call {
    const KIND: &'static str = "sso-call-back";
    const AT_ONCE: bool = true;

    async fn run(self, app: App, id: JobId) -> Result<(), Failure> {
        let never = |problem: Problem| Failure::Never(problem.slug().to_owned());
        match ping(&app, AskedId::from(*id.bytes())).await.map_err(never)? {
            Some(ping) => call(&app, &ping).await,
            None => Ok(()),
        }
    }
}

/// The call; nothing for a service that asks by itself, or that has its tokens already.
async fn ping(app: &App, id: AskedId) -> Result<Option<Ping>, Problem> {
    let found = app.db.read(move |conn| store::find_answered(conn, &id)).await?;
    let Some(kept) = found else { return Ok(None) };
    let Some(client) = clients::find(app, &kept.pending.client_id).await? else {
        return Ok(None);
    };
    let record: Record = app
        .vault
        .open_record("sso_asked", "asked", &kept.digest, &kept.record_sealed)?;
    let token = record.asked.notification_token.map(Secret::new);
    Ok(token.and_then(|token| backchannel::ping(&client, &token, &record.auth_req_id)))
}

/// Calls. The answer's body is not read, and who refuses or sends us elsewhere is not called again (CIBA 10.2).
async fn call(app: &App, ping: &Ping) -> Result<(), Failure> {
    let again = |error: reqwest::Error| Failure::Again(error.without_url().to_string());
    let client = outward::client(app, PATIENCE).map_err(again)?;
    let request = client
        .post(&ping.endpoint)
        .header(header::AUTHORIZATION, ping.authorization.expose())
        .json(&ping.body);
    let status = request.send().await.map_err(again)?.status();
    if backchannel::may_ping_again(status.as_u16()) {
        return Err(Failure::Again(format!("the service answered {status}")));
    }
    if !status.is_success() {
        tracing::warn!(%status, "a service refuses to be called back");
    }
    Ok(())
}
