//! Failing requests of partners' clients, told in plain words to their developers; and what their sandbox clients were seen to do right.
//!
//! **Invariant:** no parameter of a request is kept but the name of the endpoint, the error and our own words about it.

use ::http::StatusCode;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

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

/// Lets a request pass, and notes what became of it if a partner's client made it.
pub(crate) async fn observe(State(app): State<App>, request: Request, next: Next) -> Response {
    let Some(endpoint) = WATCHED.into_iter().find(|path| *path == request.uri().path()) else {
        return next.run(request).await;
    };
    let (parts, body) = request.into_parts();
    let Ok(bytes) = axum::body::to_bytes(body, LARGEST).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let seen = Seen::read(&parts, &bytes);
    let response = next.run(Request::from_parts(parts, bytes.into())).await;
    let Some(seen) = seen else {
        return response;
    };
    let (response, outcome) = Outcome::read(response).await;
    let noted = note(&app, endpoint, seen, outcome).await;
    if let Err(error) = noted {
        tracing::warn!(%error, "what became of a partner's request could not be noted");
    }
    response
}

async fn note(app: &App, endpoint: &'static str, seen: Seen, outcome: Outcome) -> Result<(), db::Error> {
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
