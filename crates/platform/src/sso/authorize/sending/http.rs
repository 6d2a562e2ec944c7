use askama::Template;
use axum::Extension;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use oidc::client::Client;
use oidc::error::Error;
use oidc::reply::{Delivery, ReplyTo, Signing};
use serde::Serialize;

use crate::app::App;
use crate::shell::filters;
use crate::shell::keys;
use crate::shell::page::{LeadsElsewhere, Page};
use crate::shell::problem::Problem;
use crate::shell::session::Session;
use crate::sso::watch;

/// Sends the person's browser back to the relying party.
#[derive(Serialize)]
struct Sent {
    to: String,
}

/// Posts the answer to the relying party (OAuth 2.0 Form Post Response Mode).
#[derive(Template, Serialize)]
#[template(path = "sso/authorize/pages/form_post.html")]
struct FormPost {
    action: String,
    fields: Vec<(&'static str, String)>,
}

/// Sends the answer, signed if the relying party asked for that: the code, given in a session, or why there is none.
pub(in crate::sso) fn send(
    app: &App,
    client: &Client,
    reply_to: &ReplyTo,
    answer: Result<(&str, &Session), Error>,
) -> Result<Response, Problem> {
    let signer = app.keys.signer(keys::SSO).map_err(Problem::internal)?;
    let session = answer.as_ref().ok().map(|(_, session)| *session);
    let watched = session.and_then(|session| watch::state(app, client, reply_to.redirect_uri(), session));
    let (state, cookie) = watched.unzip();
    let signing = Signing {
        issuer: &app.sso.provider.issuer,
        client_id: client.id(),
        now: app.clock.now(),
        signer: signer.as_ref(),
        session_state: state.as_deref(),
    };
    let delivery = reply_to.sign(answer.map(|(code, _)| code), &signing)?;
    let mut response = match delivery {
        Delivery::Redirect(to) => see_other(&to),
        Delivery::FormPost { action, fields } => {
            (Extension(LeadsElsewhere), Page(FormPost { action, fields })).into_response()
        }
    };
    if let Some(cookie) = cookie {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

/// A redirect that a program can read, too.
pub(in crate::sso::authorize) fn see_other(to: &str) -> Response {
    let body = axum::Json(Sent { to: to.to_owned() });
    match HeaderValue::from_str(to) {
        Ok(location) => (StatusCode::SEE_OTHER, [(header::LOCATION, location)], body).into_response(),
        Err(error) => Problem::internal(error).into_response(),
    }
}
