//! Posts tokens to receivers.

use std::time::Duration;

use http::{StatusCode, header};
use oidc::security_event::{MEDIA_TYPE, SecurityEvent, Subject};
use oidc::shared_signals::event::{
    CONSENT_WITHDRAWN, STREAM_UPDATED, VERIFICATION, consent_withdrawn, stream_updated, verification,
};
use oidc::shared_signals::poll::Fault;
use oidc::shared_signals::{Delivery, Status};
use serde::{Deserialize, Serialize};

use super::store::{self, Stream, Waiting};
use super::{Jti, Told};
use crate::app::App;
use crate::shell::jobs::{Failure, Job, JobId};
use crate::shell::keys;
use crate::shell::outward;
use crate::shell::problem::Problem;
use crate::sso;

/// How long a receiver may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// Post the token whose name is the job's own.
#[derive(Serialize, Deserialize)]
pub(super) struct Push;

impl Job for Push {
    const KIND: &'static str = "signals-push";
    const AT_ONCE: bool = true;

    async fn run(self, app: App, id: JobId) -> Result<(), Failure> {
        let jti = Jti::from(*id.bytes());
        let found = app
            .db
            .read(move |conn| {
                let Some(waiting) = store::waiting_by_name(conn, &jti)? else {
                    return Ok(None);
                };
                Ok::<_, db::Error>(store::find(conn, &waiting.stream)?.map(|stream| (stream, waiting)))
            })
            .await?;
        let Some((stream, waiting)) = found.filter(|(stream, _)| stream.status == Status::Enabled && stream.pushes)
        else {
            return Ok(());
        };
        let never = |problem: Problem| Failure::Never(problem.slug().to_owned());
        let delivery = delivery(&app, &stream).map_err(never)?;
        if let Some(token) = token(&app, &stream, &waiting).await.map_err(never)? {
            post(&app, &delivery, token).await?;
        }
        app.db
            .write(move |tx| store::acknowledge(tx, &waiting.stream, &waiting.jti))
            .await?;
        metrics::counter!("vneid_signals_delivered_total", "method" => "push").increment(1);
        Ok(())
    }
}

/// Where and how the tokens of a stream travel.
pub(super) fn delivery(app: &App, stream: &Stream) -> Result<Delivery, Problem> {
    let sealed = &stream.delivery_sealed;
    let record: Kept = app
        .vault
        .open_record("signals_stream", "delivery", stream.id.bytes(), sealed)?;
    Ok(record.into())
}

/// A delivery with its header, which the message never tells.
#[derive(Serialize, Deserialize)]
struct Kept {
    method: String,
    endpoint_url: Option<String>,
    authorization_header: Option<String>,
}

impl From<Kept> for Delivery {
    fn from(kept: Kept) -> Self {
        Self {
            method: kept.method,
            endpoint_url: kept.endpoint_url,
            authorization_header: kept.authorization_header,
        }
    }
}

/// Seals a delivery for its stream.
pub(super) fn seal(app: &App, stream: super::StreamId, delivery: &Delivery) -> Result<Vec<u8>, Problem> {
    let record = Kept {
        method: delivery.method.clone(),
        endpoint_url: delivery.endpoint_url.clone(),
        authorization_header: delivery.authorization_header.clone(),
    };
    Ok(app
        .vault
        .seal_record("signals_stream", "delivery", stream.bytes(), &record)?)
}

/// The token of an event, signed; none about a person of whom the receiver does not want to hear, or may not any more.
pub(super) async fn token(app: &App, stream: &Stream, waiting: &Waiting) -> Result<Option<String>, Problem> {
    let told: Told = serde_json::from_str(&waiting.event).map_err(Problem::internal)?;
    let sub = match waiting.person {
        // Who is not to know the person any more still has to hear just that.
        Some(person) if matches!(told, Told::Withdrawn { .. }) => {
            sso::pairwise(app, &stream.client_id, &person).await?
        }
        Some(person) => match sso::known_as(app, &stream.client_id, &person).await? {
            Some(sub) if !left_out(app, stream, sub.clone()).await? => Some(sub),
            _ => return Ok(None),
        },
        None => None,
    };
    let (event_type, event) = match &told {
        Told::Happened { event } => (event.uri(), event.claims(waiting.occurred_at.as_second())),
        Told::Withdrawn { purpose } => (
            CONSENT_WITHDRAWN,
            consent_withdrawn(purpose, waiting.occurred_at.as_second()),
        ),
        Told::Verification { state } => (VERIFICATION, verification(state.as_deref())),
        Told::Updated { status, reason } => (STREAM_UPDATED, stream_updated(*status, reason.as_deref())),
    };
    let issuer = sso::issuer(app);
    let stream_name = stream.id.to_string();
    let subject = match &sub {
        Some(sub) => Subject::Person {
            iss: issuer.as_str(),
            sub,
        },
        None => Subject::Stream(&stream_name),
    };
    let addressed = (stream.client_id.as_str(), waiting.jti.to_string());
    let token = SecurityEvent::new(issuer, addressed, subject, (event_type, &event), app.clock.now());
    let signer = app.keys.signer(keys::SSO).map_err(Problem::internal)?;
    token.sign(&*signer).map(Some).map_err(Problem::internal)
}

async fn left_out(app: &App, stream: &Stream, sub: String) -> Result<bool, db::Error> {
    let id = stream.id;
    app.db.read(move |conn| store::is_left_out(conn, &id, &sub)).await
}

/// Posts a token (RFC 8935): 202 acknowledges it; what the receiver refuses with a reason is not sent again.
async fn post(app: &App, delivery: &Delivery, token: String) -> Result<(), Failure> {
    let again = |error: reqwest::Error| Failure::Again(error.without_url().to_string());
    let address = delivery.endpoint_url.as_deref().unwrap_or_default();
    if !outward::may_be_registered(app, address) {
        return Err(Failure::Never("the address is not one of the open net".to_owned()));
    }
    let client = outward::client(app, PATIENCE).map_err(again)?;
    let mut request = client
        .post(address)
        .header(header::CONTENT_TYPE, MEDIA_TYPE)
        .header(header::ACCEPT, "application/json")
        .body(token);
    if let Some(authorization) = &delivery.authorization_header {
        request = request.header(header::AUTHORIZATION, authorization);
    }
    let answer = request.send().await.map_err(again)?;
    match answer.status() {
        StatusCode::OK | StatusCode::ACCEPTED | StatusCode::NO_CONTENT => Ok(()),
        StatusCode::BAD_REQUEST => {
            let fault: Option<Fault> = answer.json().await.ok();
            let err = fault.map(|fault| fault.err).unwrap_or_default();
            // Its own keys or its own names may be mended; a token that it cannot read will not get better.
            if ["invalid_key", "authentication_failed", "access_denied"].contains(&err.as_str()) {
                return Err(Failure::Again(format!("the receiver answered {err}")));
            }
            metrics::counter!("vneid_signals_refused_total").increment(1);
            tracing::warn!(err, "a receiver refuses a security event token");
            Ok(())
        }
        status => Err(Failure::Again(format!("the receiver answered {status}"))),
    }
}
