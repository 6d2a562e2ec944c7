//! Failing requests of partners' clients, told in plain words to their developers; and what their sandbox clients were seen to do right.
//!
//! **Invariant:** no parameter of a request is kept but the name of the endpoint, the error and our own words about it.

use ::http::StatusCode;
use axum::extract::Request;
use axum::response::Response;

use crate::app::App;
use crate::shell::ids::id;

mod rules;
pub(super) mod store;

use rules::{Outcome, Seen};

id! {
    /// One failing request.
    FailureId
}

/// Where partners' programs ask.
const WATCHED: [&str; 6] = [
    "/sso/authorize",
    "/sso/par",
    "/sso/token",
    "/sso/introspect",
    "/sso/revoke",
    "/sso/logout",
];
/// The most that is read of a request or an answer there.
const LARGEST: usize = 256 * 1024;

/// A request of a partner's client, which is being answered.
pub(crate) struct OfPartner {
    endpoint: &'static str,
    seen: Seen,
}

/// Sees whether a partner's client asks, where partners' programs do.
///
/// # Errors
/// The answer to a request that is larger than any of theirs.
pub(crate) async fn look_at(request: Request) -> Result<(Request, Option<OfPartner>), StatusCode> {
    let Some(endpoint) = WATCHED.into_iter().find(|path| *path == request.uri().path()) else {
        return Ok((request, None));
    };
    let (parts, body) = request.into_parts();
    let Ok(bytes) = axum::body::to_bytes(body, LARGEST).await else {
        return Err(StatusCode::PAYLOAD_TOO_LARGE);
    };
    let partner = Seen::read(&parts, &bytes).map(|seen| OfPartner { endpoint, seen });
    Ok((Request::from_parts(parts, bytes.into()), partner))
}

/// Notes what became of a request of a partner's client.
pub(crate) async fn note(app: &App, partner: Option<OfPartner>, response: Response) -> Response {
    let Some(partner) = partner else {
        return response;
    };
    let (response, outcome) = Outcome::read(response).await;
    if let Err(error) = keep(app, partner, outcome).await {
        tracing::warn!(%error, "what became of a partner's request could not be noted");
    }
    response
}

async fn keep(app: &App, OfPartner { endpoint, seen }: OfPartner, outcome: Outcome) -> Result<(), db::Error> {
    let (now, failure) = (app.clock.now(), FailureId::draw(&app.chance));
    match outcome {
        Outcome::Failed { error, detail } => {
            let kept = store::Failure {
                failed_at: now,
                endpoint: endpoint.to_owned(),
                error,
                detail,
            };
            app.db
                .write(move |tx| store::insert(tx, &seen.client_id, &failure, &kept))
                .await
        }
        Outcome::Good if super::is_trial(&seen.client_id) => {
            let steps = seen.steps(endpoint);
            app.db
                .write(move |tx| store::pass(tx, &seen.client_id, &steps, now))
                .await
        }
        Outcome::Good => Ok(()),
    }
}
