use std::sync::Arc;

use askama::Template;
use axum::Extension;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use oidc::client::Client;
use serde::Serialize;

use crate::app::App;
use crate::locks::{self, Asking, Refusal};
use crate::shell::filters;
use crate::shell::ids::PersonId;
use crate::shell::page::{LeadsElsewhere, Page};
use crate::shell::problem::Problem;
use crate::shell::session::Session;

/// Tells the person why the relying party gets nothing, and the way back to it.
#[derive(Template, Serialize)]
#[template(path = "sso/authorize/pages/refused.html")]
struct Refused {
    client: String,
    why: &'static str,
    request: String,
}

/// The lock that keeps a relying party from getting anything of this person now.
pub(in crate::sso) async fn find(
    app: &App,
    session: Option<&Session>,
    client: &Arc<Client>,
) -> Result<Option<Refusal>, Problem> {
    let Some(session) = session else { return Ok(None) };
    let (person, now, client) = (PersonId::from(session.subject), app.clock.now(), client.clone());
    let refusal = app
        .db
        .read(move |conn| locks::refusal(conn, &person, &Asking::of(&client), now));
    Ok(refusal.await?)
}

/// Shows why.
pub(in crate::sso) fn show(client: &Client, request: String, lock: Refusal) -> Response {
    let page = Refused {
        client: client.name().to_owned(),
        why: lock.word(),
        request,
    };
    (StatusCode::FORBIDDEN, Extension(LeadsElsewhere), Page(page)).into_response()
}
