use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, Method, StatusCode, header};
use jiff::SignedDuration;
use oidc::client::Client;
use oidc::shared_signals::poll::{Answer, Request};
use oidc::shared_signals::{self, Refusal, Status, StatusWish, SubjectWish, VerificationWish};
use serde::{Deserialize, Serialize};

use super::store::{self, Stream};
use super::{ENDPOINTS, Jti, RESOURCE, StreamId, Told, jobs, keep};
use crate::app::App;
use crate::shell::input::{Path, Query};
use crate::shell::jobs as outbox;
use crate::shell::pause::pause;
use crate::shell::problem::Problem;
use crate::sso::{self, Challenged};

/// How often a receiver may ask for a verification, in seconds.
pub(super) const VERIFICATION_INTERVAL: i64 = 10;
/// How often we look whether there is something for a receiver that waits, and how many times.
const LOOK_EVERY: std::time::Duration = std::time::Duration::from_millis(500);
const LOOKS: u32 = 40;

/// Why a receiver gets nothing.
pub(super) enum Refused {
    /// Its access token is not good for this.
    Token(Challenged),
    /// Its message is wrong: 400.
    Message(Refusal),
    /// There is no such stream of it: 404.
    NoStream,
    /// It has a stream already: 409.
    HasOne,
    /// It asks too often: 429.
    TooOften,
    /// The platform failed.
    Problem(Problem),
}

impl From<Challenged> for Refused {
    fn from(challenged: Challenged) -> Self {
        Self::Token(challenged)
    }
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        Self::Message(refusal)
    }
}

impl From<Problem> for Refused {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

impl From<db::Error> for Refused {
    fn from(error: db::Error) -> Self {
        match error {
            db::Error::Taken(_) => Self::HasOne,
            error => Self::Problem(error.into()),
        }
    }
}

/// What is said of a refusal.
#[derive(Serialize)]
struct Fault {
    err: &'static str,
    description: String,
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let (status, err, description) = match self {
            Refused::Token(challenged) => return challenged.into_response(),
            Refused::Problem(problem) => return problem.into_response(),
            Refused::Message(refusal) => (StatusCode::BAD_REQUEST, "invalid_request", refusal.to_string()),
            Refused::NoStream => (StatusCode::NOT_FOUND, "not_found", "there is no such stream".to_owned()),
            Refused::HasOne => (
                StatusCode::CONFLICT,
                "conflict",
                "a receiver has one stream, and this one has it already".to_owned(),
            ),
            Refused::TooOften => (
                StatusCode::TOO_MANY_REQUESTS,
                "too_many_requests",
                format!("ask again in {VERIFICATION_INTERVAL} seconds"),
            ),
        };
        (status, Json(Fault { err, description })).into_response()
    }
}

/// Tells the transmitter's metadata.
pub(super) async fn metadata(State(app): State<App>) -> impl IntoResponse {
    let document = shared_signals::metadata(sso::issuer(&app), "/sso/jwks", ENDPOINTS);
    ([(header::CACHE_CONTROL, "public, max-age=3600")], Json(document))
}

/// The receiver that asks, by its access token for [`RESOURCE`].
pub(super) async fn receiver(
    app: &App,
    method: &Method,
    path: &str,
    headers: &HeaderMap,
) -> Result<Arc<Client>, Refused> {
    Ok(sso::caller(app, RESOURCE, (method, path), headers).await?)
}

/// Which stream is meant.
#[derive(Deserialize)]
pub(super) struct Which {
    pub(super) stream_id: Option<String>,
}

/// The stream of that name, if it is this receiver's.
pub(super) async fn own(app: &App, client: &Client, name: &str) -> Result<Stream, Refused> {
    let id: StreamId = name.parse().ok().ok_or(Refused::NoStream)?;
    let found = app.db.read(move |conn| store::find(conn, &id)).await?;
    found
        .filter(|stream| stream.client_id == client.id())
        .ok_or(Refused::NoStream)
}

/// Orders all that waits in a stream to be posted, where that is wanted now.
pub(super) fn order(tx: &mut db::Tx<'_>, stream: &Stream, now: jiff::Timestamp) -> Result<(), db::Error> {
    if !stream.pushes || stream.status != Status::Enabled {
        return Ok(());
    }
    for waiting in store::waiting(tx, &stream.id, i64::MAX)? {
        outbox::enqueue_bare::<jobs::Push>(tx, (*waiting.jti.bytes()).into(), now)?;
    }
    Ok(())
}

/// Whether a stream tells (section 8.1.2).
#[derive(Serialize)]
struct Standing {
    stream_id: StreamId,
    status: Status,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

/// A receiver reads whether its stream tells.
pub(super) async fn status(
    State(app): State<App>,
    headers: HeaderMap,
    Query(which): Query<Which>,
) -> Result<impl IntoResponse, Refused> {
    let client = receiver(&app, &Method::GET, ENDPOINTS.status, &headers).await?;
    let name = which.stream_id.ok_or(Refusal::NoStream)?;
    let stream = own(&app, &client, &name).await?;
    Ok(Json(Standing {
        stream_id: stream.id,
        status: stream.status,
        reason: stream.reason,
    }))
}

/// A receiver pauses or disables its stream, or lets it go on. A disabled stream forgets what waits.
pub(super) async fn set_status(
    State(app): State<App>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<impl IntoResponse, Refused> {
    let client = receiver(&app, &Method::POST, ENDPOINTS.status, &headers).await?;
    let wish = StatusWish::read(&body)?;
    let mut stream = own(&app, &client, &wish.stream_id).await?;

    let changes = stream.status != wish.status;
    (stream.status, stream.reason) = (wish.status, wish.reason.clone());
    let told = Told::Updated {
        status: wish.status,
        reason: wish.reason.clone(),
    };
    let (kept, now) = (stream, app.clock.now());
    let id = kept.id;
    app.db
        .write(move |tx| {
            store::put(tx, &kept)?;
            if kept.status == Status::Disabled {
                return store::forget_waiting(tx, &kept.id);
            }
            if changes {
                keep(tx, &kept, None, &told, now)?;
            }
            order(tx, &kept, now)
        })
        .await?;
    app.bell.ring();
    Ok(Json(Standing {
        stream_id: id,
        status: wish.status,
        reason: wish.reason,
    }))
}

/// A receiver wants to hear of a person again. Who it does not know it hears nothing of; that is not told.
pub(super) async fn add_subject(
    State(app): State<App>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<StatusCode, Refused> {
    let client = receiver(&app, &Method::POST, ENDPOINTS.add_subject, &headers).await?;
    let wish = SubjectWish::read(&body, sso::issuer(&app))?;
    let stream = own(&app, &client, &wish.stream_id).await?;
    app.db
        .write(move |tx| store::take_in(tx, &stream.id, &wish.sub))
        .await?;
    Ok(StatusCode::OK)
}

/// A receiver does not want to hear of a person.
pub(super) async fn remove_subject(
    State(app): State<App>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<StatusCode, Refused> {
    let client = receiver(&app, &Method::POST, ENDPOINTS.remove_subject, &headers).await?;
    let wish = SubjectWish::read(&body, sso::issuer(&app))?;
    let (stream, now) = (own(&app, &client, &wish.stream_id).await?, app.clock.now());
    app.db
        .write(move |tx| store::leave_out(tx, &stream.id, &wish.sub, now))
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A receiver wants to see that its stream works.
pub(super) async fn verify(State(app): State<App>, headers: HeaderMap, body: Bytes) -> Result<StatusCode, Refused> {
    let client = receiver(&app, &Method::POST, ENDPOINTS.verification, &headers).await?;
    let wish = VerificationWish::read(&body)?;
    let stream = own(&app, &client, &wish.stream_id).await?;

    let (told, now) = (Told::Verification { state: wish.state }, app.clock.now());
    let before = now - SignedDuration::from_secs(VERIFICATION_INTERVAL);
    let may = app
        .db
        .write(move |tx| {
            let may = store::claim_verification(tx, &stream.id, now, before)?;
            if may && stream.is_on() {
                keep(tx, &stream, None, &told, now)?;
            }
            Ok::<_, db::Error>(may)
        })
        .await?;
    app.bell.ring();
    if may {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(Refused::TooOften)
    }
}

/// A receiver fetches tokens, and acknowledges those it has (RFC 8936).
pub(super) async fn fetch(
    State(app): State<App>,
    headers: HeaderMap,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<impl IntoResponse, Refused> {
    let path = format!("/ssf/streams/{id}/events");
    let client = receiver(&app, &Method::POST, &path, &headers).await?;
    let request = Request::read(&body)?;
    let stream = own(&app, &client, &id).await?;

    let (stream_id, refused) = (stream.id, request.refused.len());
    let done = request.acknowledged.iter().chain(request.refused.keys());
    let done: Vec<Jti> = done.filter_map(|name| name.parse().ok()).collect();
    app.db
        .write(move |tx| {
            done.iter()
                .try_for_each(|jti| store::acknowledge(tx, &stream_id, jti).map(drop))
        })
        .await?;
    metrics::counter!("vneid_signals_refused_total").increment(u64::try_from(refused).unwrap_or_default());

    let mut looks = 0;
    loop {
        let answer = give(&app, &stream, request.most).await?;
        looks += 1;
        if !answer.sets.is_empty() || request.most == 0 || request.at_once || looks >= LOOKS {
            return Ok(Json(answer));
        }
        pause(LOOK_EVERY).await;
    }
}

/// What waits for a receiver, signed; what it must not hear of is forgotten.
async fn give(app: &App, stream: &Stream, most: u32) -> Result<Answer, Refused> {
    let mut answer = Answer::default();
    if stream.status != Status::Enabled {
        return Ok(answer);
    }
    let (id, limit) = (stream.id, i64::from(most) + 1);
    let waiting = app.db.read(move |conn| store::waiting(conn, &id, limit)).await?;
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    answer.more_available = waiting.len() > most;
    for waiting in waiting.into_iter().take(most) {
        match jobs::token(app, stream, &waiting).await? {
            Some(token) => {
                answer.sets.insert(waiting.jti.to_string(), token);
            }
            None => {
                app.db
                    .write(move |tx| store::acknowledge(tx, &waiting.stream, &waiting.jti))
                    .await?;
            }
        }
    }
    Ok(answer)
}
