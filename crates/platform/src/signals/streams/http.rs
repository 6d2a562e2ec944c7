use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, Method, StatusCode};
use oidc::shared_signals::{self, Delivery, PUSH, Refusal, Status, Wish, event};
use serde::Serialize;

use super::super::http::{Refused, VERIFICATION_INTERVAL, Which, order, own, receiver};
use super::super::store::{self, Stream};
use super::super::{ENDPOINTS, StreamId, jobs};
use crate::app::App;
use crate::shell::input::Query;
use crate::shell::outward;
use crate::shell::problem::Problem;
use crate::sso;

/// A stream, as its receiver is told of it (section 8.1.1).
#[derive(Serialize)]
struct Configuration {
    stream_id: StreamId,
    iss: String,
    aud: String,
    events_supported: &'static [&'static str],
    events_requested: Vec<String>,
    events_delivered: Vec<&'static str>,
    delivery: Delivery,
    min_verification_interval: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
}

impl Configuration {
    fn of(app: &App, stream: Stream) -> Result<Self, Problem> {
        let mut delivery = jobs::delivery(app, &stream)?;
        if !delivery.is_push() {
            delivery.endpoint_url = Some(format!("{}/ssf/streams/{}/events", app.config.public_url, stream.id));
        }
        Ok(Self {
            stream_id: stream.id,
            iss: sso::issuer(app).as_str().to_owned(),
            aud: stream.client_id,
            events_supported: event::SUPPORTED,
            events_delivered: shared_signals::delivered(&stream.requested),
            events_requested: stream.requested,
            delivery,
            min_verification_interval: VERIFICATION_INTERVAL,
            description: stream.description,
        })
    }
}

/// A receiver makes its stream.
pub(in crate::signals) async fn create(
    State(app): State<App>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<impl IntoResponse, Refused> {
    let client = receiver(&app, &Method::POST, ENDPOINTS.configuration, &headers).await?;
    let wish = Wish::read(&body, sso::issuer(&app), client.id())?;

    let id = StreamId::draw(&app.chance);
    let delivery = wanted(&app, wish.delivery)?;
    let stream = Stream {
        id,
        client_id: client.id().to_owned(),
        requested: wish.events_requested.unwrap_or_default(),
        delivery_sealed: jobs::seal(&app, id, &delivery)?,
        pushes: delivery.is_push(),
        description: wish.description,
        status: Status::Enabled,
        reason: None,
    };
    let (kept, now) = (stream.clone(), app.clock.now());
    app.db.write(move |tx| store::create(tx, &kept, now)).await?;

    Ok((StatusCode::CREATED, Json(Configuration::of(&app, stream)?)))
}

/// A delivery that the platform can make: nobody in production has it post to the machine that it runs on, or beside it.
fn wanted(app: &App, delivery: Option<Delivery>) -> Result<Delivery, Refusal> {
    let delivery = delivery.unwrap_or(Delivery {
        method: shared_signals::POLL.to_owned(),
        endpoint_url: None,
        authorization_header: None,
    });
    let inward = |url: &str| !outward::may_be_registered(app, url);
    if delivery.method == PUSH && delivery.endpoint_url.as_deref().is_some_and(inward) {
        return Err(Refusal::Endpoint);
    }
    Ok(delivery)
}

/// A receiver reads its stream; without a name, the list of its streams.
pub(in crate::signals) async fn read(
    State(app): State<App>,
    headers: HeaderMap,
    Query(which): Query<Which>,
) -> Result<Response, Refused> {
    let client = receiver(&app, &Method::GET, ENDPOINTS.configuration, &headers).await?;
    if let Some(name) = which.stream_id {
        let stream = own(&app, &client, &name).await?;
        return Ok(Json(Configuration::of(&app, stream)?).into_response());
    }
    let id = client.id().to_owned();
    let found = app.db.read(move |conn| store::of_client(conn, &id)).await?;
    let all = found
        .into_iter()
        .map(|stream| Configuration::of(&app, stream))
        .collect::<Result<Vec<_>, _>>()?;
    Ok(Json(all).into_response())
}

/// A receiver changes what it names of its stream.
pub(in crate::signals) async fn update(
    State(app): State<App>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<impl IntoResponse, Refused> {
    let client = receiver(&app, &Method::PATCH, ENDPOINTS.configuration, &headers).await?;
    let wish = Wish::read(&body, sso::issuer(&app), client.id())?;
    let mut stream = own(&app, &client, wish.stream()?).await?;

    if let Some(requested) = wish.events_requested {
        stream.requested = requested;
    }
    if let Some(delivery) = wish.delivery {
        let delivery = wanted(&app, Some(delivery))?;
        stream.delivery_sealed = jobs::seal(&app, stream.id, &delivery)?;
        stream.pushes = delivery.is_push();
    }
    stream.description = wish.description.or(stream.description);
    put(&app, stream).await
}

/// A receiver replaces its stream: what it does not name is as at the beginning.
pub(in crate::signals) async fn replace(
    State(app): State<App>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<impl IntoResponse, Refused> {
    let client = receiver(&app, &Method::PUT, ENDPOINTS.configuration, &headers).await?;
    let wish = Wish::read(&body, sso::issuer(&app), client.id())?;
    let mut stream = own(&app, &client, wish.stream()?).await?;

    let delivery = wanted(&app, wish.delivery)?;
    stream.delivery_sealed = jobs::seal(&app, stream.id, &delivery)?;
    stream.pushes = delivery.is_push();
    stream.requested = wish.events_requested.unwrap_or_default();
    stream.description = wish.description;
    put(&app, stream).await
}

async fn put(app: &App, stream: Stream) -> Result<Json<Configuration>, Refused> {
    let (kept, now) = (stream.clone(), app.clock.now());
    app.db
        .write(move |tx| {
            store::put(tx, &kept)?;
            order(tx, &kept, now)
        })
        .await?;
    Ok(Json(Configuration::of(app, stream)?))
}

/// A receiver deletes its stream, and all that waits in it.
pub(in crate::signals) async fn delete(
    State(app): State<App>,
    headers: HeaderMap,
    Query(which): Query<Which>,
) -> Result<StatusCode, Refused> {
    let client = receiver(&app, &Method::DELETE, ENDPOINTS.configuration, &headers).await?;
    let name = which.stream_id.ok_or(Refusal::NoStream)?;
    let stream = own(&app, &client, &name).await?;
    app.db.write(move |tx| store::delete(tx, &stream.id)).await?;
    Ok(StatusCode::NO_CONTENT)
}
